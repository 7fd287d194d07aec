/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pacer.c - does things one after the other, no more than so many a second. */
#include "config.h"

#include "pacer.h"

/* Without a limit the main loop still gets its turn. */
#define UNLIMITED_PER_TURN 50

struct Pacer {
  guint per_second;
  void (*func) (const char *key, gpointer data);
  gpointer data;
  GQueue waiting;             /* char *, owned by `known` */
  GHashTable *known;
  guint source;
  double tokens;              /* how many may go now, as of: */
  gint64 counted;             /* monotonic microseconds */
};

Pacer *
pacer_new (guint per_second, void (*func) (const char *key, gpointer data), gpointer data)
{
  Pacer *pacer = g_new0 (Pacer, 1);

  pacer->per_second = per_second;
  pacer->tokens = 1;
  pacer->func = func;
  pacer->data = data;
  pacer->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&pacer->waiting);
  return pacer;
}

void
pacer_clear (Pacer *pacer)
{
  g_queue_clear (&pacer->waiting);
  g_hash_table_remove_all (pacer->known);
  g_clear_handle_id (&pacer->source, g_source_remove);
}

void
pacer_free (Pacer *pacer)
{
  pacer_clear (pacer);
  g_hash_table_unref (pacer->known);
  g_free (pacer);
}

static void schedule (Pacer *pacer);

/* How many may go now. */
static guint
count_tokens (Pacer *pacer)
{
  gint64 now = g_get_monotonic_time ();
  double gained = (double) (now - pacer->counted) / G_USEC_PER_SEC * pacer->per_second;

  if (pacer->per_second == 0)
    return UNLIMITED_PER_TURN;
  pacer->tokens = MIN (pacer->tokens + gained, MAX (1, pacer->per_second / 10.0));
  pacer->counted = now;
  return (guint) pacer->tokens;
}

static gboolean
on_turn (gpointer data)
{
  Pacer *pacer = data;

  pacer->source = 0;
  for (guint n = count_tokens (pacer); n > 0 && !g_queue_is_empty (&pacer->waiting); n--)
    {
      char *key = g_queue_pop_head (&pacer->waiting);

      pacer->tokens -= 1;
      g_hash_table_steal (pacer->known, key);
      pacer->func (key, pacer->data);
      g_free (key);
    }
  schedule (pacer);
  return G_SOURCE_REMOVE;
}

static void
schedule (Pacer *pacer)
{
  if (pacer->source != 0 || g_queue_is_empty (&pacer->waiting))
    return;
  if (count_tokens (pacer) > 0)
    pacer->source = g_idle_add (on_turn, pacer);
  else
    pacer->source = g_timeout_add ((guint) ((1 - pacer->tokens) * 1000 / pacer->per_second) + 1, on_turn, pacer);
}

void
pacer_set_rate (Pacer *pacer, guint per_second)
{
  pacer->per_second = per_second;
  g_clear_handle_id (&pacer->source, g_source_remove);
  schedule (pacer);
}

void
pacer_push (Pacer *pacer, const char *key)
{
  char *copy;

  if (g_hash_table_contains (pacer->known, key))
    return;
  copy = g_strdup (key);
  g_hash_table_add (pacer->known, copy);
  g_queue_push_tail (&pacer->waiting, copy);
  schedule (pacer);
}
