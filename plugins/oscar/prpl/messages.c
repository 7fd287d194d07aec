/* SPDX-License-Identifier: GPL-2.0-or-later */
/* messages.c - messages that the user sends, what becomes of them, and typing.
 *
 * A long text goes in pieces; it is delivered when each piece is, and failed when one is.  Every piece asks for the host's
 * acknowledgement (T(03)): without it, or an error, nobody knows what became of it.  */
#include "messages.h"

#include <errno.h>
#include <string.h>

#include "markup.h"
#include "message_text.h"
#include "outgoing.h"
#include "presence.h"
#include "screen_names.h"
#include "service.h"

/* Peers of whom we know that they want to know that we type. */
#define MOST_TYPISTS 2000
/* Delivered messages that the peer's program may still refuse. */
#define MOST_REMEMBERED 64

/* One piece on its way. */
typedef struct {
  Outgoing *message;
  IcbmCookie cookie;
  gboolean acknowledged;
} Piece;

struct Messages {
  Session *session;
  GHashTable *typists;    /* normal names */
  GQueue remembered;      /* Piece, owned */
  GQueue open;            /* Piece, lent: no answer yet */
};

static void
piece_free (Piece *piece)
{
  outgoing_unref (piece->message);
  g_free (piece);
}

Messages *
messages_new (Session *session)
{
  Messages *messages = g_new0 (Messages, 1);

  messages->session = session;
  messages->typists = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return messages;
}

void
messages_free (Messages *messages)
{
  g_hash_table_unref (messages->typists);
  g_queue_clear (&messages->open);
  g_queue_clear_full (&messages->remembered, (GDestroyNotify) piece_free);
  g_free (messages);
}

/* -- What became of them -------------------------------------------------- */

static const char *
explain_failure (Session *session, const Snac *reply, MessageFailure *failure)
{
  g_auto (SnacError) error = { 0 };

  *failure = MESSAGE_REFUSED;
  if (reply == NULL)
    {
      gboolean ended = session->ending || session->bos == NULL;

      *failure = ended ? MESSAGE_NOT_SIGNED_ON : MESSAGE_BUSY;
      return ended ? "The connection ended before the server had confirmed the message; it may not have arrived." : "The server did not say that it took the message.";
    }
  snac_error_parse (reply, &error);
  switch (error.code)
    {
    case 0x02:
    case 0x03:
    case 0x13:
    case 0x17:
      *failure = MESSAGE_BUSY;
      break;
    case 0x04:
      *failure = MESSAGE_PEER_OFF_LINE;
      if (error.subcode == 0x0e)
        return "The user is not signed on, and takes no messages then.";
      if (error.subcode == 0x0f)
        {
          *failure = MESSAGE_BUSY;
          return "The user is not signed on, and too many messages are stored already.";
        }
      /* Servers store messages for those who are off line: what is not stored has nobody to go to. */
      *failure = MESSAGE_NO_PEER;
      return "There is no user of this name, or the user cannot be reached.";
    case 0x0e:
      return "The server could not read the message; perhaps it is too long.";
    case 0x14:
      *failure = MESSAGE_NO_PEER;
      break;
    default:
      break;
    }
  return snac_error_text (error.code);
}

static void
acknowledge (Session *session, Piece *piece)
{
  Messages *messages = session->messages;
  Piece *copy = g_new0 (Piece, 1);

  copy->message = outgoing_ref (piece->message);
  copy->cookie = piece->cookie;
  g_queue_push_tail (&messages->remembered, copy);
  if (messages->remembered.length > MOST_REMEMBERED)
    piece_free (g_queue_pop_head (&messages->remembered));
  outgoing_take_piece (session->gc, piece->message);
}

static void
on_reply (Session *session, const Snac *reply, gpointer data)
{
  Piece *piece = data;

  g_queue_remove (&session->messages->open, piece);
  if (piece->acknowledged)
    return;
  if (reply == NULL || reply->subtype == SNAC_ERROR)
    {
      MessageFailure failure;
      const char *why = explain_failure (session, reply, &failure);

      outgoing_fail (session->gc, piece->message, failure, why);
      return;
    }
  acknowledge (session, piece);
}

/* 04/0C that does not repeat the number of 04/06. */
static void
on_loose_ack (Session *session, Service *service, const Snac *snac)
{
  g_autofree char *name = NULL;
  IcbmCookie cookie;
  guint16 channel;

  if (!icbm_parse_ack (snac->body, &cookie, &channel, &name))
    return;
  for (GList *l = session->messages->open.head; l != NULL; l = l->next)
    {
      Piece *piece = l->data;

      if (!icbm_cookie_equal (&piece->cookie, &cookie) || piece->acknowledged)
        continue;
      piece->acknowledged = TRUE;
      acknowledge (session, piece);
      return;
    }
}

void
messages_refused (Session *session, const IcbmCookie *cookie, const char *why)
{
  for (GList *l = session->messages->remembered.tail; l != NULL; l = l->prev)
    {
      Piece *piece = l->data;

      if (!icbm_cookie_equal (&piece->cookie, cookie))
        continue;
      outgoing_fail (session->gc, piece->message, MESSAGE_REFUSED, why);
      return;
    }
}

/* -- Sending -------------------------------------------------------------- */

static void
send_piece (Session *session, Outgoing *message, const char *who, const char *text, gboolean auto_response)
{
  Piece *piece = g_new0 (Piece, 1);

  piece->message = outgoing_add_piece (message);
  icbm_cookie_make (&piece->cookie);
  g_queue_push_tail (&session->messages->open, piece);
  session_ask (session, FAMILY_ICBM, 0x06, icbm_build_text (&piece->cookie, who, text, auto_response), SEND_USER,
               on_reply, piece, (GDestroyNotify) piece_free);
}

int
messages_send (PurpleConnection *gc, const char *who, const char *html, PurpleMessageFlags flags)
{
  Session *session = session_of (gc);
  g_autofree char *normal = screen_name_dup_normal (who);
  gboolean auto_response = (flags & PURPLE_MESSAGE_AUTO_RESP) != 0;
  gboolean plain = session != NULL && session->icq && screen_name_is_uin (normal);
  g_autofree char *substituted = auto_response ? markup_dup_substituted (html, who) : NULL;
  g_auto (GStrv) pieces = NULL;
  Outgoing *message;

  if (!session_is_ready (session))
    return -ENOTCONN;
  if (!screen_name_is_valid (normal))
    return -EINVAL;
  pieces = message_text_split (auto_response ? substituted : html, plain);
  if (pieces == NULL)
    return -E2BIG;
  if (pieces[0] == NULL)
    return -EINVAL;
  message = outgoing_new (normal);
  for (guint i = 0; pieces[i] != NULL; i++)
    send_piece (session, message, normal, pieces[i], auto_response);
  return outgoing_complete (message);
}

/* -- Typing --------------------------------------------------------------- */

void
messages_note_typing_wanted (Session *session, const char *who)
{
  GHashTable *typists = session->messages->typists;

  if (g_hash_table_size (typists) >= MOST_TYPISTS)
    g_hash_table_remove_all (typists);
  g_hash_table_add (typists, screen_name_dup_normal (who));
}

static gboolean
wants_typing (Session *session, const char *who)
{
  g_autofree char *normal = screen_name_dup_normal (who);
  const Watched *watched = presence_get (session, normal);

  return g_hash_table_contains (session->messages->typists, normal) || (watched != NULL && watched->capabilities & CAP_TYPING);
}

static void
send_typing (Session *session, const char *who, IcbmTyping typing)
{
  g_autofree char *normal = screen_name_dup_normal (who);

  if (session_is_ready (session) && wants_typing (session, who))
    session_send (session, FAMILY_ICBM, 0x14, icbm_build_typing (normal, typing), SEND_USER);
}

unsigned int
messages_send_typing (PurpleConnection *gc, const char *who, PurpleTypingState state)
{
  Session *session = session_of (gc);

  if (session != NULL)
    send_typing (session, who, state == PURPLE_TYPING ? ICBM_TYPING_TYPING : state == PURPLE_TYPED ? ICBM_TYPING_PAUSED : ICBM_TYPING_NONE);
  return 0;
}

void
messages_conversation_closed (PurpleConnection *gc, const char *who)
{
  Session *session = session_of (gc);

  if (session != NULL)
    send_typing (session, who, ICBM_TYPING_CLOSED);
}

static void
on_typing (Session *session, Service *service, const Snac *snac)
{
  g_autofree char *name = NULL;
  g_autofree char *normal = NULL;
  guint16 typing;

  if (!icbm_parse_typing (snac->body, &name, &typing))
    return;
  normal = screen_name_dup_normal (name);
  if (typing == ICBM_TYPING_TYPING)
    serv_got_typing (session->gc, normal, 0, PURPLE_TYPING);
  else if (typing == ICBM_TYPING_PAUSED)
    serv_got_typing (session->gc, normal, 0, PURPLE_TYPED);
  else
    serv_got_typing_stopped (session->gc, normal);
}

const SnacHandler messages_handlers[] = {
  { FAMILY_ICBM, 0x0c, on_loose_ack },
  { FAMILY_ICBM, 0x14, on_typing },
  { 0 },
};
