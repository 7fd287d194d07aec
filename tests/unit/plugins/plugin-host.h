/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugin-host.h - what the files of plugin-host share. */
#pragma once

#include <json-c/json.h>
#include <purple.h>

/* -- plugin-host.c: what happens is told ------------------------------------ */

extern PurpleAccount *host_account;
/* How often the account still signs on and off by itself. */
extern int host_loops_left;

/* An event, with pairs of names and values up to a NULL. */
void host_tell (const char *event, ...) G_GNUC_NULL_TERMINATED;
#define TELL(...) host_tell (__VA_ARGS__, NULL)
/* Lent, until some more were made. */
const char *host_number (long value);
void host_tell_buddy (const char *event, PurpleBuddy *buddy);
void host_connect_outcomes (const char *protocol);
void host_quit (void);

/* -- plugin-host-commands.c -------------------------------------------------- */

void host_run (const char *line);

/* -- plugin-host-requests.c: what libpurple asks or tells the user ----------- */

void host_requests_init (void);
void host_requests_quit (void);
/* fields: of a form, by their ids, or NULL. */
void host_requests_answer (const char *id, gboolean yes, const char *text, struct json_object *fields);
