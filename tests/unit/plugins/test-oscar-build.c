/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the plugin sends is, byte for byte, what is known to be understood. */
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

static const IcbmCookie cookie = { "ABCDEFG" };
static const IcbmCookie peer_cookie = { { '1', '2', '3', '4', '5', '6', '7', '8' } };
static const LoginClient aim = { "Purple/2.14", 0x0109, 5, 1, 0, 0x0bdc, 0x611 };
static const LoginClient icq = { "ICQ Client", 0x010a, 0x14, 0x34, 0, 0x0c18, 0x611 };

static void
test_login (void)
{
  Vector *strong = vectors_get ("bucp_login_request_strong");
  Vector *weak = vectors_get ("bucp_login_request_weak");
  const char *key = vector_string (strong, "key");
  guint8 digest[LOGIN_DIGEST_BYTES];
  g_autoptr (GByteArray) cookie_bytes = g_byte_array_new ();

  vector_assert_frame ("flap_client_hello", login_build_hello ());
  vector_assert_frame ("flap_server_hello", login_build_hello ());
  vector_assert_frame ("flap_keepalive", NULL);
  vector_assert_body ("bucp_challenge_request", login_build_challenge_request ("Alice W"));
  login_compute_digest (reader_of (key, strlen (key)), vector_string (strong, "password"), TRUE, digest);
  vector_assert_body ("bucp_login_request_strong", login_build_request ("Alice W", digest, TRUE, &aim, LOGIN_MULTI_ALLOW));
  login_compute_digest (reader_of (key, strlen (key)), vector_string (weak, "password"), FALSE, digest);
  vector_assert_body ("bucp_login_request_weak", login_build_request ("Alice W", digest, FALSE, &aim, LOGIN_MULTI_ALLOW));
  vector_assert_frame ("flap_signon_login_icq", login_build_signon ("100003", "secret7", &icq, LOGIN_MULTI_UNSAID));
  for (guint i = 0; i < 256; i++)
    bytes_add_u8 (cookie_bytes, 7 * i + 3);
  vector_assert_frame ("bos_cookie_hello", login_build_cookie_hello (cookie_bytes));
}

static void
test_secrets (void)
{
  static const struct { const char *name; gboolean strong; } rows[] = {
    { "crypto_md5_weak", FALSE }, { "crypto_md5_strong", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Vector *vector = vectors_get (rows[i].name);
      const char *key = vector_string (vector, "key");
      guint8 digest[LOGIN_DIGEST_BYTES];

      login_compute_digest (reader_of (key, strlen (key)), vector_string (vector, "password"), rows[i].strong, digest);
      g_assert_cmpmem (digest, sizeof digest, vector->bytes->data, vector->bytes->len);
    }
  vector_assert_bytes ("crypto_roast", login_roast ("secret7"));
  vector_assert_bytes ("crypto_roast_long", login_roast ("abcdefghijklmnopqrst"));
}

static void
test_sign_on (void)
{
  static const Families versions = { { 1, 2, 3, 4, 6, 8, 9, 10, 11, 16, 19, 21, 24 }, 13 };
  static const Families ready = { { 1, 2, 3, 4, 9, 10, 11, 16, 19, 21 }, 10 };
  Families offered, known;
  g_autoptr (Rates) rates = rates_parse (vector_snac (vectors_get ("rate_params_reply_v2")).body, 0);
  g_autoptr (GByteArray) profile = g_byte_array_new ();
  GByteArray *away = g_byte_array_new ();
  GByteArray *back = g_byte_array_new ();
  GByteArray *both = g_byte_array_new ();

  oservice_parse_families (vector_snac (vectors_get ("host_online")).body, &offered);
  families_pick_known (&offered, &known);
  g_assert_cmpmem (known.list, known.count * sizeof known.list[0], versions.list, versions.count * sizeof versions.list[0]);
  vector_assert_body ("client_versions", oservice_build_versions (&versions));
  vector_assert_body ("client_ready", oservice_build_ready (&ready));
  vector_assert_body ("rate_ack", rates_build_ack (rates));
  vector_assert_body ("rate_params_request", g_byte_array_new ());
  vector_assert_body ("self_info_request", g_byte_array_new ());
  vector_assert_body ("locate_rights_request", g_byte_array_new ());
  vector_assert_body ("buddy_rights_request", g_byte_array_new ());
  vector_assert_body ("icbm_params_request", g_byte_array_new ());
  vector_assert_body ("ssi_rights_request", g_byte_array_new ());
  vector_assert_body ("ssi_request", g_byte_array_new ());
  vector_assert_body ("ssi_activate", g_byte_array_new ());
  vector_assert_body ("icbm_params_set", icbm_build_parameters (ICBM_FLAGS_AIM));
  vector_assert_body ("idle_set", oservice_build_idle (600));
  vector_assert_body ("status_set_icq_dnd", oservice_build_status (0x00010013, FALSE));
  vector_assert_body ("status_set_icq_online_dc",
                      oservice_build_status ((guint32) vector_int (vectors_get ("status_set_icq_online_dc"), "status"), TRUE));
  vector_assert_body ("status_set_available_message", oservice_build_available ("coding", ""));
  vector_assert_body ("service_request_chat",
                      oservice_build_service_request (FAMILY_CHAT, &(RoomAddress) { 4, (char *) "4-0-My Room", 0 }, FALSE));
  locate_add_away (away, "<HTML>Back at 5</HTML>", 1000);
  vector_assert_body ("locate_set_away", away);
  locate_add_away (back, NULL, 1000);
  vector_assert_body ("locate_clear_away", back);
  locate_add_profile (both, "<HTML><BODY>Hi</BODY></HTML>", 1000);
  locate_add_capabilities (both, CAP_DIRECT_IM | CAP_SEND_FILE | CAP_ICON | CAP_XHTML | CAP_UTF8 | CAP_CHAT);
  vector_assert_body ("locate_set_caps_profile", both);
  vector_assert_body ("locate_info_request", locate_build_request ("bobby9", LOCATE_PROFILE | LOCATE_AWAY));
}

static void
test_messages (void)
{
  static const FileOffer offer = { FALSE, 1, 12345, (char *) "photo.png" };
  static const MeetingPlace direct = { 1, 0xc0a80005, 5190, FALSE };
  static const MeetingPlace proxy = { 3, 0xc0000201, 0x1f90, TRUE };

  vector_assert_body ("icbm_send_ascii", icbm_build_text (&cookie, "bobby9", "<HTML><BODY>hi there</BODY></HTML>", FALSE));
  vector_assert_body ("icbm_typing_send", icbm_build_typing ("bobby9", ICBM_TYPING_TYPING));
  vector_assert_body ("icbm_evil_request", icbm_build_warning ("bobby9", FALSE));
  vector_assert_body ("icbm_offline_request", g_byte_array_new ());
  vector_assert_body ("icbm_ch4_auth_request",
                      icq_message_build (&cookie, "100004", 100003, ICQ_AUTH_REQUEST,
                                         "Nick\xfe" "First\xfe" "Last\xfe" "n@example.org\xfe" "1\xfe" "please add me"));
  vector_assert_body ("icbm_chat_invite",
                      rendezvous_build_chat_invite (&cookie, "bobby9", "Join me", &(RoomAddress) { 4, (char *) "4-0-My Room", 0 }));
  vector_assert_body ("icbm_file_proposal_send", rendezvous_build_file (&cookie, "bobby9", &direct, &offer));
  vector_assert_body ("icbm_rdv_accept", rendezvous_build_accept (&peer_cookie, "bobby9", CAP_SEND_FILE));
  vector_assert_body ("icbm_rdv_cancel", rendezvous_build_cancel (&peer_cookie, "bobby9", CAP_SEND_FILE, 1));
  vector_assert_body ("icbm_rdv_proxy_redirect", rendezvous_build_file (&cookie, "bobby9", &proxy, NULL));
  vector_assert_body ("icbm_decline", icbm_build_decline (&peer_cookie, "bobby9"));
}

static void
assert_items (const char *name, FeedbagItem *item)
{
  g_autoptr (FeedbagItem) owned = item;
  GByteArray *body = g_byte_array_new ();

  feedbag_add_item (body, owned);
  vector_assert_body (name, body);
}

static void
test_feedbag (void)
{
  FeedbagItem *group = feedbag_item_new ("Buddies", 0x1001, 0, FEEDBAG_GROUP);

  vector_assert_body ("ssi_begin", g_byte_array_new ());
  vector_assert_body ("ssi_end", g_byte_array_new ());
  assert_items ("ssi_add", feedbag_item_new ("newbie", 0x1001, 0x2005, FEEDBAG_BUDDY));
  assert_items ("ssi_delete", feedbag_item_new ("newbie", 0x1001, 0x2005, FEEDBAG_BUDDY));
  feedbag_item_set (group, FEEDBAG_ATTR_ORDER, "\x20\x01\x20\x02\x20\x05", 6);
  assert_items ("ssi_update_group", group);
  vector_assert_body ("ssi_auth_request_send", feedbag_build_auth_request ("100004", "Hello, please"));
  vector_assert_body ("ssi_auth_grant_send", feedbag_build_auth_answer ("100004", TRUE, ""));
  vector_assert_body ("ssi_pre_auth_send", feedbag_build_auth_request ("100004", ""));
}

/* The sequence numbers in the vectors. */
static guint16
sequence_of (const char *name)
{
  Tlv tlv;
  Reader reader;

  g_assert_true (tlv_find (vector_snac (vectors_get (name)).body, 0x01, &tlv));
  reader = tlv_reader (&tlv);
  reader_take (&reader, 8);
  return reader_le16 (&reader);
}

static void
test_icq (void)
{
  vector_assert_body ("icq_offline_request",
                      icq_meta_build_request (100003, ICQ_REQUEST_OFFLINE, sequence_of ("icq_offline_request")));
  vector_assert_body ("icq_offline_delete",
                      icq_meta_build_request (100003, ICQ_REQUEST_DELETE_OFFLINE, sequence_of ("icq_offline_delete")));
  vector_assert_body ("icq_short_info_request",
                      icq_meta_build_about (100003, sequence_of ("icq_short_info_request"), ICQ_META_SHORT_INFO, 100004));
  vector_assert_body ("icq_full_info_request",
                      icq_meta_build_about (100003, sequence_of ("icq_full_info_request"), ICQ_META_FULL_INFO, 100004));
  vector_assert_body ("icq_search_uin_request",
                      icq_meta_build_about (100003, sequence_of ("icq_search_uin_request"), ICQ_META_SEARCH_UIN, 100004));
  vector_assert_body ("icq_search_email_request",
                      icq_meta_build_search_email (100003, sequence_of ("icq_search_email_request"), "n@example.org"));
}

static void
test_the_rest (void)
{
  Vector *upload = vectors_get ("bart_upload");
  Reader image = vector_snac (upload).body;
  guint8 hash[BART_HASH_BYTES];
  g_autofree char *hex = NULL;

  reader_take (&image, 4);
  bart_compute_hash (image.data, image.left, hash);
  hex = bart_dup_hex (hash, sizeof hash);
  g_assert_cmpstr (hex, ==, vector_string (upload, "md5"));
  vector_assert_body ("bart_upload", bart_build_upload (image.data, image.left));
  vector_assert_body ("bart_download", bart_build_download ("bobby9", hash, sizeof hash));
  vector_assert_body ("admin_password_change", admin_build_password ("secret7", "newpass1"));
  vector_assert_body ("lookup_email", lookup_build_email ("n@example.org"));
  vector_assert_body ("chatnav_create", chatnav_build_create (4, "My Room"));
  vector_assert_body ("chat_send", chat_build_message (cookie.bytes, "hello all"));
  vector_assert_bytes ("proxy_create", proxy_build_create ("Alice W", &cookie, CAP_SEND_FILE));
  vector_assert_bytes ("proxy_join", proxy_build_join ("bobby9", 0x1f90, &cookie, CAP_SEND_FILE));
}

static void
test_permissions (void)
{
  Tlv tlv;
  Reader sent, vector;

  /* The vector allows direct connections to everybody, we only after authorization; the rest is the same. */
  g_autoptr (GByteArray) body = icq_meta_build_permissions (100003, sequence_of ("icq_set_permissions"), FALSE, TRUE);

  g_assert_true (tlv_find (reader_of (body->data, body->len), 0x01, &tlv));
  sent = tlv_reader (&tlv);
  g_assert_true (tlv_find (vector_snac (vectors_get ("icq_set_permissions")).body, 0x01, &tlv));
  vector = tlv_reader (&tlv);
  g_assert_cmpmem (sent.data, sent.left - 2, vector.data, vector.left - 2);
}

static void
test_details (void)
{
  const IcqInfo info = { .nick = (char *) "Rosa", .gender = 1, .publishes_email = TRUE };
  g_autoptr (GByteArray) body = icq_meta_build_details (100003, 2, &info);
  static const guint8 begin[] = { 0x3a, 0x0c, 0x54, 0x01, 7, 0, 5, 0, 'R', 'o', 's', 'a', 0, 0x40, 0x01, 3, 0, 1, 0, 0,
                                  0x4a, 0x01, 3, 0, 1, 0, 0, 0x5e, 0x01, 4, 0, 1, 0, 0, 0 };
  static const guint8 end[] = { 0x58, 0x02, 3, 0, 1, 0, 0, 0x7c, 0x01, 1, 0, 1 };
  Reader sent;
  Tlv tlv;

  g_assert_true (tlv_find (reader_of (body->data, body->len), 0x01, &tlv));
  sent = tlv_reader (&tlv);
  reader_take (&sent, 10);
  g_assert_cmpmem (sent.data, sizeof begin, begin, sizeof begin);
  g_assert_cmpmem (sent.data + sent.left - sizeof end, sizeof end, end, sizeof end);
}

int
main (int argc, char **argv)
{
  int result;

  unit_init (&argc, &argv);
  vectors_load ();
  g_test_add_func ("/oscar/build/login", test_login);
  g_test_add_func ("/oscar/build/digests-and-roast", test_secrets);
  g_test_add_func ("/oscar/build/sign-on", test_sign_on);
  g_test_add_func ("/oscar/build/messages", test_messages);
  g_test_add_func ("/oscar/build/feedbag", test_feedbag);
  g_test_add_func ("/oscar/build/icq", test_icq);
  g_test_add_func ("/oscar/build/icons-account-rooms-proxy", test_the_rest);
  g_test_add_func ("/oscar/build/icq-permissions", test_permissions);
  g_test_add_func ("/oscar/build/icq-details", test_details);
  result = unit_run ();
  vectors_free ();
  return result;
}
