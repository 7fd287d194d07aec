/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report.c - the figures for people, for programs, and as one line.  Each figure is one row. */
#include "config.h"

#include "report.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

#define MOST_GROWTH 1.2         /* of the cost per message, from the fewest to the most users */

typedef enum { NO_TARGET, AT_MOST, BELOW, AT_LEAST, NO_MORE_THAN_PEER, NO_LESS_THAN_PEER, TIMES_PEER } TargetKind;

typedef struct {
  const char *key;              /* in JSON */
  const char *label;
  gsize figure;
  int digits;
  TargetKind target;
  double limit;
} Row;

#define FIGURE(name) #name, .figure = offsetof (Figures, name)
#define ROOM_FIGURE(name) "room_" #name, .figure = offsetof (Figures, room.name)

static const Row rows[] = {
  { FIGURE (enrolls_per_s), .label = "registrations/s", .digits = 0 },
  { FIGURE (logins_per_s), .label = "sign-ins/s", .digits = 0, .target = NO_LESS_THAN_PEER },
  { FIGURE (login_cpu_ms), .label = "CPU per sign-in, ms", .digits = 2 },
  { FIGURE (processes), .label = "processes", .digits = 0 },
  { FIGURE (idle_kib), .label = "PSS before any user, KiB", .digits = 0 },
  { FIGURE (online_kib), .label = "PSS with all signed in, KiB", .digits = 0 },
  { FIGURE (loaded_kib), .label = "PSS after all messages, KiB", .digits = 0 },
  { FIGURE (kib_per_user), .label = "PSS per online user, KiB", .digits = 1, .target = AT_MOST, .limit = 40 },
  { FIGURE (idle_core), .label = "idle CPU, cores", .digits = 4, .target = BELOW, .limit = 0.01 },
  { FIGURE (in_per_s), .label = "IRC to XMPP, messages/s", .digits = 0 },
  { FIGURE (cpu_in_us), .label = "IRC to XMPP, CPU us each", .digits = 1, .target = NO_MORE_THAN_PEER },
  { FIGURE (out_per_s), .label = "XMPP to IRC, messages/s", .digits = 0 },
  { FIGURE (cpu_out_us), .label = "XMPP to IRC, CPU us each", .digits = 1, .target = NO_MORE_THAN_PEER },
  { FIGURE (paced_cpu_us), .label = "at a steady pace, CPU us each", .digits = 1 },
  { FIGURE (p50_in_ms), .label = "latency in, p50 ms", .digits = 2 },
  { FIGURE (p99_in_ms), .label = "latency in, p99 ms", .digits = 2, .target = BELOW, .limit = 10 },
  { FIGURE (p50_out_ms), .label = "latency out, p50 ms", .digits = 2 },
  { FIGURE (p99_out_ms), .label = "latency out, p99 ms", .digits = 2, .target = BELOW, .limit = 10 },
  { FIGURE (nasty_children_ms), .label = "512 KiB of children, CPU ms", .digits = 1, .target = BELOW, .limit = 50 },
  { FIGURE (nasty_depth_ms), .label = "512 KiB of depth, CPU ms", .digits = 1, .target = BELOW, .limit = 50 },
  { FIGURE (nasty_newlines_ms), .label = "512 KiB of newlines, CPU ms", .digits = 1, .target = BELOW, .limit = 50 },
  { FIGURE (nasty_entities_ms), .label = "512 KiB of entities, CPU ms", .digits = 1, .target = BELOW, .limit = 50 },
  { FIGURE (nasty_attributes_ms), .label = "512 KiB of attributes, CPU ms", .digits = 1, .target = BELOW, .limit = 50 },
  { ROOM_FIGURE (join_cpu_ms), .label = "room: CPU per join, ms", .digits = 2 },
  { ROOM_FIGURE (in_per_s), .label = "room, IRC to XMPP, copies/s", .digits = 0 },
  { ROOM_FIGURE (cpu_in_us), .label = "room, IRC to XMPP, CPU us each", .digits = 1, .target = NO_MORE_THAN_PEER },
  { ROOM_FIGURE (out_per_s), .label = "room, from XMPP, copies/s", .digits = 0 },
  { ROOM_FIGURE (cpu_out_us), .label = "room, from XMPP, CPU us each", .digits = 1, .target = NO_MORE_THAN_PEER },
  { ROOM_FIGURE (plain_in_per_s), .label = "  no archive, in, copies/s", .digits = 0 },
  { ROOM_FIGURE (plain_cpu_in_us), .label = "  no archive, in, CPU us each", .digits = 1, .target = NO_MORE_THAN_PEER },
  { ROOM_FIGURE (plain_out_per_s), .label = "  no archive, out, copies/s", .digits = 0 },
  { ROOM_FIGURE (plain_cpu_out_us), .label = "  no archive, out, CPU us each", .digits = 1, .target = NO_MORE_THAN_PEER },
  { ROOM_FIGURE (archive_in), .label = "with archive, in, of the speed", .digits = 2, .target = AT_LEAST, .limit = 0.8 },
  { ROOM_FIGURE (archive_out), .label = "with archive, out, of the speed", .digits = 2, .target = AT_LEAST, .limit = 0.8 },
  { ROOM_FIGURE (crowd_cpu_ms), .label = "join of a large room, CPU ms", .digits = 1, .target = TIMES_PEER, .limit = 3 },
  { ROOM_FIGURE (crowd_ms), .label = "join of a large room, ms", .digits = 1 },
  { ROOM_FIGURE (crowd_kib), .label = "join of a large room, RSS, KiB", .digits = 0 },
  { ROOM_FIGURE (held_up_ms), .label = "others meanwhile, most ms", .digits = 1, .target = BELOW, .limit = 100 },
  { FIGURE (lost), .label = "messages lost", .digits = 0, .target = AT_MOST, .limit = 0 },
  { FIGURE (doubled), .label = "messages doubled", .digits = 0, .target = AT_MOST, .limit = 0 },
  { FIGURE (reordered), .label = "messages reordered", .digits = 0, .target = AT_MOST, .limit = 0 },
  { FIGURE (errors), .label = "error stanzas", .digits = 0, .target = AT_MOST, .limit = 0 },
  { FIGURE (leave_s), .label = "seconds to leave at SIGTERM", .digits = 2 },
};

static double
value (const Row *row, const Figures *figures)
{
  return *(const double *) ((const char *) figures + row->figure);
}

static gboolean
has_target (const Row *row, const Figures *figures, const Figures *peer)
{
  return row->target != NO_TARGET && !isnan (value (row, figures)) && (row->target < NO_MORE_THAN_PEER || peer != NULL);
}

static gboolean
is_met (const Row *row, const Figures *figures, const Figures *peer)
{
  double x = value (row, figures);

  switch (row->target)
    {
    case AT_MOST:
      return x <= row->limit;
    case BELOW:
      return x < row->limit;
    case AT_LEAST:
      return x >= row->limit;
    case NO_MORE_THAN_PEER:
      return x <= value (row, peer);
    case TIMES_PEER:
      return x <= row->limit * value (row, peer);
    case NO_LESS_THAN_PEER:
      return x >= value (row, peer);
    default:
      return TRUE;
    }
}

static void
format_target (const Row *row, char *text, gsize size)
{
  switch (row->target)
    {
    case AT_MOST:
      g_snprintf (text, size, "<= %g", row->limit);
      break;
    case BELOW:
      g_snprintf (text, size, "< %g", row->limit);
      break;
    case AT_LEAST:
      g_snprintf (text, size, ">= %g", row->limit);
      break;
    case NO_MORE_THAN_PEER:
      g_snprintf (text, size, "<= peer");
      break;
    case TIMES_PEER:
      g_snprintf (text, size, "<= %g peer", row->limit);
      break;
    case NO_LESS_THAN_PEER:
      g_snprintf (text, size, ">= peer");
      break;
    default:
      g_strlcpy (text, "", size);
    }
}

static void
format_value (double x, int digits, char *text, gsize size)
{
  if (isnan (x))
    g_strlcpy (text, "-", size);
  else
    g_snprintf (text, size, "%.*f", digits, x);
}

void
report_table (const Plan *plan, const char *name, const Figures *figures, const char *peer_name, const Figures *peer)
{
  printf ("%u users, bursts of %u messages (median of %u), latency at %g messages/s each way;"
          " a room of %u, a large one of %u\n\n",
          plan->users, plan->messages, plan->rounds, plan->pace, plan->participants, plan->occupants);
  printf ("%-32s %12s", "", name);
  if (peer != NULL)
    printf (" %12s %7s", peer_name, "ratio");
  printf ("  %s\n", "target");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const Row *row = &rows[i];
      double x = value (row, figures), y = peer != NULL ? value (row, peer) : NAN;
      char text[32];

      if (isnan (x) && isnan (y))
        continue;
      format_value (x, row->digits, text, sizeof text);
      printf ("%-32s %12s", row->label, text);
      if (peer != NULL)
        {
          format_value (y, row->digits, text, sizeof text);
          printf (" %12s", text);
          format_value (y != 0 ? x / y : NAN, 2, text, sizeof text);
          printf (" %7s", text);
        }
      if (has_target (row, figures, peer))
        {
          format_target (row, text, sizeof text);
          printf ("  %-9s %s", text, is_met (row, figures, peer) ? "met" : "MISSED");
        }
      printf ("\n");
    }
}

static void
print_json_object (const char *name, const Figures *figures)
{
  printf ("  \"%s\": {", name);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      double x = value (&rows[i], figures);

      printf ("%s\n    \"%s\": ", i > 0 ? "," : "", rows[i].key);
      if (isnan (x))
        printf ("null");
      else
        printf ("%.*f", rows[i].digits + 2, x);
    }
  printf ("\n  }");
}

void
report_json (const Plan *plan, const char *name, const Figures *figures, const char *peer_name, const Figures *peer)
{
  printf ("{\n  \"users\": %u,\n  \"messages\": %u,\n  \"rounds\": %u,\n  \"pace\": %g,\n  \"participants\": %u,\n  \"occupants\": %u,\n",
          plan->users, plan->messages, plan->rounds, plan->pace, plan->participants, plan->occupants);
  print_json_object (name, figures);
  if (peer != NULL)
    {
      printf (",\n");
      print_json_object (peer_name, peer);
    }
  printf ("\n}\n");
}

char *
report_dup_line (const Plan *plan, const Figures *figures)
{
  return g_strdup_printf ("bench: users=%u cpu_in_us=%.1f cpu_out_us=%.1f kib_per_user=%.1f p99_in_ms=%.2f p99_out_ms=%.2f"
                          " logins_per_s=%.0f idle_core=%.4f room_in_us=%.1f room_out_us=%.1f room_join_ms=%.1f"
                          " lost=%.0f dup=%.0f reord=%.0f",
                          plan->users, figures->cpu_in_us, figures->cpu_out_us, figures->kib_per_user, figures->p99_in_ms, figures->p99_out_ms,
                          figures->logins_per_s, figures->idle_core, figures->room.cpu_in_us, figures->room.cpu_out_us,
                          figures->room.crowd_cpu_ms, figures->lost, figures->doubled, figures->reordered);
}

guint
report_count_missed (const Figures *figures, const Figures *peer)
{
  guint missed = 0;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (has_target (&rows[i], figures, peer) && !is_met (&rows[i], figures, peer))
      missed++;
  return missed;
}

static const struct {
  const char *name;
  gsize figure;
} scale_columns[] = {
  { "in", offsetof (Figures, cpu_in_us) },
  { "out", offsetof (Figures, cpu_out_us) },
  { "paced", offsetof (Figures, paced_cpu_us) },
};

static double
scale_value (const Figures *figures, guint column)
{
  return *(const double *) ((const char *) figures + scale_columns[column].figure);
}

static double
growth (const Figures *figures, guint n, guint column)
{
  return scale_value (&figures[n - 1], column) / scale_value (&figures[0], column);
}

void
report_scale (const char *name, const guint *users, const Figures *figures, guint n)
{
  printf ("%-24s", name);
  for (guint c = 0; c < G_N_ELEMENTS (scale_columns); c++)
    printf (" %10s", scale_columns[c].name);
  printf ("   CPU us per message\n");
  for (guint i = 0; i < n; i++)
    {
      printf ("%10u users        ", users[i]);
      for (guint c = 0; c < G_N_ELEMENTS (scale_columns); c++)
        printf (" %10.1f", scale_value (&figures[i], c));
      printf ("\n");
    }
  printf ("%10u to %u, times  ", users[0], users[n - 1]);
  for (guint c = 0; c < G_N_ELEMENTS (scale_columns); c++)
    printf (" %10.2f", growth (figures, n, c));
  printf ("   target <= %g: %s\n", MOST_GROWTH, report_is_flat (figures, n) ? "met" : "MISSED");
}

void
report_scale_json (const char *name, const guint *users, const Figures *figures, guint n)
{
  printf ("{\n  \"gateway\": \"%s\",\n  \"cpu_us_per_message\": [", name);
  for (guint i = 0; i < n; i++)
    {
      printf ("%s\n    { \"users\": %u", i > 0 ? "," : "", users[i]);
      for (guint c = 0; c < G_N_ELEMENTS (scale_columns); c++)
        printf (", \"%s\": %.2f", scale_columns[c].name, scale_value (&figures[i], c));
      printf (" }");
    }
  printf ("\n  ]\n}\n");
}

gboolean
report_is_flat (const Figures *figures, guint n)
{
  for (guint c = 0; c < G_N_ELEMENTS (scale_columns); c++)
    if (growth (figures, n, c) > MOST_GROWTH)
      return FALSE;
  return TRUE;
}

/* -- Messages kept and not kept ------------------------------------------- */

/* Not at a steady pace: there most of a message's cost is to be woken for it. */
#define MOST_FOR_KEEPING 1.2

static double
times (const Figures *with, const Figures *without, guint column)
{
  return scale_value (with, column) / scale_value (without, column);
}

static void
print_kept (const char *label, const Figures *figures)
{
  printf ("%-24s", label);
  for (guint c = 0; c < G_N_ELEMENTS (scale_columns); c++)
    printf (" %10.1f", scale_value (figures, c));
  printf ("\n");
}

void
report_kept (const char *name, const Figures *with, const Figures *without)
{
  printf ("%-24s", name);
  for (guint c = 0; c < G_N_ELEMENTS (scale_columns); c++)
    printf (" %10s", scale_columns[c].name);
  printf ("   CPU us per message\n");
  print_kept ("  messages not kept", without);
  print_kept ("  messages kept", with);
  printf ("%-24s", "  times");
  for (guint c = 0; c < G_N_ELEMENTS (scale_columns); c++)
    printf (" %10.2f", times (with, without, c));
  printf ("   target <= %g: %s\n", MOST_FOR_KEEPING, report_is_worth_it (with, without) ? "met" : "MISSED");
}

gboolean
report_is_worth_it (const Figures *with, const Figures *without)
{
  for (guint c = 0; c < G_N_ELEMENTS (scale_columns); c++)
    if (times (with, without, c) > MOST_FOR_KEEPING)
      return FALSE;
  return TRUE;
}
