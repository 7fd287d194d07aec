/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is broken, or not acted on, is read no further than it can be. */
#include "directory.h"
#include "feedbag.h"
#include "icbm.h"
#include "icq_meta.h"
#include "locate.h"
#include "oft.h"
#include "oscar-vectors.h"
#include "unit.h"

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

      reader = vectors_get_body (i == 0 ? "bad_tlv_overrun" : "bad_userinfo_count");
      g_assert_true (user_info_parse (&reader, &info));
      g_assert_cmpstr (info.name, ==, "Bobby 9");
      g_assert_cmphex (info.capabilities, ==, 0);
    }
  {
    g_auto (UserInfo) info = { 0 };

    reader = vectors_get_body ("bad_name_length");
    g_assert_false (user_info_parse (&reader, &info));
  }
  g_assert_false (feedbag_parse_list (vectors_get_body ("bad_ssi_item"), NULL, items, &changed));
  for (guint i = 0; i < 2; i++)
    {
      g_auto (IcbmIncoming) incoming = { 0 };
      g_auto (IcbmText) text = { 0 };

      g_assert_true (icbm_parse_incoming (vectors_get_body (i == 0 ? "bad_im_fragment" : "bad_utf16_odd"), &incoming));
      icbm_parse_text (incoming.tlvs, NULL, FALSE, &text);
      if (i == 1)
        g_assert_cmpstr (text.text, ==, "ab\357\277\275");
      else
        g_assert_null (text.text);
    }
  g_assert_false (icq_meta_parse_reply (vectors_get_body ("bad_icq_length"), &icq));
}

/* What is read no further than this: errors, limits that are not heeded, what is refused. */
static void
test_not_acted_on (void)
{
  static const struct { const char *name; guint16 code; } errors[] = { { "ssi_error", 0x08 }, { "lookup_none", SNAC_ERROR_NO_MATCH } };
  Vector *direct = vectors_get ("odc_message");
  Reader reader = vectors_get_body ("stats_interval");
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
  g_assert_true (tlv_find (vectors_get_body ("pd_rights_reply"), 0x02, &tlv));
  g_assert_cmpuint (tlv_uint (&tlv), ==, 100);
  g_assert_cmpuint (vectors_get_body ("icbm_params_reply").left, ==, 16);
  g_assert_cmpuint (vectors_get_body ("icbm_offline_done").left, ==, 0);
  g_assert_cmpuint (vectors_get_body ("locate_info_request_old").left, ==, 9);
  /* Direct messages: no file begins so. */
  g_assert_cmpuint (oft_header_length (direct->bytes->data, direct->bytes->len), ==, G_MAXSIZE);
}

int
main (int argc, char **argv)
{
  int result;

  unit_init (&argc, &argv);
  vectors_load ();
  g_test_add_func ("/oscar/parse/broken-input", test_broken);
  g_test_add_func ("/oscar/parse/not-acted-on", test_not_acted_on);
  result = unit_run ();
  vectors_free ();
  return result;
}
