/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What servers send before and while a session begins is understood: frames, sign-in, the service itself. */
#include "bart.h"
#include "locate.h"
#include "login.h"
#include "oscar-vectors.h"
#include "oservice.h"
#include "rates.h"
#include "unit.h"

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

  g_assert_true (login_parse_challenge (vectors_get_body ("bucp_challenge_reply"), &key, &cut));
  g_assert_cmpmem (key.data, key.left, "0f8e2c11-5d3a-4b6e-9c77-1a2b3c4d5e6f", 36);
  g_assert_false (cut);

  login_parse_reply (vectors_get_body ("bucp_login_reply_ok"), &ok);
  g_assert_false (ok.refused);
  g_assert_cmpstr (ok.name, ==, "Alice W");
  g_assert_cmpstr (ok.host, ==, "127.0.0.1:5190");
  g_assert_cmpuint (ok.cookie->len, ==, 256);
  g_assert_cmpuint (ok.cookie->data[255], ==, (7 * 255 + 3) % 256);

  login_parse_reply (vectors_get_body ("bucp_login_reply_error"), &refused);
  g_assert_true (refused.refused);
  g_assert_cmpuint (refused.error, ==, 5);
  g_assert_cmpstr (refused.url, ==, "http://example.org/pw");
  login_parse_reply (vectors_get_body ("bucp_challenge_error"), &early);
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
  g_autofree char *motd = oservice_parse_motd (vectors_get_body ("motd"), &type);
  g_autofree char *warner = NULL;
  g_auto (UserInfo) self = { 0 };
  g_auto (ServiceReply) service = { 0 };
  IconNotice notice;
  Reader reader;
  Snac snac;
  g_auto (SnacError) error = { 0 };
  g_auto (SnacError) sub = { 0 };

  oservice_parse_families (vectors_get_body ("host_online"), &families);
  g_assert_cmpuint (families.count, ==, 13);
  g_assert_cmpuint (families.list[0], ==, 0x18);
  oservice_parse_families (vectors_get_body ("host_versions"), &families);
  g_assert_cmpuint (families.count, ==, 26);
  g_assert_cmpuint (type, ==, 4);
  g_assert_cmpstr (motd, ==, "Welcome to Open OSCAR Server");
  level = oservice_parse_warned (vectors_get_body ("warned"), &warner);
  g_assert_cmpuint (level, ==, 100);
  g_assert_null (warner);
  reader = vectors_get_body ("self_info_reply");
  g_assert_true (user_info_parse (&reader, &self));
  g_assert_cmpstr (self.name, ==, "Alice W");
  g_assert_cmpuint (self.signed_on, ==, 0x67000000);
  g_assert_cmpuint (self.class, ==, 0x11);
  g_assert_true (oservice_parse_service_reply (vectors_get_body ("service_reply"), &service));
  g_assert_cmpuint (service.family, ==, FAMILY_CHAT);
  g_assert_cmpuint (service.cookie->len, ==, 32);
  g_assert_true (oservice_parse_icon_notice (vectors_get_body ("bart_upload_wanted"), &notice));
  g_assert_cmpuint (notice.flags & BART_FLAG_WANTED, !=, 0);
  g_assert_cmpuint (notice.hash.left, ==, 16);
  g_assert_cmpuint (oservice_parse_signoff (vector_frame (vectors_get ("signoff_elsewhere")).data), ==, 1);
  g_assert_cmpuint (locate_parse_rights (vectors_get_body ("locate_rights_reply")), ==, 1000);
  snac = vector_snac (vectors_get ("snac_error"));
  snac_error_parse (&snac, &error);
  g_assert_cmpuint (error.code, ==, 4);
  g_assert_cmpuint (error.subcode, ==, 0);
  snac = vector_snac (vectors_get ("snac_error_sub"));
  snac_error_parse (&snac, &sub);
  g_assert_cmpuint (sub.subcode, ==, 15);
  reader = vectors_get_body ("rate_change");
  {
    g_autoptr (Rates) rates = rates_parse (vectors_get_body ("rate_params_reply_v1"), 0);

    g_assert_nonnull (rates);
    g_assert_true (rates_parse_change (rates, reader, 0, &code));
    g_assert_cmpuint (code, ==, 2);
    g_assert_cmpuint (rates_get (rates, rates_find (rates, 4, 6))->level, ==, 4890);
  }
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
  result = unit_run ();
  vectors_free ();
  return result;
}
