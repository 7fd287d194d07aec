/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conversations.c - messages and typing, both ways. */
#include "config.h"

#include "conversations.h"

#include <errno.h>
#include <string.h>

#include "contacts.h"
#include "eventloop.h"
#include "hub.h"
#include "irc.h"
#include "notices.h"
#include "outcomes.h"
#include "protocol.h"
#include "rooms.h"
#include "sent.h"
#include "simple.h"
#include "text.h"

/* Longer ones become several events. */
#define PIECE_BYTES 60000
/* A message that is older is told with its time. */
#define DELAY_SECONDS 2
/* SIP's own limit for an answer is 32 (RFC 3261, timer F). */
#define SIP_ANSWER_SECONDS 40
/* What SIP may carry over UDP, less its headers (RFC 3428, section 8). */
#define SIMPLE_UDP_BYTES 900
#define GADU_GADU_BYTES 1900
/* The words of a nudge. */
#define NUDGE_BYTES 1024
/* Peers of one account that type at the same time. */
#define MOST_TYPING 1000

/* -- Coming in ------------------------------------------------------------ */

static void
tell_message (Account *account, const char *who, const char *text, gint64 stamp)
{
  /* A hostile server may put anything before the "!" of an IRC prefix. */
  g_autofree char *peer = text_dup_clean (contacts_normalize (account, who), -1);

  if (*peer == '\0')
    return;
  do
    {
      gsize length = strlen (text) <= PIECE_BYTES ? strlen (text) : text_split_length (text, PIECE_BYTES);
      g_autofree char *piece = g_strndup (text, length);

      hub_tell (peer_message, PEER_MESSAGE, .account = account->number, .serial = hub_next_serial (), .peer = peer, .text = piece, .stamp = stamp);
      text += length;
    }
  while (*text != '\0');
}

static void
tell_nudge (Account *account, const char *who, const char *text)
{
  g_autofree char *peer = text_dup_clean (contacts_normalize (account, who), -1);
  gsize length = strlen (text);
  g_autofree char *words = g_strndup (text, length <= NUDGE_BYTES ? length : text_split_length (text, NUDGE_BYTES));

  if (*peer != '\0' && !hub_is_congested ())
    hub_tell (peer_attention, PEER_ATTENTION, .account = account->number, .peer = peer, .text = words);
}

void
conversations_got_im (PurpleConnection *connection, const char *who, const char *html,
                      PurpleMessageFlags flags, time_t when)
{
  Account *account = accounts_of_connection (connection);
  g_autofree char *text = NULL;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  gint64 stamp = 0;

  if (account == NULL || who == NULL || *who == '\0' || html == NULL)
    return;
  /* What the user said elsewhere. */
  if (flags & PURPLE_MESSAGE_SEND)
    return;
  text = text_dup_from_html (html);
  if (*text == '\0')
    return;
  if (flags & PURPLE_MESSAGE_NOTIFY)
    {
      tell_nudge (account, who, text);
      return;
    }
  if (when > 0 && ((flags & PURPLE_MESSAGE_DELAYED) || ABS (now - when) >= DELAY_SECONDS))
    stamp = when;
  if (irc_is_ctcp (account))
    return;
  if (account->irc != NULL && irc_is_server (who))
    hub_tell (notice, NOTICE, .account = account->number, .text = text);
  else if (flags & PURPLE_MESSAGE_AUTO_RESP)
    {
      g_autofree char *marked = NULL;

      if (irc_is_repeated_away (account, who, text))
        return;
      marked = g_strdup_printf ("[auto-reply] %s", text);
      tell_message (account, who, marked, stamp);
    }
  else
    tell_message (account, who, text, stamp);
}

void
conversations_got_typing (PurpleConnection *connection, const char *who, PurpleTypingState state)
{
  Account *account = accounts_of_connection (connection);
  const char *peer;

  if (account == NULL || who == NULL || *who == '\0')
    return;
  if (account->typing == NULL)
    account->typing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  peer = contacts_normalize (account, who);
  if (state == PURPLE_NOT_TYPING)
    {
      /* Networks say so with each message; only an end of typing is news. */
      if (!g_hash_table_remove (account->typing, peer))
        return;
    }
  else if (hub_is_congested () || g_hash_table_size (account->typing) >= MOST_TYPING)
    return;
  else
    g_hash_table_add (account->typing, g_strdup (peer));
  hub_tell (peer_typing, PEER_TYPING,
            .account = account->number, .peer = peer,
            .state = state == PURPLE_TYPING ? WIRE_TYPING_TYPING : state == PURPLE_TYPED ? WIRE_TYPING_PAUSED : WIRE_TYPING_NONE);
}

gboolean
conversations_got_error (PurpleAccount *purple, const char *who, const char *what)
{
  Account *account = accounts_of (purple);
  g_autofree char *text = what != NULL ? text_dup_from_html (what) : NULL;

  if (outcomes_have_told (what))
    return TRUE;
  return account != NULL && who != NULL && sent_fail_peer (account, who, WIRE_CAUSE_REFUSED, text);
}

static void
on_sip_answer (Account *account, gpointer data)
{
  const SipReply *reply = data;

  if (reply->status < 300)
    /* 200 is the word of whoever has it in the end; others say that they will pass it on (RFC 3428, section 7). */
    sent_take_name (account, reply->call_id, reply->status == 200);
  else
    sent_fail_name (account, reply->call_id, reply->status == 404 || reply->status == 604 ? WIRE_CAUSE_NO_PEER : WIRE_CAUSE_REFUSED,
                    reply->reason);
}

void
conversations_got_sip (const char *head)
{
  g_auto (SipReply) reply = { 0 };
  SentMessage *sending = sent_get_current ();

  if (sending != NULL)
    {
      /* The plugin looks at its own request, too, before it sends that. */
      g_autofree char *call_id = simple_dup_call_id (head);

      if (call_id != NULL)
        {
          sent_message_name (sending, call_id);
          sent_message_expect (sending, SIP_ANSWER_SECONDS);
        }
      return;
    }
  simple_parse_reply (head, &reply);
  /* The plugin answers a demand for authentication by itself. */
  if (reply.status < 200 || reply.status == 401 || reply.status == 407 || g_strcmp0 (reply.method, "MESSAGE") != 0
      || reply.call_id == NULL)
    return;
  accounts_foreach (on_sip_answer, &reply);
}

/* -- Going out ------------------------------------------------------------ */

static gsize
most_bytes (const Account *account)
{
  if (g_str_equal (protocol_get_id (), "prpl-gg"))
    return GADU_GADU_BYTES;
  if (g_str_equal (protocol_get_id (), "prpl-simple") && purple_account_get_bool (account->purple, "udp", FALSE))
    return SIMPLE_UDP_BYTES;
  return 0;
}

static WireCause
cause_of_errno (int error)
{
  switch (error)
    {
    case ENOTCONN:
      return WIRE_CAUSE_OFFLINE;
    case EAGAIN:
    case ENOBUFS:
      return WIRE_CAUSE_BUSY;
    default:
      return WIRE_CAUSE_REFUSED;
    }
}

static gboolean
send_piece (Account *account, SentMessage *sent, const char *piece)
{
  g_autofree char *html = text_dup_to_html (piece);
  int result = serv_send_im (accounts_get_connection (account), sent->peer, html, 0);

  if (result == -E2BIG)
    sent_message_fail (sent, WIRE_CAUSE_REFUSED, "The message is too long for this network.");
  else if (result < 0)
    sent_message_fail (sent, cause_of_errno (-result), "The network did not take the message.");
  else
    outcomes_expect (sent, result);
  return result >= 0 && accounts_is_online (account);
}

static void
send_pieces (Account *account, SentMessage *sent, const char *text)
{
  gsize most = most_bytes (account);
  gboolean sent_all = TRUE;

  while (*text != '\0' && sent_all)
    {
      gsize length = strlen (text);
      g_autofree char *piece = NULL;

      if (most > 0 && length > most)
        length = text_split_length (text, most);
      piece = g_strndup (text, length);
      sent->pieces++;
      sent_set_current (sent);
      sent_all = send_piece (account, sent, piece);
      sent_set_current (NULL);
      text += length;
    }
}

void
conversations_send (const WireSendMessage *message)
{
  Account *account = accounts_find (message->account, FALSE);
  SentMessage *sent = sent_message_new (message);

  if (account == NULL || !accounts_is_online (account))
    sent_message_fail (sent, WIRE_CAUSE_OFFLINE, "The account is not signed in.");
  else if (message->room)
    rooms_send (account, sent, message->text);
  else if (protocol_get_info ()->send_im == NULL)
    sent_message_fail (sent, WIRE_CAUSE_REFUSED, "This network knows no messages to single contacts.");
  else if (!contacts_is_name (account, message->peer))
    sent_message_fail (sent, WIRE_CAUSE_NO_PEER, "This is no address on this network.");
  else if (account->irc != NULL)
    irc_send (account, sent, IRC_PEER, message->text);
  else
    {
      sent_add (account, sent);
      send_pieces (account, sent, message->text);
    }
  sent_message_unref (sent);
}

/* Plugins take a nudge, or do not, at once; what becomes of one that was taken they tell as of any error. */
void
conversations_nudge (const WireSendAttention *message)
{
  Account *account = accounts_find (message->account, FALSE);
  SentMessage *sent = sent_message_new (&(WireSendMessage) {
    .account = message->account, .peer = message->peer, .id = message->id, .resource = message->resource });

  if (account == NULL || !accounts_is_online (account))
    sent_message_fail (sent, WIRE_CAUSE_OFFLINE, "The account is not signed in.");
  else if (!protocol_nudges ())
    sent_message_fail (sent, WIRE_CAUSE_REFUSED, "This network knows no nudges.");
  else if (!contacts_is_name (account, message->peer))
    sent_message_fail (sent, WIRE_CAUSE_NO_PEER, "This is no address on this network.");
  else
    {
      sent_add (account, sent);
      sent_set_current (sent);
      if (!protocol_get_info ()->send_attention (accounts_get_connection (account), message->peer, 0))
        sent_message_fail (sent, WIRE_CAUSE_REFUSED, "The network did not take the nudge.");
      sent_set_current (NULL);
    }
  sent_message_unref (sent);
}

void
conversations_set_typing (Account *account, const WireSetTyping *message)
{
  if (!accounts_is_online (account) || protocol_get_info ()->send_typing == NULL)
    return;
  serv_send_typing (accounts_get_connection (account), message->peer,
                    message->state == WIRE_TYPING_TYPING ? PURPLE_TYPING
                    : message->state == WIRE_TYPING_PAUSED ? PURPLE_TYPED : PURPLE_NOT_TYPING);
}

/* -- Conversations that plugins make -------------------------------------- */

static EventloopTask end_task;
static GPtrArray *to_end;     /* PurpleConversation */

static void
end_conversations (EventloopTask *task)
{
  g_autoptr (GPtrArray) list = g_steal_pointer (&to_end);

  to_end = g_ptr_array_new ();
  for (guint i = 0; i < list->len; i++)
    if (g_list_find (purple_get_conversations (), list->pdata[i]) != NULL)
      purple_conversation_destroy (list->pdata[i]);
}

void
conversations_end (PurpleConversation *conversation)
{
  g_ptr_array_add (to_end, conversation);
  eventloop_queue_task (&end_task);
}

static void
on_created (PurpleConversation *conversation)
{
  if (purple_conversation_get_type (conversation) == PURPLE_CONV_TYPE_CHAT)
    {
      rooms_created (conversation);
      return;
    }
  conversations_end (conversation);
}

static void
on_destroyed (PurpleConversation *conversation)
{
  if (purple_conversation_get_type (conversation) == PURPLE_CONV_TYPE_CHAT)
    rooms_destroyed (conversation);
  g_ptr_array_remove (to_end, conversation);
}

static void
on_write (PurpleConversation *conversation, const char *name, const char *alias, const char *html,
          PurpleMessageFlags flags, time_t when)
{
  Account *account = accounts_of (purple_conversation_get_account (conversation));
  const char *who = purple_conversation_get_name (conversation);

  if (purple_conversation_get_type (conversation) == PURPLE_CONV_TYPE_CHAT)
    {
      rooms_write (conversation, name, html, flags, when);
      /* libpurple keeps what it has written, for ever. */
      purple_conversation_clear_message_history (conversation);
      return;
    }
  if (account == NULL || html == NULL)
    return;
  if (flags & PURPLE_MESSAGE_RECV)
    conversations_got_im (purple_account_get_connection (account->purple), who, html, flags, when);
  else if (flags & PURPLE_MESSAGE_ERROR && conversations_got_error (account->purple, who, html))
    return;
  else if (flags & (PURPLE_MESSAGE_ERROR | PURPLE_MESSAGE_SYSTEM))
    notices_tell (account, who, NULL, html);
}

void
conversations_init (void)
{
  static PurpleConversationUiOps ops = {
    .create_conversation = on_created,
    .destroy_conversation = on_destroyed,
    .write_conv = on_write,
  };

  end_task.run = end_conversations;
  to_end = g_ptr_array_new ();
  rooms_set_operations (&ops);
  purple_conversations_set_ui_ops (&ops);
  rooms_init ();
}
