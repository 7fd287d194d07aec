/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contacts.c - the server's list of contacts, and libpurple's. */
#include "contacts.h"

#include "feedbag_plan.h"
#include "list_edits.h"
#include "presence.h"
#include "privacy_lists.h"
#include "screen_names.h"

#define GROUP_WITHOUT_NAME "Buddies"

struct Contacts {
  Session *session;
  Feedbag *feedbag;     /* owned */
  gboolean loaded;      /* all of it is there */
  gboolean broken;      /* a part could not be read */
  guint changing;
};

Contacts *
contacts_new (Session *session)
{
  Contacts *contacts = g_new0 (Contacts, 1);

  contacts->session = session;
  contacts->feedbag = feedbag_new ();
  return contacts;
}

void
contacts_free (Contacts *contacts)
{
  feedbag_free (contacts->feedbag);
  g_free (contacts);
}

gboolean
contacts_are_loaded (Session *session)
{
  return session->contacts->loaded;
}

Feedbag *
contacts_get_feedbag (Session *session)
{
  return session->contacts->feedbag;
}

gboolean
contacts_are_changing (Session *session)
{
  return session->contacts->changing > 0;
}

void
contacts_begin_changing (Session *session)
{
  session->contacts->changing++;
}

void
contacts_end_changing (Session *session)
{
  session->contacts->changing--;
}

gboolean
contacts_is_awaiting (Session *session, const char *name)
{
  const FeedbagItem *item = feedbag_find (session->contacts->feedbag, FEEDBAG_BUDDY, name);

  return item != NULL && feedbag_item_has (item, FEEDBAG_ATTR_AWAITING);
}

gboolean
contacts_is_listed (Session *session, guint16 class, const char *name)
{
  return feedbag_find (session->contacts->feedbag, class, name) != NULL;
}

/* -- Into libpurple's list ------------------------------------------------ */

static const char *
group_name_of (Session *session, const FeedbagItem *item)
{
  const FeedbagItem *group = feedbag_get (session->contacts->feedbag, item->gid, 0);

  return group != NULL && *group->name != '\0' ? group->name : GROUP_WITHOUT_NAME;
}

static PurpleGroup *
ensure_group (const char *name)
{
  PurpleGroup *group = purple_find_group (name);

  if (group == NULL)
    {
      group = purple_group_new (name);
      purple_blist_add_group (group, NULL);
    }
  return group;
}

void
contacts_show (Session *session, const FeedbagItem *item)
{
  g_autofree char *alias = feedbag_item_dup_string (item, FEEDBAG_ATTR_ALIAS, session_get_encoding (session));
  PurpleGroup *group;
  PurpleBuddy *buddy;

  if (screen_name_is_empty (item->name))
    return;
  contacts_begin_changing (session);
  group = ensure_group (group_name_of (session, item));
  buddy = purple_find_buddy_in_group (session->account, item->name, group);
  if (buddy == NULL)
    {
      buddy = purple_buddy_new (session->account, item->name, alias);
      purple_blist_add_buddy (buddy, NULL, group, NULL);
    }
  else if (g_strcmp0 (purple_buddy_get_local_buddy_alias (buddy), alias) != 0)
    purple_blist_alias_buddy (buddy, alias);
  contacts_end_changing (session);
}

static gboolean
is_on_server (Session *session, PurpleBuddy *buddy)
{
  PurpleGroup *purple_group = purple_buddy_get_group (buddy);
  const char *group_name = purple_group != NULL ? purple_group_get_name (purple_group) : "";
  const FeedbagItem *group = feedbag_find_group (session->contacts->feedbag, group_name);
  const FeedbagItem *item;

  if (group != NULL && feedbag_find_in (session->contacts->feedbag, group, purple_buddy_get_name (buddy)) != NULL)
    return TRUE;
  item = feedbag_find (session->contacts->feedbag, FEEDBAG_BUDDY, purple_buddy_get_name (buddy));
  return item != NULL && g_str_equal (group_name_of (session, item), group_name);
}

static void
drop_strangers (Session *session)
{
  GSList *buddies = purple_find_buddies (session->account, NULL);

  contacts_begin_changing (session);
  for (GSList *l = buddies; l != NULL; l = l->next)
    if (!is_on_server (session, l->data))
      purple_blist_remove_buddy (l->data);
  contacts_end_changing (session);
  g_slist_free (buddies);
}

static int
compare_items (gconstpointer a, gconstpointer b)
{
  const FeedbagItem *first = a, *second = b;

  return first->gid != second->gid ? first->gid - second->gid : first->iid - second->iid;
}

static void
merge (Session *session)
{
  GList *items = g_list_sort (feedbag_list (session->contacts->feedbag), compare_items);
  guint count = 0;

  for (GList *l = items; l != NULL; l = l->next)
    {
      FeedbagItem *item = l->data;

      if (item->class == FEEDBAG_BUDDY)
        {
          contacts_show (session, item);
          count++;
        }
    }
  g_list_free (items);
  drop_strangers (session);
  privacy_lists_take (session);
  purple_debug_info (session->category, "%u contacts\n", count);
}

/* Takes the item; a list without an end makes ours broken, not endless. */
static gboolean
keep (Session *session, FeedbagItem *item)
{
  Contacts *contacts = session->contacts;

  if (feedbag_count (contacts->feedbag) < FEEDBAG_MOST_ITEMS)
    {
      feedbag_put (contacts->feedbag, item);
      return TRUE;
    }
  contacts->broken = TRUE;
  feedbag_item_free (item);
  return FALSE;
}

gboolean
contacts_take_list (Session *session, const Snac *reply)
{
  Contacts *contacts = session->contacts;
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  guint32 changed;

  if (reply == NULL || reply->subtype != 0x06)
    {
      purple_debug_error (session->category, "no list of contacts: %s\n", session_explain (reply));
      purple_notify_error (session->gc, NULL, "The server did not send its list of contacts.", "It cannot be changed now.");
      return TRUE;
    }
  if (contacts->loaded)
    {
      /* Once more, after a move: it replaces the old one. */
      feedbag_free (contacts->feedbag);
      contacts->feedbag = feedbag_new ();
      contacts->loaded = contacts->broken = FALSE;
    }
  if (!feedbag_parse_list (reply->body, session_get_encoding (session), items, &changed))
    contacts->broken = TRUE;
  for (guint i = 0; i < items->len; i++)
    keep (session, items->pdata[i]);
  if (reply->flags & SNAC_FLAG_MORE)
    return FALSE;
  if (contacts->broken)
    {
      /* What is missing may be what could not be read: nothing is taken away, and nothing changed by us. */
      GList *list = feedbag_list (contacts->feedbag);

      for (GList *l = list; l != NULL; l = l->next)
        if (((FeedbagItem *) l->data)->class == FEEDBAG_BUDDY)
          contacts_show (session, l->data);
      g_list_free (list);
      purple_notify_error (session->gc, NULL, "A part of the server's list of contacts cannot be read.", "It cannot be changed now.");
      return TRUE;
    }
  contacts->loaded = TRUE;
  merge (session);
  return TRUE;
}

void
contacts_signed_on (Session *session)
{
  /* Servers tell others that we type only if the list says so. */
  if (session->contacts->loaded)
    list_edits_queue (session, feedbag_edit_new (EDIT_SHOW_TYPING, NULL, NULL, NULL), NULL);
}

/* -- What the server, or another place of the account, changes ------------ */

static void
forget (Session *session, const FeedbagItem *item)
{
  Feedbag *feedbag = session->contacts->feedbag;
  const FeedbagItem *known = feedbag_get (feedbag, item->gid, item->iid);
  PurpleGroup *group;
  PurpleBuddy *buddy;

  if (known == NULL)
    return;
  if (known->class == FEEDBAG_BUDDY && !screen_name_is_empty (known->name))
    {
      group = purple_find_group (group_name_of (session, known));
      buddy = group != NULL ? purple_find_buddy_in_group (session->account, known->name, group) : NULL;
      contacts_begin_changing (session);
      if (buddy != NULL)
        purple_blist_remove_buddy (buddy);
      contacts_end_changing (session);
    }
  else if (known->class != FEEDBAG_BUDDY)
    privacy_lists_forget (session, known);
  feedbag_remove (feedbag, item->gid, item->iid);
}

static void
rename_group (Session *session, const FeedbagItem *item)
{
  const FeedbagItem *known = feedbag_get (session->contacts->feedbag, item->gid, 0);
  PurpleGroup *group = known != NULL && *known->name != '\0' ? purple_find_group (known->name) : NULL;

  if (group == NULL || item->gid == 0 || g_str_equal (known->name, item->name) || *item->name == '\0')
    return;
  contacts_begin_changing (session);
  purple_blist_rename_group (group, item->name);
  contacts_end_changing (session);
}

static void
learn (Session *session, FeedbagItem *item)
{
  if (item->class == FEEDBAG_GROUP)
    rename_group (session, item);
  if (!keep (session, item))
    return;
  if (item->class == FEEDBAG_BUDDY)
    contacts_show (session, item);
  else
    privacy_lists_learn (session, item);
}

static void
on_change (Session *session, Service *service, const Snac *snac)
{
  Reader body = snac->body;
  FeedbagItem *item;

  if (!session->contacts->loaded)
    return;
  while ((item = feedbag_parse_item (&body, session_get_encoding (session))) != NULL)
    if (snac->subtype == FEEDBAG_DELETE)
      {
        forget (session, item);
        feedbag_item_free (item);
      }
    else
      learn (session, item);
}

const SnacHandler contacts_handlers[] = {
  { FAMILY_FEEDBAG, FEEDBAG_INSERT, on_change },
  { FAMILY_FEEDBAG, FEEDBAG_UPDATE, on_change },
  { FAMILY_FEEDBAG, FEEDBAG_DELETE, on_change },
  { 0 },
};
