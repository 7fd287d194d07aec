/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_sender.h - how the lines of libpurple's IRC plugin leave.
 *
 * The plugin's lines wait for a timer of one second, and it aborts the process
 * when the server does not read.  Here they are taken where it would write them,
 * and leave at the end of the turn, within the gateway's rate limit; what the
 * server does not take is kept, and past a limit refused. */
#pragma once

#include <purple.h>

#include "accounts.h"

typedef struct IrcSender IrcSender;

/* At most `burst` lines at once, and then one in `interval` seconds; 0: no limit. */
IrcSender *irc_sender_new (Account *account, int interval, int burst);
void irc_sender_free (IrcSender *sender);
/* The connection is gone. */
void irc_sender_end (IrcSender *sender);

/* Whether so many lines may be queued. */
gboolean irc_sender_has_room (IrcSender *sender, guint lines);
/* Lines that wait. */
guint irc_sender_count (const IrcSender *sender);
/* Lines that were ever queued, and those of them that have left the queue: written, unless the server takes nothing. */
guint64 irc_sender_count_queued (const IrcSender *sender);
guint64 irc_sender_count_written (const IrcSender *sender);

/* Writes a line of our own behind what was written, before all that waits; it counts for the rate limit.  FALSE: not now.  One
 * that `may_wait` does while anything waits, or would have to after it; the task of a later turn looks for a proof again. */
gboolean irc_sender_write (IrcSender *sender, const char *line, gboolean may_wait);

/* -- For interpose.c ------------------------------------------------------ */

/* The plugin starts its sending timer: its number, or 0 if it is not that. */
guint irc_take_timer (guint seconds, GSourceFunc func, gpointer data);
/* FALSE if it is no number of irc_take_timer. */
gboolean irc_remove_timer (guint id);

/* Whether the next write is a line of the plugin's; then it is taken. */
extern __thread IrcSender *irc_writing;
void irc_take_line (int fd, PurpleSslConnection *tls, const char *line, gsize length);

/* A line was queued.  Only in the main thread. */
void irc_line_queued (GQueue *queue);

/* Whether the plugin's timer function runs now; then whether it may have another line. */
extern __thread IrcSender *irc_flushing;
gboolean irc_may_pop (GQueue *queue);
void irc_line_popped (void);
