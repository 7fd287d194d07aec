/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others send is understood: messages, proposals, rooms, files. */
#include "chat.h"
#include "icbm.h"
#include "icq_meta.h"
#include "oft.h"
#include "oscar-vectors.h"
#include "rendezvous.h"
#include "unit.h"

static void
test_messages (void)
{
  static const char *const names[] = { "icbm_recv_utf16", "icbm_recv_latin1_autoresponse", "icbm_recv_offline" };
  g_autofree char *acked = NULL, *typist = NULL;
  IcbmCookie cookie;
  guint16 channel, typing, increase, level;
  Reader reader = vectors_get_body ("icbm_missed");
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
  g_assert_true (icbm_parse_incoming (vectors_get_body ("icbm_recv_icon_flag"), &icon));
  icbm_parse_text (icon.tlvs, NULL, FALSE, &no_text);
  g_assert_cmpstr (no_text.text != NULL ? no_text.text : "", ==, "x");

  g_assert_true (icbm_parse_ack (vectors_get_body ("icbm_host_ack"), &cookie, &channel, &acked));
  g_assert_cmpmem (&cookie, sizeof cookie, "ABCDEFG", 8);
  g_assert_cmpstr (acked, ==, "bobby9");
  g_assert_true (icbm_parse_typing (vectors_get_body ("icbm_typing_send"), &typist, &typing));
  g_assert_cmpuint (typing, ==, ICBM_TYPING_TYPING);
  g_assert_true (icbm_next_missed (&reader, &missed));
  g_assert_cmpstr (missed.from.name, ==, "Bobby 9");
  g_assert_cmpuint (missed.count, ==, 2);
  g_assert_cmpuint (missed.reason, ==, 2);
  user_info_clear (&missed.from);
  g_assert_false (icbm_next_missed (&reader, &missed));
  g_assert_true (icbm_parse_warning_reply (vectors_get_body ("icbm_evil_reply"), &increase, &level));
  g_assert_cmpuint (level, ==, 150);
}

static void
test_rendezvous (void)
{
  g_auto (IcbmIncoming) incoming = { 0 };
  g_auto (Rendezvous) file = { 0 };
  FileOffer offer;

  g_assert_true (icbm_parse_incoming (vectors_get_body ("icbm_file_proposal_recv"), &incoming));
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
  Reader reader = vectors_get_body (name);
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

  g_assert_true (icbm_parse_incoming (vectors_get_body ("icbm_ch4_url"), &incoming));
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
test_rooms (void)
{
  g_auto (RoomInfo) room = { 0 };
  g_auto (ChatMessage) message = { 0 };
  g_autofree char *name = room_cookie_dup_name ("4-0-My%20Room");
  Reader reader = vectors_get_body ("chat_users_joined");
  static const char *const users[] = { "Alice W", "Bobby 9" };

  g_assert_true (chatnav_parse_room (vectors_get_body ("chatnav_room_reply"), &room));
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
  reader = vectors_get_body ("chat_users_left");
  {
    g_auto (UserInfo) user = { 0 };

    g_assert_true (user_info_parse (&reader, &user));
  }
  g_assert_true (chat_parse_message (vectors_get_body ("chat_recv"), NULL, &message));
  g_assert_cmpstr (message.text, ==, "Grüße");
  g_assert_cmpstr (message.from.name, ==, "Bobby 9");
  g_assert_false (message.whisper);
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

int
main (int argc, char **argv)
{
  int result;

  unit_init (&argc, &argv);
  vectors_load ();
  g_test_add_func ("/oscar/parse/messages", test_messages);
  g_test_add_func ("/oscar/parse/rendezvous", test_rendezvous);
  g_test_add_func ("/oscar/parse/icq-messages", test_icq_messages);
  g_test_add_func ("/oscar/parse/rooms", test_rooms);
  g_test_add_func ("/oscar/parse/file-transfer-and-proxy", test_peers);
  result = unit_run ();
  vectors_free ();
  return result;
}
