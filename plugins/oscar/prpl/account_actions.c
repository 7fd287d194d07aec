/* SPDX-License-Identifier: GPL-2.0-or-later */
/* account_actions.c - the account's menu, and its password. */
#include "account_actions.h"

#include <string.h>

#include "account_admin.h"
#include "authorization.h"
#include "charset.h"
#include "contact_edits.h"
#include "contacts.h"
#include "icq_details.h"
#include "icq_permissions.h"
#include "searches.h"
#include "service.h"
#include "services.h"

#define PASSWORD_MOST 1000
#define EMAIL_MOST 320

/* -- The password --------------------------------------------------------- */

static void
on_password (Session *session, const Snac *reply, gpointer data)
{
  Reader tlvs;
  guint16 error = 0;

  if (session->ending)
    return;
  if (reply == NULL || reply->subtype != 0x05 || !admin_parse_reply (reply->body, &tlvs, &error))
    purple_notify_error (session->gc, NULL, "The password was not changed.", session_explain (reply));
  else if (error != 0)
    purple_notify_error (session->gc, NULL, "The password was not changed.", admin_error_text (error));
  else
    {
      purple_account_set_password (session->account, data);
      purple_notify_info (session->gc, NULL, "The password was changed.", NULL);
    }
}

static void
free_password (gpointer data)
{
  memset (data, 0, strlen (data));
  g_free (data);
}

void
account_actions_change_password (PurpleConnection *gc, const char *old_password, const char *new_password)
{
  Session *session = session_of (gc);

  if (!session_is_ready (session))
    return;
  if (strlen (new_password) > PASSWORD_MOST || strlen (old_password) > PASSWORD_MOST)
    purple_notify_error (gc, NULL, "The password was not changed.", "It is too long.");
  else
    services_ask (session, FAMILY_ADMIN, 0x04, admin_build_password (old_password, new_password), SEND_USER,
                  on_password, g_strdup (new_password), free_password);
}

static void
do_change_password (PurplePluginAction *action)
{
  purple_account_request_change_password (purple_connection_get_account (action->context));
}

/* -- The rest of family 07 ------------------------------------------------ */

static void
on_confirmed (Session *session, const Snac *reply, gpointer data)
{
  if (session->ending)
    return;
  purple_notify_info (session->gc, NULL, "Confirming the account",
                      reply != NULL && reply->subtype == 0x07 ? admin_confirm_text (reply->body) : session_explain (reply));
}

static void
do_confirm (PurplePluginAction *action)
{
  Session *session = session_of (action->context);

  if (session_is_ready (session))
    services_ask (session, FAMILY_ADMIN, 0x06, NULL, SEND_USER, on_confirmed, NULL, NULL);
}

static void
on_email (Session *session, const Snac *reply, gpointer data)
{
  Reader tlvs;
  guint16 error = 0;
  Tlv tlv;
  g_autofree char *email = NULL;

  if (session->ending)
    return;
  if (reply == NULL || reply->subtype == SNAC_ERROR || !admin_parse_reply (reply->body, &tlvs, &error))
    purple_notify_error (session->gc, NULL, "The registered e-mail address", session_explain (reply));
  else if (error != 0)
    purple_notify_error (session->gc, NULL, "The registered e-mail address", admin_error_text (error));
  else
    {
      email = tlv_find (tlvs, ADMIN_EMAIL, &tlv) ? charset_decode_any (tlv_reader (&tlv), NULL) : g_strdup ("");
      purple_notify_info (session->gc, NULL, "The registered e-mail address", *email != '\0' ? email : "There is none.");
    }
}

static void
do_show_email (PurplePluginAction *action)
{
  Session *session = session_of (action->context);

  if (session_is_ready (session))
    services_ask (session, FAMILY_ADMIN, 0x02, admin_build_question (ADMIN_EMAIL), SEND_USER, on_email, NULL, NULL);
}

static void
on_new_email (PurpleConnection *gc, const char *email)
{
  Session *session = session_of (gc);

  if (session_is_ready (session) && email != NULL && *email != '\0' && strlen (email) <= EMAIL_MOST)
    services_ask (session, FAMILY_ADMIN, 0x04, admin_build_change (ADMIN_EMAIL, email), SEND_USER, on_email, NULL, NULL);
}

static void
do_change_email (PurplePluginAction *action)
{
  PurpleConnection *gc = action->context;

  purple_request_input (gc, NULL, "Change the registered e-mail address to", NULL, NULL, FALSE, FALSE, NULL,
                        "_OK", G_CALLBACK (on_new_email), "_Cancel", NULL, purple_connection_get_account (gc), NULL, NULL, gc);
}

/* -- Searching ------------------------------------------------------------ */

static void
ask_for (PurplePluginAction *action, const char *question, GCallback callback)
{
  PurpleConnection *gc = action->context;

  purple_request_input (gc, NULL, question, NULL, NULL, FALSE, FALSE, NULL, "_OK", callback, "_Cancel", NULL,
                        purple_connection_get_account (gc), NULL, NULL, gc);
}

static void
do_search_email (PurplePluginAction *action)
{
  ask_for (action, "Search for the e-mail address", G_CALLBACK (searches_by_email));
}

static void
do_search_uin (PurplePluginAction *action)
{
  ask_for (action, "Search for the ICQ number", G_CALLBACK (searches_by_uin));
}

static void
on_names (PurpleConnection *gc, PurpleRequestFields *fields)
{
  searches_by_name (gc, purple_request_fields_get_string (fields, "first"), purple_request_fields_get_string (fields, "last"),
                    purple_request_fields_get_string (fields, "nick"));
}

static void
on_own_entry (PurpleConnection *gc, PurpleRequestFields *fields)
{
  searches_set_own_entry (gc, purple_request_fields_get_string (fields, "first"), purple_request_fields_get_string (fields, "last"),
                          purple_request_fields_get_string (fields, "nick"), purple_request_fields_get_string (fields, "city"),
                          purple_request_fields_get_string (fields, "country"), TRUE);
}

static void
ask_names (PurpleConnection *gc, const char *title, gboolean place, GCallback callback)
{
  PurpleRequestFields *fields = purple_request_fields_new ();
  PurpleRequestFieldGroup *group = purple_request_field_group_new (NULL);

  purple_request_fields_add_group (fields, group);
  purple_request_field_group_add_field (group, purple_request_field_string_new ("first", "First name", NULL, FALSE));
  purple_request_field_group_add_field (group, purple_request_field_string_new ("last", "Last name", NULL, FALSE));
  purple_request_field_group_add_field (group, purple_request_field_string_new ("nick", "Nick", NULL, FALSE));
  if (place)
    {
      purple_request_field_group_add_field (group, purple_request_field_string_new ("city", "City", NULL, FALSE));
      purple_request_field_group_add_field (group, purple_request_field_string_new ("country", "Country", NULL, FALSE));
    }
  if (purple_request_fields (gc, title, title, NULL, fields, "_OK", callback, "_Cancel", NULL,
                             purple_connection_get_account (gc), NULL, NULL, gc) == NULL)
    purple_request_fields_destroy (fields);
}

static void
do_search_names (PurplePluginAction *action)
{
  ask_names (action->context, "Search by name", FALSE, G_CALLBACK (on_names));
}

static void
do_set_entry (PurplePluginAction *action)
{
  ask_names (action->context, "Your entry in the directory", TRUE, G_CALLBACK (on_own_entry));
}

static void
do_set_info (PurplePluginAction *action)
{
  purple_account_request_change_user_info (purple_connection_get_account (action->context));
}

/* -- Authorization, and ICQ's privacy ------------------------------------- */

static void
do_show_awaiting (PurplePluginAction *action)
{
  Session *session = session_of (action->context);
  GList *items = session != NULL ? feedbag_list (contacts_get_feedbag (session)) : NULL;
  g_autoptr (GString) names = g_string_new (NULL);

  for (GList *l = items; l != NULL; l = l->next)
    {
      const FeedbagItem *item = l->data;

      if (item->class == FEEDBAG_BUDDY && feedbag_item_has (item, FEEDBAG_ATTR_AWAITING))
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", item->name);
    }
  g_list_free (items);
  purple_notify_info (action->context, NULL, "Contacts that have not authorized you", names->len > 0 ? names->str : "There are none.");
}

static void
on_privacy (PurpleConnection *gc, PurpleRequestFields *fields)
{
  Session *session = session_of (gc);

  if (session_is_ready (session))
    icq_permissions_set (session, purple_request_fields_get_bool (fields, "authorization"), purple_request_fields_get_bool (fields, "web_aware"));
}

static void
do_privacy (PurplePluginAction *action)
{
  PurpleConnection *gc = action->context;
  PurpleAccount *account = purple_connection_get_account (gc);
  PurpleRequestFields *fields = purple_request_fields_new ();
  PurpleRequestFieldGroup *group = purple_request_field_group_new (NULL);

  purple_request_fields_add_group (fields, group);
  purple_request_field_group_add_field (group, purple_request_field_bool_new (
                                          "authorization", "Others must ask before they add me",
                                          purple_account_get_bool (account, "authorization", TRUE)));
  purple_request_field_group_add_field (group, purple_request_field_bool_new (
                                          "web_aware", "My presence may be shown on the web",
                                          purple_account_get_bool (account, "web_aware", FALSE)));
  if (purple_request_fields (gc, "ICQ privacy", "ICQ privacy", NULL, fields, "_OK", G_CALLBACK (on_privacy), "_Cancel", NULL,
                             account, NULL, NULL, gc) == NULL)
    purple_request_fields_destroy (fields);
}

static void
do_set_details (PurplePluginAction *action)
{
  Session *session = session_of (action->context);

  if (session_is_ready (session))
    icq_details_edit (session);
}

GList *
account_actions_list (PurplePlugin *plugin, gpointer context)
{
  static const struct {
    const char *label;
    void (*call) (PurplePluginAction *action);
    gboolean aim, icq;
  } rows[] = {
    { "Set User Info...", do_set_info, TRUE, TRUE },
    { "Change Password...", do_change_password, TRUE, TRUE },
    { "Set Directory Entry...", do_set_entry, TRUE, FALSE },
    { "Set My Details...", do_set_details, FALSE, TRUE },
    { "Privacy Options...", do_privacy, FALSE, TRUE },
    { "Confirm Account", do_confirm, TRUE, FALSE },
    { "Display Registered Email Address", do_show_email, TRUE, FALSE },
    { "Change Registered Email Address...", do_change_email, TRUE, FALSE },
    { "Show Buddies Awaiting Authorization", do_show_awaiting, TRUE, TRUE },
    { "Search for Buddy by Email Address...", do_search_email, TRUE, TRUE },
    { "Search for Buddy by Name...", do_search_names, TRUE, TRUE },
    { "Search for Buddy by Number...", do_search_uin, FALSE, TRUE },
  };
  Session *session = session_of (context);
  GList *actions = NULL;

  for (guint i = 0; session != NULL && i < G_N_ELEMENTS (rows); i++)
    if (session->icq ? rows[i].icq : rows[i].aim)
      actions = g_list_append (actions, purple_plugin_action_new (rows[i].label, rows[i].call));
  return actions;
}

/* -- The menu of a contact ------------------------------------------------ */

static void
on_comment (PurpleConnection *gc, const char *comment)
{
  Session *session = session_of (gc);

  if (session_is_ready (session) && session->commented != NULL)
    contact_edits_set_comment (gc, session->commented, comment);
}

static void
edit_comment (PurpleBlistNode *node, gpointer data)
{
  PurpleBuddy *buddy = (PurpleBuddy *) node;
  PurpleAccount *account = purple_buddy_get_account (buddy);
  Session *session = session_of (purple_account_get_connection (account));
  const FeedbagItem *item = session != NULL ? feedbag_find (contacts_get_feedbag (session), FEEDBAG_BUDDY, purple_buddy_get_name (buddy)) : NULL;
  g_autofree char *comment = item != NULL ? feedbag_item_dup_string (item, FEEDBAG_ATTR_COMMENT, NULL) : NULL;

  if (session == NULL)
    return;
  /* The contact may be gone when the answer comes: its name is kept, of one question at a time. */
  purple_request_close_with_handle (&session->commented);
  g_free (session->commented);
  session->commented = g_strdup (purple_buddy_get_name (buddy));
  purple_request_input (&session->commented, NULL, "Comment", NULL, comment, TRUE, FALSE, NULL, "_OK", G_CALLBACK (on_comment),
                        "_Cancel", NULL, account, session->commented, NULL, session->gc);
}

static void
ask_again (PurpleBlistNode *node, gpointer data)
{
  PurpleBuddy *buddy = (PurpleBuddy *) node;
  Session *session = session_of (purple_account_get_connection (purple_buddy_get_account (buddy)));

  if (session_is_ready (session))
    authorization_send (session, purple_buddy_get_name (buddy), NULL);
}

GList *
account_actions_list_for_node (PurpleBlistNode *node)
{
  PurpleBuddy *buddy;
  Session *session;
  GList *menu = NULL;

  if (!PURPLE_BLIST_NODE_IS_BUDDY (node))
    return NULL;
  buddy = (PurpleBuddy *) node;
  session = session_of (purple_account_get_connection (purple_buddy_get_account (buddy)));
  if (session == NULL)
    return NULL;
  menu = g_list_append (menu, purple_menu_action_new ("Edit Comment...", PURPLE_CALLBACK (edit_comment), NULL, NULL));
  if (contacts_is_awaiting (session, purple_buddy_get_name (buddy)))
    menu = g_list_append (menu, purple_menu_action_new ("Ask for Authorization Again", PURPLE_CALLBACK (ask_again), NULL, NULL));
  return menu;
}
