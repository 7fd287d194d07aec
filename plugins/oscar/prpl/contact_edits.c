/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contact_edits.c - what a user does to contacts and groups, made true on the server.
 *
 * libpurple has changed its own list already when it calls us.  When the server says no, that is taken back, and told.  */
#include "contact_edits.h"

#include "authorization.h"
#include "contacts.h"
#include "list_edits.h"
#include "screen_names.h"

static void
tell_failure (Session *session, const char *what, const char *who, const char *why)
{
  g_autofree char *title = g_strdup_printf ("%s %s failed.", what, who);

  purple_notify_error (session->gc, NULL, title, why);
}

static PurpleBuddy *
find (Session *session, const char *who, const char *group_name)
{
  PurpleGroup *group = group_name != NULL ? purple_find_group (group_name) : NULL;

  return group != NULL ? purple_find_buddy_in_group (session->account, who, group) : NULL;
}

/* Takes out of libpurple's list only. */
static void
take_out (Session *session, const char *who, const char *group)
{
  PurpleBuddy *buddy = find (session, who, group);

  contacts_begin_changing (session);
  if (buddy != NULL)
    purple_blist_remove_buddy (buddy);
  contacts_end_changing (session);
}

/* -- Adding --------------------------------------------------------------- */

static void
on_added (Session *session, const FeedbagEdit *edit, guint16 result, const char *why)
{
  /* Only now: an answer must find the entry that it is about. */
  if (result == FEEDBAG_RESULT_OK && edit->awaiting)
    authorization_send (session, edit->name, edit->text);
  if (result == FEEDBAG_RESULT_OK)
    return;
  if (result == FEEDBAG_RESULT_AUTHORIZE && !edit->awaiting)
    {
      authorization_is_needed (session, edit->name, edit->group, edit->text);
      return;
    }
  take_out (session, edit->name, edit->group);
  tell_failure (session, "Adding", edit->name, why);
}

void
contact_edits_add (PurpleConnection *gc, PurpleBuddy *buddy, PurpleGroup *group, const char *message)
{
  Session *session = session_of (gc);
  const char *name = purple_buddy_get_name (buddy);
  g_autofree char *normal = screen_name_dup_normal (name);

  if (session == NULL || contacts_are_changing (session))
    return;
  if (!screen_name_is_valid (name))
    {
      g_autofree char *who = g_strdup (name);

      contacts_begin_changing (session);
      purple_blist_remove_buddy (buddy);
      contacts_end_changing (session);
      tell_failure (session, "Adding", who, "This is not a name on this network.");
      return;
    }
  list_edits_queue (session, feedbag_edit_new (EDIT_ADD_BUDDY, normal, purple_group_get_name (group), message), on_added);
}

void
contact_edits_add_awaiting (PurpleConnection *gc, const char *who, const char *group, const char *reason)
{
  Session *session = session_of (gc);
  FeedbagEdit *edit;

  if (session == NULL)
    return;
  edit = feedbag_edit_new (EDIT_ADD_BUDDY, who, group, reason);
  edit->awaiting = TRUE;
  list_edits_queue (session, edit, on_added);
}

/* -- Removing ------------------------------------------------------------- */

/* Shows everybody of that name again that the server still has. */
static void
show_again (Session *session, const char *who)
{
  GList *items = feedbag_list (contacts_get_feedbag (session));

  for (GList *l = items; l != NULL; l = l->next)
    {
      FeedbagItem *item = l->data;

      if (item->class == FEEDBAG_BUDDY && screen_name_equal (item->name, who))
        contacts_show (session, item);
    }
  g_list_free (items);
}

static void
on_removed (Session *session, const FeedbagEdit *edit, guint16 result, const char *why)
{
  if (result == FEEDBAG_RESULT_OK)
    return;
  show_again (session, edit->name);
  tell_failure (session, "Removing", edit->name, why);
}

void
contact_edits_remove (PurpleConnection *gc, PurpleBuddy *buddy, PurpleGroup *group)
{
  Session *session = session_of (gc);

  if (session == NULL || contacts_are_changing (session))
    return;
  list_edits_queue (session, feedbag_edit_new (EDIT_REMOVE_BUDDY, purple_buddy_get_name (buddy),
                                               group != NULL ? purple_group_get_name (group) : NULL, NULL), on_removed);
}

/* -- Moving --------------------------------------------------------------- */

static void
on_moved (Session *session, const FeedbagEdit *edit, guint16 result, const char *why)
{
  if (result == FEEDBAG_RESULT_OK)
    return;
  take_out (session, edit->name, edit->text);
  show_again (session, edit->name);
  tell_failure (session, "Moving", edit->name, why);
}

void
contact_edits_move (PurpleConnection *gc, const char *who, const char *old_group, const char *new_group)
{
  Session *session = session_of (gc);

  if (session == NULL || contacts_are_changing (session) || g_strcmp0 (old_group, new_group) == 0)
    return;
  list_edits_queue (session, feedbag_edit_new (EDIT_MOVE_BUDDY, who, old_group, new_group), on_moved);
}

/* -- Aliases and comments ------------------------------------------------- */

static void
on_named (Session *session, const FeedbagEdit *edit, guint16 result, const char *why)
{
  if (result == FEEDBAG_RESULT_OK)
    return;
  show_again (session, edit->name);
  tell_failure (session, "Naming", edit->name, why);
}

void
contact_edits_alias (PurpleConnection *gc, const char *who, const char *alias)
{
  Session *session = session_of (gc);

  if (session == NULL || contacts_are_changing (session))
    return;
  list_edits_queue (session, feedbag_edit_new (EDIT_SET_ALIAS, who, NULL, alias), on_named);
}

void
contact_edits_set_comment (PurpleConnection *gc, const char *who, const char *comment)
{
  Session *session = session_of (gc);

  if (session != NULL)
    list_edits_queue (session, feedbag_edit_new (EDIT_SET_COMMENT, who, NULL, comment), on_named);
}

/* -- Groups --------------------------------------------------------------- */

static void
on_group_renamed (Session *session, const FeedbagEdit *edit, guint16 result, const char *why)
{
  PurpleGroup *group = purple_find_group (edit->text);

  if (result == FEEDBAG_RESULT_OK)
    return;
  contacts_begin_changing (session);
  if (group != NULL)
    purple_blist_rename_group (group, edit->group);
  contacts_end_changing (session);
  tell_failure (session, "Renaming", edit->group, why);
}

void
contact_edits_rename_group (PurpleConnection *gc, const char *old_name, PurpleGroup *group, GList *moved)
{
  Session *session = session_of (gc);
  const char *new_name = purple_group_get_name (group);
  Feedbag *feedbag;

  if (session == NULL || contacts_are_changing (session) || g_strcmp0 (old_name, new_name) == 0)
    return;
  feedbag = contacts_get_feedbag (session);
  if (feedbag_find_group (feedbag, new_name) == NULL)
    {
      list_edits_queue (session, feedbag_edit_new (EDIT_RENAME_GROUP, NULL, old_name, new_name), on_group_renamed);
      return;
    }
  /* Two groups become one. */
  for (GList *l = moved; l != NULL; l = l->next)
    list_edits_queue (session, feedbag_edit_new (EDIT_MOVE_BUDDY, purple_buddy_get_name (l->data), old_name, new_name), on_moved);
  list_edits_queue (session, feedbag_edit_new (EDIT_REMOVE_GROUP, NULL, old_name, NULL), NULL);
}

static void
on_group_removed (Session *session, const FeedbagEdit *edit, guint16 result, const char *why)
{
  if (result != FEEDBAG_RESULT_OK)
    tell_failure (session, "Removing the group", edit->group, why);
}

void
contact_edits_remove_group (PurpleConnection *gc, PurpleGroup *group)
{
  Session *session = session_of (gc);

  if (session != NULL && !contacts_are_changing (session))
    list_edits_queue (session, feedbag_edit_new (EDIT_REMOVE_GROUP, NULL, purple_group_get_name (group), NULL), on_group_removed);
}
