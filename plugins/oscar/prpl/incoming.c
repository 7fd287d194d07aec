/* SPDX-License-Identifier: GPL-2.0-or-later */
/* incoming.c - messages from others, on all channels. */
#include "incoming.h"

#include "authorization.h"
#include "contacts.h"
#include "feedbag.h"
#include "message_text.h"
#include "messages.h"
#include "rendezvous.h"
#include "rooms.h"
#include "screen_names.h"
#include "service.h"
#include "stored.h"
#include "transfers.h"

void
incoming_show (Session *session, const char *from, const char *html, gboolean auto_response, gint64 sent)
{
  PurpleMessageFlags flags = PURPLE_MESSAGE_RECV;

  if (auto_response)
    flags |= PURPLE_MESSAGE_AUTO_RESP;
  if (sent > 0)
    flags |= PURPLE_MESSAGE_DELAYED;
  serv_got_im (session->gc, from, html, flags, sent > 0 ? (time_t) sent : time (NULL));
}

static gboolean
is_ignored (Session *session, const char *from)
{
  return contacts_is_listed (session, FEEDBAG_IGNORE, from);
}

/* -- Channel 1 ------------------------------------------------------------ */

static void
take_text (Session *session, const IcbmIncoming *message, const char *from)
{
  gboolean from_uin = screen_name_is_uin (from);
  g_auto (IcbmText) text = { 0 };
  g_autofree char *html = NULL;

  icbm_parse_text (message->tlvs, session_get_encoding (session), from_uin, &text);
  if (text.wants_typing)
    messages_note_typing_wanted (session, from);
  if (text.text == NULL || *text.text == '\0')
    return;
  html = message_text_dup_html (text.text, from_uin);
  stored_take (session, from, html, text.auto_response, text.sent);
}

/* -- Channel 4, and what is like it --------------------------------------- */

void
incoming_take_icq (Session *session, const char *from, const IcqMessage *message, gint64 sent)
{
  g_autofree char *readable = NULL;
  g_autofree char *html = NULL;

  switch (message->type)
    {
    case ICQ_AUTH_REQUEST:
      authorization_asked (session, from, icq_message_get_field (message, 5));
      return;
    case ICQ_AUTH_DENIED:
      authorization_answered (session, from, FALSE, message->text);
      return;
    case ICQ_AUTH_GRANTED:
      authorization_answered (session, from, TRUE, "");
      return;
    case ICQ_ADDED:
      authorization_added (session, from);
      return;
    default:
      break;
    }
  readable = icq_message_dup_readable (message);
  if (readable == NULL || *readable == '\0')
    {
      purple_debug_info (session->category, "message of type %02x: nothing to show\n", message->type);
      return;
    }
  html = message_text_dup_html (readable, TRUE);
  stored_take (session, from, html, FALSE, sent);
}

static void
take_channel_4 (Session *session, const IcbmIncoming *message, const char *from)
{
  g_auto (IcqMessage) icq = { 0 };
  Tlv tlv;

  if (tlv_find (message->tlvs, 0x05, &tlv) && icq_message_parse (tlv_reader (&tlv), session_get_encoding (session), &icq))
    incoming_take_icq (session, from, &icq, tlv_find (message->tlvs, 0x16, &tlv) ? tlv_uint (&tlv) : 0);
}

/* -- Channel 2 ------------------------------------------------------------ */

static void
take_relayed (Session *session, const Rendezvous *rendezvous, const char *from)
{
  g_auto (IcqMessage) icq = { 0 };

  if (rendezvous->type != RENDEZVOUS_PROPOSE
      || !icq_message_parse_relayed (rendezvous->service, session_get_encoding (session), &icq))
    return;
  session_send (session, FAMILY_ICBM, 0x0b, icq_message_build_relay_ack (&rendezvous->cookie, from, &icq), SEND_USER);
  incoming_take_icq (session, from, &icq, 0);
}

static void
take_rendezvous (Session *session, const IcbmIncoming *message, const char *from)
{
  g_auto (Rendezvous) rendezvous = { 0 };

  if (!rendezvous_parse (message->tlvs, session_get_encoding (session), &rendezvous))
    return;
  switch (rendezvous.capability)
    {
    case CAP_SEND_FILE:
      transfers_take (session, from, &rendezvous);
      break;
    case CAP_CHAT:
      rooms_take_invitation (session, from, &rendezvous);
      break;
    case CAP_RELAY:
      take_relayed (session, &rendezvous, from);
      break;
    default:
      if (rendezvous.type != RENDEZVOUS_PROPOSE)
        break;
      /* Direct messages and whatever else we do not do: said at once, so that nobody waits. */
      session_send (session, FAMILY_ICBM, 0x0b, icbm_build_decline (&rendezvous.cookie, from), SEND_USER);
      purple_debug_info (session->category, "declined a rendezvous for capability %x\n", rendezvous.capability);
      break;
    }
}

static void
on_message (Session *session, Service *service, const Snac *snac)
{
  g_auto (IcbmIncoming) message = { 0 };
  g_autofree char *from = NULL;

  if (!icbm_parse_incoming (snac->body, &message))
    return;
  from = screen_name_dup_normal (message.from.name);
  if (*from == '\0' || is_ignored (session, from))
    return;
  switch (message.channel)
    {
    case ICBM_CHANNEL_TEXT:
      take_text (session, &message, from);
      break;
    case ICBM_CHANNEL_RENDEZVOUS:
      take_rendezvous (session, &message, from);
      break;
    case ICBM_CHANNEL_ICQ:
      take_channel_4 (session, &message, from);
      break;
    default:
      purple_debug_info (session->category, "message on channel %u\n", message.channel);
      break;
    }
}

/* -- What is said about messages ------------------------------------------ */

static void
on_missed (Session *session, Service *service, const Snac *snac)
{
  Reader body = snac->body;
  IcbmMissed missed;

  while (icbm_next_missed (&body, &missed))
    {
      g_autofree char *from = screen_name_dup_normal (missed.from.name);
      g_autofree char *text = g_strdup_printf ("You missed %u messages from %s because %s.", missed.count, missed.from.name,
                                               icbm_missed_text (missed.reason));

      session_tell (session, from, text);
      user_info_clear (&missed.from);
    }
}

static void
on_client_error (Session *session, Service *service, const Snac *snac)
{
  IcbmClientError error;

  if (icbm_parse_client_error (snac->body, &error))
    {
      if (error.channel == ICBM_CHANNEL_RENDEZVOUS)
        transfers_take_refusal (session, &error);
      else
        messages_refused (session, &error.cookie, "The other side's program could not read the message.");
    }
  g_free (error.name);
}

const SnacHandler incoming_handlers[] = {
  { FAMILY_ICBM, 0x07, on_message },
  { FAMILY_ICBM, 0x0a, on_missed },
  { FAMILY_ICBM, 0x0b, on_client_error },
  { 0 },
};
