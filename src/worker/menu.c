/* SPDX-License-Identifier: GPL-2.0-or-later */
/* menu.c - what a plugin offers to do for an account, besides what all networks have. */
#include "config.h"

#include "menu.h"

#include "hub.h"
#include "protocol.h"
#include "text.h"

#define MOST_ENTRIES 64

/* PurplePluginAction or NULL (a separator); free with free_actions. */
static GList *
get_actions (Account *account)
{
  PurplePlugin *plugin = protocol_get_plugin ();
  PurpleConnection *connection = accounts_get_connection (account);

  return connection != NULL && PURPLE_PLUGIN_HAS_ACTIONS (plugin) ? PURPLE_PLUGIN_ACTIONS (plugin, connection) : NULL;
}

static void
free_actions (GList *actions)
{
  for (GList *l = actions; l != NULL; l = l->next)
    if (l->data != NULL)
      purple_plugin_action_free (l->data);
  g_list_free (actions);
}

/* "_Set User Info..." without what is for mouse and keyboard. */
static char *
dup_label (const PurplePluginAction *action)
{
  g_autofree char *label = text_dup_clean (action->label, -1);
  char *end = label;

  for (const char *c = label; *c != '\0'; c++)
    if (*c != '_')
      *end++ = *c;
  while (end > label && end[-1] == '.')
    end--;
  *end = '\0';
  return g_steal_pointer (&label);
}

void
menu_tell (Account *account)
{
  GList *actions = get_actions (account);
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func (g_free);

  for (GList *l = actions; l != NULL && labels->len < MOST_ENTRIES; l = l->next)
    if (l->data != NULL)
      g_ptr_array_add (labels, dup_label (l->data));
  free_actions (actions);
  if (labels->len == 0)
    return;
  g_ptr_array_add (labels, NULL);
  hub_tell (menu, MENU, .account = account->number, .entries = (const char *const *) labels->pdata);
}

void
menu_choose (Account *account, const char *entry)
{
  GList *actions = get_actions (account);
  gboolean found = FALSE;

  for (GList *l = actions; l != NULL && !found; l = l->next)
    {
      PurplePluginAction *action = l->data;
      g_autofree char *label = action != NULL ? dup_label (action) : NULL;

      if (label == NULL || !g_str_equal (label, entry))
        continue;
      found = TRUE;
      action->plugin = protocol_get_plugin ();
      action->context = accounts_get_connection (account);
      action->callback (action);
    }
  free_actions (actions);
  if (!found)
    hub_tell (notice, NOTICE, .account = account->number, .text = "The network does not offer this any more.");
}
