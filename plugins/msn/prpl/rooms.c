/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rooms.c - conversations of several people, as chats without a name. */
#include "rooms.h"

#include <errno.h>

#include "address.h"
#include "emoticons.h"
#include "messages.h"
#include "outgoing.h"
#include "switchboards.h"

static int last_room;

static PurpleConversation *
find_chat (Switchboard *switchboard)
{
  return switchboard->room != 0 ? purple_find_chat (switchboard->session->gc, switchboard->room) : NULL;
}

void
rooms_begin (Switchboard *switchboard)
{
  Session *session = switchboard->session;
  g_autofree char *name = NULL;
  PurpleConversation *conversation;

  last_room = last_room % G_MAXINT + 1;
  switchboard->room = last_room;
  name = g_strdup_printf ("MSN conversation %d", switchboard->room);
  conversation = serv_got_joined_chat (session->gc, switchboard->room, name);
  if (conversation == NULL)
    return;
  purple_conv_chat_set_nick (PURPLE_CONV_CHAT (conversation), session->address);
  purple_conv_chat_add_user (PURPLE_CONV_CHAT (conversation), session->address, NULL, PURPLE_CBFLAGS_NONE, FALSE);
  for (guint i = 0; i < switchboard->members->len; i++)
    {
      const Member *member = switchboard->members->pdata[i];

      purple_conv_chat_add_user (PURPLE_CONV_CHAT (conversation), member->address, NULL, PURPLE_CBFLAGS_NONE, FALSE);
    }
}

void
rooms_member_joined (Switchboard *switchboard, const Member *member)
{
  PurpleConversation *conversation = find_chat (switchboard);

  if (conversation != NULL)
    purple_conv_chat_add_user (PURPLE_CONV_CHAT (conversation), member->address, NULL, PURPLE_CBFLAGS_NONE, TRUE);
}

void
rooms_member_left (Switchboard *switchboard, const char *address)
{
  PurpleConversation *conversation = find_chat (switchboard);

  if (conversation != NULL)
    purple_conv_chat_remove_user (PURPLE_CONV_CHAT (conversation), address, NULL);
}

void
rooms_ended (Switchboard *switchboard)
{
  int room = switchboard->room;

  switchboard->room = 0;
  if (room == 0 || purple_find_chat (switchboard->session->gc, room) == NULL)
    return;
  serv_got_chat_left (switchboard->session->gc, room);
}

void
rooms_tell (Switchboard *switchboard, const char *text)
{
  PurpleConversation *conversation = find_chat (switchboard);

  if (conversation != NULL)
    purple_conversation_write (conversation, "", text, PURPLE_MESSAGE_ERROR, time (NULL));
  else
    session_tell (switchboard->session, switchboard->target, text);
}

/* -- For libpurple -------------------------------------------------------------------- */

void
rooms_invite (PurpleConnection *gc, int id, const char *message, const char *who)
{
  Session *session = session_of_ready (gc);
  Switchboard *switchboard = session != NULL ? switchboards_find_room (session, id) : NULL;
  g_autofree char *address = address_dup_normal (who);

  if (switchboard == NULL)
    return;
  if (address_is_valid (address))
    switchboard_invite (switchboard, address);
  else
    rooms_tell (switchboard, "Only e-mail addresses can be invited.");
}

void
rooms_leave (PurpleConnection *gc, int id)
{
  Session *session = session_of (gc);
  Switchboard *switchboard = session != NULL ? switchboards_find_room (session, id) : NULL;

  if (switchboard != NULL)
    switchboard_close (switchboard, OUTCOME_ENDED, 0);
}

static void
on_said (Session *session, Outcome outcome, guint error, gpointer data)
{
  Outgoing *message = data;

  if (outcome == OUTCOME_DELIVERED)
    outgoing_take_piece (session->gc, message);
  else if (session->ending)
    outgoing_fail (session->gc, message, MESSAGE_NOT_SIGNED_ON, outcome == OUTCOME_NOT_SENT ? OUTGOING_UNSENT : OUTGOING_UNSURE);
  else if (outcome == OUTCOME_BUSY)
    outgoing_fail (session->gc, message, MESSAGE_BUSY, "Too many messages wait to be sent.");
  else
    outgoing_fail (session->gc, message, MESSAGE_REFUSED, "The message was not delivered to everybody.");
  outgoing_unref (message);
}

int
rooms_send (PurpleConnection *gc, int id, const char *html, PurpleMessageFlags flags)
{
  Session *session = session_of_ready (gc);
  Switchboard *switchboard = session != NULL ? switchboards_find_room (session, id) : NULL;
  g_autoptr (GPtrArray) payloads = NULL;
  g_auto (GStrv) texts = NULL;
  PurpleConversation *conversation;
  Outgoing *message;
  int number;

  if (switchboard == NULL || switchboard->members->len == 0)
    return -ENOTCONN;
  payloads = messages_build (html, &texts);
  if (payloads == NULL)
    return -E2BIG;
  if (payloads->len == 0)
    return -EINVAL;
  conversation = find_chat (switchboard);
  message = outgoing_new (conversation != NULL ? purple_conversation_get_name (conversation) : "");
  for (guint i = 0; i < payloads->len; i++)
    {
      emoticons_announce (switchboard, texts[i]);
      switchboard_send (switchboard, 'A', g_byte_array_ref (payloads->pdata[i]), on_said, outgoing_add_piece (message));
    }
  number = outgoing_complete (message);
  serv_got_chat_in (gc, id, session->address, flags, html, time (NULL));
  return number;
}

/* There is nothing to join: a chat begins with one contact, and others are invited. */
static void
on_begin (PurpleBlistNode *node, gpointer data)
{
  PurpleBuddy *buddy = PURPLE_BUDDY (node);
  PurpleConnection *gc = purple_account_get_connection (purple_buddy_get_account (buddy));
  Session *session = session_of_ready (gc);

  if (session != NULL && switchboards_open_room (session, purple_buddy_get_name (buddy)) == NULL)
    session_tell (session, purple_buddy_get_name (buddy), "Too many conversations are open.");
}

GList *
rooms_list_for_node (PurpleBlistNode *node)
{
  PurpleConnection *gc;

  if (!PURPLE_BLIST_NODE_IS_BUDDY (node))
    return NULL;
  gc = purple_account_get_connection (purple_buddy_get_account (PURPLE_BUDDY (node)));
  if (session_of_ready (gc) == NULL)
    return NULL;
  return g_list_append (NULL, purple_menu_action_new ("Initiate _Chat", PURPLE_CALLBACK (on_begin), NULL, NULL));
}
