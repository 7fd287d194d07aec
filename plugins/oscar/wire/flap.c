/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flap.c - FLAP, the frames on a connection. */
#include "flap.h"

#define MARKER 0x2a
#define HEADER_BYTES 6

FlapResult
flap_parse (const guint8 *bytes, gsize length, FlapFrame *frame, gsize *used)
{
  Reader reader = reader_of (bytes, length);
  guint16 size;

  if (length > 0 && bytes[0] != MARKER)
    return FLAP_BROKEN;
  if (length < HEADER_BYTES)
    return FLAP_MORE;
  reader_u8 (&reader);
  frame->channel = reader_u8 (&reader);
  frame->sequence = reader_u16 (&reader);
  size = reader_u16 (&reader);
  frame->data = reader_sub (&reader, size);
  if (reader.bad)
    return FLAP_MORE;
  *used = HEADER_BYTES + (gsize) size;
  return FLAP_FRAME;
}

gboolean
flap_is_short_signoff (const guint8 *bytes, gsize length)
{
  return length >= 2 && length < HEADER_BYTES && bytes[0] == MARKER && bytes[1] == FLAP_SIGNOFF;
}

void
flap_add_frame (GByteArray *out, FlapChannel channel, guint16 sequence, const GByteArray *data)
{
  guint length = data != NULL ? data->len : 0;

  g_assert (length <= 0xffff);
  bytes_add_u8 (out, MARKER);
  bytes_add_u8 (out, channel);
  bytes_add_u16 (out, sequence);
  bytes_add_u16 (out, length);
  if (data != NULL)
    bytes_add_array (out, data);
}
