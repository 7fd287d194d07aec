/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contact_edits.h - what a user does to contacts and groups: calls of libpurple, made true on the server. */
#pragma once

#include <purple.h>

void contact_edits_add (PurpleConnection *gc, PurpleBuddy *buddy, PurpleGroup *group, const char *message);
void contact_edits_remove (PurpleConnection *gc, PurpleBuddy *buddy, PurpleGroup *group);
void contact_edits_alias (PurpleConnection *gc, const char *who, const char *alias);
void contact_edits_move (PurpleConnection *gc, const char *who, const char *old_group, const char *new_group);
void contact_edits_rename_group (PurpleConnection *gc, const char *old_name, PurpleGroup *group, GList *moved);
void contact_edits_remove_group (PurpleConnection *gc, PurpleGroup *group);
void contact_edits_set_comment (PurpleConnection *gc, const char *who, const char *comment);
/* Adds as one who is to authorize us, and then asks for that. */
void contact_edits_add_awaiting (PurpleConnection *gc, const char *who, const char *group, const char *reason);
