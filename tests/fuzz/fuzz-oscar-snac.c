/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-oscar-snac.c - whatever a server sends in frames is read without harm, and all text out of it is UTF-8. */
#include <stddef.h>
#include <stdint.h>

#include "account_admin.h"
#include "bart.h"
#include "chat.h"
#include "directory.h"
#include "feedbag_plan.h"
#include "flap.h"
#include "icq_meta.h"
#include "locate.h"
#include "login.h"
#include "oservice.h"
#include "rates.h"
#include "rendezvous.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check (const char *text)
{
  g_assert (text == NULL || g_utf8_validate (text, -1, NULL));
}

static void
check_user (const UserInfo *info)
{
  check (info->name);
  check (info->available);
  g_assert (user_info_get_status_id (info) != NULL);
}

static void
read_oservice (const Snac *snac)
{
  Families families, known;
  g_auto (ServiceReply) reply = { 0 };
  g_auto (ServiceReply) migration = { 0 };
  g_auto (UserInfo) self = { 0 };
  g_autoptr (Rates) rates = rates_parse (snac->body, 1000);
  g_autofree char *name = NULL;
  g_autofree char *motd = NULL;
  Reader body = snac->body;
  IconNotice notice;
  guint16 number;

  oservice_parse_families (snac->body, &families);
  families_pick_known (&families, &known);
  g_byte_array_unref (oservice_build_versions (&known));
  motd = oservice_parse_motd (snac->body, &number);
  check (motd);
  oservice_parse_warned (snac->body, &name);
  check (name);
  oservice_parse_icon_notice (snac->body, &notice);
  oservice_parse_service_reply (snac->body, &reply);
  oservice_parse_migration (snac->body, &migration);
  if (user_info_parse (&body, &self))
    check_user (&self);
  if (rates == NULL)
    return;
  for (guint i = 0; i < rates_count (rates); i++)
    for (guint n = 0; n < 3; n++)
      {
        rate_class_wait (rates_get (rates, i), n == 1, 1000 + n);
        rate_class_charge (rates_get (rates, i), 1000 + n);
      }
  rates_parse_change (rates, snac->body, 2000, &number);
  g_byte_array_unref (rates_build_ack (rates));
}

static void
read_users (Reader body)
{
  while (body.left > 0)
    {
      g_auto (UserInfo) info = { 0 };

      if (!user_info_parse (&body, &info))
        return;
      check_user (&info);
    }
}

static void
read_icq_message (const IcqMessage *message)
{
  g_autofree char *readable = icq_message_dup_readable (message);

  check (message->text);
  check (readable);
  check (icq_message_get_field (message, 5));
}

static void
read_rendezvous (Reader tlvs)
{
  g_auto (Rendezvous) rendezvous = { 0 };
  g_auto (IcqMessage) relayed = { 0 };
  g_auto (RoomAddress) room = { 0 };
  FileOffer offer;
  Reader service;

  if (!rendezvous_parse (tlvs, "CP1251", &rendezvous))
    return;
  check (rendezvous.text);
  file_offer_parse (rendezvous.service, rendezvous.charset, NULL, &offer);
  check (offer.name);
  g_free (offer.name);
  service = rendezvous.service;
  room_address_parse (&service, &room);
  if (icq_message_parse_relayed (rendezvous.service, NULL, &relayed))
    {
      read_icq_message (&relayed);
      g_byte_array_unref (icq_message_build_relay_ack (&rendezvous.cookie, "x", &relayed));
    }
}

static void
read_icbm (const Snac *snac)
{
  g_auto (IcbmIncoming) incoming = { 0 };
  g_auto (IcbmText) text = { 0 };
  g_auto (IcqMessage) icq = { 0 };
  g_autofree char *acked = NULL;
  g_autofree char *typist = NULL;
  IcbmClientError error = { 0 };
  IcbmCookie cookie;
  IcbmMissed missed;
  Reader body = snac->body;
  guint16 number;
  Tlv tlv;

  icbm_parse_ack (snac->body, &cookie, &number, &acked);
  icbm_parse_typing (snac->body, &typist, &number);
  icbm_parse_client_error (snac->body, &error);
  check (acked);
  check (typist);
  check (error.name);
  g_free (error.name);
  while (icbm_next_missed (&body, &missed))
    user_info_clear (&missed.from);
  if (!icbm_parse_incoming (snac->body, &incoming))
    return;
  check_user (&incoming.from);
  icbm_parse_text (incoming.tlvs, "CP1251", incoming.cookie.bytes[0] & 1, &text);
  check (text.text);
  read_rendezvous (incoming.tlvs);
  if (tlv_find (incoming.tlvs, 0x05, &tlv) && icq_message_parse (tlv_reader (&tlv), NULL, &icq))
    read_icq_message (&icq);
}

static void
plan_something (const Feedbag *feedbag)
{
  static const FeedbagVerb verbs[] = { EDIT_ADD_BUDDY, EDIT_REMOVE_BUDDY, EDIT_MOVE_BUDDY, EDIT_SET_ALIAS, EDIT_RENAME_GROUP,
                                       EDIT_REMOVE_GROUP, EDIT_LIST_NAME, EDIT_SET_PRIVACY, EDIT_SHOW_TYPING, EDIT_SET_ICON };

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      FeedbagEdit *edit = feedbag_edit_new (verbs[i], "bobby9", "Buddies", "Other");

      g_ptr_array_unref (feedbag_plan (feedbag, edit));
      feedbag_edit_free (edit);
    }
}

static void
read_feedbag (const Snac *snac)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  g_autoptr (Feedbag) feedbag = feedbag_new ();
  g_auto (FeedbagAuth) question = { 0 };
  g_auto (FeedbagAuth) answer = { 0 };
  guint32 changed;

  feedbag_parse_list (snac->body, NULL, items, &changed);
  for (guint i = 0; i < items->len; i++)
    {
      FeedbagItem *item = items->pdata[i];
      g_autofree char *alias = feedbag_item_dup_string (item, FEEDBAG_ATTR_ALIAS, NULL);

      check (item->name);
      check (alias);
      feedbag_put (feedbag, item);
    }
  plan_something (feedbag);
  feedbag_parse_auth (snac->body, FALSE, NULL, &question);
  feedbag_parse_auth (snac->body, TRUE, "CP1251", &answer);
  check (question.name);
  check (answer.reason);
}

static void
read_icq (const Snac *snac)
{
  static const guint16 parts[] = { ICQ_INFO_SHORT, ICQ_INFO_BASIC, ICQ_INFO_MORE, ICQ_INFO_WORK, ICQ_INFO_NOTES, ICQ_INFO_INTERESTS };
  IcqReply reply;
  g_auto (IcqMessage) stored = { 0 };
  g_auto (IcqFound) found = { 0 };
  IcqInfo info = { 0 };
  guint32 left_out;
  gint64 sent;

  if (!icq_meta_parse_reply (snac->body, &reply))
    return;
  if (icq_meta_parse_offline (reply.data, NULL, &stored, &sent))
    read_icq_message (&stored);
  icq_meta_parse_found (&reply, "CP1251", &found, &left_out);
  check (found.email);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    icq_info_add_part (&info, parts[i], reply.data, NULL);
  check (info.nick);
  check (info.notes);
  icq_info_clear (&info);
}

static void
read_chat (const Snac *snac)
{
  g_auto (RoomInfo) room = { 0 };
  g_auto (RoomInfo) found = { 0 };
  g_auto (ChatMessage) message = { 0 };

  chat_parse_room (snac->body, &room);
  chatnav_parse_room (snac->body, &found);
  check (room.name);
  check (found.name);
  if (chat_parse_message (snac->body, NULL, &message))
    check (message.text);
}

static void
read_the_rest (const Snac *snac)
{
  g_auto (LocateReply) profile = { 0 };
  BartImage image = { 0 };
  Reader tlvs, record, hash, body = snac->body;
  guint16 error;
  guint count;
  guint8 code;
  char *name;

  locate_parse_reply (snac->body, "CP1251", &profile);
  check (profile.profile);
  check (profile.away);
  locate_parse_rights (snac->body);
  bart_parse_image (snac->body, &image);
  check (image.owner);
  g_free (image.owner);
  bart_parse_upload_reply (snac->body, &code);
  bart_parse_item (snac->body, &hash);
  admin_parse_reply (snac->body, &tlvs, &error);
  admin_confirm_text (snac->body);
  directory_parse_results (&body, &count);
  while (count-- > 0 && directory_next_result (&body, &record))
    {
      g_autofree char *field = directory_dup_field (record, DIRECTORY_SCREEN_NAME, NULL);

      check (field);
    }
  body = snac->body;
  while (lookup_next_name (&body, &name))
    {
      check (name);
      g_free (name);
    }
}

static void
read_login (Reader body)
{
  g_auto (LoginReply) reply = { 0 };
  Reader key;
  gboolean cut;
  guint8 digest[LOGIN_DIGEST_BYTES];

  login_parse_reply (body, &reply);
  oservice_parse_signoff (body);
  if (login_parse_challenge (body, &key, &cut))
    login_compute_digest (key, "secret7", TRUE, digest);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  gsize used = 0;
  FlapFrame frame;

  while (flap_parse (data, size, &frame, &used) == FLAP_FRAME)
    {
      g_auto (SnacError) error = { 0 };
      Snac snac;

      g_assert (used > 0 && used <= size);
      read_login (frame.data);
      if (snac_parse (frame.data, &snac))
        {
          /* Every parser on every body: what a server says of its kind need not be true. */
          snac_error_parse (&snac, &error);
          read_login (snac.body);
          read_oservice (&snac);
          read_users (snac.body);
          read_icbm (&snac);
          read_feedbag (&snac);
          read_icq (&snac);
          read_chat (&snac);
          read_the_rest (&snac);
        }
      data += used;
      size -= used;
    }
  flap_is_short_signoff (data, size);
  return 0;
}
