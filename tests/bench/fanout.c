/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fanout.c - what rooms cost. */
#include "config.h"

#include "fanout.h"
#include "burst.h"
#include "loop.h"
#include "room.h"

#define ROOM "#fanout"
#define ROOM_PEOPLE 1           /* without a client: the one who speaks */
#define CROWD "#crowd"
#define UNDER_WAY 100           /* copies at once for each who hears them */
#define FIRST_MESSAGES 20       /* so that what is made once does not count */
#define MOST_SECONDS 5.0        /* for a burst: one gateway is a hundred times as slow as another here */
#define JOINS 10                /* of the crowd, of which the median counts */
#define BARRIER_SECONDS 60.0

/* -- A crowd is joined ---------------------------------------------------- */

/* Until all that joining has set off is done: the gateway may ask the IRC server about those who are there.  A message that came
 * through shows that it has read all before; a second one, that it has also read the answers to what it asked then.  */
static gboolean
settle (Bed *bed, User *user, GError **error)
{
  for (guint i = 0; i < 2; i++)
    {
      bed_say_in (bed, user);
      if (!burst_await_messages (bed->in, error))
        return FALSE;
    }
  return bed_barrier (bed, BARRIER_SECONDS, error);
}

static gboolean
leave_crowd (Bed *bed, Room *crowd, User *user, GError **error)
{
  room_leave (crowd, user);
  return room_await_out (crowd, error) && settle (bed, user, error);
}

static gboolean
measure_joins (Bed *bed, Room *crowd, User *user, RoomFigures *figures, GError **error)
{
  double costs[JOINS], times[JOINS], before, after;

  if (!settle (bed, user, error) || !subject_rss (bed->subject, &before, error))
    return FALSE;
  for (guint i = 0; i < JOINS; i++)
    {
      double cpu = subject_cpu (bed->subject);
      gint64 start = loop_now ();

      room_join (crowd, user);
      if (!room_await_in (crowd, error))
        return FALSE;
      times[i] = (double) (loop_now () - start) / 1e3;
      if (!settle (bed, user, error))
        return FALSE;
      costs[i] = (subject_cpu (bed->subject) - cpu) / 1e3;
      if (i == 0 && !subject_rss (bed->subject, &after, error))
        return FALSE;
      if (!leave_crowd (bed, crowd, user, error))
        return FALSE;
    }
  figures->crowd_cpu_ms = measure_median (costs, JOINS);
  figures->crowd_ms = measure_median (times, JOINS);
  figures->crowd_kib = after - before;
  return TRUE;
}

typedef struct {
  Bed *bed;
  Room *crowd;
  User *talker;
} Talk;

/* Always one message of somebody else under way each way, so that the slowest one shows for how long nothing went through. */
static gboolean
talk_until_joined (gpointer user_data)
{
  Talk *talk = user_data;

  if (ledger_is_complete (talk->bed->in))
    bed_say_in (talk->bed, talk->talker);
  if (ledger_is_complete (talk->bed->out))
    bed_say_out (talk->bed, talk->talker);
  return room_is_settled (talk->crowd);
}

static gboolean
measure_held_up (Bed *bed, Room *crowd, User *user, User *talker, RoomFigures *figures, GError **error)
{
  Talk talk = { .bed = bed, .crowd = crowd, .talker = talker };

  ledger_time (bed->in, TRUE);
  ledger_time (bed->out, TRUE);
  for (guint i = 0; i < JOINS; i++)
    {
      room_join (crowd, user);
      if (!bed_wait_for (bed, talk_until_joined, &talk, "a place in the crowd", error)
          || !burst_await_messages (bed->in, error) || !burst_await_messages (bed->out, error))
        return FALSE;
      if (!leave_crowd (bed, crowd, user, error))
        return FALSE;
    }
  figures->held_up_ms = MAX (ledger_quantile (bed->in, 1), ledger_quantile (bed->out, 1));
  ledger_time (bed->in, FALSE);
  ledger_time (bed->out, FALSE);
  return TRUE;
}

static gboolean
measure_crowd (Bed *bed, const Plan *plan, RoomFigures *figures, GError **error)
{
  Room *crowd = room_new (bed, CROWD, "What all these people are here for", plan->occupants);
  User *user = &bed->users[0], *talker = &bed->users[bed->n_users - 1];

  return measure_joins (bed, crowd, user, figures, error)
         && (talker == user || measure_held_up (bed, crowd, user, talker, figures, error));
}

/* -- All hear what one says ----------------------------------------------- */

static gboolean
fill (Bed *bed, Room *room, RoomFigures *figures, GError **error)
{
  double cpu = subject_cpu (bed->subject);

  for (guint i = 0; i < bed->n_users; i++)
    room_join (room, &bed->users[i]);
  if (!room_await_in (room, error) || !room_await_complete (room, error) || !bed_barrier (bed, BARRIER_SECONDS, error))
    return FALSE;
  figures->join_cpu_ms = (subject_cpu (bed->subject) - cpu) / bed->n_users / 1e3;
  return TRUE;
}

static void
say_in (Bed *bed, gpointer user_data, guint64 n)
{
  room_say_in (user_data);
}

static void
say_out (Bed *bed, gpointer user_data, guint64 n)
{
  room_say_out (user_data);
}

static gboolean
measure_fanout (Bed *bed, const Plan *plan, RoomFigures *figures, GError **error)
{
  Room *room = room_new (bed, ROOM, NULL, ROOM_PEOPLE);
  Burst in = { .ledger = room_in (room), .say = say_in, .user_data = room, .under_way = (guint64) UNDER_WAY * bed->n_users };
  Burst out = { .ledger = room_out (room), .say = say_out, .user_data = room, .under_way = in.under_way };

  if (!fill (bed, room, figures, error))
    return FALSE;
  in.messages = out.messages = FIRST_MESSAGES;
  if (!burst_run (bed, &in, &figures->in_per_s, &figures->cpu_in_us, error)
      || !burst_run (bed, &out, &figures->out_per_s, &figures->cpu_out_us, error))
    return FALSE;
  in.messages = out.messages = plan->room_messages;
  in.seconds = out.seconds = MOST_SECONDS;
  return burst_run (bed, &in, &figures->in_per_s, &figures->cpu_in_us, error)
         && burst_run (bed, &out, &figures->out_per_s, &figures->cpu_out_us, error);
}

/* -- The runs ------------------------------------------------------------- */

static gboolean
run_room (Bed *bed, const Plan *plan, Figures *figures, GError **error)
{
  return bed_enroll (bed, error) && bed_sign_in (bed, error) && measure_fanout (bed, plan, &figures->room, error);
}

static gboolean
run_crowd (Bed *bed, const Plan *plan, Figures *figures, GError **error)
{
  return bed_enroll (bed, error) && bed_sign_in (bed, error) && measure_crowd (bed, plan, &figures->room, error);
}

static gboolean
measure_without_archive (const GatewayKind *kind, const BedOptions *options, const Plan *plan, Figures *figures, GError **error)
{
  BedOptions without = *options;
  Figures plain;

  without.no_archive = TRUE;
  figures_init (&plain);
  if (!measure_on_bed (kind, &without, plan->participants, run_room, plan, &plain, error))
    return FALSE;
  figures->room.archive_in = figures->room.in_per_s / plain.room.in_per_s;
  figures->room.archive_out = figures->room.out_per_s / plain.room.out_per_s;
  figures->room.plain_in_per_s = plain.room.in_per_s;
  figures->room.plain_cpu_in_us = plain.room.cpu_in_us;
  figures->room.plain_out_per_s = plain.room.out_per_s;
  figures->room.plain_cpu_out_us = plain.room.cpu_out_us;
  figures_add_counts (figures, &plain);
  return TRUE;
}

gboolean
fanout_measure (const GatewayKind *kind, const BedOptions *options, const Plan *plan, Figures *figures, GError **error)
{
  g_autofree Figures *runs = g_new (Figures, plan->rounds);

  for (guint round = 0; round < plan->rounds; round++)
    {
      Figures *run = &runs[round];

      figures_init (run);
      if (!measure_on_bed (kind, options, plan->participants, run_crowd, plan, run, error)
          || !measure_on_bed (kind, options, plan->participants, run_room, plan, run, error)
          || !measure_without_archive (kind, options, plan, run, error))
        return FALSE;
      figures_add_counts (figures, run);
    }
  figures->room = figures_median (runs, plan->rounds).room;
  return TRUE;
}
