/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What servers and peers send is understood. */
#include "account_admin.h"
#include "bart.h"
#include "chat.h"
#include "directory.h"
#include "feedbag.h"
#include "icbm.h"
#include "icq_meta.h"
#include "locate.h"
#include "login.h"
#include "oft.h"
#include "oservice.h"
#include "oscar-vectors.h"
#include "rates.h"
#include "rendezvous.h"
#include "unit.h"

#include <string.h>

static Reader
body_of (const char *name)
{
  return vector_snac (vectors_get (name)).body;
}

static void
test_login (void)
{
  g_auto (LoginReply) ok = { 0 };
  g_auto (LoginReply) refused = { 0 };
  g_auto (LoginReply) early = { 0 };
  g_auto (LoginReply) old = { 0 };
  g_auto (LoginReply) old_refused = { 0 };
  Reader key;
  gboolean cut;

  g_assert_true (login_parse_challenge (body_of ("bucp_challenge_reply"), &key, &cut));
  g_assert_cmpmem (key.data, key.left, "0f8e2c11-5d3a-4b6e-9c77-1a2b3c4d5e6f", 36);
  g_assert_false (cut);

  login_parse_reply (body_of ("bucp_login_reply_ok"), &ok);
  g_assert_false (ok.refused);
  g_assert_cmpstr (ok.name, ==, "Alice W");
  g_assert_cmpstr (ok.host, ==, "127.0.0.1:5190");
  g_assert_cmpuint (ok.cookie->len, ==, 256);
  g_assert_cmpuint (ok.cookie->data[255], ==, (7 * 255 + 3) % 256);

  login_parse_reply (body_of ("bucp_login_reply_error"), &refused);
  g_assert_true (refused.refused);
  g_assert_cmpuint (refused.error, ==, 5);
  g_assert_cmpstr (refused.url, ==, "http://example.org/pw");
  login_parse_reply (body_of ("bucp_challenge_error"), &early);
  g_assert_true (early.refused);
  g_assert_cmpuint (early.error, ==, 1);

  login_parse_reply (vector_frame (vectors_get ("flap_signoff_login_ok")).data, &old);
  g_assert_cmpstr (old.name, ==, "100003");
  g_assert_cmpuint (old.cookie->len, ==, 256);
  login_parse_reply (vector_frame (vectors_get ("flap_signoff_login_error")).data, &old_refused);
  g_assert_cmpuint (old_refused.error, ==, 5);
}

static void
test_login_errors (void)
{
  for (guint16 error = 0; error < 0x40; error++)
    {
      LoginFailure failure;
      const char *text = login_error_text (error, &failure);

      g_assert_true (g_str_has_suffix (text, "."));
      if (error == 1 || error == 7 || error == 8)
        g_assert_cmpint (failure, ==, LOGIN_FAILS_FOR_NAME);
      if (error == 4 || error == 5 || error == 0x20)
        g_assert_cmpint (failure, ==, LOGIN_FAILS_FOR_PASSWORD);
      if (error == 0x18 || error == 0x1d)
        g_assert_cmpint (failure, ==, LOGIN_FAILS_FOR_NOW);
      g_assert_true (g_str_has_suffix (snac_error_text (error), "."));
    }
}

static void
test_sign_on (void)
{
  Families families;
  guint16 type, level, code;
  g_autofree char *motd = oservice_parse_motd (body_of ("motd"), &type);
  g_autofree char *warner = NULL;
  g_auto (UserInfo) self = { 0 };
  g_auto (ServiceReply) service = { 0 };
  IconNotice notice;
  Reader reader;
  Snac snac;
  g_auto (SnacError) error = { 0 };
  g_auto (SnacError) sub = { 0 };

  oservice_parse_families (body_of ("host_online"), &families);
  g_assert_cmpuint (families.count, ==, 13);
  g_assert_cmpuint (families.list[0], ==, 0x18);
  oservice_parse_families (body_of ("host_versions"), &families);
  g_assert_cmpuint (families.count, ==, 26);
  g_assert_cmpuint (type, ==, 4);
  g_assert_cmpstr (motd, ==, "Welcome to Open OSCAR Server");
  level = oservice_parse_warned (body_of ("warned"), &warner);
  g_assert_cmpuint (level, ==, 100);
  g_assert_null (warner);
  reader = body_of ("self_info_reply");
  g_assert_true (user_info_parse (&reader, &self));
  g_assert_cmpstr (self.name, ==, "Alice W");
  g_assert_cmpuint (self.signed_on, ==, 0x67000000);
  g_assert_cmpuint (self.class, ==, 0x11);
  g_assert_true (oservice_parse_service_reply (body_of ("service_reply"), &service));
  g_assert_cmpuint (service.family, ==, FAMILY_CHAT);
  g_assert_cmpuint (service.cookie->len, ==, 32);
  g_assert_true (oservice_parse_icon_notice (body_of ("bart_upload_wanted"), &notice));
  g_assert_cmpuint (notice.flags & BART_FLAG_WANTED, !=, 0);
  g_assert_cmpuint (notice.hash.left, ==, 16);
  g_assert_cmpuint (oservice_parse_signoff (vector_frame (vectors_get ("signoff_elsewhere")).data), ==, 1);
  g_assert_cmpuint (locate_parse_rights (body_of ("locate_rights_reply")), ==, 1000);
  snac = vector_snac (vectors_get ("snac_error"));
  snac_error_parse (&snac, &error);
  g_assert_cmpuint (error.code, ==, 4);
  g_assert_cmpuint (error.subcode, ==, 0);
  snac = vector_snac (vectors_get ("snac_error_sub"));
  snac_error_parse (&snac, &sub);
  g_assert_cmpuint (sub.subcode, ==, 15);
  reader = body_of ("rate_change");
  {
    g_autoptr (Rates) rates = rates_parse (body_of ("rate_params_reply_v1"), 0);

    g_assert_nonnull (rates);
    g_assert_true (rates_parse_change (rates, reader, 0, &code));
    g_assert_cmpuint (code, ==, 2);
    g_assert_cmpuint (rates_get (rates, rates_find (rates, 4, 6))->level, ==, 4890);
  }
}

static void
test_presence (void)
{
  Reader reader = body_of ("buddy_arrived_aim");
  g_auto (UserInfo) aim = { 0 };
  g_auto (UserInfo) icq = { 0 };
  g_auto (UserInfo) gone = { 0 };
  g_auto (UserInfo) bare = { 0 };
  g_autofree char *hex = NULL;

  g_assert_true (user_info_parse (&reader, &aim));
  g_assert_cmpuint (reader.left, ==, 0);
  g_assert_cmpstr (aim.name, ==, "Bobby 9");
  g_assert_cmpuint (aim.idle_minutes, ==, 12);
  g_assert_cmpstr (user_info_get_status_id (&aim), ==, "away");
  g_assert_cmphex (aim.capabilities, ==, CAP_SEND_FILE | CAP_DIRECT_IM);
  hex = bart_dup_hex (aim.icon, aim.icon_length);
  g_assert_cmpstr (hex, ==, "00112233445566778899aabbccddeeff");

  reader = body_of ("buddy_arrived_icq");
  g_assert_true (user_info_parse (&reader, &icq));
  g_assert_cmpstr (user_info_get_status_id (&icq), ==, "na");
  reader = body_of ("buddy_departed");
  g_assert_true (user_info_parse (&reader, &gone));
  g_assert_cmpstr (gone.name, ==, "Bobby 9");
  reader = body_of ("buddy_departed_no_tlvs");
  g_assert_true (user_info_parse (&reader, &bare));
}

static void
test_icq_statuses (void)
{
  static const struct { guint32 word; const char *id; } rows[] = {
    { 0x0000, "available" }, { 0x0001, "away" }, { 0x0013, "dnd" }, { 0x0002, "dnd" }, { 0x0005, "na" }, { 0x0004, "na" },
    { 0x0011, "occupied" }, { 0x0010, "occupied" }, { 0x0020, "free4chat" }, { 0x0100, "invisible" }, { 0x2001, "lunch" },
    { 0x3000, "evil" }, { 0x4000, "depression" }, { 0x5000, "athome" }, { 0x6000, "atwork" }, { 0x10010013, "dnd" },
    { 0x0101, "invisible" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint16 set;

      g_assert_cmpstr (icq_status_get_id (rows[i].word), ==, rows[i].id);
      g_assert_true (icq_status_from_id (rows[i].id, &set));
      g_assert_cmpstr (icq_status_get_id (set), ==, rows[i].id);
    }
}

static void
test_profile (void)
{
  g_auto (LocateReply) reply = { 0 };

  g_assert_true (locate_parse_reply (body_of ("locate_info_reply"), NULL, &reply));
  g_assert_cmpstr (reply.user.name, ==, "Bobby 9");
  g_assert_cmpuint (reply.user.warning, ==, 100);
  g_assert_cmpstr (reply.profile, ==, "<B>hello</B>");
  g_assert_null (reply.away);
}

static void
test_messages (void)
{
  static const char *const names[] = { "icbm_recv_utf16", "icbm_recv_latin1_autoresponse", "icbm_recv_offline" };
  g_autofree char *acked = NULL, *typist = NULL;
  IcbmCookie cookie;
  guint16 channel, typing, increase, level;
  Reader reader = body_of ("icbm_missed");
  IcbmMissed missed;
  g_auto (IcbmIncoming) icon = { 0 };
  g_auto (IcbmText) no_text = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Vector *vector = vectors_get (names[i]);
      g_auto (IcbmIncoming) incoming = { 0 };
      g_auto (IcbmText) text = { 0 };

      g_assert_true (icbm_parse_incoming (vector_snac (vector).body, &incoming));
      g_assert_cmpuint (incoming.channel, ==, 1);
      g_assert_cmpstr (incoming.from.name, ==, "Bobby 9");
      icbm_parse_text (incoming.tlvs, NULL, FALSE, &text);
      g_assert_cmpstr (text.text, ==, vector_string (vector, "text"));
      g_assert_cmpint (text.wants_typing, ==, i == 0);
      g_assert_cmpint (text.auto_response, ==, i == 1);
      g_assert_cmpuint (text.sent, ==, i == 2 ? vector_int (vector, "sent") : 0);
    }
  g_assert_true (icbm_parse_incoming (body_of ("icbm_recv_icon_flag"), &icon));
  icbm_parse_text (icon.tlvs, NULL, FALSE, &no_text);
  g_assert_cmpstr (no_text.text != NULL ? no_text.text : "", ==, "x");

  g_assert_true (icbm_parse_ack (body_of ("icbm_host_ack"), &cookie, &channel, &acked));
  g_assert_cmpmem (&cookie, sizeof cookie, "ABCDEFG", 8);
  g_assert_cmpstr (acked, ==, "bobby9");
  g_assert_true (icbm_parse_typing (body_of ("icbm_typing_send"), &typist, &typing));
  g_assert_cmpuint (typing, ==, ICBM_TYPING_TYPING);
  g_assert_true (icbm_next_missed (&reader, &missed));
  g_assert_cmpstr (missed.from.name, ==, "Bobby 9");
  g_assert_cmpuint (missed.count, ==, 2);
  g_assert_cmpuint (missed.reason, ==, 2);
  user_info_clear (&missed.from);
  g_assert_false (icbm_next_missed (&reader, &missed));
  g_assert_true (icbm_parse_warning_reply (body_of ("icbm_evil_reply"), &increase, &level));
  g_assert_cmpuint (level, ==, 150);
}

static void
test_rendezvous (void)
{
  g_auto (IcbmIncoming) incoming = { 0 };
  g_auto (Rendezvous) file = { 0 };
  FileOffer offer;

  g_assert_true (icbm_parse_incoming (body_of ("icbm_file_proposal_recv"), &incoming));
  g_assert_true (rendezvous_parse (incoming.tlvs, NULL, &file));
  g_assert_cmpuint (file.type, ==, RENDEZVOUS_PROPOSE);
  g_assert_cmphex (file.capability, ==, CAP_SEND_FILE);
  g_assert_cmphex (file.verified_ip, ==, 0x7f000001);
  g_assert_cmpuint (file.port, ==, 5191);
  g_assert_cmpuint (file.sequence, ==, 1);
  g_assert_true (file_offer_parse (file.service, file.charset, NULL, &offer));
  g_assert_cmpstr (offer.name, ==, "photo.png");
  g_assert_cmpuint (offer.bytes, ==, 12345);
  g_free (offer.name);
}

/* The block of a 04/06. */
static Reader
sent_block (const char *name)
{
  Reader reader = body_of (name);
  Tlv tlv;

  reader_take (&reader, 10);
  reader_sub (&reader, reader_u8 (&reader));
  g_assert_true (tlv_find (reader, 0x05, &tlv));
  return tlv_reader (&tlv);
}

static void
test_icq_messages (void)
{
  g_auto (IcbmIncoming) incoming = { 0 };
  g_auto (IcqMessage) url = { 0 };
  g_auto (IcqMessage) relayed = { 0 };
  g_auto (IcqMessage) xstatus = { 0 };
  g_auto (IcqMessage) auth = { 0 };
  g_autofree char *readable = NULL;
  Reader block;
  Tlv tlv;

  g_assert_true (icbm_parse_incoming (body_of ("icbm_ch4_url"), &incoming));
  g_assert_true (tlv_find (incoming.tlvs, 0x05, &tlv));
  g_assert_true (icq_message_parse (tlv_reader (&tlv), NULL, &url));
  readable = icq_message_dup_readable (&url);
  g_assert_cmpstr (readable, ==, "look\nhttp://example.org/");

  g_assert_true (icq_message_parse (sent_block ("icbm_ch4_auth_request"), NULL, &auth));
  g_assert_cmpuint (auth.from, ==, 100003);
  g_assert_cmpstr (icq_message_get_field (&auth, 5), ==, "please add me");
  g_assert_cmpstr (icq_message_get_field (&auth, 6), ==, "");

  block = sent_block ("icbm_icq_relay_message");
  reader_take (&block, 26);
  g_assert_true (tlv_find (block, 0x2711, &tlv));
  g_assert_true (icq_message_parse_relayed (tlv_reader (&tlv), NULL, &relayed));
  g_assert_cmpstr (relayed.text, ==, "hi from icq");
  g_assert_cmphex (relayed.sequence, ==, 0xffff);
  block = sent_block ("icbm_icq_xstatus_request");
  reader_take (&block, 26);
  g_assert_true (tlv_find (block, 0x2711, &tlv));
  g_assert_true (icq_message_parse_relayed (tlv_reader (&tlv), NULL, &xstatus));
  g_assert_cmpuint (xstatus.type, ==, ICQ_PLUGIN);
}

static void
test_feedbag (void)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify) feedbag_item_free);
  Vector *vector = vectors_get ("ssi_list");
  Vector *single = vectors_get ("ssi_list_item_only");
  g_auto (FeedbagAuth) request = { 0 };
  g_auto (FeedbagAuth) answer = { 0 };
  g_auto (FeedbagAuth) added = { 0 };
  g_autofree char *alias = NULL, *comment = NULL;
  guint32 changed;
  Reader reader = reader_of (single->bytes->data, single->bytes->len);
  g_autoptr (FeedbagItem) item = feedbag_parse_item (&reader, NULL);
  g_autoptr (GByteArray) written = g_byte_array_new ();

  g_assert_true (feedbag_parse_list (vector_snac (vector).body, NULL, items, &changed));
  g_assert_cmpuint (items->len, ==, vector_int (vector, "count"));
  g_assert_cmpuint (changed, ==, vector_int (vector, "timestamp"));
  g_assert_true (feedbag_item_has (items->pdata[3], FEEDBAG_ATTR_AWAITING));
  alias = feedbag_item_dup_string (item, FEEDBAG_ATTR_ALIAS, NULL);
  comment = feedbag_item_dup_string (item, FEEDBAG_ATTR_COMMENT, NULL);
  g_assert_cmpstr (alias, ==, "Bob");
  g_assert_cmpstr (comment, ==, "met in 1999");
  feedbag_add_item (written, item);
  g_assert_cmpmem (written->data, written->len, single->bytes->data, single->bytes->len);

  g_assert_true (feedbag_parse_auth (body_of ("ssi_auth_request_recv"), FALSE, NULL, &request));
  g_assert_cmpstr (request.reason, ==, "Hello, please");
  g_assert_true (feedbag_parse_auth (body_of ("ssi_auth_reply_recv"), TRUE, NULL, &answer));
  g_assert_true (answer.granted);
  g_assert_cmpstr (answer.name, ==, "100004");
  g_assert_true (feedbag_parse_auth (body_of ("ssi_you_were_added"), FALSE, NULL, &added));
  reader = body_of ("ssi_status_ok");
  g_assert_cmpuint (reader_u16 (&reader), ==, FEEDBAG_RESULT_OK);
  reader = body_of ("ssi_status_auth_needed");
  g_assert_cmpuint (reader_u16 (&reader), ==, FEEDBAG_RESULT_AUTHORIZE);
}

static IcqReply
icq_reply (const char *name)
{
  IcqReply reply;

  g_assert_true (icq_meta_parse_reply (body_of (name), &reply));
  return reply;
}

static void
test_icq (void)
{
  IcqReply reply = icq_reply ("icq_offline_message");
  g_auto (IcqMessage) stored = { 0 };
  g_autoptr (GDateTime) time = g_date_time_new_utc (2026, 3, 14, 15, 9, 0);
  IcqInfo info = { 0 };
  g_auto (IcqFound) found = { 0 };
  g_auto (IcqFound) nobody = { 0 };
  guint32 left_out;
  gint64 sent;

  g_assert_true (icq_meta_parse_offline (reply.data, NULL, &stored, &sent));
  g_assert_cmpstr (stored.text, ==, "are you there?");
  g_assert_cmpint (sent, ==, g_date_time_to_unix (time));
  g_assert_cmphex (icq_reply ("icq_offline_end").type, ==, ICQ_REPLY_OFFLINE_END);
  reply = icq_reply ("icq_short_info_reply");
  g_assert_cmphex (reply.subtype, ==, ICQ_INFO_SHORT);
  icq_info_add_part (&info, reply.subtype, reply.data, NULL);
  g_assert_cmpstr (info.nick, ==, "Nick");
  g_assert_null (info.last);
  g_assert_cmpuint (info.gender, ==, 2);
  reply = icq_reply ("icq_full_info_basic_reply");
  icq_info_add_part (&info, reply.subtype, reply.data, NULL);
  g_assert_cmpstr (info.city, ==, "Oslo");
  g_assert_cmpuint (info.country, ==, 47);
  icq_info_clear (&info);
  reply = icq_reply ("icq_search_last_reply");
  g_assert_true (icq_meta_parse_found (&reply, NULL, &found, &left_out));
  g_assert_cmpuint (found.uin, ==, 100004);
  g_assert_cmpuint (found.age, ==, 30);
  g_assert_cmpuint (left_out, ==, 0);
  reply = icq_reply ("icq_search_none");
  g_assert_false (icq_meta_parse_found (&reply, NULL, &nobody, &left_out));
  g_assert_cmpuint (icq_reply ("icq_set_permissions_reply").result, ==, ICQ_RESULT_OK);
  g_assert_cmpuint (icq_reply ("icq_set_permissions_reply_oos").result, ==, ICQ_RESULT_OK);
}

static void
test_rooms (void)
{
  g_auto (RoomInfo) room = { 0 };
  g_auto (ChatMessage) message = { 0 };
  g_autofree char *name = room_cookie_dup_name ("4-0-My%20Room");
  Reader reader = body_of ("chat_users_joined");
  static const char *const users[] = { "Alice W", "Bobby 9" };

  g_assert_true (chatnav_parse_room (body_of ("chatnav_room_reply"), &room));
  g_assert_cmpstr (room.address.cookie, ==, "4-0-My Room");
  g_assert_cmpstr (room.name, ==, "My Room");
  g_assert_cmpuint (room.most_bytes, ==, 1024);
  g_assert_cmpstr (name, ==, "My Room");
  for (guint i = 0; i < 2; i++)
    {
      g_auto (UserInfo) user = { 0 };

      g_assert_true (user_info_parse (&reader, &user));
      g_assert_cmpstr (user.name, ==, users[i]);
    }
  g_assert_cmpuint (reader.left, ==, 0);
  reader = body_of ("chat_users_left");
  {
    g_auto (UserInfo) user = { 0 };

    g_assert_true (user_info_parse (&reader, &user));
  }
  g_assert_true (chat_parse_message (body_of ("chat_recv"), NULL, &message));
  g_assert_cmpstr (message.text, ==, "Grüße");
  g_assert_cmpstr (message.from.name, ==, "Bobby 9");
  g_assert_false (message.whisper);
}

static void
test_the_rest (void)
{
  BartImage image;
  Reader reader = body_of ("bart_download_reply");
  guint8 code;
  guint16 error;
  g_autofree char *name = NULL;

  g_assert_true (bart_parse_image (reader, &image));
  g_assert_cmpstr (image.owner, ==, "bobby9");
  g_assert_cmpuint (image.image.left, ==, 26);
  g_free (image.owner);
  g_assert_true (bart_parse_upload_reply (body_of ("bart_upload_reply"), &code));
  g_assert_cmpuint (code, ==, 0);
  g_assert_true (admin_parse_reply (body_of ("admin_change_reply"), &reader, &error));
  g_assert_cmpuint (error, ==, 0);
  reader = body_of ("lookup_reply");
  g_assert_true (lookup_next_name (&reader, &name));
  g_assert_cmpstr (name, ==, "bobby9");
}

static void
test_peers (void)
{
  static const char *const names[] = { "oft_prompt", "oft_ack", "oft_done" };
  static const char *const sums[] = { "oft_checksum_25", "oft_checksum_empty", "oft_checksum_ff", "oft_checksum_text" };
  ProxyFrame frame;
  Vector *vector;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_auto (OftHeader) header = { 0 };

      vector = vectors_get (names[i]);
      g_assert_cmpuint (oft_header_length (vector->bytes->data, vector->bytes->len), ==, 256);
      g_assert_true (oft_header_parse (reader_of (vector->bytes->data, 256), NULL, &header));
      g_assert_cmpuint (header.type, ==, vector_int (vector, "type"));
      g_assert_cmpstr (header.name, ==, "photo.png");
      vector_assert_bytes (names[i], oft_header_build (&header));
    }
  for (guint i = 0; i < G_N_ELEMENTS (sums); i++)
    {
      const char *hex;
      guint8 data[64];
      gsize length = 0;
      Reader expected;

      vector = vectors_get (sums[i]);
      for (hex = vector_string (vector, "data_hex"); *hex != '\0'; hex += 2)
        data[length++] = (guint8) (g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));
      expected = reader_of (vector->bytes->data, vector->bytes->len);
      g_assert_cmphex (oft_checksum (OFT_CHECKSUM_START, data, length, 0), ==, reader_u32 (&expected));
      /* In two steps it is the same. */
      for (gsize first = 0; first <= length; first++)
        {
          guint32 sum = oft_checksum (OFT_CHECKSUM_START, data, first, 0);
          Reader again = reader_of (vector->bytes->data, vector->bytes->len);

          g_assert_true (oft_checksum_equal (oft_checksum (sum, data + first, length - first, first), reader_u32 (&again)));
        }
    }
  vector = vectors_get ("proxy_created");
  g_assert_cmpuint (proxy_parse (vector->bytes->data, vector->bytes->len, &frame), ==, vector->bytes->len);
  g_assert_cmpuint (frame.pin, ==, 8080);
  g_assert_cmphex (frame.ip, ==, 0xc0000201);
  vector = vectors_get ("proxy_ready");
  g_assert_cmpuint (proxy_parse (vector->bytes->data, vector->bytes->len, &frame), ==, vector->bytes->len);
  g_assert_cmpuint (frame.command, ==, PROXY_READY);
  vector = vectors_get ("proxy_error");
  g_assert_cmpuint (proxy_parse (vector->bytes->data, vector->bytes->len, &frame), ==, vector->bytes->len);
  g_assert_cmpuint (frame.error, ==, 13);
}

static void
test_broken (void)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify) feedbag_item_free);
  Vector *vector = vectors_get ("bad_flap_marker");
  FlapFrame frame;
  Snac snac;
  gsize used;
  Reader reader;
  guint32 changed;
  IcqReply icq;

  g_assert_cmpint (flap_parse (vector->bytes->data, vector->bytes->len, &frame, &used), ==, FLAP_BROKEN);
  vector = vectors_get ("signoff_short");
  g_assert_cmpint (flap_parse (vector->bytes->data, vector->bytes->len, &frame, &used), ==, FLAP_MORE);
  g_assert_true (flap_is_short_signoff (vector->bytes->data, vector->bytes->len));
  g_assert_false (snac_parse (vector_frame (vectors_get ("bad_snac_short")).data, &snac));
  for (guint i = 0; i < 2; i++)
    {
      g_auto (UserInfo) info = { 0 };

      reader = body_of (i == 0 ? "bad_tlv_overrun" : "bad_userinfo_count");
      g_assert_true (user_info_parse (&reader, &info));
      g_assert_cmpstr (info.name, ==, "Bobby 9");
      g_assert_cmphex (info.capabilities, ==, 0);
    }
  {
    g_auto (UserInfo) info = { 0 };

    reader = body_of ("bad_name_length");
    g_assert_false (user_info_parse (&reader, &info));
  }
  g_assert_false (feedbag_parse_list (body_of ("bad_ssi_item"), NULL, items, &changed));
  for (guint i = 0; i < 2; i++)
    {
      g_auto (IcbmIncoming) incoming = { 0 };
      g_auto (IcbmText) text = { 0 };

      g_assert_true (icbm_parse_incoming (body_of (i == 0 ? "bad_im_fragment" : "bad_utf16_odd"), &incoming));
      icbm_parse_text (incoming.tlvs, NULL, FALSE, &text);
      if (i == 1)
        g_assert_cmpstr (text.text, ==, "ab\357\277\275");
      else
        g_assert_null (text.text);
    }
  g_assert_false (icq_meta_parse_reply (body_of ("bad_icq_length"), &icq));
}

/* What is read no further than this: errors, limits that are not heeded, what is refused. */
static void
test_not_acted_on (void)
{
  static const struct { const char *name; guint16 code; } errors[] = { { "ssi_error", 0x08 }, { "lookup_none", SNAC_ERROR_NO_MATCH } };
  Vector *direct = vectors_get ("odc_message");
  Reader reader = body_of ("stats_interval");
  Tlv tlv;

  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      Snac snac = vector_snac (vectors_get (errors[i].name));
      g_auto (SnacError) error = { 0 };

      g_assert_cmpuint (snac.subtype, ==, SNAC_ERROR);
      snac_error_parse (&snac, &error);
      g_assert_cmpuint (error.code, ==, errors[i].code);
    }
  g_assert_cmpuint (reader_u16 (&reader), ==, 1);
  g_assert_true (tlv_find (body_of ("pd_rights_reply"), 0x02, &tlv));
  g_assert_cmpuint (tlv_uint (&tlv), ==, 100);
  g_assert_cmpuint (body_of ("icbm_params_reply").left, ==, 16);
  g_assert_cmpuint (body_of ("icbm_offline_done").left, ==, 0);
  g_assert_cmpuint (body_of ("locate_info_request_old").left, ==, 9);
  /* Direct messages: no file begins so. */
  g_assert_cmpuint (oft_header_length (direct->bytes->data, direct->bytes->len), ==, G_MAXSIZE);
}

/* Every beginning of every frame goes through every parser that takes its family. */
static void
test_every_frame (void)
{
  for (guint i = 0; i < vectors_count (); i++)
    {
      Vector *vector = vectors_nth (i);
      FlapFrame frame;
      gsize used;

      if (!g_str_equal (vector->layer, "flap"))
        continue;
      for (gsize length = 0; length < vector->bytes->len; length++)
        g_assert_cmpint (flap_parse (vector->bytes->data, length, &frame, &used), ==, FLAP_MORE);
      g_assert_cmpint (flap_parse (vector->bytes->data, vector->bytes->len, &frame, &used), ==, FLAP_FRAME);
      g_assert_cmpuint (used, ==, vector->bytes->len);
    }
}

int
main (int argc, char **argv)
{
  int result;

  unit_init (&argc, &argv);
  vectors_load ();
  g_test_add_func ("/oscar/parse/every-frame-in-pieces", test_every_frame);
  g_test_add_func ("/oscar/parse/login", test_login);
  g_test_add_func ("/oscar/parse/every-error-is-a-sentence", test_login_errors);
  g_test_add_func ("/oscar/parse/sign-on", test_sign_on);
  g_test_add_func ("/oscar/parse/presence", test_presence);
  g_test_add_func ("/oscar/parse/icq-statuses", test_icq_statuses);
  g_test_add_func ("/oscar/parse/profile", test_profile);
  g_test_add_func ("/oscar/parse/messages", test_messages);
  g_test_add_func ("/oscar/parse/rendezvous", test_rendezvous);
  g_test_add_func ("/oscar/parse/icq-messages", test_icq_messages);
  g_test_add_func ("/oscar/parse/feedbag", test_feedbag);
  g_test_add_func ("/oscar/parse/icq", test_icq);
  g_test_add_func ("/oscar/parse/rooms", test_rooms);
  g_test_add_func ("/oscar/parse/icons-account-lookup", test_the_rest);
  g_test_add_func ("/oscar/parse/file-transfer-and-proxy", test_peers);
  g_test_add_func ("/oscar/parse/broken-input", test_broken);
  g_test_add_func ("/oscar/parse/not-acted-on", test_not_acted_on);
  result = unit_run ();
  vectors_free ();
  return result;
}
