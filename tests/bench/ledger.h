/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ledger.h - every message of one direction: its number, its time, and what became of it.
 *
 * A pair is one sender and its one recipient; messages of a pair are numbered from 0.  Where all hear what one says, as in a
 * room, a sender has a pair with each of them, and every copy counts as a message.  */
#pragma once

#include <glib.h>

typedef struct Ledger Ledger;

/* mark: the letter that messages of this direction begin with. */
Ledger *ledger_new (char mark, guint n_pairs);

/* Each of the senders is heard by all of the listeners; a sender's number stands where others take a pair's. */
Ledger *ledger_new_shared (char mark, guint n_senders, guint n_listeners);
void ledger_free (Ledger *ledger);

/* Writes the text of the pair's next message, which counts as sent from now on. */
void ledger_write_next (Ledger *ledger, guint pair, char *text, gsize size);

/* Takes the text of a message that arrived at the pair.  FALSE: it is none of ours, or not this pair's. */
gboolean ledger_take (Ledger *ledger, guint pair, const char *text);

/* The same of a shared one, and which of the listeners it was. */
gboolean ledger_hear (Ledger *ledger, guint sender, guint listener, const char *text);

/* A counter that moves with each message taken. */
const guint64 *ledger_progress (const Ledger *ledger);
gboolean ledger_is_complete (const Ledger *ledger);

/* Messages that were sent, have not arrived, and are not given up. */
guint64 ledger_under_way (const Ledger *ledger);

/* What is still missing counts as lost, and ledger_is_complete no longer waits for it. */
void ledger_give_up (Ledger *ledger);

guint64 ledger_sent (const Ledger *ledger);
guint64 ledger_lost (const Ledger *ledger);
guint64 ledger_doubled (const Ledger *ledger);
guint64 ledger_reordered (const Ledger *ledger);

/* Forgets the latencies so far and, if keep, collects those of messages from now on. */
void ledger_time (Ledger *ledger, gboolean keep);

/* The share-th quantile (0 to 1) of what was collected, in milliseconds; NAN without any. */
double ledger_quantile (Ledger *ledger, double share);
