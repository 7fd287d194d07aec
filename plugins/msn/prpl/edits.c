/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edits.c - what the user does to the list of contacts.
 *
 * A group must exist before anybody can be put into it, and the contact must have its GUID: a Placement goes through these
 * steps one after the other.  */
#include "edits.h"

#include "address.h"
#include "contacts.h"
#include "error_text.h"
#include "list_asks.h"
#include "notification.h"
#include "percent.h"

/* Somebody who is to be in a group. */
typedef struct {
  char *address;
  char *to;          /* the group's name */
  char *from;        /* the group to be left then; may be NULL */
} Placement;

struct Edits {
  GPtrArray *waiting;       /* Placement, of which the group is being made */
};

static void
placement_free (gpointer data)
{
  Placement *placement = data;

  g_free (placement->address);
  g_free (placement->to);
  g_free (placement->from);
  g_free (placement);
}

static Placement *
placement_new (const char *address, const char *to, const char *from)
{
  Placement *placement = g_new0 (Placement, 1);

  placement->address = address_dup_normal (address);
  placement->to = g_strdup (to);
  placement->from = g_strdup (from);
  return placement;
}

Edits *
edits_new (Session *session)
{
  Edits *edits = g_new0 (Edits, 1);

  edits->waiting = g_ptr_array_new_with_free_func (placement_free);
  return edits;
}

void
edits_free (Edits *edits)
{
  g_ptr_array_unref (edits->waiting);
  g_free (edits);
}

static gboolean
has_guids (Session *session)
{
  return session->dialect >= DIALECT_WITH_GUIDS;
}

/* The server's id of a group; NULL: there is none, or (of the default one) none is needed. */
static const char *
find_group_id (Session *session, const char *name)
{
  const ListGroup *group = contact_list_find_group (session->list, name);

  if (group != NULL)
    return group->id;
  return !has_guids (session) && g_str_equal (name, CONTACTS_DEFAULT_GROUP) ? "0" : NULL;
}

/* -- Into a group --------------------------------------------------------------------- */

static void
show_again (Session *session, const char *address)
{
  ListContact *contact = contact_list_get (session->list, address);

  if (contact != NULL && session->ready && !session->ending)
    contacts_show (session, contact);
}

static void
on_left (Session *session, gboolean ok, const Command *answer, gpointer data)
{
  /* It may have taken us off the other's list: adding anew repairs that (16.7). */
  if (ok && has_guids (session))
    list_ask_add (session, LIST_FORWARD, data, NULL, NULL, NULL, NULL);
}

static void
leave_group (Session *session, const char *address, const char *name)
{
  const char *id = find_group_id (session, name);

  if (id != NULL)
    list_ask_remove (session, LIST_FORWARD, address, id, on_left, g_strdup (address), g_free);
}

static void
on_in_group (Session *session, gboolean ok, const Command *answer, gpointer data)
{
  Placement *placement = data;

  if (session->ending)
    return;
  if (!ok)
    {
      g_autofree char *text = g_strdup_printf ("%s could not be put into the group %s. %s", placement->address, placement->to, session_explain (answer));

      session_tell (session, placement->address, text);
      show_again (session, placement->address);
    }
  else if (placement->from != NULL)
    leave_group (session, placement->address, placement->from);
}

static void
put_into_group (Session *session, Placement *placement)
{
  const char *id = find_group_id (session, placement->to);
  const ListContact *contact = contact_list_get (session->list, placement->address);

  if (id == NULL || (contact != NULL && list_contact_has_group (contact, id)))
    {
      if (placement->from != NULL)
        leave_group (session, placement->address, placement->from);
      placement_free (placement);
      return;
    }
  list_ask_add (session, LIST_FORWARD, placement->address, id, on_in_group, placement, placement_free);
}

static void
on_added (Session *session, gboolean ok, const Command *answer, gpointer data)
{
  Placement *placement = data;
  const ListContact *contact;

  if (session->ending)
    return;
  if (!ok)
    {
      g_autofree char *text = g_strdup_printf ("%s could not be added to the list. %s", placement->address, session_explain (answer));

      session_tell (session, placement->address, text);
      show_again (session, placement->address);
      return;
    }
  contact = contact_list_get (session->list, placement->address);
  if (contact != NULL && contact->name != NULL)
    serv_got_alias (session->gc, contact->address, contact->name);
  list_ask_be_on (session, LIST_ALLOW, placement->address);
  if (has_guids (session))
    put_into_group (session, placement_new (placement->address, placement->to, placement->from));
}

/* The group is there, or none is needed. */
static void
put_on_list (Session *session, Placement *placement)
{
  const ListContact *contact = contact_list_get (session->list, placement->address);
  const char *id = find_group_id (session, placement->to);

  if (contact != NULL && contact->lists & LIST_FORWARD)
    {
      if (!(contact->lists & LIST_BLOCK))
        list_ask_be_on (session, LIST_ALLOW, placement->address);
      put_into_group (session, placement);
    }
  else
    list_ask_add (session, LIST_FORWARD, placement->address, has_guids (session) ? NULL : id, on_added, placement, placement_free);
}

static void
on_group (Session *session, const Command *answer, gpointer data)
{
  const char *name = data;
  g_auto (GroupLine) line = { 0 };
  g_autoptr (GPtrArray) ready = g_ptr_array_new ();
  GPtrArray *waiting = session->edits->waiting;

  if (session->ending)
    return;
  if (answer != NULL && answer->error == 0 && group_change_parse (session->dialect, answer, &line))
    {
      contacts_forget_copy (session);
      contact_list_set_group (session->list, line.id, name);
    }
  else
    {
      g_autofree char *text = g_strdup_printf ("The group %s could not be made on the server. %s", name, session_explain (answer));

      purple_notify_error (session->gc, NULL, text, NULL);
    }
  for (guint i = waiting->len; i-- > 0;)
    if (g_str_equal (((Placement *) waiting->pdata[i])->to, name))
      g_ptr_array_insert (ready, 0, g_ptr_array_steal_index (waiting, i));
  for (guint i = 0; i < ready->len; i++)
    put_on_list (session, ready->pdata[i]);
}

static gboolean
needs_group (Session *session, const char *name)
{
  return !g_str_equal (name, CONTACTS_DEFAULT_GROUP) && find_group_id (session, name) == NULL;
}

static void
make_group (Session *session, const char *name)
{
  g_autofree char *args = list_lines_build_add_group (name);

  notification_ask (session, "ADG", args, NULL, on_group, g_strdup (name), g_free);
}

static void
place (Session *session, Placement *placement)
{
  GPtrArray *waiting = session->edits->waiting;
  gboolean asked = FALSE;

  if (!needs_group (session, placement->to))
    {
      put_on_list (session, placement);
      return;
    }
  for (guint i = 0; i < waiting->len; i++)
    asked = asked || g_str_equal (((Placement *) waiting->pdata[i])->to, placement->to);
  g_ptr_array_add (waiting, placement);
  if (!asked)
    make_group (session, placement->to);
}

/* -- For libpurple ----------------------------------------------------------------------- */

static const char *
name_of (PurpleGroup *group)
{
  return group != NULL ? purple_group_get_name (group) : CONTACTS_DEFAULT_GROUP;
}

void
edits_add_buddy (PurpleConnection *gc, PurpleBuddy *buddy, PurpleGroup *group)
{
  Session *session = session_of_ready (gc);
  g_autofree char *address = address_dup_normal (purple_buddy_get_name (buddy));

  if (session == NULL)
    return;
  if (!address_is_valid (address) || contact_list_need (session->list, purple_buddy_get_name (buddy)) == NULL)
    {
      session_tell (session, address, address_is_valid (address) ? "The list is full." : "Only e-mail addresses can be added to the list.");
      purple_blist_remove_buddy (buddy);
      return;
    }
  list_ask_be_off (session, LIST_BLOCK, address);
  place (session, placement_new (address, name_of (group != NULL ? group : purple_buddy_get_group (buddy)), NULL));
}

static gboolean
is_elsewhere (Session *session, const char *address, PurpleBuddy *buddy)
{
  GSList *buddies = purple_find_buddies (session->account, address);
  gboolean other = FALSE;

  for (GSList *l = buddies; l != NULL; l = l->next)
    other = other || l->data != buddy;
  g_slist_free (buddies);
  return other;
}

static void
on_removed (Session *session, gboolean ok, const Command *answer, gpointer data)
{
  const char *address = data;
  ListContact *contact = contact_list_get (session->list, address);

  if (session->ending || ok || contact == NULL)
    return;
  session_tell (session, address, "The server did not take the contact off the list.");
  contacts_show (session, contact);
}

void
edits_remove_buddy (PurpleConnection *gc, PurpleBuddy *buddy, PurpleGroup *group)
{
  Session *session = session_of_ready (gc);
  g_autofree char *address = address_dup_normal (purple_buddy_get_name (buddy));
  const ListContact *contact = session != NULL ? contact_list_get (session->list, address) : NULL;

  if (contact == NULL || !(contact->lists & LIST_FORWARD))
    return;
  if (is_elsewhere (session, address, buddy) && group != NULL)
    leave_group (session, address, name_of (group));
  else
    list_ask_remove (session, LIST_FORWARD, address, NULL, on_removed, g_strdup (address), g_free);
}

void
edits_move_buddy (PurpleConnection *gc, const char *who, const char *from, const char *to)
{
  Session *session = session_of_ready (gc);

  if (session != NULL && from != NULL && to != NULL && !g_str_equal (from, to))
    place (session, placement_new (who, to, from));
}

void
edits_alias_buddy (PurpleConnection *gc, const char *who, const char *alias)
{
  Session *session = session_of_ready (gc);
  const ListContact *contact = session != NULL ? contact_list_get (session->list, who) : NULL;
  g_autofree char *encoded = NULL;
  g_autofree char *args = NULL;

  if (contact == NULL || contact->guid == NULL || session->dialect < 11 || !purple_account_get_bool (session->account, "use_server_alias", FALSE))
    return;
  encoded = percent_dup_encoded_name (alias != NULL ? alias : "", 387);
  args = g_strdup_printf ("%s MFN %s", contact->guid, encoded);
  notification_ask (session, "SBP", args, NULL, NULL, NULL, NULL);
}

/* -- Groups ------------------------------------------------------------------------------- */

typedef struct {
  char *id, *name;
} Renaming;

static void
renaming_free (gpointer data)
{
  Renaming *renaming = data;

  g_free (renaming->id);
  g_free (renaming->name);
  g_free (renaming);
}

static void
on_renamed (Session *session, const Command *answer, gpointer data)
{
  Renaming *renaming = data;
  g_autofree char *text = NULL;

  if (session->ending)
    return;
  if (answer != NULL && answer->error == 0)
    {
      contacts_forget_copy (session);
      contact_list_set_group (session->list, renaming->id, renaming->name);
      return;
    }
  text = g_strdup_printf ("The group %s could not be renamed on the server. %s", renaming->name, session_explain (answer));
  purple_notify_error (session->gc, NULL, text, NULL);
}

void
edits_rename_group (PurpleConnection *gc, const char *old_name, PurpleGroup *group, GList *moved)
{
  Session *session = session_of_ready (gc);
  const char *name = purple_group_get_name (group);
  const ListGroup *old = session != NULL ? contact_list_find_group (session->list, old_name) : NULL;

  if (session == NULL)
    return;
  if (old != NULL && contact_list_find_group (session->list, name) == NULL && !g_str_equal (name, CONTACTS_DEFAULT_GROUP))
    {
      g_autofree char *args = list_lines_build_rename_group (old->id, name);
      Renaming *renaming = g_new0 (Renaming, 1);

      renaming->id = g_strdup (old->id);
      renaming->name = g_strdup (name);
      notification_ask (session, "REG", args, NULL, on_renamed, renaming, renaming_free);
      return;
    }
  /* It becomes one with another, or the server had no such group: everybody moves. */
  for (GList *l = moved; l != NULL; l = l->next)
    place (session, placement_new (purple_buddy_get_name (l->data), name, old_name));
}

static void
on_group_removed (Session *session, const Command *answer, gpointer data)
{
  if (answer != NULL && (answer->error == 0 || answer->error == 224))
    {
      contacts_forget_copy (session);
      contact_list_remove_group (session->list, data);
    }
  else if (!session->ending)
    purple_notify_error (session->gc, NULL, "The group could not be removed on the server.", session_explain (answer));
}

void
edits_remove_group (PurpleConnection *gc, PurpleGroup *group)
{
  Session *session = session_of_ready (gc);
  const ListGroup *found = session != NULL ? contact_list_find_group (session->list, purple_group_get_name (group)) : NULL;

  if (found != NULL && !g_str_equal (found->id, "0"))
    notification_ask (session, "RMG", found->id, NULL, on_group_removed, g_strdup (found->id), g_free);
}
