/* SPDX-License-Identifier: GPL-2.0-or-later */
/* measure.c - what is measured of one gateway, in the order in which it is done. */
#include "config.h"

#include "measure.h"
#include "burst.h"
#include "fanout.h"
#include "loop.h"
#include "nasty.h"
#include "pace.h"
#include "room.h"

#include <math.h>
#include <stddef.h>

#define BARRIER_SECONDS 60.0
#define UNDER_WAY 100           /* messages of an active user at once: more than that is a flood, which a gateway may refuse */

static gint
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

double
measure_median (double *values, guint n)
{
  qsort (values, n, sizeof *values, compare);
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

Figures
figures_median (const Figures *runs, guint n)
{
  enum { FIGURES = sizeof (Figures) / sizeof (double) };
  Figures result;
  g_autofree double *values = g_new (double, n);

  for (gsize figure = 0; figure < FIGURES; figure++)
    {
      for (guint run = 0; run < n; run++)
        values[run] = ((const double *) &runs[run])[figure];
      ((double *) &result)[figure] = measure_median (values, n);
    }
  return result;
}

static guint
n_active_of (const Plan *plan)
{
  return plan->active == 0 ? plan->users : MIN (plan->active, plan->users);
}

static gboolean
measure_sign_in (Bed *bed, Figures *figures, GError **error)
{
  double cpu = subject_cpu (bed->subject);
  gint64 start = loop_now ();

  if (!bed_sign_in (bed, error))
    return FALSE;
  figures->logins_per_s = bed->n_users * 1e6 / (double) (loop_now () - start);
  figures->login_cpu_ms = (subject_cpu (bed->subject) - cpu) / bed->n_users / 1e3;
  return TRUE;
}

static gboolean
measure_memory (Bed *bed, Figures *figures, GError **error)
{
  figures->processes = subject_n_processes (bed->subject);
  if (!subject_pss (bed->subject, &figures->online_kib, error))
    return FALSE;
  figures->kib_per_user = (figures->online_kib - figures->idle_kib) / bed->n_users;
  return TRUE;
}

static gboolean
measure_idle (Bed *bed, const Plan *plan, Figures *figures, GError **error)
{
  double cpu;

  if (!bed_barrier (bed, BARRIER_SECONDS, error))
    return FALSE;
  cpu = subject_cpu (bed->subject);
  if (!loop_run_for (plan->idle_seconds, error))
    return FALSE;
  figures->idle_core = (subject_cpu (bed->subject) - cpu) / plan->idle_seconds / 1e6;
  return TRUE;
}

static gboolean
measure_latency (Bed *bed, const Plan *plan, Figures *figures, GError **error)
{
  double cpu = subject_cpu (bed->subject);
  guint64 before = ledger_sent (bed->in) + ledger_sent (bed->out);

  ledger_time (bed->in, TRUE);
  ledger_time (bed->out, TRUE);
  if (!pace_run (bed, n_active_of (plan), plan->pace, plan->pace_seconds, error) 
      || !burst_await_messages (bed->in, error) || !burst_await_messages (bed->out, error))
    return FALSE;
  figures->paced_cpu_us = (subject_cpu (bed->subject) - cpu) / (double) (ledger_sent (bed->in) + ledger_sent (bed->out) - before);
  figures->p50_in_ms = ledger_quantile (bed->in, 0.5);
  figures->p99_in_ms = ledger_quantile (bed->in, 0.99);
  figures->p50_out_ms = ledger_quantile (bed->out, 0.5);
  figures->p99_out_ms = ledger_quantile (bed->out, 0.99);
  ledger_time (bed->in, FALSE);
  ledger_time (bed->out, FALSE);
  return TRUE;
}

static void
say_in (Bed *bed, gpointer user_data, guint64 n)
{
  bed_say_in (bed, bed_user_of_turn (bed, GPOINTER_TO_UINT (user_data), n));
}

static void
say_out (Bed *bed, gpointer user_data, guint64 n)
{
  bed_say_out (bed, bed_user_of_turn (bed, GPOINTER_TO_UINT (user_data), n));
}

static Burst
burst_of (Ledger *ledger, BurstSay say, guint n_active, guint messages)
{
  return (Burst) { .ledger = ledger, .say = say, .user_data = GUINT_TO_POINTER (n_active), .messages = messages,
                   .under_way = (guint64) UNDER_WAY * n_active };
}

static gboolean
measure_bursts (Bed *bed, const Plan *plan, Ledger *ledger, BurstSay say, double *per_s, double *cpu_us, GError **error)
{
  const Burst burst = burst_of (ledger, say, n_active_of (plan), plan->messages);
  g_autofree double *rates = g_new (double, plan->rounds);
  g_autofree double *costs = g_new (double, plan->rounds);

  for (guint i = 0; i < plan->rounds; i++)
    if (!burst_run (bed, &burst, &rates[i], &costs[i], error))
      return FALSE;
  *per_s = measure_median (rates, plan->rounds);
  *cpu_us = measure_median (costs, plan->rounds);
  return TRUE;
}

/* One message each way for everyone: conversations exist and caches are warm afterwards. */
static gboolean
warm_up (Bed *bed, GError **error)
{
  const Burst in = burst_of (bed->in, say_in, bed->n_users, bed->n_users);
  const Burst out = burst_of (bed->out, say_out, bed->n_users, bed->n_users);
  double per_s, cpu_us;

  return burst_run (bed, &in, &per_s, &cpu_us, error) && burst_run (bed, &out, &per_s, &cpu_us, error);
}

static gboolean
measure_nasty (Bed *bed, Figures *figures, GError **error)
{
  static const struct {
    NastyKind kind;
    gsize figure;
  } rows[] = {
    { NASTY_CHILDREN, offsetof (Figures, nasty_children_ms) },
    { NASTY_NEWLINES, offsetof (Figures, nasty_newlines_ms) },
    { NASTY_ENTITIES, offsetof (Figures, nasty_entities_ms) },
    { NASTY_ATTRIBUTES, offsetof (Figures, nasty_attributes_ms) },
    { NASTY_DEPTH, offsetof (Figures, nasty_depth_ms) },
  };
  guint64 errors = bed->errors;
  g_autofree char *first_error = g_strdup (bed->first_error);

  bed->others_expected = TRUE;  /* a gateway may send on what it does not refuse */
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *xml = nasty_dup_stanza (rows[i].kind, bed->users[0].full, bed->users[0].contact);
      double cpu = subject_cpu (bed->subject);

      xmpp_server_send_text (bed->xmpp, xml, NASTY_SIZE);
      if (!bed_barrier (bed, BARRIER_SECONDS, error))
        {
          g_prefix_error (error, "after the largest stanza (%s): ", nasty_name (rows[i].kind));
          return FALSE;
        }
      *(double *) ((char *) figures + rows[i].figure) = (subject_cpu (bed->subject) - cpu) / 1e3;
    }
  /* Refusing these is right. */
  bed->errors = errors;
  g_free (bed->first_error);
  bed->first_error = g_steal_pointer (&first_error);
  return TRUE;
}

static gboolean
enroll_all (Bed *bed, Figures *figures, GError **error)
{
  gint64 start = loop_now ();

  if (!bed_enroll (bed, error))
    return FALSE;
  figures->enrolls_per_s = bed->n_users * 1e6 / (double) (loop_now () - start);
  return bed_sign_in (bed, error);
}

static gboolean
measure_message_costs (Bed *bed, const Plan *plan, Figures *figures, GError **error)
{
  return warm_up (bed, error)
         && measure_latency (bed, plan, figures, error)
         && measure_bursts (bed, plan, bed->in, say_in, &figures->in_per_s, &figures->cpu_in_us, error)
         && measure_bursts (bed, plan, bed->out, say_out, &figures->out_per_s, &figures->cpu_out_us, error);
}

static gboolean
run_plan (Bed *bed, const Plan *plan, Figures *figures, GError **error)
{
  if (plan->only_messages)
    return enroll_all (bed, figures, error) && measure_message_costs (bed, plan, figures, error);
  return subject_pss (bed->subject, &figures->idle_kib, error)
         && enroll_all (bed, figures, error)
         && bed_sign_out (bed, error)
         && measure_sign_in (bed, figures, error)
         && measure_memory (bed, figures, error)
         && measure_idle (bed, plan, figures, error)
         && measure_message_costs (bed, plan, figures, error)
         && subject_pss (bed->subject, &figures->loaded_kib, error)
         && (!plan->nasty || measure_nasty (bed, figures, error));
}

void
figures_init (Figures *figures)
{
  for (gsize i = 0; i < sizeof *figures / sizeof (double); i++)
    ((double *) figures)[i] = NAN;
  figures->lost = figures->doubled = figures->reordered = figures->errors = 0;
}

void
figures_add_counts (Figures *figures, const Figures *other)
{
  figures->lost += other->lost;
  figures->doubled += other->doubled;
  figures->reordered += other->reordered;
  figures->errors += other->errors;
}

static void
count (const Ledger *ledger, Figures *figures)
{
  figures->lost += (double) ledger_lost (ledger);
  figures->doubled += (double) ledger_doubled (ledger);
  figures->reordered += (double) ledger_reordered (ledger);
}

gboolean
measure_on_bed (const GatewayKind *kind, const BedOptions *options, guint users, MeasureFunc func, const Plan *plan, Figures *figures, GError **error)
{
  Bed *bed = bed_new (kind, options, users, error);
  gboolean done;

  if (bed == NULL)
    return FALSE;
  done = func (bed, plan, figures, error);
  if (done && bed->first_error != NULL)
    g_printerr ("%s answered with %" G_GUINT64_FORMAT " errors; the first: %s\n", kind->name, bed->errors, bed->first_error);
  if (!done)
    bed_explain (bed, error);
  count (bed->in, figures);
  count (bed->out, figures);
  for (guint i = 0; i < bed->rooms->len; i++)
    {
      count (room_in (bed->rooms->pdata[i]), figures);
      count (room_out (bed->rooms->pdata[i]), figures);
    }
  figures->errors += (double) bed->errors;
  figures->leave_s = bed_free (bed);
  loop_clear_failure ();
  return done;
}

gboolean
measure_gateway (const GatewayKind *kind, const BedOptions *options, const Plan *plan, Figures *figures, GError **error)
{
  figures_init (figures);
  if (!plan->only_rooms && !measure_on_bed (kind, options, plan->users, run_plan, plan, figures, error))
    return FALSE;
  return plan->only_messages || plan->participants == 0 || fanout_measure (kind, options, plan, figures, error);
}
