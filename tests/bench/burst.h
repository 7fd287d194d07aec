/* SPDX-License-Identifier: GPL-2.0-or-later */
/* burst.h - many messages in one direction, so that the gateway is what limits them. */
#pragma once

#include "bed.h"

/* Queues message number n. */
typedef void (*BurstSay) (Bed *bed, gpointer user_data, guint64 n);

typedef struct {
  Ledger *ledger;
  BurstSay say;
  gpointer user_data;
  guint messages;               /* to say; each is one of the ledger's, or as many as hear it */
  double seconds;               /* after which no more is said; 0: however long it takes */
  guint64 under_way;            /* of the ledger's messages at once */
} Burst;

/* Per message that arrived, and arrivals a second. */
gboolean burst_run (Bed *bed, const Burst *burst, double *per_s, double *cpu_us, GError **error);

/* Waits for all messages sent; those that do not come are lost, which is a figure, not a failure. */
gboolean burst_await_messages (Ledger *ledger, GError **error);
