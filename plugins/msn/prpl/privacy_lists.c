/* SPDX-License-Identifier: GPL-2.0-or-later */
/* privacy_lists.c - who may see us and talk to us. */
#include "privacy_lists.h"

#include "address.h"
#include "list_asks.h"
#include "notification.h"
#include "switchboards.h"

static gpointer
copy_name (gconstpointer name, gpointer data)
{
  return g_strdup (name);
}

static void
clear_list (Session *session, GSList *list, gboolean (*remove) (PurpleAccount *account, const char *name, gboolean local_only), ListBit bit)
{
  GSList *names = g_slist_copy_deep (list, copy_name, NULL);

  for (GSList *l = names; l != NULL; l = l->next)
    {
      const ListContact *contact = contact_list_get (session->list, l->data);

      if (contact == NULL || !(contact->lists & bit))
        remove (session->account, l->data, TRUE);
    }
  g_slist_free_full (names, g_free);
}

void
privacy_lists_show (Session *session)
{
  GHashTableIter iter;
  gpointer value;

  clear_list (session, session->account->permit, purple_privacy_permit_remove, LIST_ALLOW);
  clear_list (session, session->account->deny, purple_privacy_deny_remove, LIST_BLOCK);
  g_hash_table_iter_init (&iter, session->list->contacts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const ListContact *contact = value;

      if (contact->lists & LIST_ALLOW)
        purple_privacy_permit_add (session->account, contact->address, TRUE);
      if (contact->lists & LIST_BLOCK)
        purple_privacy_deny_add (session->account, contact->address, TRUE);
    }
  session->account->perm_deny = session->list->strangers_blocked ? PURPLE_PRIVACY_ALLOW_USERS : PURPLE_PRIVACY_DENY_USERS;
}

void
privacy_lists_follow (Session *session, const ListContact *contact)
{
  if (contact->lists & LIST_ALLOW)
    purple_privacy_permit_add (session->account, contact->address, TRUE);
  else
    purple_privacy_permit_remove (session->account, contact->address, TRUE);
  if (contact->lists & LIST_BLOCK)
    purple_privacy_deny_add (session->account, contact->address, TRUE);
  else
    purple_privacy_deny_remove (session->account, contact->address, TRUE);
}

gboolean
privacy_lists_is_blocked (Session *session, const char *who)
{
  const ListContact *contact = contact_list_get (session->list, who);

  return contact != NULL && contact->lists & LIST_BLOCK;
}

/* Asked for also where our copy says that it is so: the last wish may still be on its way. */
static void
change (PurpleConnection *gc, const char *who, ListBit off, ListBit on)
{
  Session *session = session_of_ready (gc);
  g_autofree char *address = address_dup_normal (who);

  if (session == NULL || !address_is_valid (address))
    return;
  if (off != 0)
    list_ask_remove (session, off, address, NULL, NULL, NULL, NULL);
  if (on != 0)
    list_ask_add (session, on, address, NULL, NULL, NULL, NULL);
}

void
privacy_lists_add_permit (PurpleConnection *gc, const char *who)
{
  change (gc, who, LIST_BLOCK, LIST_ALLOW);
}

void
privacy_lists_remove_permit (PurpleConnection *gc, const char *who)
{
  change (gc, who, LIST_ALLOW, 0);
}

void
privacy_lists_add_deny (PurpleConnection *gc, const char *who)
{
  Session *session = session_of_ready (gc);
  Switchboard *switchboard = session != NULL ? switchboards_find (session, who) : NULL;

  change (gc, who, LIST_ALLOW, LIST_BLOCK);
  /* What is open already would go on. */
  if (switchboard != NULL)
    switchboard_leave (switchboard);
}

void
privacy_lists_remove_deny (PurpleConnection *gc, const char *who)
{
  change (gc, who, LIST_BLOCK, LIST_ALLOW);
}

static void
on_mode (Session *session, const Command *answer, gpointer data)
{
  gboolean blocked = GPOINTER_TO_INT (data);

  /* 218: it was so already. */
  if (answer != NULL && (answer->error == 0 || answer->error == 218))
    session->list->strangers_blocked = blocked;
  else if (!session->ending)
    purple_notify_error (session->gc, NULL, "Who may see you was not changed on the server.", session_explain (answer));
}

void
privacy_lists_set_mode (PurpleConnection *gc)
{
  Session *session = session_of_ready (gc);
  gboolean blocked;

  if (session == NULL)
    return;
  blocked = session->account->perm_deny != PURPLE_PRIVACY_ALLOW_ALL && session->account->perm_deny != PURPLE_PRIVACY_DENY_USERS;
  if (blocked != session->list->strangers_blocked)
    notification_ask (session, "BLP", blocked ? "BL" : "AL", NULL, on_mode, GINT_TO_POINTER (blocked), NULL);
}
