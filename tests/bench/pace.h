/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pace.h - messages at a steady rate. */
#pragma once

#include "bed.h"

/* Sends per_second messages each way for so long, n_active users at a time in turn; returns when the last is sent. */
gboolean pace_run (Bed *bed, guint n_active, double per_second, double seconds, GError **error);
