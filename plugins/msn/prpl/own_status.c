/* SPDX-License-Identifier: GPL-2.0-or-later */
/* own_status.c - our own presence, name, personal message and tune.
 *
 * Servers do not tell others of another picture when the state stays the same: a new one is published by another state and
 * back (16.4).  They do not keep the personal message: it is sent after the first state of each sign-in (16.3).  */
#include "own_status.h"

#include <string.h>

#include "notification.h"
#include "percent.h"
#include "personal_message.h"
#include "pictures.h"
#include "plain_text.h"
#include "presence_line.h"
#include "signon.h"

#define LONGEST_PERSONAL_MESSAGE 512

struct OwnStatus {
  gboolean idle;
  char *sent;           /* arguments of the last CHG */
  char *personal;       /* payload of the last UUX */
  char code[4];         /* that is in force */
};

OwnStatus *
own_status_new (Session *session)
{
  return g_new0 (OwnStatus, 1);
}

void
own_status_free (OwnStatus *own)
{
  g_free (own->sent);
  g_free (own->personal);
  g_free (own);
}

static const char *
get_code (Session *session)
{
  PurpleStatus *status = purple_account_get_active_status (session->account);
  const char *code = presence_status_to_code (purple_status_get_id (status));

  /* Offline is only ever received. */
  if (code == NULL || g_str_equal (code, "FLN"))
    code = "NLN";
  return session->own->idle && g_str_equal (code, "NLN") ? "IDL" : code;
}

gboolean
own_status_is_hidden (Session *session)
{
  return g_str_equal (session->own->code, "HDN");
}

static char *
build_state (Session *session, const char *code)
{
  const char *object = session->dialect >= 9 ? pictures_get_own_object (session) : NULL;
  g_autofree char *encoded = object != NULL ? percent_dup_encoded (object) : NULL;

  if (session->dialect < 8)
    return g_strdup (code);
  return g_strdup_printf ("%s %u%s%s", code, CAPABILITIES_OWN, encoded != NULL ? " " : "", encoded != NULL ? encoded : "");
}

static void
on_changed (Session *session, const Command *answer, gpointer data)
{
  if (answer != NULL && answer->error == 0)
    g_strlcpy (session->own->code, command_arg (answer, 0), sizeof session->own->code);
  else if (!session->ending)
    purple_debug_warning ("msn", "our state was not changed: %s\n", session_explain (answer));
}

static void
send_state (Session *session, const char *code, AnswerFunc func)
{
  char *args = build_state (session, code);

  g_free (session->own->sent);
  session->own->sent = args;
  notification_ask (session, "CHG", args, NULL, func, NULL, NULL);
}

/* -- The personal message ------------------------------------------------------------------- */

/* In one line, without markup. */
static char *
dup_message (Session *session)
{
  PurpleStatus *status = purple_account_get_active_status (session->account);
  const char *html = purple_status_get_attr_string (status, "message");
  g_auto (TextFormat) format = { 0 };
  char *text = html != NULL ? plain_text_from_html (html, &format) : g_strdup ("");
  char *end = text;

  g_strdelimit (text, "\r\n", ' ');
  while (*end != '\0' && g_utf8_next_char (end) - text <= LONGEST_PERSONAL_MESSAGE)
    end = g_utf8_next_char (end);
  *end = '\0';
  return text;
}

static char *
build_personal (Session *session)
{
  PurplePresence *presence = purple_account_get_presence (session->account);
  PurpleStatus *tune = purple_presence_get_status (presence, "tune");
  g_autofree char *text = dup_message (session);
  const char *title, *game, *office;

  if (tune == NULL || !purple_status_is_active (tune))
    return personal_message_build (text, MEDIA_NONE, NULL, NULL, NULL);
  title = purple_status_get_attr_string (tune, PURPLE_TUNE_TITLE);
  game = purple_status_get_attr_string (tune, "game");
  office = purple_status_get_attr_string (tune, "office");
  if (title != NULL && *title != '\0')
    return personal_message_build (text, MEDIA_MUSIC, title, purple_status_get_attr_string (tune, PURPLE_TUNE_ARTIST),
                                   purple_status_get_attr_string (tune, PURPLE_TUNE_ALBUM));
  if (game != NULL && *game != '\0')
    return personal_message_build (text, MEDIA_GAME, game, NULL, NULL);
  return personal_message_build (text, MEDIA_OFFICE, office, NULL, NULL);
}

static void
send_personal (Session *session)
{
  g_autofree char *payload = NULL;

  if (session->dialect < 11)
    return;
  payload = build_personal (session);
  if (g_strcmp0 (payload, session->own->personal) == 0)
    return;
  g_free (session->own->personal);
  session->own->personal = g_strdup (payload);
  notification_ask (session, "UUX", NULL, payload, NULL, NULL, NULL);
}

/* -- The state --------------------------------------------------------------------------------- */

static void
update (Session *session)
{
  const char *code = get_code (session);
  g_autofree char *args = build_state (session, code);

  if (g_strcmp0 (args, session->own->sent) != 0)
    send_state (session, code, on_changed);
  send_personal (session);
}

static void
on_announced (Session *session, const Command *answer, gpointer data)
{
  if (session->ending)
    return;
  if (answer != NULL && command_is (answer, "XFR"))
    {
      signon_move (session, answer);
      return;
    }
  if (answer == NULL || answer->error > 0)
    {
      session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The server did not take our presence: %s", session_explain (answer));
      return;
    }
  on_changed (session, answer, NULL);
  signon_is_announced (session);
  send_personal (session);
  /* The user may have changed it meanwhile. */
  update (session);
}

void
own_status_announce (Session *session)
{
  g_clear_pointer (&session->own->personal, g_free);
  send_state (session, get_code (session), on_announced);
}

void
own_status_publish_object (Session *session)
{
  const char *code = get_code (session);
  g_autofree char *args = build_state (session, code);

  if (!session->ready || session->dialect < 9 || g_strcmp0 (args, session->own->sent) == 0)
    return;
  if (!g_str_equal (code, "HDN"))
    send_state (session, g_str_equal (code, "BRB") ? "BSY" : "BRB", on_changed);
  send_state (session, code, on_changed);
}

void
own_status_set (PurpleAccount *account, PurpleStatus *status)
{
  Session *session = session_of_ready (purple_account_get_connection (account));

  if (session != NULL)
    update (session);
}

void
own_status_set_idle (PurpleConnection *gc, int seconds)
{
  Session *session = session_of (gc);

  if (session == NULL)
    return;
  session->own->idle = seconds > 0;
  if (session->ready && !session->ending)
    update (session);
}

/* -- The name ------------------------------------------------------------------------------------- */

typedef struct {
  char *name;
  PurpleSetPublicAliasSuccessCallback success;
  PurpleSetPublicAliasFailureCallback failure;
} Naming;

static void
naming_free (gpointer data)
{
  Naming *naming = data;

  g_free (naming->name);
  g_free (naming);
}

static void
on_named (Session *session, const Command *answer, gpointer data)
{
  Naming *naming = data;

  if (answer != NULL && answer->error == 0)
    {
      g_free (session->list->own_name);
      session->list->own_name = g_strdup (naming->name);
      purple_connection_set_display_name (session->gc, naming->name);
      if (naming->success != NULL)
        naming->success (session->account, naming->name);
    }
  else if (naming->failure != NULL)
    naming->failure (session->account, session_explain (answer));
  else if (!session->ending)
    purple_notify_error (session->gc, NULL, "The display name was not changed.", session_explain (answer));
}

void
own_status_set_alias (PurpleConnection *gc, const char *alias, PurpleSetPublicAliasSuccessCallback success,
                      PurpleSetPublicAliasFailureCallback failure)
{
  Session *session = session_of_ready (gc);
  const char *wanted = alias != NULL && *alias != '\0' ? alias : session != NULL ? session->name : "";
  const char *command;
  g_autofree char *args = NULL;
  Naming *naming;

  if (session == NULL)
    {
      if (failure != NULL)
        failure (purple_connection_get_account (gc), "The account is not signed in.");
      return;
    }
  args = list_lines_build_own_name (session->dialect, session->name, wanted, &command);
  naming = g_new0 (Naming, 1);
  naming->name = percent_dup_clean (wanted, -1);
  naming->success = success;
  naming->failure = failure;
  notification_ask (session, command, args, NULL, on_named, naming, naming_free);
}

void
own_status_get_alias (PurpleConnection *gc, PurpleGetPublicAliasSuccessCallback success, PurpleGetPublicAliasFailureCallback failure)
{
  Session *session = session_of_ready (gc);

  if (session != NULL && success != NULL)
    success (session->account, session->list->own_name != NULL ? session->list->own_name : session->name);
  else if (session == NULL && failure != NULL)
    failure (purple_connection_get_account (gc), "The account is not signed in.");
}

/* -- What the user can ask for ------------------------------------------------------------------------ */

static void
on_name_entered (gpointer data, const char *name)
{
  own_status_set_alias (data, name, NULL, NULL);
}

static void
ask_name (PurplePluginAction *action)
{
  PurpleConnection *gc = action->context;
  Session *session = session_of_ready (gc);

  if (session != NULL)
    purple_request_input (gc, NULL, "Set your display name.", "This is the name that others see.", session->list->own_name, FALSE, FALSE, NULL,
                          "OK", G_CALLBACK (on_name_entered), "Cancel", NULL, session->account, NULL, NULL, gc);
}

static const char *const phone_names[PHONES] = { "PHH", "PHW", "PHM" };

static void
on_phone_entered (gpointer data, const char *number, Phone phone)
{
  Session *session = session_of_ready (data);
  g_autofree char *encoded = percent_dup_encoded_name (number != NULL ? number : "", 95);
  g_autofree char *args = g_strdup_printf ("%s%s%s", phone_names[phone], *encoded != '\0' ? " " : "", encoded);

  if (session != NULL)
    notification_ask (session, "PRP", args, NULL, NULL, NULL, NULL);
}

static void
on_home_entered (gpointer data, const char *number)
{
  on_phone_entered (data, number, PHONE_HOME);
}

static void
on_work_entered (gpointer data, const char *number)
{
  on_phone_entered (data, number, PHONE_WORK);
}

static void
on_mobile_entered (gpointer data, const char *number)
{
  on_phone_entered (data, number, PHONE_MOBILE);
}

static void
ask_phone (PurplePluginAction *action, Phone phone, const char *question, void (*func) (gpointer data, const char *number))
{
  PurpleConnection *gc = action->context;
  Session *session = session_of_ready (gc);

  if (session != NULL && session->dialect >= DIALECT_WITH_GUIDS)
    purple_request_input (gc, NULL, question, NULL, session->list->phones[phone], FALSE, FALSE, NULL, "OK", G_CALLBACK (func), "Cancel", NULL,
                          session->account, NULL, NULL, gc);
}

static void
ask_home (PurplePluginAction *action)
{
  ask_phone (action, PHONE_HOME, "Set your home phone number.", on_home_entered);
}

static void
ask_work (PurplePluginAction *action)
{
  ask_phone (action, PHONE_WORK, "Set your work phone number.", on_work_entered);
}

static void
ask_mobile (PurplePluginAction *action)
{
  ask_phone (action, PHONE_MOBILE, "Set your mobile phone number.", on_mobile_entered);
}

GList *
own_status_list_actions (PurplePlugin *plugin, gpointer context)
{
  GList *actions = NULL;

  actions = g_list_append (actions, purple_plugin_action_new ("Set Friendly Name...", ask_name));
  actions = g_list_append (actions, purple_plugin_action_new ("Set Home Phone Number...", ask_home));
  actions = g_list_append (actions, purple_plugin_action_new ("Set Work Phone Number...", ask_work));
  return g_list_append (actions, purple_plugin_action_new ("Set Mobile Phone Number...", ask_mobile));
}
