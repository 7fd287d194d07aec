/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ledger-test.c - the benchmark notices what goes wrong with messages. */
#include "config.h"

#include "ledger.h"

#define PAIRS 2
#define TEXT_SIZE 160

typedef struct {
  Ledger *ledger;
  char texts[4][TEXT_SIZE];     /* of pair 0 */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->ledger = ledger_new ('i', PAIRS);
  for (guint i = 0; i < G_N_ELEMENTS (fixture->texts); i++)
    ledger_write_next (fixture->ledger, 0, fixture->texts[i], TEXT_SIZE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  ledger_free (fixture->ledger);
}

static void
take (Fixture *fixture, const char *order)
{
  for (; *order != '\0'; order++)
    g_assert_true (ledger_take (fixture->ledger, 0, fixture->texts[*order - '0']));
}

static void
assert_counts (Fixture *fixture, guint lost, guint doubled, guint reordered)
{
  g_assert_cmpuint (ledger_lost (fixture->ledger), ==, lost);
  g_assert_cmpuint (ledger_doubled (fixture->ledger), ==, doubled);
  g_assert_cmpuint (ledger_reordered (fixture->ledger), ==, reordered);
}

static void
test_all_in_order (Fixture *fixture, gconstpointer data)
{
  take (fixture, "012");
  g_assert_false (ledger_is_complete (fixture->ledger));
  take (fixture, "3");
  g_assert_true (ledger_is_complete (fixture->ledger));
  assert_counts (fixture, 0, 0, 0);
}

static void
test_lost (Fixture *fixture, gconstpointer data)
{
  take (fixture, "023");
  g_assert_cmpuint (ledger_under_way (fixture->ledger), ==, 1);
  g_assert_false (ledger_is_complete (fixture->ledger));
  ledger_give_up (fixture->ledger);
  g_assert_true (ledger_is_complete (fixture->ledger));
  assert_counts (fixture, 1, 0, 0);
}

static void
test_doubled (Fixture *fixture, gconstpointer data)
{
  take (fixture, "0112331");
  assert_counts (fixture, 0, 3, 0);
}

static void
test_reordered (Fixture *fixture, gconstpointer data)
{
  take (fixture, "0312");
  assert_counts (fixture, 0, 0, 2);
}

static void
test_foreign (Fixture *fixture, gconstpointer data)
{
  char text[TEXT_SIZE];

  ledger_write_next (fixture->ledger, 1, text, sizeof text);
  g_assert_false (ledger_take (fixture->ledger, 0, text));
  g_assert_false (ledger_take (fixture->ledger, 0, "i 0 99 1 the quick brown fox jumps over the lazy dog"));
  g_assert_false (ledger_take (fixture->ledger, 0, "hello"));
  fixture->texts[0][0] = 'o';
  g_assert_false (ledger_take (fixture->ledger, 0, fixture->texts[0]));
  assert_counts (fixture, 5, 0, 0);
}

static void
test_changed_text (Fixture *fixture, gconstpointer data)
{
  g_autofree char *longer = g_strconcat (fixture->texts[0], "!", NULL);

  g_assert_false (ledger_take (fixture->ledger, 0, longer));
}

/* Both of the senders are heard by three. */
static void
test_shared (void)
{
  enum { LISTENERS = 3 };
  Ledger *ledger = ledger_new_shared ('r', PAIRS, LISTENERS);
  char first[TEXT_SIZE], second[TEXT_SIZE], other[TEXT_SIZE];

  ledger_write_next (ledger, 0, first, sizeof first);
  ledger_write_next (ledger, 0, second, sizeof second);
  ledger_write_next (ledger, 1, other, sizeof other);
  g_assert_cmpuint (ledger_sent (ledger), ==, 3 * LISTENERS);
  for (guint i = 0; i < LISTENERS; i++)
    {
      g_assert_true (ledger_hear (ledger, 1, i, other));
      g_assert_true (ledger_hear (ledger, 0, i, i == 1 ? second : first));
      g_assert_true (ledger_hear (ledger, 0, i, i == 1 ? first : second));
      g_assert_false (ledger_hear (ledger, 0, i, other));
    }
  g_assert_true (ledger_is_complete (ledger));
  g_assert_cmpuint (ledger_reordered (ledger), ==, 1);
  g_assert_true (ledger_hear (ledger, 0, 2, first));
  g_assert_cmpuint (ledger_doubled (ledger), ==, 1);
  ledger_free (ledger);
}

static void
test_one_of_all_missed_it (void)
{
  Ledger *ledger = ledger_new_shared ('r', 1, 3);
  char text[TEXT_SIZE];

  ledger_write_next (ledger, 0, text, sizeof text);
  g_assert_true (ledger_hear (ledger, 0, 0, text));
  g_assert_true (ledger_hear (ledger, 0, 2, text));
  g_assert_cmpuint (ledger_under_way (ledger), ==, 1);
  ledger_give_up (ledger);
  g_assert_cmpuint (ledger_lost (ledger), ==, 1);
  ledger_free (ledger);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/ledger/all-in-order", test_all_in_order },
    { "/ledger/a-missing-one-is-lost", test_lost },
    { "/ledger/a-second-one-is-doubled", test_doubled },
    { "/ledger/a-late-one-is-reordered", test_reordered },
    { "/ledger/others-are-refused", test_foreign },
    { "/ledger/changed-text-is-refused", test_changed_text },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].func, tear_down);
  g_test_add_func ("/ledger/what-all-hear-is-counted-for-each", test_shared);
  g_test_add_func ("/ledger/what-one-of-all-misses-is-lost", test_one_of_all_missed_it);
  return g_test_run ();
}
