/* SPDX-License-Identifier: GPL-2.0-or-later */
/* own_status.h - our own presence, name, personal message and tune (msnp.md 6.1, 6.4). */
#pragma once

#include "session.h"

OwnStatus *own_status_new (Session *session);
void own_status_free (OwnStatus *own);
/* The first presence; signon_is_announced is called when the server has taken it. */
void own_status_announce (Session *session);
/* The picture has changed. */
void own_status_publish_object (Session *session);
gboolean own_status_is_hidden (Session *session);

/* For libpurple. */
void own_status_set (PurpleAccount *account, PurpleStatus *status);
void own_status_set_idle (PurpleConnection *gc, int seconds);
void own_status_set_alias (PurpleConnection *gc, const char *alias, PurpleSetPublicAliasSuccessCallback success, PurpleSetPublicAliasFailureCallback failure);
void own_status_get_alias (PurpleConnection *gc, PurpleGetPublicAliasSuccessCallback success, PurpleGetPublicAliasFailureCallback failure);
GList *own_status_list_actions (PurplePlugin *plugin, gpointer context);
