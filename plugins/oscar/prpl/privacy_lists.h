/* SPDX-License-Identifier: GPL-2.0-or-later */
/* privacy_lists.h - who may see and reach us: the mode, permits, denials, and ICQ's ignored ones (oscar.md 3.3). */
#pragma once

#include <purple.h>

#include "feedbag.h"
#include "session.h"

/* The list has come: libpurple's own lists are made like it. */
void privacy_lists_take (Session *session);
/* One item of it has come, or went. */
void privacy_lists_learn (Session *session, const FeedbagItem *item);
void privacy_lists_forget (Session *session, const FeedbagItem *item);

/* Calls of libpurple. */
void privacy_lists_add_permit (PurpleConnection *gc, const char *name);
void privacy_lists_remove_permit (PurpleConnection *gc, const char *name);
void privacy_lists_add_deny (PurpleConnection *gc, const char *name);
void privacy_lists_remove_deny (PurpleConnection *gc, const char *name);
void privacy_lists_set_mode (PurpleConnection *gc);
