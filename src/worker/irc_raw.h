/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_raw.h - an IRC server's own commands, as the user says them, and what it answers. */
#pragma once

#include "accounts.h"

/* Answered by server-answer, at once if it cannot be sent; not when the connection ends before. */
void irc_raw_run (Account *account, const WireServerCommand *command);

/* A line came; TRUE: it was an answer, and the plugin is not to read it. */
gboolean irc_raw_line (Account *account, const char *line);

/* The connection is gone. */
void irc_raw_forget (Account *account);
