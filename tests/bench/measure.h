/* SPDX-License-Identifier: GPL-2.0-or-later */
/* measure.h - what is measured of one gateway. */
#pragma once

#include "bed.h"

#include <glib.h>

typedef struct {
  guint users;
  guint messages;               /* of a burst */
  guint active;                 /* users who talk at the same time, those in turn; 0: all */
  guint rounds;                 /* bursts each way; the median counts */
  double pace;                  /* messages a second each way while latency is taken */
  double pace_seconds;
  double idle_seconds;
  guint participants;           /* of the room in which all hear what one says; 0: no rooms */
  guint room_messages;          /* said there in a burst */
  guint occupants;              /* of the large room */
  gboolean only_rooms;
  gboolean only_messages;       /* after one sign-in: no silence, no memory, no largest stanzas */
  gboolean nasty;               /* also send the largest stanzas */
} Plan;

typedef struct {
  double in_per_s, cpu_in_us;           /* for each copy that arrived */
  double out_per_s, cpu_out_us;
  double join_cpu_ms;
  double plain_in_per_s, plain_cpu_in_us;       /* without archive */
  double plain_out_per_s, plain_cpu_out_us;
  double archive_in, archive_out;       /* speed with it, by that without */
  double crowd_cpu_ms, crowd_ms, crowd_kib;
  double held_up_ms;
} RoomFigures;

/* Seconds, microseconds and so on, as the rows of report.c say.  NAN: not measured. */
typedef struct {
  double enrolls_per_s;
  double logins_per_s, login_cpu_ms;
  double processes;
  double idle_kib, online_kib, loaded_kib, kib_per_user;
  double idle_core;
  double in_per_s, cpu_in_us;
  double out_per_s, cpu_out_us;
  double paced_cpu_us;
  double p50_in_ms, p99_in_ms, p50_out_ms, p99_out_ms;
  double nasty_children_ms, nasty_depth_ms, nasty_newlines_ms, nasty_entities_ms, nasty_attributes_ms;
  RoomFigures room;
  double lost, doubled, reordered, errors;
  double leave_s;
} Figures;

/* Runs the whole plan on fresh gateways. */
gboolean measure_gateway (const GatewayKind *kind, const BedOptions *options, const Plan *plan, Figures *figures, GError **error);

/* Each figure the median of n runs. */
Figures figures_median (const Figures *runs, guint n);

/* Nothing is measured yet, and nothing lost. */
void figures_init (Figures *figures);

/* What became of the other's messages counts as if they were these'. */
void figures_add_counts (Figures *figures, const Figures *other);

typedef gboolean (*MeasureFunc) (Bed *bed, const Plan *plan, Figures *figures, GError **error);

/* Runs func on a fresh gateway, and adds what became of the messages to the counts. */
gboolean measure_on_bed (const GatewayKind *kind, const BedOptions *options, guint users, MeasureFunc func, const Plan *plan, Figures *figures,
                         GError **error);

/* Sorts the values. */
double measure_median (double *values, guint n);
