/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list_asks.h - single changes of the server's lists; our copy follows when the server has agreed (msnp.md 7). */
#pragma once

#include "session.h"

/* OK: it is so now, also where it was so before.  ANSWER may be NULL. */
typedef void (*ListFunc) (Session *session, gboolean ok, const Command *answer, gpointer data);

/* FUNC may be NULL; a failure is told to the user then.  GROUP may be NULL. */
void list_ask_add (Session *session, ListBit list, const char *address, const char *group, ListFunc func, gpointer data, GDestroyNotify destroy);
void list_ask_remove (Session *session, ListBit list, const char *address, const char *group, ListFunc func, gpointer data, GDestroyNotify destroy);

/* Only where it is not so yet. */
void list_ask_be_on (Session *session, ListBit list, const char *address);
void list_ask_be_off (Session *session, ListBit list, const char *address);
