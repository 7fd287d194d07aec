/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gateway.h - one component domain, one network: its stream, its users, its workers. */
#pragma once

#include "hub.h"
#include "pacer.h"
#include "protocol.h"
#include "stream.h"

typedef struct User User;
typedef struct Session Session;
typedef struct Contact Contact;
typedef struct Room Room;
typedef struct Workers Workers;
typedef struct Outbox Outbox;
typedef struct Deliveries Deliveries;
typedef struct Breakers Breakers;

/* Read by features; changed in gateway.c but where a member says otherwise. */
struct Gateway {
  Hub *hub;
  char *domain;
  const SettingsGateway *settings;
  const Network *network;
  Stream *stream;
  Intake *intake;             /* the stream's */
  Outbox *outbox;             /* messages towards the XMPP server */
  Deliveries *deliveries;     /* messages towards the network */
  Protocol *protocol;         /* options come when the first worker is there */
  Workers *workers;
  Breakers *breakers;         /* of the network's servers */
  GHashTable *accused;        /* bare JID of users whose logins have killed workers, to when; changed in suspects.c */
  GHashTable *users;          /* bare JID to User, owned */
  GHashTable *sessions;       /* account number to Session, lent by their users */
  GHashTable *roster_domains; /* hosts whose users' rosters we may read and change (XEP-0356);
                                 changed by features/privilege.c and features/roster.c */
  GHashTable *pubsub_domains; /* hosts whose users' bookmarks we may read (XEP-0356); changed by features/privilege.c */
  Pacer *sign_ins;            /* keys: account numbers */
  Pacer *moves;               /* away from a worker of an older build; keys: account numbers */
  Pacer *probes;              /* keys: bare JIDs */
  Pacer *requests;            /* subscription requests; keys: account number, blank, peer */
  GHashTable *iqs;            /* id to pending request */
  guint load_again;           /* timer: they could not be loaded */
  gboolean tried;             /* the stream, which is opened when the accounts are loaded, was up, or failed, once */
  gboolean unfit;             /* no worker can serve this network */
  gboolean settled;           /* all was tried once */
  guint patience;             /* timer: with the first worker */
  guint congestion;           /* timer: until the XMPP server has taken what waits for it */
  guint grace;                /* after the stream came up: until users must have answered */
  gint64 up_since;            /* the stream; monotonic; 0: it is down */
  gint64 broken_at;           /* when the stream broke last, milliseconds since 1970 */
  char *down_reason;          /* what the log said last */
  gboolean stopping;
  gboolean holds_still;
  gint64 started;             /* seconds since 1970 */
  char *caps_gateway, *caps_contact;  /* caps.c's */
};

/* NULL with an error: its journals cannot be opened. */
Gateway *gateway_new (Hub *hub, const SettingsGateway *settings, GError **error);
void gateway_free (Gateway *gateway);
void gateway_start (Gateway *gateway);
/* New settings; the old ones may be gone afterwards. */
void gateway_configure (Gateway *gateway, const SettingsGateway *settings);
/* Nobody is signed in any more, and workers are not listened to: they will say it to the next process.  gateway_is_still: they have what
 * we had to say. */
void gateway_hold_still (Gateway *gateway);
gboolean gateway_is_still (Gateway *gateway);
/* Closes the stream. */
void gateway_close (Gateway *gateway, void (*done) (gpointer data), gpointer data);

/* Signs everybody out; gateway_is_quiet says when that is done. */
void gateway_sign_all_out (Gateway *gateway);
gboolean gateway_is_quiet (Gateway *gateway);

/* All workers that a former hub has left behind have told what they have, or are gone (takeover.h). */
void gateway_taken_over (Gateway *gateway);

/* The gateway's workers have told what the protocol is, or that there is none. */
void gateway_protocol_known (Gateway *gateway);
void gateway_unfit (Gateway *gateway, const char *why);

/* Whether accounts carry a tag: the option that tells them apart is the user's to choose. */
gboolean gateway_has_tags (Gateway *gateway);

/* The user of this bare JID; made if there is none with `make`, else NULL. */
User *gateway_find_user (Gateway *gateway, const char *bare, gboolean make);
/* Frees a user who has no session. */
void gateway_forget_user (Gateway *gateway, User *user);
Session *gateway_find_session (Gateway *gateway, gint64 account);

/* Sends a stanza and drops it. */
void gateway_send (Gateway *gateway, xmpp_stanza_t *stanza);
/* The same, for a message that must not be lost (outbox.h): FALSE if it is too large to be sent. */
gboolean gateway_send_message (Gateway *gateway, xmpp_stanza_t *message);
/* Whether so much is waiting for the XMPP server that what has time should wait, and let others' messages pass. */
gboolean gateway_is_busy (Gateway *gateway);
/* A chat message from the gateway itself. */
void gateway_tell (Gateway *gateway, const char *to, const char *text);

/* Asks the user, when its turn comes, to take a contact into the roster. */
void gateway_ask_subscription (Session *session, Contact *contact);

/* Asks something of the XMPP server or a client.  `done` runs exactly once,
 * with the answer (of type result or error), or with NULL if the stream broke,
 * or none came within GATEWAY_IQ_SECONDS, or the gateway went away. */
#define GATEWAY_IQ_SECONDS 60
typedef void (*GatewayAnswered) (Gateway *gateway, xmpp_stanza_t *answer, gpointer data);
void gateway_request (Gateway *gateway, xmpp_stanza_t *iq, GatewayAnswered done, gpointer data);
/* For the router: whether the result or error was awaited. */
gboolean gateway_take_answer (Gateway *gateway, xmpp_stanza_t *iq);
