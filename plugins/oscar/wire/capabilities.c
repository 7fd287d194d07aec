/* SPDX-License-Identifier: GPL-2.0-or-later */
/* capabilities.c - what programs say they can do, by UUIDs. */
#include "capabilities.h"

#include <string.h>

#define AOL_TAIL 0x4c, 0x7f, 0x11, 0xd1, 0x82, 0x22, 0x44, 0x45, 0x53, 0x54, 0x00, 0x00
#define AOL(high, low) { 0x09, 0x46, high, low, AOL_TAIL }

static const struct {
  Capability capability;
  guint8 uuid[CAPABILITY_BYTES];
  const char *name;
} rows[] = {
  { CAP_DIRECT_IM, AOL (0x13, 0x45), "direct messages" },
  { CAP_SEND_FILE, AOL (0x13, 0x43), "file transfer" },
  { CAP_ICON, AOL (0x13, 0x46), "buddy icon" },
  { CAP_XHTML, AOL (0x00, 0x02), NULL },
  { CAP_UTF8, AOL (0x13, 0x4e), NULL },
  { CAP_CHAT, { 0x74, 0x8f, 0x24, 0x20, 0x62, 0x87, 0x11, 0xd1, 0x82, 0x22, 0x44, 0x45, 0x53, 0x54, 0x00, 0x00 }, "chat rooms" },
  { CAP_INTEROPERATE, AOL (0x13, 0x4d), NULL },
  { CAP_TYPING, { 0x56, 0x3f, 0xc8, 0x09, 0x0b, 0x6f, 0x41, 0xbd, 0x9f, 0x79, 0x42, 0x26, 0x09, 0xdf, 0xa2, 0xf3 }, "typing notices" },
  { CAP_RELAY, AOL (0x13, 0x49), NULL },
  { CAP_VOICE, AOL (0x13, 0x41), "voice" },
  { CAP_ICQ_DIRECT, AOL (0x13, 0x44), NULL },
  { CAP_GET_FILE, AOL (0x13, 0x48), "file sharing" },
  { CAP_GAMES, AOL (0x13, 0x4a), "games" },
  { CAP_GAMES, AOL (0x13, 0x47), "games" },
  { CAP_BUDDY_LIST, AOL (0x13, 0x4b), "sending of contacts" },
  { CAP_STATUS_TEXT, AOL (0x01, 0x0a), NULL },
  { CAP_RTF, { 0x97, 0xb1, 0x27, 0x51, 0x24, 0x3c, 0x43, 0x34, 0xad, 0x22, 0xd6, 0xab, 0xf7, 0x3f, 0x14, 0x92 }, NULL },
  { CAP_XSTATUS, { 0x1a, 0x09, 0x3c, 0x6c, 0xd7, 0xfd, 0x4e, 0xc5, 0x9d, 0x51, 0xa6, 0x47, 0x4e, 0x34, 0xf5, 0xa0 }, NULL },
  { CAP_ICQ_HTML, { 0x01, 0x38, 0xca, 0x7b, 0x76, 0x9a, 0x49, 0x15, 0x88, 0xf2, 0x13, 0xfc, 0x00, 0x97, 0x9e, 0xa8 }, NULL },
  { CAP_SHORT, AOL (0x00, 0x00), NULL },
};

guint32
capability_of (const guint8 *uuid)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (memcmp (rows[i].uuid, uuid, CAPABILITY_BYTES) == 0)
      return rows[i].capability;
  return 0;
}

guint32
capabilities_parse (Reader uuids)
{
  guint32 mask = 0;
  const guint8 *uuid;

  while ((uuid = reader_take (&uuids, CAPABILITY_BYTES)) != NULL)
    mask |= capability_of (uuid);
  return mask;
}

guint32
capabilities_parse_short (Reader shorts)
{
  guint32 mask = 0;

  while (shorts.left >= 2)
    {
      guint8 uuid[CAPABILITY_BYTES] = AOL (0, 0);

      uuid[2] = reader_u8 (&shorts);
      uuid[3] = reader_u8 (&shorts);
      mask |= capability_of (uuid);
    }
  return mask;
}

void
capability_add (GByteArray *out, Capability capability)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].capability == capability)
      {
        bytes_add (out, rows[i].uuid, CAPABILITY_BYTES);
        return;
      }
  g_assert_not_reached ();
}

void
capabilities_add (GByteArray *out, guint32 mask)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (mask & rows[i].capability)
      {
        bytes_add (out, rows[i].uuid, CAPABILITY_BYTES);
        mask &= ~(guint32) rows[i].capability;
      }
}

const char *
capability_get_name (Capability capability)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].capability == capability)
      return rows[i].name;
  return NULL;
}
