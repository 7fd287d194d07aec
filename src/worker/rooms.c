/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rooms.c - libpurple's chats: joining and leaving them, who is there, what is said. */
#include "config.h"

#include "rooms.h"

#include <string.h>

#include "conversations.h"
#include "hub.h"
#include "irc.h"
#include "irc_channels.h"
#include "irc_rooms.h"
#include "outcomes.h"
#include "protocol.h"
#include "text.h"
#include "xmpp_rooms.h"

/* Messages of ours that the network has not shown in the room yet. */
#define MOST_SENT 64
/* A message that is older is told with its time. */
#define DELAY_SECONDS 2

struct Room {
  Account *account;
  char *name;                 /* the hub's, or the network's where the hub did not ask */
  char *key;                  /* in account->rooms */
  PurpleConversation *conversation;   /* NULL: not there yet */
  GHashTable *held;           /* the components of a join that waits; else NULL */
  char *wish;                 /* the nick that we join by, where that is ours to choose; else NULL */
  char *own;                  /* our nick, since we saw ourselves; libpurple has it in lower case */
  gboolean asked;             /* to be let in, and not answered yet */
  gboolean joined;            /* the hub was told */
  gboolean leaving;           /* the hub wants no more of it */
  gboolean silent;            /* what the plugin shows is of our own making */
  gboolean topic_told;        /* a line about it is to follow, which is not */
  GQueue sent;                /* SentMessage, references: those that the network has not shown yet */
};

/* -- Finding -------------------------------------------------------------- */

static char *
dup_key (const char *name)
{
  return g_utf8_casefold (name, -1);
}

static void
unref_sent (gpointer message)
{
  sent_message_unref (message);
}

static void
room_free (gpointer data)
{
  Room *room = data;

  if (room->conversation != NULL)
    room->conversation->ui_data = NULL;
  irc_channels_left (room->account, room->name);
  xmpp_rooms_left (room->account, room->name);
  g_queue_clear_full (&room->sent, unref_sent);
  g_clear_pointer (&room->held, g_hash_table_unref);
  g_free (room->name);
  g_free (room->key);
  g_free (room->wish);
  g_free (room->own);
  g_free (room);
}

static Room *
find (Account *account, const char *name)
{
  g_autofree char *key = dup_key (name);

  return account->rooms == NULL ? NULL : g_hash_table_lookup (account->rooms, key);
}

static Room *
make (Account *account, const char *name)
{
  Room *room = g_new0 (Room, 1);

  if (account->rooms == NULL)
    account->rooms = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, room_free);
  room->account = account;
  room->name = g_strdup (name);
  room->key = dup_key (name);
  g_queue_init (&room->sent);
  g_hash_table_insert (account->rooms, room->key, room);
  return room;
}

gboolean
rooms_has (Account *account, const char *name)
{
  return find (account, name) != NULL;
}

gboolean
rooms_is_joined (Account *account, const char *name)
{
  const Room *room = find (account, name);

  return room != NULL && room->joined && room->conversation != NULL;
}

static PurpleConvChat *
chat_of (const Room *room)
{
  return PURPLE_CONV_CHAT (room->conversation);
}

static int
id_of (const Room *room)
{
  return purple_conv_chat_get_id (chat_of (room));
}

static PurpleConnection *
connection_of (const Room *room)
{
  return accounts_get_connection (room->account);
}

gboolean
rooms_are_there (void)
{
  return protocol_get_info ()->chat_send != NULL;
}

/* -- Why somebody leaves -------------------------------------------------- */

static struct {
  Account *account;
  char *nick;
  RoomLeave leave;
} expected;

void
rooms_expect_leave (Account *account, const char *nick, RoomLeave leave)
{
  g_free (expected.nick);
  g_free (expected.leave.actor);
  g_free (expected.leave.text);
  expected.account = account;
  expected.nick = g_strdup (nick);
  expected.leave = leave;
}

/* NULL: nobody told. */
static const RoomLeave *
find_leave (const Room *room, const char *nick)
{
  if (expected.account != room->account || expected.nick == NULL || nick == NULL || purple_utf8_strcasecmp (expected.nick, nick) != 0)
    return NULL;
  return &expected.leave;
}

void
rooms_forget (Account *account)
{
  if (expected.account == account)
    rooms_expect_leave (NULL, NULL, (RoomLeave) { 0 });
  g_clear_pointer (&account->rooms, g_hash_table_unref);
}

/* -- Ends ----------------------------------------------------------------- */

/* The conversation may be in use further up: it is ended at the end of the turn. */
static void
drop (Room *room)
{
  if (room->conversation != NULL)
    conversations_end (room->conversation);
  g_hash_table_remove (room->account->rooms, room->key);
}

static void
close_room (Room *room, WireRoomEnd end, const char *actor, const char *text)
{
  if (!room->leaving)
    hub_tell (room_closed, ROOM_CLOSED, .account = room->account->number, .room = room->name, .end = end, .actor = actor, .text = text);
  drop (room);
}

gboolean
rooms_join_failed (Account *account, const char *name, WireRoomEnd end, const char *text)
{
  Room *room = find (account, name);

  if (room == NULL || room->joined)
    return FALSE;
  close_room (room, end, NULL, text);
  return TRUE;
}

void
rooms_refused (Account *account, const char *name, WireRoomDeed deed, WireCause cause, const char *text)
{
  Room *room = name != NULL ? find (account, name) : NULL;

  /* Late news of one that we have left. */
  if (name != NULL && room == NULL)
    return;
  hub_tell (room_refused, ROOM_REFUSED, .account = account->number, .room = room != NULL ? room->name : NULL, .deed = deed, .cause = cause,
            .text = text);
}

/* -- Who is there --------------------------------------------------------- */

/* What the hub was last told of an occupant, kept with it; plugins say for every word that the network has about somebody, such as the
 * answer to WHO, that they are to be shown anew.  */
#define TOLD 0x10000
G_STATIC_ASSERT (PURPLE_CBFLAGS_AWAY < TOLD);

static gboolean
is_told (const PurpleConvChatBuddy *buddy)
{
  return GPOINTER_TO_UINT (buddy->ui_data) == (TOLD | (guint) buddy->flags);
}

static void
tell_occupant (Room *room, PurpleConvChatBuddy *buddy)
{
  const PurplePluginProtocolInfo *info = protocol_get_info ();
  g_autofree char *peer = info->get_cb_real_name != NULL ? info->get_cb_real_name (connection_of (room), id_of (room), buddy->name) : NULL;
  g_autofree char *nick = text_dup_clean (buddy->name, -1);
  WireRole role = WIRE_ROLE_PARTICIPANT;
  WireAffiliation affiliation = WIRE_AFFILIATION_NONE;

  if (buddy->flags & PURPLE_CBFLAGS_FOUNDER)
    affiliation = WIRE_AFFILIATION_OWNER;
  else if (buddy->flags & PURPLE_CBFLAGS_OP)
    affiliation = WIRE_AFFILIATION_ADMIN;
  else if (buddy->flags & (PURPLE_CBFLAGS_HALFOP | PURPLE_CBFLAGS_VOICE))
    affiliation = WIRE_AFFILIATION_MEMBER;
  if (buddy->flags & (PURPLE_CBFLAGS_FOUNDER | PURPLE_CBFLAGS_OP | PURPLE_CBFLAGS_HALFOP))
    role = WIRE_ROLE_MODERATOR;
  else if (affiliation == WIRE_AFFILIATION_NONE && irc_channels_is_moderated (room->account, room->name))
    role = WIRE_ROLE_VISITOR;
  xmpp_rooms_find_rank (room->account, room->name, buddy->name, &role, &affiliation);
  if (*nick != '\0')
    hub_tell (room_occupant, ROOM_OCCUPANT, .account = room->account->number, .room = room->name, .nick = nick, .role = role,
              .affiliation = affiliation, .away = (buddy->flags & PURPLE_CBFLAGS_AWAY) != 0, .peer = peer, .arrives = buddy->ui_data == NULL);
  buddy->ui_data = GUINT_TO_POINTER (TOLD | (guint) buddy->flags);
}

static void
tell_topic (Room *room)
{
  const char *topic = purple_conv_chat_get_topic (chat_of (room));
  const char *who = chat_of (room)->who;
  g_autofree char *text = topic != NULL ? text_dup_clean (topic, -1) : NULL;
  g_autofree char *nick = who != NULL && *who != '\0' ? text_dup_clean (who, -1) : NULL;

  hub_tell (room_topic, ROOM_TOPIC, .account = room->account->number, .room = room->name, .nick = nick, .text = text);
}

static void
tell_joined (Room *room)
{
  if (purple_conv_chat_get_topic (chat_of (room)) != NULL)
    tell_topic (room);
  room->joined = TRUE;
  room->asked = FALSE;
  irc_channels_joined (room->account, room->name);
  xmpp_rooms_joined (room->account, room->name);
  hub_tell (room_joined, ROOM_JOINED, .account = room->account->number, .room = room->name, .nick = room->own);
}

/* As it was when the former hub heard of it last.  One that was joined since is told with what else it has not heard. */
static void
tell_again (Room *room, const Unheard *unheard)
{
  gint64 account = room->account->number;
  g_autofree char *own = unheard_dup_former_nick (unheard, account, room->name, room->own);

  for (GList *l = purple_conv_chat_get_users (chat_of (room)); l != NULL; l = l->next)
    {
      PurpleConvChatBuddy *buddy = l->data;
      g_autofree char *nick = text_dup_clean (buddy->name, -1);

      if (!unheard_concerns (unheard, account, room->name, nick))
        tell_occupant (room, buddy);
    }
  unheard_tell_occupants (unheard, account, room->name);
  if (purple_conv_chat_get_topic (chat_of (room)) != NULL)
    tell_topic (room);
  irc_channels_tell_again (room->account, room->name);
  xmpp_rooms_tell_again (room->account, room->name);
  hub_tell (room_joined, ROOM_JOINED, .account = account, .room = room->name, .nick = own);
}

void
rooms_tell_again (Account *account, const Unheard *unheard)
{
  g_autoptr (GList) rooms = account->rooms != NULL ? g_hash_table_get_values (account->rooms) : NULL;

  for (GList *l = rooms; l != NULL; l = l->next)
    {
      Room *room = l->data;

      if (room->joined && !room->leaving && room->conversation != NULL && !unheard_has_join (unheard, account->number, room->name))
        tell_again (room, unheard);
    }
}

static void
tell_all (Room *room)
{
  for (GList *l = purple_conv_chat_get_users (chat_of (room)); l != NULL; l = l->next)
    tell_occupant (room, l->data);
  tell_joined (room);
}

void
rooms_tell_rank (Account *account, const char *name, const char *nick)
{
  Room *room = find (account, name);
  PurpleConvChatBuddy *buddy = rooms_is_joined (account, name) ? purple_conv_chat_cb_find (chat_of (room), nick) : NULL;

  if (buddy != NULL)
    tell_occupant (room, buddy);
}

void
rooms_tell_ranks (Account *account, const char *name)
{
  Room *room = find (account, name);

  if (!rooms_is_joined (account, name))
    return;
  for (GList *l = purple_conv_chat_get_users (chat_of (room)); l != NULL; l = l->next)
    if ((((PurpleConvChatBuddy *) l->data)->flags & ~PURPLE_CBFLAGS_AWAY) == PURPLE_CBFLAGS_NONE)
      tell_occupant (room, l->data);
}

static Room *
room_of (PurpleConversation *conversation)
{
  return conversation->ui_data;
}

static gboolean
is_own (const Room *room, const char *name)
{
  if (room->own != NULL || room->wish != NULL)
    return g_str_equal (room->own != NULL ? room->own : room->wish, name);
  return g_strcmp0 (purple_normalize (room->account->purple, name), purple_conv_chat_get_nick (chat_of (room))) == 0;
}

/* We are in when we see ourselves; until then nothing is told one by one. */
static void
on_add_users (PurpleConversation *conversation, GList *buddies, gboolean new_arrivals)
{
  Room *room = room_of (conversation);
  if (room == NULL || room->leaving)
    return;
  for (GList *l = buddies; l != NULL; l = l->next)
    {
      PurpleConvChatBuddy *buddy = l->data;

      if (room->joined)
        tell_occupant (room, buddy);
      else if (room->own == NULL && is_own (room, buddy->name))
        room->own = text_dup_clean (buddy->name, -1);
    }
  if (!room->joined && room->own != NULL)
    tell_all (room);
}

static void
on_update_user (PurpleConversation *conversation, const char *user)
{
  Room *room = room_of (conversation);
  PurpleConvChatBuddy *buddy = purple_conv_chat_cb_find (PURPLE_CONV_CHAT (conversation), user);

  if (room != NULL && room->joined && buddy != NULL && !is_told (buddy))
    tell_occupant (room, buddy);
}

static void
on_rename_user (PurpleConversation *conversation, const char *old_name, const char *new_name, const char *alias)
{
  Room *room = room_of (conversation);
  g_autofree char *nick = text_dup_clean (old_name, -1);
  g_autofree char *new_nick = text_dup_clean (new_name, -1);

  if (room == NULL || !room->joined || *nick == '\0' || *new_nick == '\0')
    return;
  if (is_own (room, nick))
    {
      g_free (room->own);
      room->own = g_strdup (new_nick);
    }
  hub_tell (room_occupant_renamed, ROOM_OCCUPANT_RENAMED, .account = room->account->number, .room = room->name, .nick = nick,
            .new_nick = new_nick);
  /* Where messages for them alone go to has changed with it. */
  on_update_user (conversation, new_name);
}

/* Signals tell the reason, which the operation does not. */
static void
on_buddy_left (PurpleConversation *conversation, const char *name, const char *reason, gpointer data)
{
  Room *room = room_of (conversation);
  g_autofree char *nick = text_dup_clean (name, -1);
  g_autofree char *words = reason != NULL ? text_dup_from_html (reason) : NULL;
  const RoomLeave plain = { WIRE_ROOM_END_LEFT, NULL, words };
  const RoomLeave *leave;

  if (room == NULL || !room->joined || *nick == '\0')
    return;
  leave = find_leave (room, name);
  if (leave == NULL)
    leave = &plain;
  hub_tell (room_occupant_left, ROOM_OCCUPANT_LEFT, .account = room->account->number, .room = room->name, .nick = nick, .end = leave->end,
            .actor = leave->actor, .text = leave->text);
}

static void
on_remove_users (PurpleConversation *conversation, GList *users)
{
}

/* libpurple writes no lines about who comes and goes where these give TRUE. */
static gboolean
on_buddy_coming (PurpleConversation *conversation, const char *name, PurpleConvChatBuddyFlags flags, gpointer data)
{
  return TRUE;
}

static gboolean
on_buddy_going (PurpleConversation *conversation, const char *name, const char *reason, gpointer data)
{
  return TRUE;
}

static void
on_topic (PurpleConversation *conversation, const char *who, const char *topic, gpointer data)
{
  Room *room = room_of (conversation);

  if (room == NULL || !room->joined)
    return;
  tell_topic (room);
  room->topic_told = room->account->irc == NULL;
}

/* -- What is said --------------------------------------------------------- */

/* The id under which we sent it, if we did; owned by the caller. */
static char *
take_sent (Room *room, const char *nick, const char *text)
{
  char *id = NULL;

  if (g_strcmp0 (room->own, nick) != 0)
    return NULL;
  for (GList *l = room->sent.head; l != NULL; l = l->next)
    {
      SentMessage *sent = l->data;

      if (!g_str_equal (sent->text, text))
        continue;
      id = g_strdup (sent->id);
      g_queue_delete_link (&room->sent, l);
      sent_message_unref (sent);
      break;
    }
  return id;
}

static void
tell_message (Room *room, const char *nick, const char *text, gint64 stamp, const char *id)
{
  hub_tell (room_message, ROOM_MESSAGE, .account = room->account->number, .serial = hub_next_serial (), .room = room->name, .nick = nick,
            .text = text, .stamp = stamp, .id = id);
}

void
rooms_write (PurpleConversation *conversation, const char *who, const char *html, PurpleMessageFlags flags, time_t when)
{
  Room *room = room_of (conversation);
  gboolean said = !(flags & (PURPLE_MESSAGE_SYSTEM | PURPLE_MESSAGE_ERROR)) && who != NULL && *who != '\0';
  g_autofree char *text = NULL;
  g_autofree char *nick = NULL;
  g_autofree char *id = NULL;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  gint64 stamp = when > 0 && ((flags & PURPLE_MESSAGE_DELAYED) || ABS (now - when) >= DELAY_SECONDS) ? when : 0;

  if (room == NULL || !room->joined || room->leaving || room->silent || html == NULL)
    return;
  /* The same words as in message-failed. */
  if ((flags & PURPLE_MESSAGE_ERROR) && outcomes_have_told (html))
    return;
  /* What libpurple or a plugin says of joins, renames and topics was told in its own way. */
  if (!said && ((flags & PURPLE_MESSAGE_NO_LINKIFY) || irc_rooms_is_told (room->account)))
    return;
  if (!said && room->topic_told)
    {
      room->topic_told = FALSE;
      return;
    }
  text = text_dup_from_html (html);
  if (*text == '\0' || (said && irc_is_ctcp (room->account)))
    return;
  if (said)
    {
      nick = text_dup_clean (who, -1);
      id = take_sent (room, nick, text);
    }
  tell_message (room, nick, text, stamp, id);
}

/* The plugin would show it in pieces, without the id. */
static void
send_to_channel (Room *room, SentMessage *sent, const char *text)
{
  gboolean taken;

  room->silent = TRUE;
  taken = irc_send (room->account, sent, id_of (room), text);
  room->silent = FALSE;
  if (taken)
    tell_message (room, room->own, text, 0, sent->id);
}

static void
expect_shown (Room *room, SentMessage *sent, const char *text)
{
  sent->text = g_strdup (text);
  g_queue_push_tail (&room->sent, sent_message_ref (sent));
  if (room->sent.length > MOST_SENT)
    sent_message_unref (g_queue_pop_head (&room->sent));
}

static void
send_to_room (Room *room, SentMessage *sent, const char *text)
{
  g_autofree char *html = text_dup_to_html (text);
  int result;

  sent_add (room->account, sent);
  expect_shown (room, sent, text);
  sent_set_current (sent);
  result = serv_chat_send (connection_of (room), id_of (room), html, 0);
  sent_set_current (NULL);
  if (result < 0)
    sent_message_fail (sent, WIRE_CAUSE_REFUSED, "The network did not take the message.");
  outcomes_expect (sent, result);
}

void
rooms_send (Account *account, SentMessage *sent, const char *text)
{
  Room *room = find (account, sent->peer);

  if (room == NULL || !room->joined)
    sent_message_fail (sent, WIRE_CAUSE_NO_PEER, "You are not in this room.");
  else if (account->irc != NULL)
    send_to_channel (room, sent, text);
  else
    send_to_room (room, sent, text);
}

/* -- What libpurple makes and ends ---------------------------------------- */

void
rooms_created (PurpleConversation *conversation)
{
  Account *account = accounts_of (purple_conversation_get_account (conversation));
  const char *name = purple_conversation_get_name (conversation);
  Room *room = account != NULL ? find (account, name) : NULL;

  if (account == NULL)
    return;
  if (room == NULL)
    {
      g_autofree char *clean = text_dup_clean (name, -1);

      room = make (account, clean);
    }
  room->conversation = conversation;
  conversation->ui_data = room;
}

void
rooms_destroyed (PurpleConversation *conversation)
{
  Room *room = room_of (conversation);

  if (room != NULL)
    room->conversation = NULL;
}

static void
on_left (PurpleConversation *conversation, gpointer data)
{
  Room *room = room_of (conversation);
  const RoomLeave plain = { WIRE_ROOM_END_LEFT, NULL, NULL };
  const RoomLeave *leave;

  if (room == NULL)
    return;
  leave = find_leave (room, room->own);
  if (leave == NULL)
    leave = &plain;
  if (room->account->state == ACCOUNT_LEAVING || !accounts_is_online (room->account))
    room->leaving = TRUE;
  close_room (room, leave->end, leave->actor, leave->text);
}

static void
on_join_failed (PurpleConnection *connection, GHashTable *components, gpointer data)
{
  Account *account = accounts_of_connection (connection);
  const PurplePluginProtocolInfo *info = protocol_get_info ();
  g_autofree char *name = info->get_chat_name != NULL && components != NULL ? info->get_chat_name (components) : NULL;

  if (account != NULL && name != NULL)
    rooms_join_failed (account, name, WIRE_ROOM_END_REFUSED, "The network does not let you into this room.");
}

static int
on_invited (PurpleAccount *purple, const char *inviter, const char *chat, const char *message, GHashTable *components, gpointer data)
{
  Account *account = accounts_of (purple);
  g_autofree char *peer = inviter != NULL ? text_dup_clean (inviter, -1) : NULL;
  g_autofree char *room = chat != NULL ? text_dup_clean (chat, -1) : NULL;
  g_autofree char *text = message != NULL ? text_dup_from_html (message) : NULL;

  if (account != NULL && room != NULL && *room != '\0')
    hub_tell (room_invited, ROOM_INVITED, .account = account->number, .room = room, .peer = peer, .text = text,
              .password = components != NULL ? g_hash_table_lookup (components, "password") : NULL);
  /* Not answered: who was invited may join, or not. */
  return -1;
}

/* -- The hub's commands --------------------------------------------------- */

/* What the plugin wants to know of a room, from its name alone; NULL if that does not do.  `has_nick`: the nick, too. */
static GHashTable *
components_of (Account *account, const WireJoinRoom *command, gboolean *has_nick)
{
  const PurplePluginProtocolInfo *info = protocol_get_info ();
  PurpleConnection *connection = accounts_get_connection (account);
  GHashTable *components = info->join_chat != NULL && info->chat_info_defaults != NULL ? info->chat_info_defaults (connection, command->room) : NULL;
  GList *entries = info->chat_info != NULL ? info->chat_info (connection) : NULL;
  gboolean complete = components != NULL;

  for (GList *l = entries; l != NULL; l = l->next)
    {
      struct proto_chat_entry *entry = l->data;

      if (complete && entry->secret && command->password != NULL)
        g_hash_table_replace (components, (gpointer) entry->identifier, g_strdup (command->password));
      if (complete && command->nick != NULL && g_str_equal (entry->identifier, "handle"))
        {
          *has_nick = TRUE;
          g_hash_table_replace (components, (gpointer) entry->identifier, g_strdup (command->nick));
        }
      complete = complete && (!entry->required || g_hash_table_lookup (components, entry->identifier) != NULL);
      g_free (entry);
    }
  g_list_free (entries);
  if (!complete)
    g_clear_pointer (&components, g_hash_table_unref);
  return components;
}

static void
refuse_join (const WireJoinRoom *command, WireRoomEnd end, const char *text)
{
  hub_tell (room_closed, ROOM_CLOSED, .account = command->account, .room = command->room, .end = end, .text = text);
}

/* IRC: NickServ is to know us first.  XMPP: we are just leaving it. */
static gboolean
is_too_early (const Room *room)
{
  return irc_holds_joins (room->account) || xmpp_rooms_is_parting (room->account, room->name);
}

void
rooms_join (const WireJoinRoom *command)
{
  Account *account = accounts_find (command->account, FALSE);
  g_autoptr (GHashTable) components = NULL;
  gboolean has_nick = FALSE;
  Room *room;

  if (account == NULL || !accounts_is_online (account))
    {
      refuse_join (command, WIRE_ROOM_END_LATER, "The account is not signed in.");
      return;
    }
  if (!rooms_are_there ())
    {
      refuse_join (command, WIRE_ROOM_END_NO_ROOM, "This network has no rooms.");
      return;
    }
  room = find (account, command->room);
  if (room != NULL && room->joined)
    {
      tell_all (room);
      return;
    }
  /* A former hub has asked for it; the answer is on its way. */
  if (room != NULL && room->asked && !room->leaving)
    return;
  if (irc_rooms_is_name (account, command->room))
    components = components_of (account, command, &has_nick);
  if (components == NULL)
    {
      refuse_join (command, WIRE_ROOM_END_NO_ROOM, "There is no room of this name on this network that can be joined.");
      return;
    }
  if (room == NULL)
    room = make (account, command->room);
  room->asked = TRUE;
  g_free (room->wish);
  room->wish = has_nick ? g_strdup (command->nick) : NULL;
  g_clear_pointer (&room->held, g_hash_table_unref);
  if (is_too_early (room))
    room->held = g_steal_pointer (&components);
  else
    serv_join_chat (accounts_get_connection (account), components);
}

void
rooms_join_held (Account *account)
{
  g_autoptr (GList) rooms = account->rooms != NULL ? g_hash_table_get_values (account->rooms) : NULL;

  for (GList *l = rooms; l != NULL; l = l->next)
    {
      Room *room = l->data;
      g_autoptr (GHashTable) components = is_too_early (room) ? NULL : g_steal_pointer (&room->held);

      if (components != NULL)
        serv_join_chat (accounts_get_connection (account), components);
    }
}

void
rooms_leave (Account *account, const WireLeaveRoom *command)
{
  Room *room = find (account, command->room);

  if (room == NULL)
    return;
  room->leaving = TRUE;
  if (room->conversation == NULL)
    drop (room);
  else if (irc_rooms_part (account, command))
    serv_got_chat_left (connection_of (room), id_of (room));
  else
    {
      xmpp_rooms_part (account, room->name);
      serv_chat_leave (connection_of (room), id_of (room));
    }
  /* Plugins say so at once, or when the network has. */
  room = find (account, command->room);
  if (room != NULL && room->leaving)
    drop (room);
}

void
rooms_set_topic (Account *account, const WireSetTopic *command)
{
  const PurplePluginProtocolInfo *info = protocol_get_info ();
  Room *room = find (account, command->room);

  if (room == NULL || !room->joined || info->set_chat_topic == NULL)
    rooms_refused (account, command->room, WIRE_ROOM_DEED_TOPIC, WIRE_CAUSE_REFUSED, "The topic cannot be set here.");
  else
    {
      g_autofree char *line = text_dup_clean (command->text != NULL ? command->text : "", -1);

      info->set_chat_topic (connection_of (room), id_of (room), g_strdelimit (line, "\r\n", ' '));
      irc_note_order (account);
    }
}

/* The plugin's own command, as its user would type it; FALSE if it has none such. */
static gboolean
run_command (Room *room, const char *line)
{
  g_autofree char *markup = g_markup_escape_text (line, -1);
  g_autofree char *error = NULL;

  return purple_cmd_do_command (room->conversation, line, markup, &error) == PURPLE_CMD_STATUS_OK;
}

/* A word of a command's line: none can hold a blank. */
static gboolean
is_word (const char *word)
{
  return *word != '\0' && strpbrk (word, " \t\r\n") == NULL;
}

void
rooms_set_nick (Account *account, const WireSetNick *command)
{
  Room *room = find (account, command->room);
  g_autofree char *line = g_strconcat ("nick ", command->nick, NULL);

  if (room == NULL || !room->joined || strpbrk (command->nick, "\r\n") != NULL || (account->irc != NULL && !irc_is_nick (command->nick))
      || !run_command (room, line))
    rooms_refused (account, command->room, WIRE_ROOM_DEED_NICK, WIRE_CAUSE_REFUSED, "This nick cannot be had here.");
}

/* As a user of the plugin would type it; FALSE if it knows no such thing. */
static gboolean
moderate_by_command (Room *room, const WireModerate *command)
{
  const char *verb = command->what == WIRE_MODERATION_KICK ? "kick" : command->what == WIRE_MODERATION_BAN ? "ban" : NULL;
  g_autofree char *line = verb == NULL || !is_word (command->nick) ? NULL
    : g_strdup_printf ("%s %s %s", verb, command->nick, command->text != NULL ? command->text : "");

  return line != NULL && run_command (room, g_strdelimit (line, "\r\n", ' '));
}

void
rooms_moderate (Account *account, const WireModerate *command)
{
  Room *room = find (account, command->room);

  if (room == NULL || !room->joined)
    rooms_refused (account, command->room, WIRE_ROOM_DEED_MODERATION, WIRE_CAUSE_REFUSED, "This cannot be done here.");
  else if (account->irc != NULL)
    {
      irc_rooms_moderate (account, command);
      irc_note_order (account);
    }
  else if (protocol_is_xmpp ())
    xmpp_rooms_moderate (account, command);
  else if (!moderate_by_command (room, command))
    rooms_refused (account, command->room, WIRE_ROOM_DEED_MODERATION, WIRE_CAUSE_REFUSED, "This network knows no such thing.");
}

void
rooms_invite (Account *account, const WireInvite *command)
{
  Room *room = find (account, command->room);
  const PurplePluginProtocolInfo *info = protocol_get_info ();

  if (room == NULL || !room->joined || info->chat_invite == NULL || (account->irc != NULL && !irc_is_nick (command->peer)))
    return;
  serv_chat_invite (connection_of (room), id_of (room), command->text != NULL ? command->text : "", command->peer);
  irc_note_order (account);
}

/* -- Set-up --------------------------------------------------------------- */

void
rooms_set_operations (PurpleConversationUiOps *ops)
{
  ops->write_chat = rooms_write;
  ops->chat_add_users = on_add_users;
  ops->chat_rename_user = on_rename_user;
  ops->chat_remove_users = on_remove_users;
  ops->chat_update_user = on_update_user;
}

void
rooms_init (void)
{
  static int handle;
  void *conversations = purple_conversations_get_handle ();

  purple_signal_connect (conversations, "chat-buddy-joining", &handle, PURPLE_CALLBACK (on_buddy_coming), NULL);
  purple_signal_connect (conversations, "chat-buddy-leaving", &handle, PURPLE_CALLBACK (on_buddy_going), NULL);
  purple_signal_connect (conversations, "chat-buddy-left", &handle, PURPLE_CALLBACK (on_buddy_left), NULL);
  purple_signal_connect (conversations, "chat-topic-changed", &handle, PURPLE_CALLBACK (on_topic), NULL);
  purple_signal_connect (conversations, "chat-left", &handle, PURPLE_CALLBACK (on_left), NULL);
  purple_signal_connect (conversations, "chat-join-failed", &handle, PURPLE_CALLBACK (on_join_failed), NULL);
  purple_signal_connect (conversations, "chat-invited", &handle, PURPLE_CALLBACK (on_invited), NULL);
}
