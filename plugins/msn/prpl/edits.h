/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edits.h - what the user does to the list of contacts (msnp.md 7). */
#pragma once

#include "session.h"

Edits *edits_new (Session *session);
void edits_free (Edits *edits);

/* For libpurple. */
void edits_add_buddy (PurpleConnection *gc, PurpleBuddy *buddy, PurpleGroup *group);
void edits_remove_buddy (PurpleConnection *gc, PurpleBuddy *buddy, PurpleGroup *group);
void edits_move_buddy (PurpleConnection *gc, const char *who, const char *from, const char *to);
void edits_alias_buddy (PurpleConnection *gc, const char *who, const char *alias);
void edits_rename_group (PurpleConnection *gc, const char *old_name, PurpleGroup *group, GList *moved);
void edits_remove_group (PurpleConnection *gc, PurpleGroup *group);
