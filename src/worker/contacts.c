/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contacts.c - contact lists, both ways. */
#include "config.h"

#include "contacts.h"

#include <string.h>

#include "eventloop.h"
#include "hub.h"
#include "irc.h"
#include "protocol.h"
#include "simple.h"
#include "statuses.h"
#include "tunes.h"

/* Where the network knows no groups: one for all accounts.  libpurple looks a
 * contact up in each group there is, so fewer are better. */
#define COMMON_GROUP "Contacts"
/* What libpurple's XMPP plugin calls the place of contacts in no group. */
#define NO_GROUP "Buddies"
/* Contacts of one account, so that one of many cannot fill the worker. */
#define MOST_CONTACTS 10000

/* What the hub knows of a contact, and what libpurple does not keep for us. */
typedef struct {
  char *peer;                 /* normalised */
  char *name;                 /* of restore-contact, or as last told */
  char *group;                /* of the hub, where the network knows none */
  char *told_groups;          /* as last told, joined; NULL: the hub was not told of it */
  gboolean dirty;
  gboolean status_dirty;
  WireShow show;              /* as last told */
  char *status;
  char *tune;                 /* the same, joined; NULL: nothing */
} Contact;

static EventloopTask tell_task;
static GPtrArray *dirty;      /* DirtyContact */

/* By number, not by pointer: the account may be gone at the end of the turn. */
typedef struct {
  gint64 account;
  char *peer;
} DirtyContact;

static void
dirty_contact_free (gpointer data)
{
  DirtyContact *entry = data;

  g_free (entry->peer);
  g_free (entry);
}

static void
contact_free (gpointer data)
{
  Contact *contact = data;

  g_free (contact->peer);
  g_free (contact->name);
  g_free (contact->group);
  g_free (contact->told_groups);
  g_free (contact->status);
  g_free (contact->tune);
  g_free (contact);
}

static Contact *
find_contact (Account *account, const char *peer, gboolean make)
{
  Contact *contact;

  if (account->contacts == NULL)
    {
      if (!make)
        return NULL;
      account->contacts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, contact_free);
    }
  contact = g_hash_table_lookup (account->contacts, peer);
  if (contact == NULL && make)
    {
      contact = g_new0 (Contact, 1);
      contact->peer = g_strdup (peer);
      g_hash_table_insert (account->contacts, contact->peer, contact);
    }
  return contact;
}

void
contacts_forget (Account *account)
{
  g_clear_pointer (&account->contacts, g_hash_table_unref);
}

const char *
contacts_normalize (const Account *account, const char *name)
{
  const char *normal = purple_normalize (account->purple, name);

  if (normal == NULL || *normal == '\0')
    normal = name;
  return protocol_is_simple () ? simple_skip_scheme (normal) : normal;
}

char *
contacts_dup_name (const char *peer)
{
  return protocol_is_simple () ? g_strconcat ("sip:", simple_skip_scheme (peer), NULL) : g_strdup (peer);
}

GSList *
contacts_find_buddies (Account *account, const char *peer)
{
  g_autofree char *name = contacts_dup_name (peer);

  return account->purple != NULL ? purple_find_buddies (account->purple, name) : NULL;
}

PurpleBuddy *
contacts_find_buddy (Account *account, const char *peer)
{
  g_autofree char *name = contacts_dup_name (peer);

  return purple_find_buddy (account->purple, name);
}

PurpleBuddy *
contacts_add_buddy (Account *account, const char *peer, const char *alias, const char *group)
{
  g_autofree char *name = contacts_dup_name (peer);
  PurpleBuddy *buddy = purple_buddy_new (account->purple, name, alias);

  purple_blist_add_buddy (buddy, NULL, contacts_get_group (group), NULL);
  return buddy;
}

gboolean
contacts_is_name (const Account *account, const char *peer)
{
  const PurplePluginProtocolInfo *info = protocol_get_info ();

  if (account->irc != NULL && !irc_is_nick (peer))
    return FALSE;
  return *peer != '\0' && (info->normalize == NULL || info->normalize (account->purple, peer) != NULL);
}

PurpleGroup *
contacts_get_group (const char *name)
{
  const char *wanted = !protocol_keeps_groups () ? COMMON_GROUP : name != NULL && *name != '\0' ? name : NO_GROUP;
  PurpleGroup *group = purple_find_group (wanted);

  if (group == NULL)
    {
      group = purple_group_new (wanted);
      purple_blist_add_group (group, NULL);
    }
  return group;
}

/* -- Telling the hub ------------------------------------------------------ */

static char **
dup_groups (const Contact *contact, GSList *buddies)
{
  GPtrArray *groups = g_ptr_array_new ();

  if (!protocol_keeps_groups ())
    {
      if (contact->group != NULL && *contact->group != '\0')
        g_ptr_array_add (groups, g_strdup (contact->group));
    }
  else
    for (GSList *l = buddies; l != NULL; l = l->next)
      {
        PurpleGroup *group = purple_buddy_get_group (l->data);
        const char *name = group != NULL ? purple_group_get_name (group) : NULL;

        if (name != NULL && !g_str_equal (name, NO_GROUP))
          g_ptr_array_add (groups, g_strdup (name));
      }
  g_ptr_array_add (groups, NULL);
  return (char **) g_ptr_array_free (groups, FALSE);
}

const char *
contacts_name_of (PurpleBuddy *buddy)
{
  const char *name = purple_buddy_get_alias_only (buddy);

  if (name == NULL || *name == '\0')
    name = purple_buddy_get_server_alias (buddy);
  return name != NULL && *name != '\0' ? name : NULL;
}

static void
tell_contact (Account *account, Contact *contact, GSList *buddies)
{
  g_auto (GStrv) groups = dup_groups (contact, buddies);
  g_autofree char *joined = g_strjoinv ("\n", groups);
  const char *name = contacts_name_of (buddies->data);

  if (contact->told_groups != NULL && g_str_equal (contact->told_groups, joined) && g_strcmp0 (contact->name, name) == 0)
    return;
  g_free (contact->told_groups);
  contact->told_groups = g_steal_pointer (&joined);
  g_free (contact->name);
  contact->name = g_strdup (name);
  hub_tell (contact, CONTACT,
            .account = account->number, .peer = contact->peer, .name = contact->name,
            .groups = groups[0] != NULL ? (const char *const *) groups : NULL);
}

static void
tell_status (Account *account, Contact *contact, PurpleBuddy *buddy)
{
  g_autofree char *text = NULL;
  WireShow show = statuses_of_buddy (buddy, &text);

  if (show == contact->show && g_strcmp0 (text, contact->status) == 0)
    return;
  contact->show = show;
  g_free (contact->status);
  contact->status = g_steal_pointer (&text);
  hub_tell (contact_status, CONTACT_STATUS,
            .account = account->number, .peer = contact->peer, .show = show, .status = contact->status);
}

static void
tell_tune (Account *account, Contact *contact, PurpleBuddy *buddy)
{
  g_auto (Tune) tune = { NULL };
  g_autofree char *joined = NULL;

  tunes_of_buddy (buddy, &tune);
  if (tune.title != NULL)
    joined = g_strjoin ("\n", tune.title, tune.artist == NULL ? "" : tune.artist, tune.album == NULL ? "" : tune.album, NULL);
  if (g_strcmp0 (joined, contact->tune) == 0)
    return;
  g_free (contact->tune);
  contact->tune = g_steal_pointer (&joined);
  hub_tell (peer_tune, PEER_TUNE,
            .account = account->number, .peer = contact->peer, .title = tune.title, .artist = tune.artist, .album = tune.album);
}

static void
tell (Account *account, Contact *contact)
{
  g_autoptr (GSList) buddies = NULL;
  gboolean with_status = contact->status_dirty;

  contact->dirty = contact->status_dirty = FALSE;
  buddies = contacts_find_buddies (account, contact->peer);
  if (buddies != NULL)
    {
      tell_contact (account, contact, buddies);
      if (with_status)
        {
          tell_status (account, contact, buddies->data);
          tell_tune (account, contact, buddies->data);
        }
      return;
    }
  if (contact->told_groups != NULL)
    hub_tell (contact_removed, CONTACT_REMOVED, .account = account->number, .peer = contact->peer);
  g_hash_table_remove (account->contacts, contact->peer);
}

void
contacts_tell_again (Account *account)
{
  g_autoptr (GList) contacts = account->contacts != NULL ? g_hash_table_get_values (account->contacts) : NULL;

  for (GList *l = contacts; l != NULL; l = l->next)
    {
      Contact *contact = l->data;

      if (contact->told_groups == NULL)
        continue;
      g_clear_pointer (&contact->told_groups, g_free);
      g_clear_pointer (&contact->status, g_free);
      g_clear_pointer (&contact->tune, g_free);
      contact->show = WIRE_SHOW_OFFLINE;
      contact->status_dirty = TRUE;
      tell (account, contact);
    }
}

gboolean
contacts_are_told (Account *account, const char *peer)
{
  const Contact *contact = find_contact (account, peer, FALSE);

  return contact != NULL && contact->told_groups != NULL;
}

static void
tell_dirty (EventloopTask *task)
{
  g_autoptr (GPtrArray) entries = g_steal_pointer (&dirty);

  dirty = g_ptr_array_new_with_free_func (dirty_contact_free);
  for (guint i = 0; i < entries->len; i++)
    {
      DirtyContact *entry = entries->pdata[i];
      Account *account = accounts_find (entry->account, FALSE);
      Contact *contact = account != NULL ? find_contact (account, entry->peer, FALSE) : NULL;

      if (contact != NULL && contact->dirty)
        tell (account, contact);
    }
}

static void
touch (Account *account, const char *peer, gboolean status)
{
  const char *normal = contacts_normalize (account, peer);
  Contact *contact = find_contact (account, normal, FALSE);
  DirtyContact *entry;

  if (contact == NULL)
    {
      if (contacts_is_full (account))
        return;
      contact = find_contact (account, normal, TRUE);
    }
  contact->status_dirty |= status;
  if (contact->dirty)
    return;
  contact->dirty = TRUE;
  entry = g_new0 (DirtyContact, 1);
  entry->account = account->number;
  entry->peer = g_strdup (contact->peer);
  g_ptr_array_add (dirty, entry);
  eventloop_queue_task (&tell_task);
}

static void
touch_buddy (PurpleBuddy *buddy, gboolean status)
{
  Account *account = accounts_of (purple_buddy_get_account (buddy));

  /* An account that leaves takes all of its contacts offline: the hub knows. */
  if (account != NULL && account->state != ACCOUNT_LEAVING && !account->has_failed)
    touch (account, purple_buddy_get_name (buddy), status);
}

static void
on_buddy_changed (PurpleBuddy *buddy, gpointer data)
{
  touch_buddy (buddy, FALSE);
}

static void
on_node_changed (PurpleBlistNode *node, const char *old, gpointer data)
{
  if (PURPLE_BLIST_NODE_IS_BUDDY (node))
    touch_buddy ((PurpleBuddy *) node, FALSE);
}

static void
on_buddy_status (PurpleBuddy *buddy, gpointer old, gpointer new, gpointer data)
{
  touch_buddy (buddy, TRUE);
}

static void
on_buddy_sign (PurpleBuddy *buddy, gpointer data)
{
  touch_buddy (buddy, TRUE);
}

/* -- For contact_commands.c ------------------------------------------------ */

void
contacts_set_group (Account *account, const char *peer, const char *group)
{
  Contact *contact = find_contact (account, contacts_normalize (account, peer), TRUE);

  g_free (contact->group);
  contact->group = g_strdup (group);
}

void
contacts_tell_anyway (Account *account, const char *peer)
{
  Contact *contact = find_contact (account, contacts_normalize (account, peer), TRUE);

  g_clear_pointer (&contact->told_groups, g_free);
  touch (account, peer, TRUE);
}

void
contacts_touch (Account *account, const char *peer)
{
  touch (account, peer, FALSE);
}

gboolean
contacts_is_full (const Account *account)
{
  return account->contacts != NULL && g_hash_table_size (account->contacts) >= MOST_CONTACTS;
}

/* -- Before the sign-in ----------------------------------------------------- */

void
contacts_remember (Account *account, const WireRestoreContact *message)
{
  Contact *contact;

  if (account->state != ACCOUNT_NEW)
    {
      g_warning ("a contact of account %" G_GINT64_FORMAT " came after its sign-in", account->number);
      return;
    }
  contact = find_contact (account, message->peer, TRUE);
  g_free (contact->name);
  g_free (contact->group);
  contact->name = g_strdup (message->name);
  contact->group = g_strdup (message->group);
}

void
contacts_restore (Account *account)
{
  g_autoptr (GHashTable) remembered = g_steal_pointer (&account->contacts);
  GHashTableIter iter;
  Contact *old;

  if (remembered == NULL)
    return;
  g_hash_table_iter_init (&iter, remembered);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &old))
    {
      Contact *contact;

      if (contacts_find_buddy (account, old->peer) != NULL || !contacts_is_name (account, old->peer))
        continue;
      contact = find_contact (account, contacts_normalize (account, old->peer), TRUE);
      contact->group = g_strdup (old->group);
      contacts_add_buddy (account, old->peer, old->name, old->group);
    }
}

/* -- libpurple's list ----------------------------------------------------- */

static void
keep_node (PurpleBlistNode *node)
{
}

static void
keep_account (PurpleAccount *account)
{
}

static void
request_add (PurpleAccount *account, const char *username, const char *group, const char *alias)
{
}

void
contacts_init (void)
{
  static PurpleBlistUiOps ops = {
    .save_node = keep_node,
    .remove_node = keep_node,
    .save_account = keep_account,
    .request_add_buddy = request_add,
  };
  gpointer list = purple_blist_get_handle ();

  tell_task.run = tell_dirty;
  dirty = g_ptr_array_new_with_free_func (dirty_contact_free);
  purple_blist_set_ui_ops (&ops);
  purple_signal_connect (list, "buddy-added", &tell_task, PURPLE_CALLBACK (on_buddy_changed), NULL);
  purple_signal_connect (list, "buddy-removed", &tell_task, PURPLE_CALLBACK (on_buddy_changed), NULL);
  purple_signal_connect (list, "blist-node-aliased", &tell_task, PURPLE_CALLBACK (on_node_changed), NULL);
  purple_signal_connect (list, "buddy-signed-on", &tell_task, PURPLE_CALLBACK (on_buddy_sign), NULL);
  purple_signal_connect (list, "buddy-signed-off", &tell_task, PURPLE_CALLBACK (on_buddy_sign), NULL);
  purple_signal_connect (list, "buddy-status-changed", &tell_task, PURPLE_CALLBACK (on_buddy_status), NULL);
  purple_signal_connect (list, "buddy-idle-changed", &tell_task, PURPLE_CALLBACK (on_buddy_status), NULL);
}
