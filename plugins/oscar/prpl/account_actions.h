/* SPDX-License-Identifier: GPL-2.0-or-later */
/* account_actions.h - the account's menu, and its password (oscar.md 6.4, 13.4). */
#pragma once

#include <purple.h>

GList *account_actions_list (PurplePlugin *plugin, gpointer context);
void account_actions_change_password (PurpleConnection *gc, const char *old_password, const char *new_password);
/* The menu of a contact. */
GList *account_actions_list_for_node (PurpleBlistNode *node);
