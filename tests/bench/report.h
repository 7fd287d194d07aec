/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report.h - the figures for people, for programs, and as one line. */
#pragma once

#include "measure.h"

/* peer may be NULL. */
void report_table (const Plan *plan, const char *name, const Figures *figures, const char *peer_name, const Figures *peer);
void report_json (const Plan *plan, const char *name, const Figures *figures, const char *peer_name, const Figures *peer);
char *report_dup_line (const Plan *plan, const Figures *figures);

/* How many of the project's targets these figures miss; a peer's figures are the target where one is given. */
guint report_count_missed (const Figures *figures, const Figures *peer);

/* Cost per message beside the number of users. */
void report_scale (const char *name, const guint *users, const Figures *figures, guint n);
void report_scale_json (const char *name, const guint *users, const Figures *figures, guint n);
gboolean report_is_flat (const Figures *figures, guint n);

/* Cost per message with messages kept while they are under way, and without; and whether the difference is as small as it shall be. */
void report_kept (const char *name, const Figures *with, const Figures *without);
gboolean report_is_worth_it (const Figures *with, const Figures *without);
