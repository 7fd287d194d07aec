/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2p_packet.c - packets between two programs, through a switchboard. */
#include "p2p_packet.h"

#include <string.h>

#include "mime.h"

static guint64
read_number (const guint8 *bytes, guint size)
{
  guint64 number = 0;

  while (size-- > 0)
    number = number << 8 | bytes[size];
  return number;
}

static void
add_number (GByteArray *bytes, guint64 number, guint size)
{
  for (; size > 0; size--, number >>= 8)
    {
      guint8 byte = number & 0xff;

      g_byte_array_append (bytes, &byte, 1);
    }
}

gboolean
p2p_packet_parse (const guint8 *body, gsize length, P2pHeader *header, const guint8 **data)
{
  if (length < P2P_HEADER_SIZE)
    return FALSE;
  header->session = (guint32) read_number (body, 4);
  header->id = (guint32) read_number (body + 4, 4);
  header->offset = read_number (body + 8, 8);
  header->total = read_number (body + 16, 8);
  header->length = (guint32) read_number (body + 24, 4);
  header->flags = (guint32) read_number (body + 28, 4);
  header->ack_id = (guint32) read_number (body + 32, 4);
  header->ack_uid = (guint32) read_number (body + 36, 4);
  header->ack_size = read_number (body + 40, 8);
  *data = body + P2P_HEADER_SIZE;
  /* The footer says nothing that we need; some leave it out. */
  if (header->length > length - P2P_HEADER_SIZE)
    return FALSE;
  if (header->length == 0)
    return TRUE;
  return header->offset <= header->total && header->length <= header->total - header->offset;
}

void
p2p_header_add (GByteArray *bytes, const P2pHeader *header)
{
  add_number (bytes, header->session, 4);
  add_number (bytes, header->id, 4);
  add_number (bytes, header->offset, 8);
  add_number (bytes, header->total, 8);
  add_number (bytes, header->length, 4);
  add_number (bytes, header->flags, 4);
  add_number (bytes, header->ack_id, 4);
  add_number (bytes, header->ack_uid, 4);
  add_number (bytes, header->ack_size, 8);
}

P2pHeader
p2p_header_acknowledge (const P2pHeader *header, guint32 id)
{
  return (P2pHeader) {
    .session = header->session,
    .id = id,
    .total = header->total,
    .flags = P2P_FLAG_ACK,
    .ack_id = header->id,
    .ack_uid = header->ack_id,
    .ack_size = header->total,
  };
}

gboolean
p2p_header_wants_ack (const P2pHeader *header)
{
  guint32 flags = header->flags & ~P2P_FLAG_NEWER;

  return flags == 0 || flags == P2P_FLAG_OBJECT || flags == (P2P_FLAG_FILE & ~P2P_FLAG_NEWER);
}

GByteArray *
p2p_packet_build (const char *to, const P2pHeader *header, const void *data, guint32 footer)
{
  g_autofree char *dest = g_strdup_printf ("P2P-Dest: %s\r\n", to);
  GByteArray *bytes = mime_build ("application/x-msnmsgrp2p", dest, NULL, 0);
  guint32 big = GUINT32_TO_BE (footer);

  p2p_header_add (bytes, header);
  if (header->length > 0)
    g_byte_array_append (bytes, data, header->length);
  g_byte_array_append (bytes, (const guint8 *) &big, sizeof big);
  return bytes;
}
