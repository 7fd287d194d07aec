/* SPDX-License-Identifier: GPL-2.0-or-later */
/* messages.c - messages that the user sends, and what becomes of them; typing and nudges.
 *
 * A long text goes in pieces; it is delivered when each piece is, and failed when one is.  Every piece asks for the server's
 * acknowledgement.  A piece whose recipient cannot be called is stored as an offline message.  */
#include "messages.h"

#include <errno.h>
#include <string.h>

#include "address.h"
#include "emoticons.h"
#include "error_text.h"
#include "mime.h"
#include "offline.h"
#include "outgoing.h"
#include "own_status.h"
#include "plain_text.h"
#include "presence.h"
#include "switchboards.h"

/* Of a whole payload; a server closes above 1664 (8.3). */
#define LARGEST_PAYLOAD 1500
#define MOST_PIECES 40
#define SECONDS_OF_TYPING 5

/* One piece on its way. */
typedef struct {
  Outgoing *message;
  char *who, *text;
  GByteArray *payload;
  gboolean retried;
} Piece;

static void
piece_free (Piece *piece)
{
  outgoing_unref (piece->message);
  g_byte_array_unref (piece->payload);
  g_free (piece->who);
  g_free (piece->text);
  g_free (piece);
}

/* -- What became of them ------------------------------------------------------------------ */

static void
fail_by_error (Session *session, Outgoing *message, guint error)
{
  MessageFailure failure = MESSAGE_REFUSED;

  if (error == 205 || error == 206 || error == 208)
    failure = MESSAGE_NO_PEER;
  else if (error == 217)
    failure = MESSAGE_PEER_OFF_LINE;
  else if (error_is_busy (error))
    failure = MESSAGE_BUSY;
  outgoing_fail (session->gc, message, failure, error > 0 ? error_text (error) : "The message was not delivered.");
}

static void
on_stored (Session *session, OfflineResult result, const char *why, gpointer data)
{
  Piece *piece = data;

  if (result == OFFLINE_DONE)
    outgoing_take_piece (session->gc, piece->message);
  else if (session->ending)
    outgoing_fail (session->gc, piece->message, MESSAGE_NOT_SIGNED_ON, OUTGOING_UNSURE);
  else if (result == OFFLINE_NOBODY)
    outgoing_fail (session->gc, piece->message, contact_list_get (session->list, piece->who) != NULL ? MESSAGE_PEER_OFF_LINE : MESSAGE_NO_PEER,
          "The user is not signed in, and takes no messages then.");
  else
    outgoing_fail (session->gc, piece->message, result == OFFLINE_TOO_FAST ? MESSAGE_BUSY : MESSAGE_PEER_OFF_LINE, why);
  piece_free (piece);
}

static void on_outcome (Session *session, Outcome outcome, guint error, gpointer data);

static void
send_piece (Session *session, Piece *piece)
{
  Switchboard *switchboard = switchboards_need (session, piece->who);

  if (switchboard != NULL)
    {
      emoticons_announce (switchboard, piece->text);
      switchboard_send (switchboard, 'A', g_byte_array_ref (piece->payload), on_outcome, piece);
    }
  else
    on_outcome (session, OUTCOME_BUSY, 0, piece);
}

static void
on_outcome (Session *session, Outcome outcome, guint error, gpointer data)
{
  Piece *piece = data;

  /* The other has left in the very moment: once more, over a new switchboard. */
  if (outcome == OUTCOME_NOT_SENT && !session->ending && !piece->retried)
    {
      piece->retried = TRUE;
      send_piece (session, piece);
      return;
    }
  /* Not signed in, or hidden from us; or we are hidden, and cannot call anybody (8.1). */
  if (outcome == OUTCOME_UNREACHABLE && (error == 217 || error == 913) && offline_can_store (session))
    {
      offline_store (session, piece->who, piece->text, on_stored, piece);
      return;
    }
  if (outcome == OUTCOME_DELIVERED)
    outgoing_take_piece (session->gc, piece->message);
  else if (session->ending)
    outgoing_fail (session->gc, piece->message, MESSAGE_NOT_SIGNED_ON, outcome == OUTCOME_NOT_SENT ? OUTGOING_UNSENT : OUTGOING_UNSURE);
  else if (outcome == OUTCOME_UNREACHABLE || outcome == OUTCOME_REFUSED)
    fail_by_error (session, piece->message, error);
  else if (outcome == OUTCOME_BUSY)
    outgoing_fail (session->gc, piece->message, MESSAGE_BUSY, "Too many messages wait to be sent.");
  else if (outcome == OUTCOME_NO_ANSWER)
    outgoing_fail (session->gc, piece->message, MESSAGE_REFUSED, "The message may not have been delivered: no answer came.");
  else
    outgoing_fail (session->gc, piece->message, MESSAGE_REFUSED, "The conversation ended before the message was confirmed; it may not have arrived.");
  piece_free (piece);
}

/* -- Sending ------------------------------------------------------------------------------- */

GPtrArray *
messages_build (const char *html, GStrv *texts)
{
  g_auto (TextFormat) format = { 0 };
  g_autofree char *text = plain_text_from_html (html, &format);
  g_autofree char *style = NULL;
  g_autofree char *header = NULL;
  g_auto (GStrv) pieces = NULL;
  GPtrArray *payloads;

  if (format.font != NULL && strlen (format.font) > 64)
    g_clear_pointer (&format.font, g_free);
  style = text_format_build (&format);
  header = g_strdup_printf ("X-MMS-IM-Format: %s\r\n", style);
  pieces = plain_text_split (text, LARGEST_PAYLOAD - strlen (header) - 64, MOST_PIECES);
  if (pieces == NULL)
    return NULL;
  payloads = g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);
  for (guint i = 0; pieces[i] != NULL; i++)
    g_ptr_array_add (payloads, mime_build ("text/plain; charset=UTF-8", header, pieces[i], strlen (pieces[i])));
  if (texts != NULL)
    *texts = g_steal_pointer (&pieces);
  return payloads;
}

static Piece *
piece_new (Outgoing *message, const char *who, GByteArray *payload, const char *text)
{
  Piece *piece = g_new0 (Piece, 1);

  piece->message = outgoing_add_piece (message);
  piece->payload = g_byte_array_ref (payload);
  piece->who = g_strdup (who);
  piece->text = g_strdup (text);
  return piece;
}

int
messages_send (PurpleConnection *gc, const char *who, const char *html, PurpleMessageFlags flags)
{
  Session *session = session_of_ready (gc);
  g_autofree char *address = address_dup_normal (who);
  g_autoptr (GPtrArray) payloads = NULL;
  g_auto (GStrv) texts = NULL;
  Outgoing *message;

  if (session == NULL)
    return -ENOTCONN;
  if (!address_is_valid (address) || g_str_equal (address, session->address))
    return -EINVAL;
  payloads = messages_build (html, &texts);
  if (payloads == NULL)
    return -E2BIG;
  if (payloads->len == 0)
    return -EINVAL;
  message = outgoing_new (address);
  for (guint i = 0; i < payloads->len; i++)
    send_piece (session, piece_new (message, address, payloads->pdata[i], texts[i]));
  return outgoing_complete (message);
}

/* -- Typing and nudges ------------------------------------------------------------------------ */

unsigned int
messages_send_typing (PurpleConnection *gc, const char *who, PurpleTypingState state)
{
  Session *session = session_of_ready (gc);
  Switchboard *switchboard = session != NULL && state == PURPLE_TYPING ? switchboards_find (session, who) : NULL;
  g_autofree char *header = NULL;

  if (switchboard == NULL || switchboard->state != SWITCHBOARD_READY)
    return 0;
  header = g_strdup_printf ("TypingUser: %s\r\n", session->name);
  switchboard_send (switchboard, 'U', mime_build ("text/x-msmsgscontrol", header, "\r\n", 2), NULL, NULL);
  return SECONDS_OF_TYPING;
}

static void
on_nudge_failed (Session *session, Outcome outcome, guint error, gpointer data)
{
  g_autofree char *who = data;

  g_autofree char *text = error > 0 ? g_strdup_printf ("The nudge was not delivered: %s", error_text (error))
                                    : g_strdup ("The nudge was not delivered.");

  if (outcome != OUTCOME_DELIVERED && !session->ending)
    session_tell (session, who, text);
}

gboolean
messages_send_nudge (PurpleConnection *gc, const char *who, guint type)
{
  Session *session = session_of_ready (gc);
  Switchboard *switchboard = session != NULL && address_is_valid (who) ? switchboards_need (session, who) : NULL;

  if (switchboard == NULL)
    return FALSE;
  switchboard_send (switchboard, 'N', mime_build ("text/x-msnmsgr-datacast", NULL, "ID: 1\r\n\r\n", 9), on_nudge_failed, address_dup_normal (who));
  return TRUE;
}

GList *
messages_get_attention_types (PurpleAccount *account)
{
  static GList *types;

  if (types == NULL)
    types = g_list_append (NULL, purple_attention_type_new ("Nudge", "Nudge", "%s has nudged you!", "Nudging %s..."));
  return types;
}

void
messages_conversation_closed (PurpleConnection *gc, const char *who)
{
  Session *session = session_of_ready (gc);
  Switchboard *switchboard = session != NULL ? switchboards_find (session, who) : NULL;

  if (switchboard != NULL)
    switchboard_leave (switchboard);
}
