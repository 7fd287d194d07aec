/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ledger.c - every message of one direction, and what became of it. */
#include "config.h"

#include "ledger.h"
#include "loop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Makes a message about as long as people write. */
#define FILLER "the quick brown fox jumps over the lazy dog"

typedef struct {
  guint highest;                /* number after the highest that came */
  GByteArray *came;             /* a byte for each number sent */
} Pair;

struct Ledger {
  char mark;
  guint n_senders;
  guint n_listeners;            /* of each sender */
  guint *numbers;               /* messages of each sender */
  Pair *pairs;                  /* a sender's after the other's */
  guint64 sent, distinct, doubled, reordered, taken, given_up;
  gboolean timing;
  GArray *latencies;            /* gint64, microseconds */
};

static guint
n_pairs_of (const Ledger *ledger)
{
  return ledger->n_senders * ledger->n_listeners;
}

static Pair *
pair_of (Ledger *ledger, guint sender, guint listener)
{
  return &ledger->pairs[sender * ledger->n_listeners + listener];
}

Ledger *
ledger_new (char mark, guint n_pairs)
{
  return ledger_new_shared (mark, n_pairs, 1);
}

Ledger *
ledger_new_shared (char mark, guint n_senders, guint n_listeners)
{
  Ledger *ledger = g_new0 (Ledger, 1);

  ledger->mark = mark;
  ledger->n_senders = n_senders;
  ledger->n_listeners = n_listeners;
  ledger->numbers = g_new0 (guint, n_senders);
  ledger->pairs = g_new0 (Pair, n_pairs_of (ledger));
  for (guint i = 0; i < n_pairs_of (ledger); i++)
    ledger->pairs[i].came = g_byte_array_new ();
  ledger->latencies = g_array_new (FALSE, FALSE, sizeof (gint64));
  return ledger;
}

void
ledger_free (Ledger *ledger)
{
  for (guint i = 0; i < n_pairs_of (ledger); i++)
    g_byte_array_unref (ledger->pairs[i].came);
  g_free (ledger->pairs);
  g_free (ledger->numbers);
  g_array_unref (ledger->latencies);
  g_free (ledger);
}

void
ledger_write_next (Ledger *ledger, guint pair, char *text, gsize size)
{
  g_snprintf (text, size, "%c %u %u %" G_GINT64_FORMAT " " FILLER, ledger->mark, pair, ledger->numbers[pair]++, loop_now ());
  for (guint i = 0; i < ledger->n_listeners; i++)
    g_byte_array_append (pair_of (ledger, pair, i)->came, (const guint8 *) "", 1);
  ledger->sent += ledger->n_listeners;
}

gboolean
ledger_take (Ledger *ledger, guint pair, const char *text)
{
  return ledger_hear (ledger, pair, 0, text);
}

gboolean
ledger_hear (Ledger *ledger, guint sender, guint listener, const char *text)
{
  Pair *p = pair_of (ledger, sender, listener);
  char *end;
  guint number;
  gint64 time;

  if (text[0] != ledger->mark || text[1] != ' ' || strtoul (text + 2, &end, 10) != sender)
    return FALSE;
  number = (guint) strtoul (end, &end, 10);
  time = g_ascii_strtoll (end, &end, 10);
  if (number >= p->came->len || !g_str_equal (end, " " FILLER))
    return FALSE;
  ledger->taken++;
  if (p->came->data[number])
    {
      ledger->doubled++;
      return TRUE;
    }
  p->came->data[number] = TRUE;
  ledger->distinct++;
  if (number + 1 < p->highest)
    ledger->reordered++;
  p->highest = MAX (p->highest, number + 1);
  if (ledger->timing)
    {
      gint64 latency = loop_now () - time;

      g_array_append_val (ledger->latencies, latency);
    }
  return TRUE;
}

const guint64 *
ledger_progress (const Ledger *ledger)
{
  return &ledger->taken;
}

gboolean
ledger_is_complete (const Ledger *ledger)
{
  return ledger_under_way (ledger) == 0;
}

guint64
ledger_under_way (const Ledger *ledger)
{
  return ledger->distinct + ledger->given_up >= ledger->sent ? 0 : ledger->sent - ledger->distinct - ledger->given_up;
}

void
ledger_give_up (Ledger *ledger)
{
  ledger->given_up = ledger->sent - ledger->distinct;
}

guint64
ledger_sent (const Ledger *ledger)
{
  return ledger->sent;
}

guint64
ledger_lost (const Ledger *ledger)
{
  return ledger->sent - ledger->distinct;
}

guint64
ledger_doubled (const Ledger *ledger)
{
  return ledger->doubled;
}

guint64
ledger_reordered (const Ledger *ledger)
{
  return ledger->reordered;
}

void
ledger_time (Ledger *ledger, gboolean keep)
{
  ledger->timing = keep;
  if (keep)
    g_array_set_size (ledger->latencies, 0);
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

double
ledger_quantile (Ledger *ledger, double share)
{
  guint n = ledger->latencies->len;

  if (n == 0)
    return NAN;
  g_array_sort (ledger->latencies, compare);
  return (double) g_array_index (ledger->latencies, gint64, MIN (n - 1, (guint) (share * n))) / 1000;
}
