/* SPDX-License-Identifier: GPL-2.0-or-later */
/* privacy_lists.c - who may see and reach us: the mode, permits, denials, and ICQ's ignored ones.
 *
 * libpurple's five modes have the numbers that the server's list has.  Servers heed denials only in the mode for them, so
 * that the first denial sets it.  */
#include "privacy_lists.h"

#include "contacts.h"
#include "list_edits.h"
#include "screen_names.h"

static void
add_local (Session *session, guint16 class, const char *name)
{
  if (class == FEEDBAG_PERMIT)
    purple_privacy_permit_add (session->account, name, TRUE);
  else
    purple_privacy_deny_add (session->account, name, TRUE);
}

static void
remove_local (Session *session, guint16 class, const char *name)
{
  if (class == FEEDBAG_PERMIT)
    purple_privacy_permit_remove (session->account, name, TRUE);
  else
    purple_privacy_deny_remove (session->account, name, TRUE);
}

static gboolean
is_list (guint16 class)
{
  return class == FEEDBAG_PERMIT || class == FEEDBAG_DENY || class == FEEDBAG_IGNORE;
}

static void
take_mode (Session *session, const FeedbagItem *item)
{
  guint32 mode = PURPLE_PRIVACY_ALLOW_ALL;
  Tlv tlv;

  if (item != NULL && tlv_find (feedbag_item_attributes (item), FEEDBAG_ATTR_MODE, &tlv))
    mode = tlv_uint (&tlv);
  if (mode < PURPLE_PRIVACY_ALLOW_ALL || mode > PURPLE_PRIVACY_ALLOW_BUDDYLIST)
    mode = PURPLE_PRIVACY_ALLOW_ALL;
  /* In ICQ the mode follows the status; libpurple would refuse messages by it. */
  if (session->icq && mode != PURPLE_PRIVACY_DENY_USERS)
    mode = PURPLE_PRIVACY_ALLOW_ALL;
  session->account->perm_deny = (PurplePrivacyType) mode;
}

static void
drop_others (Session *session, GSList *names, guint16 class)
{
  GSList *copy = g_slist_copy_deep (names, (GCopyFunc) (void (*) (void)) g_strdup, NULL);

  for (GSList *l = copy; l != NULL; l = l->next)
    if (!contacts_is_listed (session, class, l->data) && !(class == FEEDBAG_DENY && contacts_is_listed (session, FEEDBAG_IGNORE, l->data)))
      remove_local (session, class, l->data);
  g_slist_free_full (copy, g_free);
}

void
privacy_lists_take (Session *session)
{
  GList *items = feedbag_list (contacts_get_feedbag (session));

  contacts_begin_changing (session);
  for (GList *l = items; l != NULL; l = l->next)
    {
      FeedbagItem *item = l->data;

      if (is_list (item->class) && !screen_name_is_empty (item->name))
        add_local (session, item->class, item->name);
    }
  drop_others (session, session->account->permit, FEEDBAG_PERMIT);
  drop_others (session, session->account->deny, FEEDBAG_DENY);
  take_mode (session, feedbag_find_class (contacts_get_feedbag (session), FEEDBAG_PRIVACY));
  contacts_end_changing (session);
  g_list_free (items);
}

void
privacy_lists_learn (Session *session, const FeedbagItem *item)
{
  contacts_begin_changing (session);
  if (is_list (item->class) && !screen_name_is_empty (item->name))
    add_local (session, item->class, item->name);
  else if (item->class == FEEDBAG_PRIVACY)
    take_mode (session, item);
  contacts_end_changing (session);
}

void
privacy_lists_forget (Session *session, const FeedbagItem *item)
{
  contacts_begin_changing (session);
  if (is_list (item->class) && !screen_name_is_empty (item->name))
    remove_local (session, item->class, item->name);
  contacts_end_changing (session);
}

/* -- What the user changes ------------------------------------------------ */

static void
on_listed (Session *session, const FeedbagEdit *edit, guint16 result, const char *why)
{
  g_autofree char *title = NULL;

  if (result == FEEDBAG_RESULT_OK)
    return;
  contacts_begin_changing (session);
  if (edit->verb == EDIT_LIST_NAME)
    remove_local (session, edit->class, edit->name);
  else
    add_local (session, edit->class, edit->name);
  contacts_end_changing (session);
  title = g_strdup_printf ("The privacy list was not changed for %s.", edit->name);
  purple_notify_error (session->gc, NULL, title, why);
}

static void
on_mode (Session *session, const FeedbagEdit *edit, guint16 result, const char *why)
{
  if (result == FEEDBAG_RESULT_OK)
    return;
  take_mode (session, feedbag_find_class (contacts_get_feedbag (session), FEEDBAG_PRIVACY));
  purple_notify_error (session->gc, NULL, "The privacy mode was not changed.", why);
}

static void
queue_mode (Session *session, guint mode)
{
  FeedbagEdit *edit = feedbag_edit_new (EDIT_SET_PRIVACY, NULL, NULL, NULL);

  edit->mode = (guint8) mode;
  list_edits_queue (session, edit, on_mode);
}

static void
change_list (PurpleConnection *gc, FeedbagVerb verb, guint16 class, const char *name)
{
  Session *session = session_of (gc);
  g_autofree char *normal = screen_name_dup_normal (name);
  FeedbagEdit *edit;

  if (session == NULL || contacts_are_changing (session))
    return;
  if (verb == EDIT_LIST_NAME && !screen_name_is_valid (normal))
    {
      contacts_begin_changing (session);
      remove_local (session, class, name);
      contacts_end_changing (session);
      purple_notify_error (gc, NULL, "The privacy list was not changed.", "This is not a name on this network.");
      return;
    }
  edit = feedbag_edit_new (verb, normal, NULL, NULL);
  edit->class = class;
  list_edits_queue (session, edit, on_listed);
}

void
privacy_lists_add_permit (PurpleConnection *gc, const char *name)
{
  change_list (gc, EDIT_LIST_NAME, FEEDBAG_PERMIT, name);
}

void
privacy_lists_remove_permit (PurpleConnection *gc, const char *name)
{
  change_list (gc, EDIT_UNLIST_NAME, FEEDBAG_PERMIT, name);
}

void
privacy_lists_add_deny (PurpleConnection *gc, const char *name)
{
  Session *session = session_of (gc);

  change_list (gc, EDIT_LIST_NAME, FEEDBAG_DENY, name);
  if (session == NULL || contacts_are_changing (session) || session->account->perm_deny == PURPLE_PRIVACY_DENY_ALL
      || session->account->perm_deny == PURPLE_PRIVACY_ALLOW_USERS || session->account->perm_deny == PURPLE_PRIVACY_ALLOW_BUDDYLIST)
    return;
  session->account->perm_deny = PURPLE_PRIVACY_DENY_USERS;
  queue_mode (session, PURPLE_PRIVACY_DENY_USERS);
}

void
privacy_lists_remove_deny (PurpleConnection *gc, const char *name)
{
  Session *session = session_of (gc);

  change_list (gc, EDIT_UNLIST_NAME, FEEDBAG_DENY, name);
  if (session != NULL && contacts_is_listed (session, FEEDBAG_IGNORE, name))
    change_list (gc, EDIT_UNLIST_NAME, FEEDBAG_IGNORE, name);
}

void
privacy_lists_set_mode (PurpleConnection *gc)
{
  Session *session = session_of (gc);

  if (session == NULL || session->icq || contacts_are_changing (session) || !contacts_are_loaded (session))
    return;
  /* Without an item for it everybody is allowed: that need not be said. */
  if (session->account->perm_deny == PURPLE_PRIVACY_ALLOW_ALL && feedbag_find_class (contacts_get_feedbag (session), FEEDBAG_PRIVACY) == NULL)
    return;
  queue_mode (session, session->account->perm_deny);
}
