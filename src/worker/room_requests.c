/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room_requests.c - what the hub asks of a room by number, for the network that it is on. */
#include "config.h"

#include "room_requests.h"

#include "hub.h"
#include "irc_channels.h"
#include "protocol.h"
#include "rooms.h"
#include "xmpp_rooms.h"

gboolean
room_requests_are_there (void)
{
  return protocol_is_irc () || protocol_is_xmpp ();
}

void
room_request_answer (const RoomRequest *request, WireRoomOutcome outcome, const char *text)
{
  hub_tell (room_answer, ROOM_ANSWER, .account = request->account, .room = request->room, .request = request->number, .outcome = outcome,
            .text = text);
}

/* The account, where it is in the room; NULL: the request was answered. */
static Account *
find_account (const RoomRequest *request)
{
  Account *account = accounts_find (request->account, FALSE);

  if (!room_requests_are_there ())
    room_request_answer (request, WIRE_ROOM_OUTCOME_IMPOSSIBLE, "Rooms of this network cannot be set up.");
  else if (account == NULL || !accounts_is_online (account) || !rooms_is_joined (account, request->room))
    room_request_answer (request, WIRE_ROOM_OUTCOME_LATER, "You are not in this room just now.");
  else
    return account;
  return NULL;
}

#define WITH_ACCOUNT(call) \
  const RoomRequest request = { command->account, command->request, (char *) command->room }; \
  Account *account = find_account (&request); \
  if (account == NULL) \
    return; \
  if (account->irc != NULL) \
    irc_channels_##call (account, command); \
  else \
    xmpp_rooms_##call (account, command)

void room_requests_get_settings (const WireGetSettings *command) { WITH_ACCOUNT (get_settings); }
void room_requests_set_settings (const WireSetSettings *command) { WITH_ACCOUNT (set_settings); }
void room_requests_list_bans (const WireListBans *command) { WITH_ACCOUNT (list_bans); }
void room_requests_set_ban (const WireSetBan *command) { WITH_ACCOUNT (set_ban); }
