/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contacts.c - the server's list of contacts, and libpurple's made like it.
 *
 * A copy of the list is kept with the account, under the server's time stamps.  A server that says that nothing has changed
 * since then sends no list.  There are servers whose stamps never change: to these no stamp is ever sent.  Up to MSNP9 "unchanged"
 * cannot be told from a list that is on its way, so there the list is always asked for.  */
#include "contacts.h"

#include <string.h>

#include "authorizations.h"
#include "notification.h"
#include "presence.h"
#include "privacy_lists.h"
#include "signon.h"

#define SECONDS_WITHOUT_LINES 30
#define LARGEST_COPY (512 * 1024)
/* What a server that keeps no time says (5). */
#define STAMP_OF_NOTHING "2000-01-01T"

struct Contacts {
  ListSync *sync;          /* NULL: not now */
  guint timer, lines;      /* lines since the timer looked */
  gboolean sent_stamps;
};

Contacts *
contacts_new (Session *session)
{
  return g_new0 (Contacts, 1);
}

static void
stop_sync (Contacts *contacts)
{
  g_clear_pointer (&contacts->sync, list_sync_free);
  if (contacts->timer > 0)
    purple_timeout_remove (contacts->timer);
  contacts->timer = 0;
}

void
contacts_free (Contacts *contacts)
{
  stop_sync (contacts);
  g_free (contacts);
}

/* -- libpurple's list ---------------------------------------------------------------- */

PurpleGroup *
contacts_get_group (Session *session, const char *id)
{
  const ListGroup *group = id != NULL && !g_str_equal (id, "0") ? contact_list_get_group (session->list, id) : NULL;
  const char *name = group != NULL && *group->name != '\0' ? group->name : CONTACTS_DEFAULT_GROUP;
  PurpleGroup *found = purple_find_group (name);

  if (found != NULL)
    return found;
  found = purple_group_new (name);
  purple_blist_add_group (found, NULL);
  return found;
}

static gboolean
belongs_into (Session *session, const ListContact *contact, PurpleGroup *group)
{
  for (guint i = 0; i < contact->groups->len; i++)
    if (contacts_get_group (session, contact->groups->pdata[i]) == group)
      return TRUE;
  return contact->groups->len == 0 && contacts_get_group (session, NULL) == group;
}

static void
show_in_group (Session *session, const ListContact *contact, const char *id)
{
  PurpleGroup *group = contacts_get_group (session, id);
  PurpleBuddy *buddy = purple_find_buddy_in_group (session->account, contact->address, group);

  if (buddy != NULL)
    return;
  buddy = purple_buddy_new (session->account, contact->address, NULL);
  purple_blist_add_buddy (buddy, NULL, group, NULL);
}

static void
remove_strays (Session *session, const ListContact *contact, const char *address)
{
  GSList *buddies = purple_find_buddies (session->account, address);

  for (GSList *l = buddies; l != NULL; l = l->next)
    if (contact == NULL || !belongs_into (session, contact, purple_buddy_get_group (l->data)))
      purple_blist_remove_buddy (l->data);
  g_slist_free (buddies);
}

void
contacts_show (Session *session, const ListContact *contact)
{
  if (!(contact->lists & LIST_FORWARD))
    {
      remove_strays (session, NULL, contact->address);
      return;
    }
  /* First the new, then the old: what libpurple knows of the buddy is kept that way. */
  for (guint i = 0; i < contact->groups->len; i++)
    show_in_group (session, contact, contact->groups->pdata[i]);
  if (contact->groups->len == 0)
    show_in_group (session, contact, NULL);
  remove_strays (session, contact, contact->address);
  if (contact->name != NULL)
    serv_got_alias (session->gc, contact->address, contact->name);
}

static void
show_all (Session *session)
{
  GSList *buddies = purple_find_buddies (session->account, NULL);
  GHashTableIter iter;
  gpointer value;

  for (GSList *l = buddies; l != NULL; l = l->next)
    {
      const ListContact *contact = contact_list_get (session->list, purple_buddy_get_name (l->data));

      if (contact == NULL || !(contact->lists & LIST_FORWARD))
        purple_blist_remove_buddy (l->data);
    }
  g_slist_free (buddies);
  g_hash_table_iter_init (&iter, session->list->contacts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((ListContact *) value)->lists & LIST_FORWARD)
      contacts_show (session, value);
}

/* -- Fetching it ------------------------------------------------------------------------- */

void
contacts_forget_copy (Session *session)
{
  purple_account_remove_setting (session->account, "list_stamps");
  purple_account_remove_setting (session->account, "list_copy");
}

static void
keep_copy (Session *session, const ListSync *sync)
{
  g_autofree char *stamps = list_sync_dup_stamps (sync);
  g_autofree char *copy = NULL;
  gboolean useless = stamps == NULL || g_str_has_prefix (stamps, STAMP_OF_NOTHING) || strlen (stamps) > 200
                     || g_strcmp0 (stamps, session_get_option (session, "list_stamps")) == 0;

  if (!useless)
    copy = contact_list_dup_copy (session->list);
  if (useless || strlen (copy) > LARGEST_COPY)
    {
      contacts_forget_copy (session);
      return;
    }
  purple_account_set_string (session->account, "list_stamps", stamps);
  purple_account_set_string (session->account, "list_copy", copy);
}

static void
use_list (Session *session)
{
  show_all (session);
  privacy_lists_show (session);
  if (session->list->own_name != NULL)
    purple_connection_set_display_name (session->gc, session->list->own_name);
  signon_has_list (session);
}

static void
use_copy (Session *session)
{
  const char *copy = session_get_option (session, "list_copy");
  ContactList *list = session->contacts->sent_stamps && copy != NULL ? contact_list_from_copy (copy) : NULL;

  stop_sync (session->contacts);
  if (list != NULL)
    {
      contact_list_free (session->list);
      session->list = list;
    }
  else if (!session->contacts->sent_stamps)
    {
      /* Nothing has changed since never: there is no list, and ours may stay. */
      signon_has_list (session);
      return;
    }
  else
    {
      contacts_forget_copy (session);
      contacts_begin_sync (session);
      return;
    }
  use_list (session);
}

static void
take_line (Session *session, const Command *command)
{
  Contacts *contacts = session->contacts;

  contacts->lines++;
  switch (list_sync_take (contacts->sync, command))
    {
    case LIST_SYNC_DONE:
      keep_copy (session, contacts->sync);
      stop_sync (contacts);
      use_list (session);
      break;
    case LIST_SYNC_UNCHANGED:
      use_copy (session);
      break;
    case LIST_SYNC_MORE:
    case LIST_SYNC_OTHER:
      break;
    }
}

static gboolean
on_tick (gpointer data)
{
  Session *session = data;

  if (session->contacts->lines > 0)
    {
      session->contacts->lines = 0;
      return G_SOURCE_CONTINUE;
    }
  session->contacts->timer = 0;
  session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The list of contacts did not come in time.");
  return G_SOURCE_REMOVE;
}

static void
on_sync (Session *session, const Command *answer, gpointer data)
{
  if (session->ending || session->contacts->sync == NULL)
    return;
  if (answer != NULL && command_is (answer, "XFR"))
    signon_move (session, answer);
  else if (answer == NULL || !command_is (answer, "SYN"))
    session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The list of contacts cannot be fetched: %s", session_explain (answer));
  else
    take_line (session, answer);
}

void
contacts_begin_sync (Session *session)
{
  Contacts *contacts = session->contacts;
  gboolean guids = session->dialect >= DIALECT_WITH_GUIDS;
  const char *stamps = guids ? session_get_option (session, "list_stamps") : NULL;

  stop_sync (contacts);
  contacts->sent_stamps = stamps != NULL && session_get_option (session, "list_copy") != NULL;
  contacts->lines = 0;
  contacts->sync = list_sync_new (session->dialect, session->list);
  contacts->timer = purple_timeout_add_seconds (SECONDS_WITHOUT_LINES, on_tick, session);
  notification_ask (session, "SYN", contacts->sent_stamps ? stamps : guids ? "0 0" : "0", NULL, on_sync, NULL, NULL);
}

void
contacts_signed_on (Session *session)
{
  authorizations_ask_all (session);
}

/* -- Unasked lines -------------------------------------------------------------------------- */

static void
on_list_line (Session *session, const Command *command)
{
  g_auto (GroupLine) group = { 0 };
  const ListContact *contact;

  if (session->contacts->sync != NULL)
    {
      take_line (session, command);
      return;
    }
  /* The list was complete before: lines came twice, or more of them than were announced. */
  if (command_is (command, "LSG") && group_line_parse (session->dialect, command, &group))
    contact_list_set_group (session->list, group.id, group.name);
  contact = contact_list_take_line (session->list, session->dialect, command);
  if (contact != NULL)
    contacts_show (session, contact);
}

/* Of an empty list they come when it is complete already. */
static void
on_setting (Session *session, const Command *command)
{
  const char *value = command->count > 0 ? command->args[command->count - 1] : "";

  if (session->contacts->sync != NULL)
    take_line (session, command);
  else if (command_is (command, "GTC"))
    session->list->quiet = g_str_equal (value, "N");
  else
    {
      session->list->strangers_blocked = g_str_equal (value, "BL");
      privacy_lists_show (session);
    }
}

static void
on_own_detail (Session *session, const Command *command)
{
  if (session->contacts->sync != NULL)
    {
      take_line (session, command);
      return;
    }
  contact_list_take_own_detail (session->list, command);
  if (session->list->own_name != NULL)
    purple_connection_set_display_name (session->gc, session->list->own_name);
}

static void
on_detail (Session *session, const Command *command)
{
  if (session->contacts->sync != NULL)
    take_line (session, command);
  else
    contact_list_take_detail (session->list, NULL, command);
}

const CommandHandler contacts_handlers[] = {
  { "LST", on_list_line },
  { "LSG", on_list_line },
  { "GTC", on_setting },
  { "BLP", on_setting },
  { "PRP", on_own_detail },
  { "BPR", on_detail },
  { NULL },
};
