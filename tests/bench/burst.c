/* SPDX-License-Identifier: GPL-2.0-or-later */
/* burst.c - many messages in one direction. */
#include "config.h"

#include "burst.h"
#include "loop.h"

#define ARRIVE_SECONDS 10.0     /* without one message: what is missing is lost */
#define BARRIER_SECONDS 60.0

typedef struct {
  Bed *bed;
  const Burst *burst;
  guint said;
  gint64 deadline;
} Progress;

static gboolean
await (Ledger *ledger, LoopCondition condition, gpointer user_data, GError **error)
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

gboolean
burst_await_messages (Ledger *ledger, GError **error)
{
  return await (ledger, is_complete, ledger, error);
}

/* Queues as many messages as may be under way, so that they wait for the gateway and not it for them; when half of those have
 * arrived, as many again, so that what is sent at once is always many.  */
static gboolean
push (gpointer user_data)
{
  Progress *progress = user_data;
  const Burst *burst = progress->burst;

  if (burst->seconds > 0 && loop_now () >= progress->deadline)
    return ledger_is_complete (burst->ledger);
  if (ledger_under_way (burst->ledger) <= burst->under_way / 2)
    for (; progress->said < burst->messages && ledger_under_way (burst->ledger) < burst->under_way; progress->said++)
      burst->say (progress->bed, burst->user_data, progress->said);
  return progress->said == burst->messages && ledger_is_complete (burst->ledger);
}

gboolean
burst_run (Bed *bed, const Burst *burst, double *per_s, double *cpu_us, GError **error)
{
  Progress progress = { .bed = bed, .burst = burst };
  guint64 sent = ledger_sent (burst->ledger), lost = ledger_lost (burst->ledger);
  gint64 start;
  double cpu, arrived;

  if (!bed_barrier (bed, BARRIER_SECONDS, error))
    return FALSE;
  cpu = subject_cpu (bed->subject);
  start = loop_now ();
  progress.deadline = start + (gint64) (burst->seconds * G_USEC_PER_SEC);
  if (!await (burst->ledger, push, &progress, error))
    return FALSE;
  arrived = (double) (ledger_sent (burst->ledger) - sent) - (double) (ledger_lost (burst->ledger) - lost);
  *per_s = arrived * 1e6 / (double) (loop_now () - start);
  if (!bed_barrier (bed, BARRIER_SECONDS, error))
    return FALSE;
  *cpu_us = (subject_cpu (bed->subject) - cpu) / MAX (arrived, 1);
  return TRUE;
}
