/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rate limits as servers count them. */
#include "oscar-vectors.h"
#include "rates.h"
#include "unit.h"

static Rates *
load (const char *name)
{
  Rates *rates = rates_parse (vector_snac (vectors_get (name)).body, 0);

  g_assert_nonnull (rates);
  g_assert_cmpuint (rates_count (rates), ==, 5);
  return rates;
}

static void
test_both_forms (void)
{
  static const char *const names[] = { "rate_params_reply_v1", "rate_params_reply_v2" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (Rates) rates = load (names[i]);
      RateClass *messages = rates_get (rates, rates_find (rates, 0x04, 0x06));

      g_assert_cmpuint (messages->id, ==, 3);
      g_assert_cmpuint (messages->window, ==, 20);
      g_assert_cmpuint (messages->limit, ==, 4000);
      g_assert_cmpuint (messages->max, ==, 6000);
      /* What nobody names is class 1. */
      g_assert_cmpuint (rates_get (rates, rates_find (rates, 0x13, 0x08))->id, ==, 1);
    }
}

/* The table in the description of the server: how many in a row until it drops them. */
static void
test_servers_table (void)
{
  static const struct { guint class; guint limited, cut_off; } rows[] = { { 0, 109, 157 }, { 1, 109, 140 }, { 2, 8, 14 }, { 3, 13, 20 }, { 4, 7, 10 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Rates) rates = load ("rate_params_reply_v2");
      RateClass *class = rates_get (rates, rows[i].class);
      guint count = 0, limited = 0;

      while (class->level >= class->disconnect)
        {
          rate_class_charge (class, 0);
          count++;
          if (limited == 0 && class->level < class->limit)
            limited = count;
        }
      g_assert_cmpuint (limited, ==, rows[i].limited);
      g_assert_cmpuint (count, ==, rows[i].cut_off);
    }
}

/* Whatever is sent when rate_class_wait permits it never gets to where the server warns. */
static void
test_never_warned (void)
{
  for (guint background = 0; background < 2; background++)
    for (guint i = 0; i < 5; i++)
      {
        g_autoptr (Rates) rates = load ("rate_params_reply_v2");
        RateClass *class = rates_get (rates, i);
        gint64 now = 0;
        guint burst = 0;

        for (guint sent = 0; sent < 500; sent++)
          {
            guint32 wait = rate_class_wait (class, background, now);

            if (wait == 0 && now == 0)
              burst++;
            now += wait;
            g_assert_cmpuint (rate_class_wait (class, background, now), ==, 0);
            rate_class_charge (class, now);
            g_assert_cmpuint (class->level, >, class->alert);
          }
        if (i == 2)
          g_assert_cmpuint (burst, ==, background ? 2 : 3);
      }
}

static void
test_limited_waits_for_clear (void)
{
  g_autoptr (Rates) rates = load ("rate_params_reply_v2");
  RateClass *class = rates_get (rates, 2);
  guint32 wait;

  class->level = 3900;
  class->limited = TRUE;
  wait = rate_class_wait (class, FALSE, 0);
  g_assert_cmpuint (wait, >, 20000);
  rate_class_charge (class, wait);
  g_assert_false (class->limited);
}

static void
test_change (void)
{
  g_autoptr (Rates) rates = load ("rate_params_reply_v2");
  guint16 code;

  g_assert_true (rates_parse_change (rates, vector_snac (vectors_get ("rate_change")).body, 1000, &code));
  g_assert_cmpuint (code, ==, 2);
  g_assert_cmpuint (rates_get (rates, 2)->level, ==, 4890);
  g_assert_false (rates_parse_change (rates, reader_of ("\0\1\0", 3), 0, &code));
}

static void
test_nonsense (void)
{
  static const guint8 no_window[] = { 0, 1, 0, 1, 0, 0, 0, 0 };

  g_assert_null (rates_parse (reader_of ("", 0), 0));
  g_assert_null (rates_parse (reader_of ("\0\0", 2), 0));
  g_assert_null (rates_parse (reader_of ("\377\377", 2), 0));
  g_assert_null (rates_parse (reader_of (no_window, sizeof no_window), 0));
}

int
main (int argc, char **argv)
{
  int result;

  unit_init (&argc, &argv);
  vectors_load ();
  g_test_add_func ("/oscar/rates/with-and-without-a-tail", test_both_forms);
  g_test_add_func ("/oscar/rates/count-as-the-server-does", test_servers_table);
  g_test_add_func ("/oscar/rates/never-warned-if-obeyed", test_never_warned);
  g_test_add_func ("/oscar/rates/limited-waits-for-clear", test_limited_waits_for_clear);
  g_test_add_func ("/oscar/rates/change", test_change);
  g_test_add_func ("/oscar/rates/nonsense-is-refused", test_nonsense);
  result = unit_run ();
  vectors_free ();
  return result;
}
