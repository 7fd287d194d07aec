/* SPDX-License-Identifier: GPL-2.0-or-later */
/* server_commands.h - the commands of a network's server, as the user says them. */
#pragma once

#include "accounts.h"

extern const Feature server_commands_feature;

/* Whether this gateway's network has any. */
gboolean server_commands_are_there (Gateway *gateway);

/* `done` runs exactly once, with what the server answered. */
void server_commands_run (Session *session, const char *text, AccountsDone done, gpointer data);
void server_commands_answered (Session *session, const WireServerAnswer *event);
