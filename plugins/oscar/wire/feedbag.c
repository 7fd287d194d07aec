/* SPDX-License-Identifier: GPL-2.0-or-later */
/* feedbag.c - family 13: the items of the list that the server keeps. */
#include "feedbag.h"

#include <string.h>

#include "charset.h"
#include "screen_names.h"

FeedbagItem *
feedbag_item_new (const char *name, guint16 gid, guint16 iid, guint16 class)
{
  FeedbagItem *item = g_new0 (FeedbagItem, 1);

  item->name = g_strdup (name);
  item->gid = gid;
  item->iid = iid;
  item->class = class;
  item->attributes = g_byte_array_new ();
  return item;
}

FeedbagItem *
feedbag_item_copy (const FeedbagItem *item)
{
  FeedbagItem *copy = feedbag_item_new (item->name, item->gid, item->iid, item->class);

  bytes_add_array (copy->attributes, item->attributes);
  return copy;
}

void
feedbag_item_free (FeedbagItem *item)
{
  g_free (item->name);
  g_byte_array_unref (item->attributes);
  g_free (item);
}

Reader
feedbag_item_attributes (const FeedbagItem *item)
{
  return reader_of (item->attributes->data, item->attributes->len);
}

gboolean
feedbag_item_has (const FeedbagItem *item, guint16 type)
{
  return tlv_has (feedbag_item_attributes (item), type);
}

char *
feedbag_item_dup_string (const FeedbagItem *item, guint16 type, const char *fallback)
{
  Tlv tlv;

  if (!tlv_find (feedbag_item_attributes (item), type, &tlv) || tlv.length == 0)
    return NULL;
  return charset_decode_any (tlv_reader (&tlv), fallback);
}

void
feedbag_item_unset (FeedbagItem *item, guint16 type)
{
  g_autoptr (GByteArray) old = item->attributes;
  Reader reader = reader_of (old->data, old->len);
  Tlv tlv;

  item->attributes = g_byte_array_new ();
  while (tlv_next (&reader, &tlv))
    if (tlv.type != type)
      tlv_add (item->attributes, tlv.type, tlv.value, tlv.length);
}

void
feedbag_item_set (FeedbagItem *item, guint16 type, gconstpointer value, gsize length)
{
  g_autoptr (GByteArray) old = item->attributes;
  Reader reader = reader_of (old->data, old->len);
  gboolean done = FALSE;
  Tlv tlv;

  item->attributes = g_byte_array_new ();
  while (tlv_next (&reader, &tlv))
    if (tlv.type != type)
      tlv_add (item->attributes, tlv.type, tlv.value, tlv.length);
    else if (!done)
      {
        tlv_add (item->attributes, type, value, length);
        done = TRUE;
      }
  if (!done)
    tlv_add (item->attributes, type, value, length);
}

FeedbagItem *
feedbag_parse_item (Reader *reader, const char *fallback)
{
  Reader name, attributes;
  FeedbagItem *item;
  guint16 gid, iid, class;
  g_autofree char *text = NULL;

  if (reader->left == 0)
    return NULL;
  name = reader_sub (reader, reader_u16 (reader));
  gid = reader_u16 (reader);
  iid = reader_u16 (reader);
  class = reader_u16 (reader);
  attributes = reader_sub (reader, reader_u16 (reader));
  if (reader->bad)
    return NULL;
  text = charset_decode_any (name, fallback);
  item = feedbag_item_new (text, gid, iid, class);
  bytes_add (item->attributes, attributes.data, attributes.left);
  return item;
}

void
feedbag_add_item (GByteArray *out, const FeedbagItem *item)
{
  bytes_add_str16 (out, item->name);
  bytes_add_u16 (out, item->gid);
  bytes_add_u16 (out, item->iid);
  bytes_add_u16 (out, item->class);
  bytes_add_u16 (out, item->attributes->len);
  bytes_add_array (out, item->attributes);
}

gboolean
feedbag_parse_list (Reader body, const char *fallback, GPtrArray *items, guint32 *changed)
{
  guint count;

  reader_u8 (&body);
  count = reader_u16 (&body);
  while (count-- > 0)
    {
      FeedbagItem *item = items->len < FEEDBAG_MOST_ITEMS ? feedbag_parse_item (&body, fallback) : NULL;

      if (item == NULL)
        return FALSE;
      g_ptr_array_add (items, item);
    }
  *changed = reader_u32 (&body);
  return !body.bad;
}

GByteArray *
feedbag_build_auth_request (const char *name, const char *reason)
{
  GByteArray *out = g_byte_array_new ();

  bytes_add_str8 (out, name);
  bytes_add_str16 (out, reason);
  bytes_add_u16 (out, 0);
  return out;
}

GByteArray *
feedbag_build_auth_answer (const char *name, gboolean granted, const char *reason)
{
  GByteArray *out = g_byte_array_new ();

  bytes_add_str8 (out, name);
  bytes_add_u8 (out, granted ? 1 : 0);
  bytes_add_str16 (out, reason);
  return out;
}

gboolean
feedbag_parse_auth (Reader body, gboolean answer, const char *fallback, FeedbagAuth *auth)
{
  Reader reason;

  *auth = (FeedbagAuth) { 0 };
  auth->name = charset_take_any (reader_dup_str8 (&body), fallback);
  if (answer)
    auth->granted = reader_u8 (&body) == 1;
  if (body.bad || screen_name_is_empty (auth->name))
    return FALSE;
  reason = reader_sub (&body, reader_u16 (&body));
  auth->reason = charset_decode_any (reason, fallback);
  return TRUE;
}

void
feedbag_auth_clear (FeedbagAuth *auth)
{
  g_clear_pointer (&auth->name, g_free);
  g_clear_pointer (&auth->reason, g_free);
}

const char *
feedbag_result_text (guint16 result)
{
  switch (result)
    {
    case FEEDBAG_RESULT_MISSING:
      return "The server's list does not have this entry.";
    case FEEDBAG_RESULT_EXISTS:
      return "The server's list has this entry already.";
    case 0x000a:
      return "The server does not accept this entry; perhaps the name is invalid.";
    case 0x000c:
      return "The server's list is full.";
    case 0x000d:
      return "An ICQ user cannot be put on this list.";
    case FEEDBAG_RESULT_AUTHORIZE:
      return "The user must authorize you first.";
    default:
      return "The server could not change the list.";
    }
}
