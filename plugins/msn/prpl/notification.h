/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notification.h - the connection to the notification server: questions, what comes unasked, and whether it is alive. */
#pragma once

#include "transactions.h"

/* Connects, in place of a connection that there is already. */
void notification_connect (Session *session, const char *host, int port);
void notification_free (Notification *notification);

/* FUNC may be NULL: an error is logged then.  PAYLOAD may be NULL. */
void notification_ask (Session *session, const char *name, const char *args, const char *payload, AnswerFunc func, gpointer data,
                       GDestroyNotify destroy);
/* Without an id: PNG and OUT. */
void notification_say (Session *session, const char *name);
/* libpurple calls it every half minute. */
void notification_keep_alive (Session *session);
