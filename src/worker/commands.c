/* SPDX-License-Identifier: GPL-2.0-or-later */
/* commands.c - the hub's commands, each to the module that does it. */
#include "config.h"

#include "commands.h"

#include "accounts.h"
#include "contact_commands.h"
#include "contacts.h"
#include "conversations.h"
#include "doing.h"
#include "eventloop.h"
#include "hub.h"
#include "irc_raw.h"
#include "menu.h"
#include "notes.h"
#include "questions.h"
#include "room_list.h"
#include "room_requests.h"
#include "rooms.h"
#include "statuses.h"
#include "tunes.h"

/* Answered where the connection begins (hub.c). */
static void
on_welcome (gpointer data, const WireWelcome *message)
{
  g_assert_not_reached ();
}

static void
on_keep_note (gpointer data, const WireKeepNote *message)
{
  notes_keep (message);
}

static void
on_sign_in (gpointer data, const WireSignIn *message)
{
  accounts_sign_in (message);
}

static void
on_sign_out (gpointer data, const WireSignOut *message)
{
  accounts_sign_out (message->account);
}

static void
on_hold (gpointer data, const WireHold *message)
{
  if (accounts_find (message->account, FALSE) != NULL || !message->held)
    eventloop_hold_account (message->account, message->held);
}

static void
on_set_status (gpointer data, const WireSetStatus *message)
{
  Account *account = accounts_find (message->account, FALSE);

  if (account != NULL)
    statuses_set (account, message->show, message->status);
}

static void
on_set_tune (gpointer data, const WireSetTune *message)
{
  Account *account = accounts_find (message->account, FALSE);

  if (account != NULL)
    tunes_set (account, message);
}

static void
on_restore_contact (gpointer data, const WireRestoreContact *message)
{
  contacts_remember (accounts_find (message->account, TRUE), message);
}

/* A command about a contact of an account that is not here. */
static Account *
find_account (gint64 number, const char *peer)
{
  Account *account = accounts_find (number, FALSE);

  if (account == NULL)
    hub_tell (contact_failed, CONTACT_FAILED, .account = number, .peer = peer, .cause = WIRE_CAUSE_OFFLINE,
              .text = "The account is not signed in.");
  return account;
}

static void
on_add_contact (gpointer data, const WireAddContact *message)
{
  Account *account = find_account (message->account, message->peer);

  if (account != NULL)
    contact_commands_add (account, message);
}

static void
on_remove_contact (gpointer data, const WireRemoveContact *message)
{
  Account *account = find_account (message->account, message->peer);

  if (account != NULL)
    contact_commands_remove (account, message);
}

static void
on_rename_contact (gpointer data, const WireRenameContact *message)
{
  Account *account = find_account (message->account, message->peer);

  if (account != NULL)
    contact_commands_rename (account, message);
}

static void
on_move_contact (gpointer data, const WireMoveContact *message)
{
  Account *account = find_account (message->account, message->peer);

  if (account != NULL)
    contact_commands_move (account, message);
}

static void
on_send_message (gpointer data, const WireSendMessage *message)
{
  Account *account = accounts_find (message->account, FALSE);

  if (account != NULL)
    account->last_message = MAX (account->last_message, message->number);
  conversations_send (message);
}

static void
on_set_typing (gpointer data, const WireSetTyping *message)
{
  Account *account = accounts_find (message->account, FALSE);

  if (account != NULL)
    conversations_set_typing (account, message);
}

static void
on_send_attention (gpointer data, const WireSendAttention *message)
{
  conversations_nudge (message);
}

static void
on_answer (gpointer data, const WireAnswer *message)
{
  questions_answer (message);
}

static void
on_choose (gpointer data, const WireChoose *message)
{
  Account *account = accounts_find (message->account, FALSE);

  if (account != NULL)
    menu_choose (account, message->entry);
}

/* The link acknowledges it, now that it came to its turn. */
static void
on_ping (gpointer data, const WirePing *message)
{
}

/* A command about a room that an account is in: who is not signed in, is in none. */
#define WITH_ACCOUNT(call) \
  Account *account = accounts_find (message->account, FALSE); \
  if (account != NULL && accounts_is_online (account)) \
    call (account, message)

static void on_list_rooms (gpointer data, const WireListRooms *message) { room_list_fetch (message->account); }
static void on_get_settings (gpointer data, const WireGetSettings *message) { room_requests_get_settings (message); }
static void on_set_settings (gpointer data, const WireSetSettings *message) { room_requests_set_settings (message); }
static void on_list_bans (gpointer data, const WireListBans *message) { room_requests_list_bans (message); }
static void on_set_ban (gpointer data, const WireSetBan *message) { room_requests_set_ban (message); }
static void on_join_room (gpointer data, const WireJoinRoom *message) { rooms_join (message); }
static void on_leave_room (gpointer data, const WireLeaveRoom *message) { WITH_ACCOUNT (rooms_leave); }
static void on_set_topic (gpointer data, const WireSetTopic *message) { WITH_ACCOUNT (rooms_set_topic); }
static void on_set_nick (gpointer data, const WireSetNick *message) { WITH_ACCOUNT (rooms_set_nick); }
static void on_moderate (gpointer data, const WireModerate *message) { WITH_ACCOUNT (rooms_moderate); }
static void on_invite (gpointer data, const WireInvite *message) { WITH_ACCOUNT (rooms_invite); }

static void
on_server_command (gpointer data, const WireServerCommand *message)
{
  Account *account = accounts_find (message->account, FALSE);

  if (account != NULL && accounts_is_online (account))
    irc_raw_run (account, message);
  else
    hub_tell (server_answer, SERVER_ANSWER, .account = message->account, .request = message->request, .failed = TRUE,
              .text = "The account is not signed in.");
}

static const WireCommandHandlers handlers = {
  .welcome = on_welcome,
  .ping = on_ping,
  .keep_note = on_keep_note,
  .sign_in = on_sign_in,
  .sign_out = on_sign_out,
  .hold = on_hold,
  .set_status = on_set_status,
  .set_tune = on_set_tune,
  .restore_contact = on_restore_contact,
  .add_contact = on_add_contact,
  .remove_contact = on_remove_contact,
  .rename_contact = on_rename_contact,
  .move_contact = on_move_contact,
  .send_message = on_send_message,
  .set_typing = on_set_typing,
  .send_attention = on_send_attention,
  .list_rooms = on_list_rooms,
  .get_settings = on_get_settings,
  .set_settings = on_set_settings,
  .list_bans = on_list_bans,
  .set_ban = on_set_ban,
  .join_room = on_join_room,
  .leave_room = on_leave_room,
  .set_topic = on_set_topic,
  .set_nick = on_set_nick,
  .moderate = on_moderate,
  .invite = on_invite,
  .server_command = on_server_command,
  .answer = on_answer,
  .choose = on_choose,
};

/* The account that a command is for; 0: none. */
static gint64
account_of (const WireMessage *message)
{
  const WireInfo *info = wire_info (message->type);

  return info->n_fields > 0 && g_str_equal (info->fields[0].name, "account") ? G_STRUCT_MEMBER (gint64, &message->u, info->fields[0].offset) : 0;
}

void
commands_run (const WireMessage *message)
{
  doing_begin (account_of (message), wire_info (message->type)->name);
  wire_dispatch_command (&handlers, message, NULL);
  doing_end ();
}
