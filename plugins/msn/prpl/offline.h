/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offline.h - messages to and from those who are not signed in (msnp.md 11). */
#pragma once

#include "offline_soap.h"
#include "session.h"

Offline *offline_new (Session *session);
/* What is to be stored fails. */
void offline_free (Offline *offline);

/* Mail-Data: fetched, shown and deleted. */
void offline_take_notice (Session *session, const char *data);

/* There are services, and a ticket for them. */
gboolean offline_can_store (Session *session);
/* WHY is a sentence.  Called once, maybe from inside of offline_store. */
typedef void (*OfflineFunc) (Session *session, OfflineResult result, const char *why, gpointer data);
void offline_store (Session *session, const char *who, const char *text, OfflineFunc func, gpointer data);
