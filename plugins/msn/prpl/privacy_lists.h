/* SPDX-License-Identifier: GPL-2.0-or-later */
/* privacy_lists.h - who may see us and talk to us (msnp.md 13). */
#pragma once

#include "session.h"

/* libpurple's lists from the server's. */
void privacy_lists_show (Session *session);
/* The same of one contact, after a change. */
void privacy_lists_follow (Session *session, const ListContact *contact);
gboolean privacy_lists_is_blocked (Session *session, const char *who);

/* For libpurple. */
void privacy_lists_add_permit (PurpleConnection *gc, const char *who);
void privacy_lists_remove_permit (PurpleConnection *gc, const char *who);
void privacy_lists_add_deny (PurpleConnection *gc, const char *who);
void privacy_lists_remove_deny (PurpleConnection *gc, const char *who);
void privacy_lists_set_mode (PurpleConnection *gc);
