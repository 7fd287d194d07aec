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
  gboolean only_messages;       /* after one sign-in: no silence, no memory, no largest stanzas */
  gboolean nasty;               /* also send the largest stanzas */
} Plan;

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
  double lost, doubled, reordered, errors;
  double leave_s;
} Figures;

/* Runs the whole plan on a fresh gateway. */
gboolean measure_gateway (const GatewayKind *kind, const BedOptions *options, const Plan *plan, Figures *figures, GError **error);

/* Each figure the median of n runs. */
Figures figures_median (const Figures *runs, guint n);
