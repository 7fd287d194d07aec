/* SPDX-License-Identifier: GPL-2.0-or-later */
/* user_info.c - the block that describes a user in many SNACs, and ICQ's status word. */
#include "user_info.h"

#include <string.h>

#include "charset.h"
#include "screen_names.h"

#define BART_ICON 0x0001
#define BART_STATUS_TEXT 0x0002
#define BART_FLAG_UNKNOWN 0x40
#define BART_FLAG_REDIRECT 0x80

static void
parse_status_text (Reader data, UserInfo *info)
{
  Reader text = reader_sub (&data, reader_u16 (&data));

  g_free (info->available);
  info->available = text.bad ? g_strdup ("") : charset_decode_any (text, NULL);
}

static void
parse_bart_ids (Reader ids, UserInfo *info)
{
  while (ids.left >= 4)
    {
      guint16 type = reader_u16 (&ids);
      guint8 flags = reader_u8 (&ids);
      Reader data = reader_sub (&ids, reader_u8 (&ids));

      if (ids.bad)
        return;
      if (type == BART_STATUS_TEXT)
        parse_status_text (data, info);
      else if (type == BART_ICON)
        {
          /* One that the server does not have cannot be fetched; it is announced again when it has. */
          gboolean fetchable = !(flags & (BART_FLAG_UNKNOWN | BART_FLAG_REDIRECT)) && data.left <= USER_ICON_MOST;

          info->icon_flags = flags;
          info->icon_length = fetchable ? (guint8) data.left : 0;
          if (info->icon_length > 0)
            memcpy (info->icon, data.data, info->icon_length);
        }
    }
}

static void
parse_tlv (const Tlv *tlv, UserInfo *info)
{
  switch (tlv->type)
    {
    case 0x01:
      info->class = tlv_uint (tlv);
      break;
    case 0x03:
      info->signed_on = tlv_uint (tlv);
      break;
    case 0x04:
      info->idle_minutes = (guint16) tlv_uint (tlv);
      break;
    case 0x05:
      info->member_since = tlv_uint (tlv);
      break;
    case 0x06:
      info->has_status = TRUE;
      info->status = tlv_uint (tlv);
      break;
    case 0x0a:
      info->external_ip = tlv_uint (tlv);
      break;
    case 0x0d:
      info->has_capabilities = TRUE;
      info->capabilities |= capabilities_parse (tlv_reader (tlv));
      break;
    case 0x0f:
    case 0x10:
      info->session_seconds = tlv_uint (tlv);
      break;
    case 0x19:
      info->has_capabilities = TRUE;
      info->capabilities |= capabilities_parse_short (tlv_reader (tlv));
      break;
    case 0x1d:
      parse_bart_ids (tlv_reader (tlv), info);
      break;
    default:
      break;
    }
}

gboolean
user_info_parse (Reader *reader, UserInfo *info)
{
  Reader name, group;
  guint count;
  Tlv tlv;

  *info = (UserInfo) { 0 };
  name = reader_sub (reader, reader_u8 (reader));
  info->warning = reader_u16 (reader);
  count = reader_u16 (reader);
  if (reader->bad || name.left == 0)
    return FALSE;
  info->name = charset_decode_any (name, NULL);
  if (screen_name_is_empty (info->name))
    {
      user_info_clear (info);
      return FALSE;
    }
  group = tlv_take_counted (reader, count);
  while (tlv_next (&group, &tlv))
    parse_tlv (&tlv, info);
  return TRUE;
}

void
user_info_clear (UserInfo *info)
{
  g_clear_pointer (&info->name, g_free);
  g_clear_pointer (&info->available, g_free);
}

/* In the order in which they are looked for: the whole values first, since the others are combined of bits. */
static const struct {
  const char *id;
  const char *name;
  guint16 mask, value;   /* how it is recognised */
  guint16 set;           /* how it is set */
} statuses[] = {
  { "lunch", "Lunch", 0xffff, 0x2001, 0x2001 },
  { "evil", "Evil", 0xffff, 0x3000, 0x3000 },
  { "depression", "Depression", 0xffff, 0x4000, 0x4000 },
  { "athome", "At home", 0xffff, 0x5000, 0x5000 },
  { "atwork", "At work", 0xffff, 0x6000, 0x6000 },
  { "invisible", "Invisible", 0x0100, 0x0100, 0x0100 },
  { "free4chat", "Free for chat", 0x0020, 0x0020, 0x0020 },
  { "dnd", "Do not disturb", 0x0002, 0x0002, 0x0013 },
  { "occupied", "Occupied", 0x0010, 0x0010, 0x0011 },
  { "na", "Not available", 0x0004, 0x0004, 0x0005 },
  { "away", "Away", 0x0001, 0x0001, 0x0001 },
  { "available", "Available", 0x0000, 0x0000, 0x0000 },
};

const char *
icq_status_get_id (guint32 status)
{
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    if ((status & statuses[i].mask) == statuses[i].value)
      return statuses[i].id;
  g_assert_not_reached ();
}

gboolean
icq_status_from_id (const char *id, guint16 *status)
{
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    if (g_str_equal (statuses[i].id, id))
      {
        *status = statuses[i].set;
        return TRUE;
      }
  return FALSE;
}

const char *
icq_status_get_name (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    if (g_str_equal (statuses[i].id, id))
      return statuses[i].name;
  return id;
}

const char *
user_info_get_status_id (const UserInfo *info)
{
  if (info->has_status && info->status & ICQ_STATUS_INVISIBLE)
    return "invisible";
  if (info->has_status && info->class & USER_CLASS_ICQ)
    {
      const char *id = icq_status_get_id (info->status);

      if (!g_str_equal (id, "available") || !(info->class & USER_CLASS_AWAY))
        return id;
    }
  return info->class & USER_CLASS_AWAY ? "away" : "available";
}
