/* SPDX-License-Identifier: GPL-2.0-or-later */
/* measure.c - what is measured of one gateway, in the order in which it is done. */
#include "config.h"

#include "measure.h"
#include "loop.h"
#include "nasty.h"
#include "pace.h"

#include <math.h>
#include <stddef.h>

#define ARRIVE_SECONDS 10.0     /* without one message: what is missing is lost */
#define BARRIER_SECONDS 60.0
#define UNDER_WAY 100           /* messages of an active user at once: more than that is a flood, which a gateway may refuse */

typedef void (*SayFunc) (Bed *bed, User *user);

static gint
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
median (double *values, guint n)
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
      ((double *) &result)[figure] = median (values, n);
    }
  return result;
}

/* Waits for all messages sent; those that do not come are lost, which is a figure, not a failure. */
static gboolean
await_messages (Ledger *ledger, LoopCondition condition, gpointer user_data, GError **error)
{
  g_autoptr (GError) late = NULL;

  if (loop_wait (condition, user_data, ledger_progress (ledger), ARRIVE_SECONDS, "messages", &late))
    return TRUE;
  ledger_give_up (ledger);
  return loop_run_for (0, error);
}

static gboolean
is_complete (gpointer user_data)
{
  return ledger_is_complete (user_data);
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
      || !await_messages (bed->in, is_complete, bed->in, error) || !await_messages (bed->out, is_complete, bed->out, error))
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

typedef struct {
  Bed *bed;
  Ledger *ledger;
  SayFunc say;
  guint n_active;
  guint sent;
  guint messages;
} Burst;

/* Queues as many messages as may be under way, so that they wait for the gateway and not it for them; when half of those have
 * arrived, as many again, so that what is sent at once is always many.  */
static gboolean
push_burst (gpointer user_data)
{
  Burst *burst = user_data;
  guint64 most = (guint64) UNDER_WAY * burst->n_active;

  if (ledger_under_way (burst->ledger) <= most / 2)
    for (; burst->sent < burst->messages && ledger_under_way (burst->ledger) < most; burst->sent++)
      burst->say (burst->bed, bed_user_of_turn (burst->bed, burst->n_active, burst->sent));
  return burst->sent == burst->messages && ledger_is_complete (burst->ledger);
}

static gboolean
run_burst (Bed *bed, Ledger *ledger, SayFunc say, guint n_active, guint messages, double *per_s, double *cpu_us, GError **error)
{
  Burst burst = { .bed = bed, .ledger = ledger, .say = say, .n_active = n_active, .messages = messages };
  guint64 before = ledger_lost (ledger);
  gint64 start;
  double cpu, arrived;

  if (!bed_barrier (bed, BARRIER_SECONDS, error))
    return FALSE;
  cpu = subject_cpu (bed->subject);
  start = loop_now ();
  if (!await_messages (ledger, push_burst, &burst, error))
    return FALSE;
  *per_s = messages * 1e6 / (double) (loop_now () - start);
  if (!bed_barrier (bed, BARRIER_SECONDS, error))
    return FALSE;
  arrived = messages - (double) (ledger_lost (ledger) - before);
  *cpu_us = (subject_cpu (bed->subject) - cpu) / MAX (arrived, 1);
  return TRUE;
}

static gboolean
measure_bursts (Bed *bed, const Plan *plan, Ledger *ledger, SayFunc say, double *per_s, double *cpu_us, GError **error)
{
  g_autofree double *rates = g_new (double, plan->rounds);
  g_autofree double *costs = g_new (double, plan->rounds);

  for (guint i = 0; i < plan->rounds; i++)
    if (!run_burst (bed, ledger, say, n_active_of (plan), plan->messages, &rates[i], &costs[i], error))
      return FALSE;
  *per_s = median (rates, plan->rounds);
  *cpu_us = median (costs, plan->rounds);
  return TRUE;
}

/* One message each way for everyone: conversations exist and caches are warm afterwards. */
static gboolean
warm_up (Bed *bed, GError **error)
{
  double per_s, cpu_us;

  return run_burst (bed, bed->in, bed_say_in, bed->n_users, bed->n_users, &per_s, &cpu_us, error)
         && run_burst (bed, bed->out, bed_say_out, bed->n_users, bed->n_users, &per_s, &cpu_us, error);
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
         && measure_bursts (bed, plan, bed->in, bed_say_in, &figures->in_per_s, &figures->cpu_in_us, error)
         && measure_bursts (bed, plan, bed->out, bed_say_out, &figures->out_per_s, &figures->cpu_out_us, error);
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

gboolean
measure_gateway (const GatewayKind *kind, const BedOptions *options, const Plan *plan, Figures *figures, GError **error)
{
  Bed *bed = bed_new (kind, options, plan->users, error);
  gboolean done;

  for (gsize i = 0; i < sizeof *figures / sizeof (double); i++)
    ((double *) figures)[i] = NAN;
  if (bed == NULL)
    return FALSE;
  done = run_plan (bed, plan, figures, error);
  if (done && bed->first_error != NULL)
    g_printerr ("%s answered with %" G_GUINT64_FORMAT " errors; the first: %s\n", kind->name, bed->errors, bed->first_error);
  if (!done)
    bed_explain (bed, error);
  figures->lost = (double) (ledger_lost (bed->in) + ledger_lost (bed->out));
  figures->doubled = (double) (ledger_doubled (bed->in) + ledger_doubled (bed->out));
  figures->reordered = (double) (ledger_reordered (bed->in) + ledger_reordered (bed->out));
  figures->errors = (double) bed->errors;
  figures->leave_s = bed_free (bed);
  loop_clear_failure ();
  return done;
}
