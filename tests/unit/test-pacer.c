/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "pacer.h"
#include "unit.h"

typedef struct {
  GMainLoop *loop;
  GString *order;
  guint wanted, count;
} Run;

static void
on_turn (const char *key, gpointer data)
{
  Run *run = data;

  g_string_append_printf (run->order, "%s ", key);
  if (++run->count == run->wanted)
    g_main_loop_quit (run->loop);
}

static Run *
run_new (guint wanted)
{
  Run *run = g_new0 (Run, 1);

  run->loop = g_main_loop_new (NULL, FALSE);
  run->order = g_string_new (NULL);
  run->wanted = wanted;
  return run;
}

static void
run_free (Run *run)
{
  g_main_loop_unref (run->loop);
  g_string_free (run->order, TRUE);
  g_free (run);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Run, run_free)

static void
test_order (void)
{
  g_autoptr (Run) run = run_new (3);
  Pacer *pacer = pacer_new (0, on_turn, run);

  pacer_push (pacer, "a");
  pacer_push (pacer, "b");
  pacer_push (pacer, "a");
  pacer_push (pacer, "c");
  g_assert_cmpuint (run->count, ==, 0);  /* never from inside a push */
  g_main_loop_run (run->loop);
  g_assert_cmpstr (run->order->str, ==, "a b c ");
  pacer_free (pacer);
}

static void
test_rate (void)
{
  g_autoptr (Run) run = run_new (30);
  Pacer *pacer = pacer_new (100, on_turn, run);
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < 30; i++)
    {
      g_autofree char *key = g_strdup_printf ("%u", i);

      pacer_push (pacer, key);
    }
  g_main_loop_run (run->loop);
  /* A burst of 10 at most, then 20 at 100 a second; never sooner, whatever the machine does. */
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 190 * 1000);
  pacer_free (pacer);
}

static void
test_cleared (void)
{
  g_autoptr (Run) run = run_new (1);
  Pacer *pacer = pacer_new (0, on_turn, run);

  pacer_push (pacer, "gone");
  pacer_clear (pacer);
  pacer_push (pacer, "here");
  g_main_loop_run (run->loop);
  g_assert_cmpstr (run->order->str, ==, "here ");
  pacer_free (pacer);
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/pacer/in-order-and-each-once", test_order);
  g_test_add_func ("/pacer/no-more-than-the-rate", test_rate);
  g_test_add_func ("/pacer/what-was-cleared-is-not-done", test_cleared);
  return unit_run ();
}
