/* SPDX-License-Identifier: GPL-2.0-or-later */
/* presence.c - the states of contacts. */
#include "presence.h"

#include <string.h>

#include "address.h"
#include "pictures.h"

#define MOST_WATCHED 5000

struct Presence {
  GHashTable *watched;      /* address -> Watched */
};

static void
watched_free (gpointer data)
{
  Watched *watched = data;

  personal_message_clear (&watched->message);
  g_free (watched->object);
  g_free (watched);
}

Presence *
presence_new (Session *session)
{
  Presence *presence = g_new0 (Presence, 1);

  presence->watched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, watched_free);
  return presence;
}

void
presence_free (Presence *presence)
{
  g_hash_table_unref (presence->watched);
  g_free (presence);
}

const Watched *
presence_get (Session *session, const char *address)
{
  g_autofree char *normal = address_dup_normal (address);

  return g_hash_table_lookup (session->presence->watched, normal);
}

/* NULL: too many. */
static Watched *
need (Session *session, const char *address)
{
  GHashTable *table = session->presence->watched;
  Watched *watched = g_hash_table_lookup (table, address);

  if (watched != NULL || g_hash_table_size (table) >= MOST_WATCHED)
    return watched;
  watched = g_new0 (Watched, 1);
  g_strlcpy (watched->code, "FLN", sizeof watched->code);
  watched->message.text = g_strdup ("");
  g_hash_table_insert (table, g_strdup (address), watched);
  return watched;
}

void
presence_note_capabilities (Session *session, const char *address, guint32 capabilities)
{
  Watched *watched = capabilities != 0 ? need (session, address) : NULL;

  if (watched != NULL)
    watched->capabilities = capabilities;
}

/* -- To libpurple ----------------------------------------------------------------------- */

static void
show_media (Session *session, const char *address, const Watched *watched)
{
  static const char *const attributes[] = { PURPLE_TUNE_TITLE, PURPLE_TUNE_TITLE, "game", "office" };
  const PersonalMessage *message = &watched->message;

  if (!watched->online || message->kind == MEDIA_NONE)
    purple_prpl_got_user_status_deactive (session->account, address, "tune");
  else if (message->kind == MEDIA_MUSIC)
    purple_prpl_got_user_status (session->account, address, "tune", PURPLE_TUNE_TITLE, message->title, PURPLE_TUNE_ARTIST, message->artist,
                                 PURPLE_TUNE_ALBUM, message->album, NULL);
  else
    purple_prpl_got_user_status (session->account, address, "tune", attributes[message->kind], message->shown, NULL);
}

static void
show (Session *session, const char *address, const Watched *watched)
{
  const char *status = presence_code_to_status (watched->code);

  if (purple_find_buddy (session->account, address) == NULL)
    return;
  if (watched->online && *watched->message.text != '\0')
    {
      g_autofree char *escaped = g_markup_escape_text (watched->message.text, -1);

      purple_prpl_got_user_status (session->account, address, status, "message", escaped, NULL);
    }
  else
    purple_prpl_got_user_status (session->account, address, status, NULL);
  purple_prpl_got_user_idle (session->account, address, watched->idle_since > 0, watched->idle_since);
  if (watched->online && watched->capabilities & CAPABILITY_MOBILE)
    purple_prpl_got_user_status (session->account, address, "mobile", NULL);
  else
    purple_prpl_got_user_status_deactive (session->account, address, "mobile");
  show_media (session, address, watched);
}

/* -- From the server ---------------------------------------------------------------------- */

static void
on_presence (Session *session, const Command *command)
{
  g_auto (PresenceLine) line = { 0 };
  ListContact *contact;
  Watched *watched;

  if (!presence_line_parse (command, &line) || (watched = need (session, line.address)) == NULL)
    return;
  watched->online = line.online;
  g_strlcpy (watched->code, line.code, sizeof watched->code);
  /* MSNP does not say since when. */
  if (!g_str_equal (line.code, "IDL"))
    watched->idle_since = 0;
  else if (watched->idle_since == 0)
    watched->idle_since = time (NULL);
  if (line.online)
    {
      watched->capabilities = line.capabilities;
      g_free (watched->object);
      watched->object = g_steal_pointer (&line.object);
    }
  contact = contact_list_get (session->list, line.address);
  if (contact != NULL && line.name != NULL && *line.name != '\0')
    {
      g_free (contact->name);
      contact->name = g_strdup (line.name);
      if (contact->lists & LIST_FORWARD)
        serv_got_alias (session->gc, line.address, line.name);
    }
  show (session, line.address, watched);
  if (line.online)
    pictures_note_object (session, line.address, watched->object);
}

static void
on_personal (Session *session, const Command *command)
{
  g_autofree char *address = address_dup_normal (command_arg (command, 0));
  Watched *watched = command->count > 1 && *address != '\0' ? need (session, address) : NULL;

  if (watched == NULL)
    return;
  personal_message_clear (&watched->message);
  personal_message_parse (command->payload, command->length, &watched->message);
  if (watched->online)
    show (session, address, watched);
}

const CommandHandler presence_handlers[] = {
  { "ILN", on_presence },
  { "NLN", on_presence },
  { "FLN", on_presence },
  { "UBX", on_personal },
  { NULL },
};

/* -- For libpurple ------------------------------------------------------------------------- */

static void
add_type (GList **types, PurpleStatusPrimitive primitive, const char *id, const char *name)
{
  PurpleStatusType *type = purple_status_type_new_with_attrs (primitive, id, name, TRUE, TRUE, FALSE, "message", "Message",
                                                              purple_value_new (PURPLE_TYPE_STRING), NULL);

  *types = g_list_append (*types, type);
}

GList *
presence_get_status_types (PurpleAccount *account)
{
  GList *types = NULL;

  add_type (&types, PURPLE_STATUS_AVAILABLE, "available", NULL);
  add_type (&types, PURPLE_STATUS_AWAY, "away", NULL);
  add_type (&types, PURPLE_STATUS_AWAY, "brb", "Be Right Back");
  add_type (&types, PURPLE_STATUS_UNAVAILABLE, "busy", "Busy");
  add_type (&types, PURPLE_STATUS_UNAVAILABLE, "phone", "On the Phone");
  add_type (&types, PURPLE_STATUS_AWAY, "lunch", "Out to Lunch");
  types = g_list_append (types, purple_status_type_new_full (PURPLE_STATUS_INVISIBLE, NULL, NULL, TRUE, TRUE, FALSE));
  types = g_list_append (types, purple_status_type_new_full (PURPLE_STATUS_OFFLINE, NULL, NULL, TRUE, TRUE, FALSE));
  types = g_list_append (types, purple_status_type_new_full (PURPLE_STATUS_MOBILE, "mobile", NULL, FALSE, FALSE, TRUE));
  types = g_list_append (types, purple_status_type_new_with_attrs (PURPLE_STATUS_TUNE, "tune", NULL, FALSE, TRUE, TRUE,
    PURPLE_TUNE_ARTIST, "Artist", purple_value_new (PURPLE_TYPE_STRING), PURPLE_TUNE_ALBUM, "Album", purple_value_new (PURPLE_TYPE_STRING),
    PURPLE_TUNE_TITLE, "Title", purple_value_new (PURPLE_TYPE_STRING), "game", "Game", purple_value_new (PURPLE_TYPE_STRING),
    "office", "Office", purple_value_new (PURPLE_TYPE_STRING), NULL));
  return types;
}

const char *
presence_list_icon (PurpleAccount *account, PurpleBuddy *buddy)
{
  return "msn";
}

static Session *
session_of_buddy (PurpleBuddy *buddy)
{
  return session_of (purple_account_get_connection (purple_buddy_get_account (buddy)));
}

const char *
presence_list_emblem (PurpleBuddy *buddy)
{
  Session *session = session_of_buddy (buddy);
  const Watched *watched = session != NULL ? presence_get (session, purple_buddy_get_name (buddy)) : NULL;
  const ListContact *contact = session != NULL ? contact_list_get (session->list, purple_buddy_get_name (buddy)) : NULL;

  if (watched != NULL && watched->online && watched->capabilities & CAPABILITY_MOBILE)
    return "mobile";
  if (watched != NULL && watched->online && watched->capabilities & CAPABILITY_BOT)
    return "bot";
  if (contact != NULL && !(contact->lists & (LIST_REVERSE | LIST_PENDING)))
    return "not-authorized";
  return NULL;
}

char *
presence_status_text (PurpleBuddy *buddy)
{
  Session *session = session_of_buddy (buddy);
  const Watched *watched = session != NULL ? presence_get (session, purple_buddy_get_name (buddy)) : NULL;
  const char *text;

  if (watched == NULL || !watched->online)
    return NULL;
  text = *watched->message.text != '\0' || watched->message.kind == MEDIA_NONE ? watched->message.text : watched->message.shown;
  return *text != '\0' ? g_markup_escape_text (text, -1) : NULL;
}

static void
add_pair (PurpleNotifyUserInfo *info, const char *label, const char *value)
{
  g_autofree char *escaped = value != NULL && *value != '\0' ? g_markup_escape_text (value, -1) : NULL;

  if (escaped != NULL)
    purple_notify_user_info_add_pair (info, label, escaped);
}

static void
describe (Session *session, const char *who, PurpleNotifyUserInfo *info)
{
  static const char *const phones[PHONES] = { "Home phone", "Work phone", "Mobile phone" };
  const Watched *watched = presence_get (session, who);
  const ListContact *contact = contact_list_get (session->list, who);

  if (watched != NULL && watched->online)
    {
      add_pair (info, "Personal message", watched->message.text);
      add_pair (info, "Now playing", watched->message.shown);
      if (session->dialect > 7)
        add_pair (info, "Program", capabilities_describe (watched->capabilities));
    }
  if (contact == NULL)
    return;
  if (contact->lists & LIST_BLOCK)
    add_pair (info, "Blocked", "Yes");
  add_pair (info, "Has you on the list", contact->lists & (LIST_REVERSE | LIST_PENDING) ? "Yes" : "No");
  for (guint i = 0; i < PHONES; i++)
    add_pair (info, phones[i], contact->phones[i]);
}

void
presence_tooltip (PurpleBuddy *buddy, PurpleNotifyUserInfo *info, gboolean full)
{
  Session *session = session_of_buddy (buddy);

  if (session != NULL && full)
    describe (session, purple_buddy_get_name (buddy), info);
}

void
presence_get_info (PurpleConnection *gc, const char *who)
{
  Session *session = session_of (gc);
  PurpleNotifyUserInfo *info;
  const ListContact *contact;

  if (session == NULL)
    return;
  info = purple_notify_user_info_new ();
  contact = contact_list_get (session->list, who);
  add_pair (info, "Address", who);
  add_pair (info, "Name", contact != NULL ? contact->name : NULL);
  describe (session, who, info);
  purple_notify_userinfo (gc, who, info, NULL, NULL);
  purple_notify_user_info_destroy (info);
}
