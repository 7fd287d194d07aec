/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bed.h - the test bed: a gateway between our XMPP server and our IRC server, with its users. */
#pragma once

#include "irc.h"
#include "ledger.h"
#include "loop.h"
#include "subject.h"
#include "xmpp.h"

#include <glib.h>

#define BED_SERVER "bench.test"         /* the XMPP users' domain */
#define BED_GATEWAY "irc.bench.test"    /* the component's */
#define BED_SECRET "secret"

typedef struct Bed Bed;
typedef struct Room Room;

typedef struct {
  guint index;
  char *bare;                   /* JIDs */
  char *full;
  char *nick;
  char *friend;                 /* nick of the one IRC user that this user talks with */
  char *contact;                /* JID of that friend at the gateway */
  IrcClient *irc;               /* NULL: not signed in on IRC */
  gboolean enrolled;
  gboolean present;             /* wants to be signed in */
  gboolean told;                /* the gateway has said that it is signed in */
} User;

/* What differs between gateways. */
typedef struct {
  const char *name;

  /* Writes the configuration below folder; returns the command line. */
  char **(*prepare) (Bed *bed, const char *folder, GError **error);

  /* The JID of a nick, or of a channel. */
  char *(*dup_contact) (const char *nick);

  /* Sends what makes the user known; in the end `enrolled` is set, or loop_fail called. */
  void (*enroll) (Bed *bed, User *user);
  void (*sign_in) (Bed *bed, User *user);
  void (*sign_out) (Bed *bed, User *user);

  /* A presence or iq answer to a user: keeps enrolled and told up to date. */
  void (*stanza) (Bed *bed, User *user, const Stanza *stanza);
} GatewayKind;

extern const GatewayKind passerelle_kind;
extern const GatewayKind biboumi_kind;

typedef struct {
  char *passerelled;
  char *worker;
  const char *biboumi;
  const char *wrapper;          /* put before the gateway's command line, or NULL */
  gboolean unkept;              /* of passerelle: messages are not kept while they are under way */
  gboolean no_archive;          /* of rooms; both kinds keep one by themselves */
  gboolean keep;                /* the folder with configuration and log stays */
} BedOptions;

struct Bed {
  const GatewayKind *kind;
  const BedOptions *options;
  char *folder;
  char *log_path;
  XmppServer *xmpp;
  IrcServer *irc;
  Subject *subject;
  User *users;
  guint n_users;
  guint n_enrolled;
  guint n_told;
  guint n_irc;                  /* users signed in on IRC */
  guint64 steps;                /* moves with each of the above */
  guint64 answers;              /* answers to bed_barrier */
  Ledger *in;                   /* IRC to XMPP */
  Ledger *out;                  /* XMPP to IRC */
  GPtrArray *rooms;             /* Room, owned: those that room.h knows of */
  gboolean others_expected;     /* messages that are in neither ledger are no failure */
  guint64 errors;               /* error stanzas to users */
  char *first_error;
};

/* Brings everything up to the gateway's handshake. */
Bed *bed_new (const GatewayKind *kind, const BedOptions *options, guint n_users, GError **error);

/* Ends all that was started.  Returns the seconds that the gateway took to leave, or -1 if it had to be forced. */
double bed_free (Bed *bed);

/* Makes all users known, a bounded number at a time. */
gboolean bed_enroll (Bed *bed, GError **error);

/* All users at once; returns when everyone is signed in (or out) on both sides. */
gboolean bed_sign_in (Bed *bed, GError **error);
gboolean bed_sign_out (Bed *bed, GError **error);

/* Waits for what the bed's steps bring nearer; the error says how far it has come. */
gboolean bed_wait_for (Bed *bed, LoopCondition condition, gpointer user_data, const char *what, GError **error);

/* By nick or JID; NULL: it is no user's. */
User *bed_find_user (Bed *bed, const char *name);

/* Whose turn it is with message number n, when n_active users talk at a time: one message each, a while of that, then the next
 * n_active users.  */
User *bed_user_of_turn (Bed *bed, guint n_active, guint64 n);

/* Queue one message of this user, inwards or outwards. */
void bed_say_in (Bed *bed, User *user);
void bed_say_out (Bed *bed, User *user);

/* Waits until the gateway has answered a ping sent now, so that all sent before is handled. */
gboolean bed_barrier (Bed *bed, double seconds, GError **error);

/* Adds to an error what the gateway itself has to say: how it ended, and the last lines of its log. */
void bed_explain (Bed *bed, GError **error);

/* For kinds: note the user's state. */
void bed_set_enrolled (Bed *bed, User *user);
void bed_set_told (Bed *bed, User *user, gboolean told);
