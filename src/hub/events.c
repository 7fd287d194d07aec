/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events.c - the workers' messages, to the features that they concern.
 *
 * A worker may name only accounts that it was given; an event for another one
 * is late news of an account that has moved or gone, and is dropped. */
#include "config.h"

#include "events.h"

#include "accounts.h"
#include "attention.h"
#include "chat_states.h"
#include "menu.h"
#include "messages.h"
#include "muc.h"
#include "questions.h"
#include "room_list.h"
#include "roster.h"
#include "server_commands.h"
#include "subscriptions.h"
#include "takeover.h"
#include "tunes.h"

#define WITH_SESSION(call) \
  Session *session = worker_session (data, event->account); \
  if (session != NULL) \
    call (session, event)

static void
on_hello (gpointer data, const WireHello *event)
{
  /* Seen to in events_dispatch, which can refuse it. */
}

static void
on_held_account (gpointer data, const WireHeldAccount *event)
{
  /* Likewise. */
}

static void
on_resynced (gpointer data, const WireResynced *event)
{
  Worker *worker = data;

  if (worker->returning)
    g_message ("%s: worker %" G_GINT64_FORMAT " goes on with %" G_GINT64_FORMAT " accounts", worker->gateway->domain, worker->number, event->accounts);
  takeover_end (worker);
}

static void
on_protocol_option (gpointer data, const WireProtocolOption *event)
{
  Gateway *gateway = ((Worker *) data)->gateway;

  if (!gateway->protocol->complete)
    protocol_add_option (gateway->protocol, event);
}

static void
on_protocol_ready (gpointer data, const WireProtocolReady *event)
{
  Gateway *gateway = ((Worker *) data)->gateway;

  protocol_finish (gateway->protocol, event);
  gateway_protocol_known (gateway);
  session_begin_held_up (gateway);
}

static void
on_unfit (gpointer data, const WireUnfit *event)
{
  Gateway *gateway = ((Worker *) data)->gateway;

  gateway_unfit (gateway, event->text);
  session_begin_held_up (gateway);
}

static void on_signed_in (gpointer data, const WireSignedIn *event) { WITH_SESSION (session_signed_in); }
static void on_signed_out (gpointer data, const WireSignedOut *event) { WITH_SESSION (session_signed_out); }
static void on_new_password (gpointer data, const WireNewPassword *event) { WITH_SESSION (session_new_password); }
static void on_contact (gpointer data, const WireContact *event) { WITH_SESSION (roster_contact); }
static void on_contact_removed (gpointer data, const WireContactRemoved *event) { WITH_SESSION (roster_contact_removed); }
static void on_contact_failed (gpointer data, const WireContactFailed *event) { WITH_SESSION (roster_contact_failed); }
static void on_contact_status (gpointer data, const WireContactStatus *event) { WITH_SESSION (roster_contact_status); }
static void on_peer_tune (gpointer data, const WirePeerTune *event) { WITH_SESSION (tunes_peer_plays); }
static void on_messages_taken (gpointer data, const WireMessagesTaken *event) { WITH_SESSION (messages_taken); }
static void on_message_failed (gpointer data, const WireMessageFailed *event) { WITH_SESSION (messages_failed); }
static void on_peer_message (gpointer data, const WirePeerMessage *event) { WITH_SESSION (messages_received); }
static void on_peer_typing (gpointer data, const WirePeerTyping *event) { WITH_SESSION (chat_states_peer_typing); }
static void on_peer_attention (gpointer data, const WirePeerAttention *event) { WITH_SESSION (attention_peer_nudged); }
static void on_room_listed (gpointer data, const WireRoomListed *event) { WITH_SESSION (room_list_add); }
static void on_room_list_end (gpointer data, const WireRoomListEnd *event) { WITH_SESSION (room_list_end); }
static void on_room_joined (gpointer data, const WireRoomJoined *event) { WITH_SESSION (muc_joined); }
static void on_room_closed (gpointer data, const WireRoomClosed *event) { WITH_SESSION (muc_closed); }
static void on_room_occupant (gpointer data, const WireRoomOccupant *event) { WITH_SESSION (muc_occupant); }
static void on_room_occupant_left (gpointer data, const WireRoomOccupantLeft *event) { WITH_SESSION (muc_occupant_left); }
static void on_room_occupant_renamed (gpointer data, const WireRoomOccupantRenamed *event) { WITH_SESSION (muc_occupant_renamed); }
static void on_room_topic (gpointer data, const WireRoomTopic *event) { WITH_SESSION (muc_topic); }
static void on_room_message (gpointer data, const WireRoomMessage *event) { WITH_SESSION (muc_message); }
static void on_room_refused (gpointer data, const WireRoomRefused *event) { WITH_SESSION (muc_refused); }
static void on_room_done (gpointer data, const WireRoomDone *event) { WITH_SESSION (muc_done); }
static void on_room_setting (gpointer data, const WireRoomSetting *event) { WITH_SESSION (muc_setting); }
static void on_room_ban (gpointer data, const WireRoomBan *event) { WITH_SESSION (muc_ban); }
static void on_room_answer (gpointer data, const WireRoomAnswer *event) { WITH_SESSION (muc_answered); }
static void on_room_traits (gpointer data, const WireRoomTraits *event) { WITH_SESSION (muc_traits); }
static void on_room_invited (gpointer data, const WireRoomInvited *event) { WITH_SESSION (muc_invited); }
static void on_server_answer (gpointer data, const WireServerAnswer *event) { WITH_SESSION (server_commands_answered); }
static void on_menu (gpointer data, const WireMenu *event) { WITH_SESSION (menu_told); }
static void on_question_field (gpointer data, const WireQuestionField *event) { WITH_SESSION (questions_add_field); }
static void on_question (gpointer data, const WireQuestion *event) { WITH_SESSION (questions_ask); }
static void on_question_closed (gpointer data, const WireQuestionClosed *event) { WITH_SESSION (questions_close); }

static void
on_authorization_request (gpointer data, const WireAuthorizationRequest *event)
{
  WITH_SESSION (subscriptions_requested);
}

static void
on_notice (gpointer data, const WireNotice *event)
{
  Session *session = worker_session (data, event->account);
  g_autofree char *title = session == NULL ? NULL : session_dup_title (session);
  g_autofree char *text = session == NULL ? NULL : g_strdup_printf ("%s: %s", title, event->text);

  if (session != NULL)
    gateway_tell (session_gateway (session), session->user->jid, text);
}

static const WireEventHandlers handlers = {
  .hello = on_hello,
  .protocol_option = on_protocol_option,
  .protocol_ready = on_protocol_ready,
  .unfit = on_unfit,
  .held_account = on_held_account,
  .resynced = on_resynced,
  .signed_in = on_signed_in,
  .signed_out = on_signed_out,
  .new_password = on_new_password,
  .notice = on_notice,
  .contact = on_contact,
  .contact_removed = on_contact_removed,
  .contact_failed = on_contact_failed,
  .contact_status = on_contact_status,
  .peer_tune = on_peer_tune,
  .authorization_request = on_authorization_request,
  .messages_taken = on_messages_taken,
  .message_failed = on_message_failed,
  .peer_message = on_peer_message,
  .peer_typing = on_peer_typing,
  .peer_attention = on_peer_attention,
  .room_listed = on_room_listed,
  .room_list_end = on_room_list_end,
  .room_joined = on_room_joined,
  .room_closed = on_room_closed,
  .room_occupant = on_room_occupant,
  .room_occupant_left = on_room_occupant_left,
  .room_occupant_renamed = on_room_occupant_renamed,
  .room_topic = on_room_topic,
  .room_message = on_room_message,
  .room_refused = on_room_refused,
  .room_done = on_room_done,
  .room_setting = on_room_setting,
  .room_ban = on_room_ban,
  .room_answer = on_room_answer,
  .room_traits = on_room_traits,
  .room_invited = on_room_invited,
  .menu = on_menu,
  .server_answer = on_server_answer,
  .question_field = on_question_field,
  .question = on_question,
  .question_closed = on_question_closed,
};

gboolean
events_dispatch (Worker *worker, const WireMessage *message, GError **error)
{
  if (message->type == WIRE_HELLO)
    return worker_welcome (worker, &message->u.hello, error);
  if (message->type == WIRE_HELD_ACCOUNT && !takeover_held_account (worker, &message->u.held_account, error))
    return FALSE;
  wire_dispatch_event (&handlers, message, worker);
  return TRUE;
}
