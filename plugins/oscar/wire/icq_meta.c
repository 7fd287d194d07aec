/* SPDX-License-Identifier: GPL-2.0-or-later */
/* icq_meta.c - family 15: what ICQ has beside OSCAR: user details, searches, stored messages. */
#include "icq_meta.h"

#include <string.h>

#include "charset.h"

/* What T(01) holds and the length in it. */
static GByteArray *
wrap (guint32 own_uin, guint16 type, guint16 sequence, const GByteArray *data)
{
  GByteArray *out = g_byte_array_new ();
  g_autoptr (GByteArray) block = g_byte_array_new ();
  guint length = 4 + 2 + 2 + (data != NULL ? data->len : 0);

  bytes_add_le16 (block, length);
  bytes_add_le32 (block, own_uin);
  bytes_add_le16 (block, type);
  bytes_add_le16 (block, sequence);
  if (data != NULL)
    bytes_add_array (block, data);
  tlv_add_array (out, 0x01, block);
  return out;
}

static GByteArray *
begin_meta (guint16 subtype)
{
  GByteArray *data = g_byte_array_new ();

  bytes_add_le16 (data, subtype);
  return data;
}

/* A TLV of the little-endian kind. */
static void
add_value (GByteArray *data, guint16 type, gconstpointer value, guint length)
{
  bytes_add_le16 (data, type);
  bytes_add_le16 (data, length);
  bytes_add (data, value, length);
}

GByteArray *
icq_meta_build_request (guint32 own_uin, guint16 type, guint16 sequence)
{
  return wrap (own_uin, type, sequence, NULL);
}

GByteArray *
icq_meta_build_about (guint32 own_uin, guint16 sequence, guint16 subtype, guint32 uin)
{
  g_autoptr (GByteArray) data = begin_meta (subtype);

  bytes_add_le32 (data, uin);
  return wrap (own_uin, ICQ_REQUEST_META, sequence, data);
}

GByteArray *
icq_meta_build_search_email (guint32 own_uin, guint16 sequence, const char *email)
{
  g_autoptr (GByteArray) data = begin_meta (ICQ_META_SEARCH_EMAIL);
  g_autoptr (GByteArray) value = g_byte_array_new ();

  bytes_add_lestr (value, email);
  add_value (data, 0x015e, value->data, value->len);
  return wrap (own_uin, ICQ_REQUEST_META, sequence, data);
}

GByteArray *
icq_meta_build_search_names (guint32 own_uin, guint16 sequence, const char *first, const char *last, const char *nick)
{
  g_autoptr (GByteArray) data = begin_meta (ICQ_META_SEARCH_NAMES);

  bytes_add_lestr (data, first);
  bytes_add_lestr (data, last);
  bytes_add_lestr (data, nick);
  return wrap (own_uin, ICQ_REQUEST_META, sequence, data);
}

GByteArray *
icq_meta_build_permissions (guint32 own_uin, guint16 sequence, gboolean authorize, gboolean web_aware)
{
  g_autoptr (GByteArray) data = begin_meta (ICQ_META_SET_PERMISSIONS);

  bytes_add_u8 (data, authorize ? 0 : 1);
  bytes_add_u8 (data, web_aware ? 1 : 0);
  /* Direct connections only with authorization. */
  bytes_add_u8 (data, 2);
  bytes_add_u8 (data, 0);
  return wrap (own_uin, ICQ_REQUEST_META, sequence, data);
}

GByteArray *
icq_meta_build_password (guint32 own_uin, guint16 sequence, const char *password)
{
  g_autoptr (GByteArray) data = begin_meta (ICQ_META_SET_PASSWORD);

  bytes_add_lestr (data, password);
  return wrap (own_uin, ICQ_REQUEST_META, sequence, data);
}

GByteArray *
icq_meta_build_details (guint32 own_uin, guint16 sequence, const IcqInfo *info)
{
  const struct { guint16 type; const char *text; } strings[] = {
    { 0x0154, info->nick }, { 0x0140, info->first }, { 0x014a, info->last }, { 0x015e, info->email }, { 0x0213, info->homepage },
    { 0x0262, info->street }, { 0x0190, info->city }, { 0x019a, info->state }, { 0x0276, info->phone }, { 0x028a, info->cell },
    { 0x0258, info->notes },
  };
  g_autoptr (GByteArray) data = begin_meta (ICQ_META_SET_ANYTHING);

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      g_autoptr (GByteArray) value = g_byte_array_new ();
      const char *text = strings[i].text != NULL ? strings[i].text : "";

      /* Here the empty string has its NUL: without one, servers leave what they have. */
      bytes_add_le16 (value, (guint) strlen (text) + 1);
      bytes_add (value, text, strlen (text) + 1);
      if (strings[i].type == 0x015e)
        bytes_add_u8 (value, info->publishes_email ? 0 : 1);
      add_value (data, strings[i].type, value->data, value->len);
    }
  add_value (data, 0x017c, &info->gender, 1);
  return wrap (own_uin, ICQ_REQUEST_META, sequence, data);
}

gboolean
icq_meta_parse_reply (Reader body, IcqReply *reply)
{
  Reader block;
  Tlv tlv;

  *reply = (IcqReply) { 0 };
  if (!tlv_find (body, 0x01, &tlv))
    return FALSE;
  block = tlv_reader (&tlv);
  block = reader_sub (&block, reader_le16 (&block));
  reply->own_uin = reader_le32 (&block);
  reply->type = reader_le16 (&block);
  reply->sequence = reader_le16 (&block);
  if (reply->type == ICQ_REPLY_META)
    {
      reply->subtype = reader_le16 (&block);
      reply->result = reader_u8 (&block);
    }
  reply->data = block;
  return !block.bad;
}

gboolean
icq_meta_parse_answer (const Snac *snac, IcqReply *reply)
{
  return snac != NULL && snac->family == FAMILY_ICQ && snac->subtype == 0x03 && icq_meta_parse_reply (snac->body, reply)
         && reply->type == ICQ_REPLY_META && reply->result == ICQ_RESULT_OK;
}

gboolean
icq_meta_parse_offline (Reader data, const char *fallback, IcqMessage *message, gint64 *sent)
{
  guint year, month, day, hour, minute;
  g_autoptr (GDateTime) time = NULL;

  *message = (IcqMessage) { 0 };
  *sent = 0;
  message->from = reader_le32 (&data);
  year = reader_le16 (&data);
  month = reader_u8 (&data);
  day = reader_u8 (&data);
  hour = reader_u8 (&data);
  minute = reader_u8 (&data);
  message->type = reader_u8 (&data);
  message->flags = reader_u8 (&data);
  if (data.bad)
    return FALSE;
  icq_message_set_text (message, reader_sub (&data, reader_le16 (&data)), fallback);
  time = g_date_time_new_utc ((int) year, (int) month, (int) day, (int) hour, (int) minute, 0);
  if (time != NULL)
    *sent = g_date_time_to_unix (time);
  return TRUE;
}

/* Sets a member to the next string if that says something. */
static void
take_string (char **member, Reader *data, const char *fallback)
{
  g_autofree char *text = charset_take_any (reader_dup_lestr (data), fallback);

  if (*text == '\0')
    return;
  g_free (*member);
  *member = g_steal_pointer (&text);
}

static void
take_strings (char **const *members, guint count, Reader *data, const char *fallback)
{
  for (guint i = 0; i < count; i++)
    take_string (members[i], data, fallback);
}

static void
set_authorization (IcqInfo *info, Reader *data)
{
  gboolean needed = reader_u8 (data) == 0;

  if (data->bad)
    return;
  info->says_authorization = TRUE;
  info->needs_authorization = needed;
}

static void
add_basic (IcqInfo *info, Reader data, const char *fallback)
{
  char **const members[] = { &info->nick, &info->first, &info->last, &info->email, &info->city, &info->state,
                             &info->phone, &info->fax, &info->street, &info->cell, &info->zip };

  take_strings (members, G_N_ELEMENTS (members), &data, fallback);
  info->country = reader_le16 (&data);
  reader_u8 (&data);
  set_authorization (info, &data);
  reader_le16 (&data);
  info->publishes_email = reader_u8 (&data) == 0 && !data.bad;
}

static void
add_work (IcqInfo *info, Reader data, const char *fallback)
{
  char **const first[] = { &info->work_city, &info->work_state, &info->work_phone, &info->work_fax, &info->work_street, &info->work_zip };
  char **const second[] = { &info->company, &info->department, &info->position };

  take_strings (first, G_N_ELEMENTS (first), &data, fallback);
  info->work_country = reader_le16 (&data);
  take_strings (second, G_N_ELEMENTS (second), &data, fallback);
  reader_le16 (&data);
  take_string (&info->work_homepage, &data, fallback);
}

static void
add_more (IcqInfo *info, Reader data, const char *fallback)
{
  info->age = reader_le16 (&data);
  info->gender = reader_u8 (&data);
  take_string (&info->homepage, &data, fallback);
  info->birth_year = reader_le16 (&data);
  info->birth_month = reader_u8 (&data);
  info->birth_day = reader_u8 (&data);
}

static void
add_interests (IcqInfo *info, Reader data, const char *fallback)
{
  guint count = reader_u8 (&data);

  while (count-- > 0 && !data.bad)
    {
      g_autofree char *text = NULL;

      reader_le16 (&data);
      text = charset_take_any (reader_dup_lestr (&data), fallback);
      if (*text == '\0')
        continue;
      if (info->interests == NULL)
        info->interests = g_string_new (NULL);
      else
        g_string_append (info->interests, ", ");
      g_string_append (info->interests, text);
    }
}

static void
add_short (IcqInfo *info, Reader data, const char *fallback)
{
  char **const members[] = { &info->nick, &info->first, &info->last, &info->email };

  take_strings (members, G_N_ELEMENTS (members), &data, fallback);
  set_authorization (info, &data);
  reader_u8 (&data);
  info->gender = reader_u8 (&data);
}

void
icq_info_add_part (IcqInfo *info, guint16 subtype, Reader data, const char *fallback)
{
  switch (subtype)
    {
    case ICQ_INFO_SHORT:
      add_short (info, data, fallback);
      break;
    case ICQ_INFO_BASIC:
      add_basic (info, data, fallback);
      break;
    case ICQ_INFO_MORE:
      add_more (info, data, fallback);
      break;
    case ICQ_INFO_WORK:
      add_work (info, data, fallback);
      break;
    case ICQ_INFO_NOTES:
      take_string (&info->notes, &data, fallback);
      break;
    case ICQ_INFO_INTERESTS:
      add_interests (info, data, fallback);
      break;
    default:
      break;
    }
}

void
icq_info_clear (IcqInfo *info)
{
  char **const members[] = {
    &info->nick, &info->first, &info->last, &info->email, &info->city, &info->state, &info->phone, &info->fax, &info->street,
    &info->cell, &info->zip, &info->homepage, &info->notes, &info->work_city, &info->work_state, &info->work_phone,
    &info->work_fax, &info->work_street, &info->work_zip, &info->company, &info->department, &info->position,
    &info->work_homepage };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    g_clear_pointer (members[i], g_free);
  if (info->interests != NULL)
    g_string_free (g_steal_pointer (&info->interests), TRUE);
}

gboolean
icq_meta_parse_found (const IcqReply *reply, const char *fallback, IcqFound *found, guint32 *left_out)
{
  Reader data = reply->data;
  Reader record = reader_sub (&data, reader_le16 (&data));

  *found = (IcqFound) { 0 };
  *left_out = reply->subtype == ICQ_FOUND_LAST && !data.bad ? reader_le32 (&data) : 0;
  found->uin = reader_le32 (&record);
  found->nick = charset_take_any (reader_dup_lestr (&record), fallback);
  found->first = charset_take_any (reader_dup_lestr (&record), fallback);
  found->last = charset_take_any (reader_dup_lestr (&record), fallback);
  found->email = charset_take_any (reader_dup_lestr (&record), fallback);
  found->needs_authorization = reader_u8 (&record) == 0;
  found->status = reader_le16 (&record);
  found->gender = reader_u8 (&record);
  found->age = reader_le16 (&record);
  return reply->result == ICQ_RESULT_OK && found->uin != 0;
}

void
icq_found_clear (IcqFound *found)
{
  g_clear_pointer (&found->nick, g_free);
  g_clear_pointer (&found->first, g_free);
  g_clear_pointer (&found->last, g_free);
  g_clear_pointer (&found->email, g_free);
}
