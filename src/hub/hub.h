/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hub.h - the whole daemon: its configuration, store, workers and gateways. */
#pragma once

#include "archive.h"
#include "secrets.h"
#include "settings.h"
#include "store.h"

typedef struct Gateway Gateway;
typedef struct Hub Hub;

/* Takes the settings.  Opens the store and the sockets; an error says which of
 * them could not be opened, and why. */
Hub *hub_new (Settings *settings, GError **error);
void hub_free (Hub *hub);

/* Connects the gateways and starts workers. */
void hub_start (Hub *hub);

/* Takes new settings for what can change while running, and tells the log what
 * needs a restart.  Takes the settings. */
void hub_reload (Hub *hub, Settings *settings);

/* Signs everybody out, and calls `done` when that is complete, at the latest
 * after HUB_STOP_SECONDS. */
#define HUB_STOP_SECONDS 4
void hub_stop (Hub *hub, void (*done) (gpointer data), gpointer data);

/* Makes ready for another process that goes on with everybody signed in: closes the streams, says to the workers what there is to be said,
 * and calls `done`, in as much time at most.  Then hub_leave, and nothing of the hub is to be used any more. */
void hub_hold_still (Hub *hub, void (*done) (gpointer data), gpointer data);
void hub_leave (Hub *hub);

const Settings *hub_settings (Hub *hub);
Store *hub_store (Hub *hub);
Secrets *hub_secrets (Hub *hub);
Archive *hub_archive (Hub *hub);
/* FALSE: messages are not kept while they are under way, to measure what keeping them costs.  Never but with the
 * environment variable that make bench sets. */
gboolean hub_keeps_messages (Hub *hub);
const char *hub_worker_socket (Hub *hub);
/* A name of this process that no other ever has. */
const char *hub_instance (Hub *hub);
GPtrArray *hub_gateways (Hub *hub);  /* Gateway, lent */
Gateway *hub_find_gateway (Hub *hub, const char *domain);

/* A number that no hub has given before. */
gint64 hub_new_number (void);

/* A gateway has made its first attempt at everything; when all have, the daemon is ready. */
void hub_gateway_settled (Hub *hub);
