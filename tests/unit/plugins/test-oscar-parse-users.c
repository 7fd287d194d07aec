/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What servers tell of users is understood: presence, profiles, details of ICQ, the list, searches, icons. */
#include "account_admin.h"
#include "bart.h"
#include "directory.h"
#include "feedbag.h"
#include "icq_meta.h"
#include "locate.h"
#include "oscar-vectors.h"
#include "unit.h"

static void
test_presence (void)
{
  Reader reader = vectors_get_body ("buddy_arrived_aim");
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

  reader = vectors_get_body ("buddy_arrived_icq");
  g_assert_true (user_info_parse (&reader, &icq));
  g_assert_cmpstr (user_info_get_status_id (&icq), ==, "na");
  reader = vectors_get_body ("buddy_departed");
  g_assert_true (user_info_parse (&reader, &gone));
  g_assert_cmpstr (gone.name, ==, "Bobby 9");
  reader = vectors_get_body ("buddy_departed_no_tlvs");
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

  g_assert_true (locate_parse_reply (vectors_get_body ("locate_info_reply"), NULL, &reply));
  g_assert_cmpstr (reply.user.name, ==, "Bobby 9");
  g_assert_cmpuint (reply.user.warning, ==, 100);
  g_assert_cmpstr (reply.profile, ==, "<B>hello</B>");
  g_assert_null (reply.away);
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

  g_assert_true (feedbag_parse_auth (vectors_get_body ("ssi_auth_request_recv"), FALSE, NULL, &request));
  g_assert_cmpstr (request.reason, ==, "Hello, please");
  g_assert_true (feedbag_parse_auth (vectors_get_body ("ssi_auth_reply_recv"), TRUE, NULL, &answer));
  g_assert_true (answer.granted);
  g_assert_cmpstr (answer.name, ==, "100004");
  g_assert_true (feedbag_parse_auth (vectors_get_body ("ssi_you_were_added"), FALSE, NULL, &added));
  reader = vectors_get_body ("ssi_status_ok");
  g_assert_cmpuint (reader_u16 (&reader), ==, FEEDBAG_RESULT_OK);
  reader = vectors_get_body ("ssi_status_auth_needed");
  g_assert_cmpuint (reader_u16 (&reader), ==, FEEDBAG_RESULT_AUTHORIZE);
}

static IcqReply
icq_reply (const char *name)
{
  IcqReply reply;

  g_assert_true (icq_meta_parse_reply (vectors_get_body (name), &reply));
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
test_the_rest (void)
{
  BartImage image;
  Reader reader = vectors_get_body ("bart_download_reply");
  guint8 code;
  guint16 error;
  g_autofree char *name = NULL;

  g_assert_true (bart_parse_image (reader, &image));
  g_assert_cmpstr (image.owner, ==, "bobby9");
  g_assert_cmpuint (image.image.left, ==, 26);
  g_free (image.owner);
  g_assert_true (bart_parse_upload_reply (vectors_get_body ("bart_upload_reply"), &code));
  g_assert_cmpuint (code, ==, 0);
  g_assert_true (admin_parse_reply (vectors_get_body ("admin_change_reply"), &reader, &error));
  g_assert_cmpuint (error, ==, 0);
  reader = vectors_get_body ("lookup_reply");
  g_assert_true (lookup_next_name (&reader, &name));
  g_assert_cmpstr (name, ==, "bobby9");
}

int
main (int argc, char **argv)
{
  int result;

  unit_init (&argc, &argv);
  vectors_load ();
  g_test_add_func ("/oscar/parse/presence", test_presence);
  g_test_add_func ("/oscar/parse/icq-statuses", test_icq_statuses);
  g_test_add_func ("/oscar/parse/profile", test_profile);
  g_test_add_func ("/oscar/parse/feedbag", test_feedbag);
  g_test_add_func ("/oscar/parse/icq", test_icq);
  g_test_add_func ("/oscar/parse/icons-account-lookup", test_the_rest);
  result = unit_run ();
  vectors_free ();
  return result;
}
