/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log.h - where GLib's log messages go: stderr, or the journal when stderr is
 * the journal's.  Use g_warning, g_message (of interest to the admin), g_info
 * and g_debug with a line that a person would ask for; never a password or the
 * body of a message. */
#pragma once

#include <glib.h>

/* `program` stands before each line on stderr, with the time.  Messages below `level` are
 * dropped, those of other libraries below warning too.  May be called again (SIGHUP). */
void log_init (const char *program, GLogLevelFlags level);

/* Whether a message of this level would be shown: for lines that cost something to put together. */
gboolean log_shows (GLogLevelFlags level);

/* Tells systemd, when it waits for it ($NOTIFY_SOCKET), the state: "READY=1",
 * "STATUS=...", "STOPPING=1", "RELOADING=1". */
void log_notify_systemd (const char *state);
