/* SPDX-License-Identifier: GPL-2.0-or-later */
/* muc.h - rooms as a user's clients see them (XEP-0045). */
#pragma once

#include "feature.h"
#include "rooms.h"

#define NS_MUC "http://jabber.org/protocol/muc"
#define NS_MUC_USER "http://jabber.org/protocol/muc#user"
#define NS_MUC_ADMIN "http://jabber.org/protocol/muc#admin"

extern const Feature muc_feature;
extern const Feature muc_admin_feature;
extern const Feature muc_config_feature;
extern const Feature muc_requests_feature;

/* Whether a presence or iq to a contact's address is about a room. */
gboolean muc_concerns (const Stanza *stanza, const char *type);
/* A presence that concerns a room; `type` may be NULL. */
gboolean muc_take_presence (const Stanza *presence, const char *type, GError **error);
/* One of a user's resources went off line: it is in no room any more. */
void muc_resource_gone (User *user, const char *jid);
/* A message or presence of ours came back as an error.  A resource that is not there leaves the room that it was of.  FALSE: it was of none. */
gboolean muc_bounced (Gateway *gateway, xmpp_stanza_t *error);

/* -- What the worker tells (muc_events.c) --------------------------------- */

void muc_joined (Session *session, const WireRoomJoined *event);
void muc_closed (Session *session, const WireRoomClosed *event);
void muc_occupant (Session *session, const WireRoomOccupant *event);
void muc_occupant_left (Session *session, const WireRoomOccupantLeft *event);
void muc_occupant_renamed (Session *session, const WireRoomOccupantRenamed *event);
void muc_topic (Session *session, const WireRoomTopic *event);
void muc_message (Session *session, const WireRoomMessage *event);
void muc_refused (Session *session, const WireRoomRefused *event);
void muc_done (Session *session, const WireRoomDone *event);
void muc_invited (Session *session, const WireRoomInvited *event);

/* (muc_config.c, muc_bans.c, muc_requests.c) */
void muc_setting (Session *session, const WireRoomSetting *event);
void muc_traits (Session *session, const WireRoomTraits *event);
void muc_ban (Session *session, const WireRoomBan *event);
void muc_answered (Session *session, const WireRoomAnswer *event);

/* The room that a message of this peer's for the user alone belongs to, and the nick; NULL: to none. */
Room *muc_find_private (Session *session, const char *peer, const char **nick);
/* The user writes to them outside of any room: there the answers belong. */
void muc_forget_private (Session *session, const char *peer);
/* It goes to those of the user's resources that are in the room. */
void muc_private_message (Room *room, const char *nick, const WirePeerMessage *event);

/* -- Rooms that a user stays in (muc_stay.c) ------------------------------- */

/* The session is signed in: joins its rooms, a few at a time; those too that it was in before a restart. */
void muc_rejoin (Session *session);
/* One of them is joined, or cannot be. */
void muc_join_next (Session *session);
/* We are in; we are not, and will not be (of rooms that nobody knows to have been stored: nothing happens). */
void muc_remember (Room *room);
void muc_forget (Room *room);
/* The last participant is gone: left by this presence, or (NULL) went off line.  The room is left a moment later, unless somebody is in it
 * again by then, or the user stays in rooms and it was not only the room that was left. */
void muc_linger (Room *room, xmpp_stanza_t *presence);
/* OPTION_STAY has another value. */
void muc_stay_changed (Session *session);

/* -- Entering and leaving (muc.c) ------------------------------------------ */

void muc_ask_to_join (Room *room);
/* `word` may be NULL. */
void muc_leave_network (Room *room, const char *word);

/* -- What was said (muc_said.c) -------------------------------------------- */

/* From the archive: as part of a room's history, for one of the user's resources; as <forwarded/> (XEP-0297) of an answer of the archive. */
xmpp_stanza_t *muc_new_history (Room *room, const StoreSaid *said, const char *to);
xmpp_stanza_t *muc_new_archived (Session *session, const char *room_jid, const StoreSaid *said);
/* About how many characters the first of these has. */
gsize muc_size_of_said (const StoreSaid *said);

/* -- Those who come and go (muc_flood.c) ----------------------------------- */

/* To be told, at once or, if there is too much of this, soon.  Somebody is there who was not (`known` FALSE), or as
 * something else; somebody leaves, and is dropped by the caller. */
void muc_change_occupant (Room *room, const Occupant *occupant, gboolean known);
void muc_part_occupant (Room *room, const Occupant *occupant, const char *reason);
/* Tells what was put off, before something else is told of this nick (NULL: of nobody); of all. */
void muc_settle (Room *room, const char *nick);
void muc_settle_all (Room *room);

/* -- What a resource gets that has joined (muc_tell.c) --------------------- */

/* Who is there, itself, what was said, the topic; by and by. */
void muc_tell (Room *room, Participant *participant);
/* Whether it has been told of this occupant, and so is to be told of changes. */
gboolean muc_knows (const Room *room, const Participant *participant, const Occupant *occupant);
/* The same of one who goes; who does not know them yet will not. */
gboolean muc_take_gone (const Room *room, const Participant *participant, const Occupant *occupant);
/* A message, when the participant has been told all that comes before it.  Takes the message. */
void muc_deliver (Room *room, Participant *participant, xmpp_stanza_t *message);

/* -- What the user's clients get (muc_send.c) ----------------------------- */

/* The presence of an occupant, to all participants that know of the room; to one. */
void muc_send_occupant (Room *room, const Occupant *occupant);
void muc_send_occupant_to (Room *room, const Occupant *occupant, const Participant *participant);
/* They are gone; `status` 0, 301, 303 or 307 (XEP-0045, section 15.6). */
typedef struct {
  int status;
  const char *new_nick, *actor, *reason;
} MucGone;
void muc_send_gone (Room *room, const Occupant *occupant, const MucGone *gone);
/* One resource is out: of its own will (0), or for the reason that `gone` has. */
void muc_send_out (Room *room, const char *jid, const MucGone *gone);
void muc_send_topic (Room *room, const char *to);
/* Something that the room itself says. */
void muc_send_notice (Room *room, const char *text);
/* XEP-0421; none where nobody is in the room, or for the room itself. */
#define NS_OCCUPANT_ID "urn:xmpp:occupant-id:0"
void muc_add_occupant_id (xmpp_stanza_t *stanza, const Room *room, const char *nick);
/* The address in a room of somebody, or of the room itself (NULL). */
char *muc_dup_jid (const Room *room, const char *nick);

/* One is done, which was taken out: answered with a result, if it is the last of its stanza.  Frees it. */
void muc_finish_request (Session *session, RoomRequest *request);
/* Answers a request with an error, and frees it, and the others of its stanza. */
void muc_refuse_request (Session *session, RoomRequest *request, const GError *error);
/* Ends the room for everybody, with an error for those who have not got in yet. */
void muc_close (Room *room, const MucGone *gone, const GError *error);
