/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rooms.h - the rooms of the network that a user's clients are in.
 *
 * The network sees one occupant for each account, however many of the user's resources
 * joined: those are the room's participants. */
#pragma once

#include "session.h"

typedef enum {
  ROOM_WAITING,               /* will be joined when the session is signed in */
  ROOM_JOINING,
  ROOM_IN,                    /* and in `shared` */
} RoomState;

/* Somebody on the network's side. */
typedef struct {
  char *nick;
  WireRole role;
  WireAffiliation affiliation;
  gboolean away;
  gboolean vague;             /* they are there; the rest may have been otherwise */
  char *peer;                 /* whom messages for them alone go to */
  gboolean stale;             /* was there when the connection was lost */
  gint64 since;               /* what is said after they were seen to come has a greater id in the archive */
} Occupant;

typedef enum {
  PARTICIPANT_WAITS,          /* until the room is joined */
  PARTICIPANT_IS_TOLD,        /* who is there, itself, what was said; by and by */
  PARTICIPANT_KNOWS,          /* has got all that joining gives */
} ParticipantStage;

/* What a resource wants to know of what was said before it came (XEP-0045, section 7.2.13). */
typedef struct {
  guint most;                 /* messages */
  gsize characters;
  gint64 since;               /* milliseconds since 1970; 0: ever */
} RoomHistory;

/* One of the user's resources. */
typedef struct {
  char *jid;                  /* full */
  char *wish;                 /* the nick that it wanted */
  ParticipantStage stage;     /* it and the next: features/muc_send.c */
  struct Telling *telling;    /* while it is being told */
  RoomHistory history;
} Participant;

/* Something that was asked of the network, and will show in the room or be refused. */
typedef struct RoomRequest RoomRequest;
struct RoomRequest {
  WireRoomDeed deed;
  char *nick;                 /* whom it is about; NULL: nobody */
  xmpp_stanza_t *stanza;      /* the request, a reference; one stanza may have several */
  gint64 number;              /* the worker's answer has the same */
  gboolean is_question;       /* it has an answer of its own number, and is known by no deed */
  xmpp_stanza_t *answer;      /* what is gathered of that, owned; may be NULL */
  gsize gathered;             /* bytes of it, about; changed by features/muc_requests.c */

  Room *room;

  /*< private to rooms.c >*/
  guint timer;
  void (*expired) (Room *room, RoomRequest *request);
};

/* Ends what a participant is being told. */
void telling_free (struct Telling *telling);

/* Read by features; changed in rooms.c but where a member says otherwise. */
struct Room {
  Session *session;
  char *name;                 /* on the wire */
  char *jid;
  RoomState state;            /* changed by features/muc.c and muc_events.c */
  gboolean inherited;         /* from a former hub, until a worker has told that we are in */
  char *nick;                 /* ours; before ROOM_IN the one that was wished first */
  char *password;             /* may be NULL */
  char *topic, *topic_nick;   /* may be NULL; changed by features/muc_events.c */
  SharedRoom *shared;         /* NULL unless ROOM_IN */
  gint64 since;               /* ids of the archive from this one on are of our time there; 0: we are not in, or not yet */
  double changes;             /* of occupants, told lately; these four: features/muc_flood.c */
  gint64 changes_counted;     /* when; monotonic microseconds */
  GHashTable *unsettled;      /* nick to whether the participants know of them: what is yet to be told; NULL: nothing ever was */
  guint settle_timer;
  gboolean stored;            /* the store knows that the user stays in it; features/muc_stay.c */
  xmpp_stanza_t *leaving;     /* the presence by which the last participant left, a reference, for a moment; NULL: by going; features/muc_stay.c */
  gint64 leaving_since;       /* monotonic */
  guint leaving_timer;
  guint patience;             /* timer while ROOM_JOINING; changed by features/muc.c */
  GHashTable *occupants;      /* nick to Occupant, owned */
  GHashTable *participants;   /* full JID to Participant, owned */
  GHashTable *said;           /* id to message stanza, a reference: what the user said and the room has not shown yet */
  GHashTable *private;        /* nicks that the user wrote to by way of this room, in lower case */
  GQueue requests;            /* RoomRequest, owned, the oldest first */
  char **traits;              /* features for service discovery, fields of its form as "FIELD=VALUE"; NULL: not known; changed by features/muc_config.c */
};

/* By its name on the network; NULL: the user is not in it. */
Room *rooms_find (Session *session, const char *name);
/* NULL if the name can have no JID. */
Room *rooms_make (Session *session, const char *name, const char *nick, const char *password);
/* Frees it; nobody is told. */
void rooms_remove (Room *room);
/* The session is gone. */
void rooms_free_all (Session *session);

/* We are in, as room->nick; we are not, or not any more. */
void room_enter (Room *room);
void room_suspend (Room *room);
/* Which room of the archive it is. */
char *room_dup_archive_key (Session *session, const char *jid);

/* Whether a name can only be a room's. */
gboolean rooms_is_name (Gateway *gateway, const char *name);

Occupant *room_find_occupant (Room *room, const char *nick);
/* By the resource that stands for the nick. */
Occupant *room_find_by_resource (Room *room, const char *resource);
/* Made if there is none; not stale any more. */
Occupant *room_occupant (Room *room, const char *nick);
void room_drop_occupant (Room *room, const char *nick);
void room_rename_occupant (Room *room, const char *nick, const char *new_nick);
gboolean room_is_self (Room *room, const Occupant *occupant);
void room_set_nick (Room *room, const char *nick);

Participant *room_find_participant (Room *room, const char *jid);
Participant *room_add_participant (Room *room, const char *jid, const char *wish);
void room_drop_participant (Room *room, const char *jid);
/* It has been told all. */
void room_participant_knows (Room *room, Participant *participant);

/* The user wrote to this nick by way of the room. */
void room_remember_private (Room *room, const char *nick);

/* What one of the participants said; it comes back to all of them as it was sent, when the network has taken it. */
void room_remember_said (Room *room, xmpp_stanza_t *message);
/* Gives it up; NULL: nothing is known of it.  Released by the caller. */
xmpp_stanza_t *room_take_said (Room *room, const char *id);
void room_forget_said (Room *room, const char *id);

/* Networks may say nothing at all, where all is already as it was wanted: after so long, `expired` runs (NULL: nothing
 * does), and the request is freed.  The number is the request's own, for room_done_request. */
#define ROOM_REQUEST_SECONDS 10
gint64 room_add_request (Room *room, WireRoomDeed deed, const char *nick, xmpp_stanza_t *stanza, void (*expired) (Room *room, RoomRequest *request));
void room_request_free (RoomRequest *request);
/* The network has dealt with it, and it was neither shown nor refused: as if the time were up. */
void room_done_request (Room *room, gint64 number);
/* One that the network answers in any case, unless the connection breaks.  NULL: too many are under way. */
RoomRequest *room_add_question (Room *room, xmpp_stanza_t *stanza, void (*expired) (Room *room, RoomRequest *request));
/* The one of this number; the first, where that is 0.  NULL: there is none. */
RoomRequest *room_find_question (Room *room, gint64 number);
/* The same, and takes it out: for the caller to free. */
RoomRequest *room_take_question (Room *room, gint64 number);
/* Whether another one waits of the same stanza. */
gboolean room_awaits_more (Room *room, const RoomRequest *request);
/* Frees all of this stanza: it was answered. */
void room_drop_requests (Room *room, xmpp_stanza_t *stanza);
/* Takes the oldest of this kind (ROOM_DEED_ORDER: topic or moderation), about this nick if one is given; NULL: there is none. */
RoomRequest *room_take_request (Room *room, WireRoomDeed deed, const char *nick);
