/* SPDX-License-Identifier: GPL-2.0-or-later */
/* muc_config.c - how a room is set up: its form (XEP-0045, section 10.2), and what the room is as it follows from that.
 *
 * What can be set, and what the values mean, the worker alone knows: here a setting is a field
 * of the form, and a field of a submitted form a setting. */
#include "config.h"

#include <string.h>

#include "account_form.h"
#include "muc_requests.h"

#define NS_OWNER "http://jabber.org/protocol/muc#owner"
#define NS_CONFIG "http://jabber.org/protocol/muc#roomconfig"
/* wire.def's limits for set-settings. */
#define MOST_VALUES 1024
#define MOST_BYTES 4096

/* -- The form ------------------------------------------------------------- */

static gboolean
on_get (const Stanza *iq, GError **error)
{
  xmpp_stanza_t *answer, *form;
  g_autofree char *title = NULL;

  if (!muc_is_operator (iq, error))
    return FALSE;
  answer = stanza_new_result (iq->stanza);
  form = stanza_add (stanza_add (answer, "query", NS_OWNER), "x", NS_DATA_FORMS);
  title = g_strdup_printf ("Settings of %s", iq->room->name);
  stanza_set (form, "type", "form");
  stanza_add_text (form, "title", title);
  form_add_field (form, "hidden", "FORM_TYPE", NULL, NS_CONFIG);
  return muc_request (iq, &(WireMessage) { .type = WIRE_GET_SETTINGS }, answer, error);
}

static gsize
size_of (const char *const *list)
{
  gsize size = 0;

  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    size += strlen (list[i]) + strlen ("<value></value>");
  return size;
}

void
muc_setting (Session *session, const WireRoomSetting *event)
{
  xmpp_stanza_t *query = muc_request_answer (session, event->room, event->request, 128 + size_of (event->values) + size_of (event->choices));
  xmpp_stanza_t *form = query == NULL ? NULL : stanza_first (query);
  xmpp_stanza_t *field;

  if (form == NULL || g_strcmp0 (event->key, "FORM_TYPE") == 0 || (event->key == NULL && event->kind != WIRE_SETTING_NOTE))
    return;
  field = form_add_field (form, wire_name_of_SettingKind (event->kind), event->key, event->label, NULL);
  for (guint i = 0; event->values != NULL && event->values[i] != NULL; i++)
    stanza_add_text (field, "value", event->values[i]);
  for (guint i = 0; event->choices != NULL && event->choices[i] != NULL && event->choices[i + 1] != NULL; i += 2)
    {
      xmpp_stanza_t *option = stanza_add (field, "option", NULL);

      stanza_set (option, "label", event->choices[i + 1]);
      stanza_add_text (option, "value", event->choices[i]);
    }
  if (event->needed)
    stanza_add (field, "required", NULL);
}

/* -- A submitted one ------------------------------------------------------ */

static void
wipe (gpointer text)
{
  secrets_wipe (text);
}

static gboolean
take_value (GPtrArray *values, const char *var, char *value, GError **error)
{
  gboolean fits = strlen (value) <= MOST_BYTES && values->len + 2 <= MOST_VALUES;

  if (fits)
    {
      g_ptr_array_add (values, g_strdup (var));
      g_ptr_array_add (values, value);
      return TRUE;
    }
  secrets_wipe (value);
  return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "The field “%s” holds too much.", var);
}

static gboolean
take_field (GPtrArray *values, xmpp_stanza_t *field, GError **error)
{
  const char *var = stanza_get (field, "var");
  gboolean any = FALSE;

  if (g_strcmp0 (stanza_get (field, "type"), "fixed") == 0)
    return TRUE;
  if (var == NULL || *var == '\0' || strlen (var) > 128)
    return stanza_refuse (error, STANZA_BAD_REQUEST, "The form has a field without a name, or with too long a one.");
  for (xmpp_stanza_t *child = stanza_first (field); child != NULL; child = stanza_next (child))
    {
      if (!stanza_is (child, "value", NULL))
        continue;
      any = TRUE;
      if (!take_value (values, var, stanza_dup_text (child), error))
        return FALSE;
    }
  return any || take_value (values, var, g_strdup (""), error);
}

static gboolean
take_form (GPtrArray *values, xmpp_stanza_t *form, GError **error)
{
  for (xmpp_stanza_t *field = stanza_first (form); field != NULL; field = stanza_next (field))
    {
      g_autofree char *type = NULL;

      if (!stanza_is (field, "field", NULL))
        continue;
      if (g_strcmp0 (stanza_get (field, "var"), "FORM_TYPE") != 0)
        {
          if (!take_field (values, field, error))
            return FALSE;
          continue;
        }
      type = stanza_dup_child_text (field, "value", NULL);
      if (g_strcmp0 (type, NS_CONFIG) != 0)
        return stanza_refuse (error, STANZA_BAD_REQUEST, "This form is not the one of a room's settings: its FORM_TYPE is another.");
    }
  return TRUE;
}

static gboolean
on_set (const Stanza *iq, GError **error)
{
  xmpp_stanza_t *form = stanza_child (iq->payload, "x", NS_DATA_FORMS);
  const char *type = form == NULL ? NULL : stanza_get (form, "type");
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (wipe);

  if (stanza_child (iq->payload, "destroy", NULL) != NULL)
    return stanza_refuse (error, STANZA_NOT_ALLOWED, "Rooms of %s cannot be destroyed from here.", iq->gateway->network->title);
  if (!muc_is_operator (iq, error))
    return FALSE;
  if (g_strcmp0 (type, "cancel") == 0)
    {
      gateway_send (iq->gateway, stanza_new_result (iq->stanza));
      return TRUE;
    }
  if (g_strcmp0 (type, "submit") != 0)
    return stanza_refuse (error, STANZA_BAD_REQUEST, "The form of a room's settings is submitted or cancelled.");
  if (!take_form (values, form, error))
    return FALSE;
  g_ptr_array_add (values, NULL);
  return muc_request (iq, &(WireMessage) {
    .type = WIRE_SET_SETTINGS, .u.set_settings = { .values = values->len == 1 ? NULL : (const char *const *) values->pdata } }, NULL, error);
}

/* -- What the room is ----------------------------------------------------- */

static void
tell_changed (Room *room)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, room->participants);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Participant *participant = value;
      xmpp_stanza_t *message = stanza_new_full ("message", "groupchat", room->jid, participant->jid);
      stanza_set (stanza_add (stanza_add (message, "x", NS_MUC_USER), "status", NULL), "code", "104");
      muc_deliver (room, participant, message);
    }
}

void
muc_traits (Session *session, const WireRoomTraits *event)
{
  static const char *const known[] = { "muc_hidden", "muc_public", "muc_membersonly", "muc_open", "muc_moderated", "muc_unmoderated",
                                       "muc_nonanonymous", "muc_semianonymous", "muc_passwordprotected", "muc_unsecured",
                                       "muc_persistent", "muc_temporary",
                                       "muc#roominfo_changesubject=0", "muc#roominfo_changesubject=1", NULL };
  Room *room = rooms_find (session, event->room);
  GPtrArray *traits;

  if (room == NULL)
    return;
  traits = g_ptr_array_new ();
  for (guint i = 0; event->traits != NULL && event->traits[i] != NULL; i++)
    if (g_strv_contains (known, event->traits[i]))
      g_ptr_array_add (traits, g_strdup (event->traits[i]));
  g_ptr_array_add (traits, NULL);
  g_strfreev (room->traits);
  room->traits = (char **) g_ptr_array_free (traits, FALSE);
  if (event->changed && room->state == ROOM_IN)
    tell_changed (room);
}

static const IqHandler iqs[] = {
  { AT_ROOM, "get", "query", NS_OWNER, on_get },
  { AT_ROOM, "set", "query", NS_OWNER, on_set },
  { 0 },
};

const Feature muc_config_feature = {
  .name = "settings of rooms",
  .iqs = iqs,
};
