/* SPDX-License-Identifier: GPL-2.0-or-later */
/* searches.h - finding users: by e-mail, by name, by number (oscar.md 6.2, 6.3). */
#pragma once

#include <purple.h>

/* Each ends in purple_notify_searchresults, or in a notice that says why not. */
void searches_by_email (PurpleConnection *gc, const char *email);
/* Empty ones are not looked at. */
void searches_by_name (PurpleConnection *gc, const char *first, const char *last, const char *nick);
void searches_by_uin (PurpleConnection *gc, const char *uin);
/* One's own entry in AIM's directory. */
void searches_set_own_entry (PurpleConnection *gc, const char *first, const char *last, const char *nick, const char *city,
                             const char *country, gboolean searchable);
