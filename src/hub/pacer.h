/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pacer.h - does things one after the other, no more than so many a second. */
#pragma once

#include <glib.h>

typedef struct Pacer Pacer;

/* Calls `func` with each key in turn; `per_second` 0 is no limit.  Bursts of up
 * to a tenth of a second's share go out together. */
Pacer *pacer_new (guint per_second, void (*func) (const char *key, gpointer data), gpointer data);
void pacer_free (Pacer *pacer);

void pacer_set_rate (Pacer *pacer, guint per_second);

/* Queues a key (copied); one that is queued already is not queued twice.  `func`
 * runs later, never from here. */
void pacer_push (Pacer *pacer, const char *key);
void pacer_clear (Pacer *pacer);
