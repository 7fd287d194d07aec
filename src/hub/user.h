/* SPDX-License-Identifier: GPL-2.0-or-later */
/* user.h - a user of the XMPP server at one gateway: resources and accounts. */
#pragma once

#include "gateway.h"
#include "wire.h"

/* Whether a client wants to be told what contacts play. */
typedef enum {
  TUNES_UNASKED,
  TUNES_ASKED,
  TUNES_WANTED,
  TUNES_UNWANTED,
} Tunes;

typedef struct {
  char *name;
  WireShow show;
  char *status;               /* may be NULL */
  int priority;
  guint caps;                 /* a hash of what its presence says that it can do; 0: nothing; features/tunes.c */
  Tunes tunes;                /* features/tunes.c */
  gboolean mute;              /* does not answer pings */
  gboolean doubtful;          /* presumed, or known from before the stream broke; not confirmed since */
} Resource;

/* Read by features; changed in user.c. */
struct User {
  Gateway *gateway;
  char *jid;                  /* bare */
  GPtrArray *sessions;        /* Session, owned */
  GHashTable *resources;      /* name to Resource; those that are available */
  WireShow show;              /* of the most available one; OFFLINE: nobody is there */
  char *status;
  char **tune;                /* what the user plays, as a Contact's; features/tunes.c */
  gboolean presumed;          /* accounts are signed in; whether anybody is there, nobody has said yet */
  char *said;                 /* of the gateway's presence, last to all resources */
  guint doubt;                /* timer: doubtful resources are dropped */
  guint leaving;              /* timer: the last resource is gone, the accounts follow */
};

User *user_new (Gateway *gateway, const char *jid);
void user_free (User *user);

/* A resource's presence.  OFFLINE removes it.  Sessions follow: sign in with the
 * first one, out a moment after the last, and show the status of the most available. */
void user_set_resource (User *user, const char *resource, WireShow show, const char *status, int priority);
/* Takes a resource to be there for so many seconds, though no presence of it came. */
void user_presume_resource (User *user, const char *resource, guint seconds);
/* A resource that is there may be gone: it is, unless it is confirmed within so many seconds. */
void user_doubt_resource (User *user, const char *resource, guint seconds);
Resource *user_find_resource (User *user, const char *resource);

/* The full JID of the client that a message to this address reaches, and that answers pings (XEP-0199); NULL: none is known
 * to be there.  And: this one has not answered. */
char *user_dup_client (Gateway *gateway, const char *address);
void user_resource_is_mute (Gateway *gateway, const char *jid);

/* An account of the user's was found signed in. */
void user_presume (User *user);

/* Whether the client of this full JID was there before the stream broke, and nothing was heard of it since. */
gboolean user_doubts_client (Gateway *gateway, const char *jid);

/* outbox_holds has another answer for this user (a bare JID). */
void user_follow_hold (Gateway *gateway, const char *jid);

/* Signs in what stays signed in though nobody is there. */
void user_want_staying (User *user);

/* The stream broke: nothing is certain any more, not even who has just left.
 * And: what was not confirmed since, is gone. */
void user_doubt_resources (User *user);
void user_drop_doubtful (User *user);

/* The session of a tag ("" or NULL: of the only account); NULL if there is none. */
Session *user_find_session (User *user, const char *tag);
gboolean user_is_registered (User *user);
void user_add_session (User *user, Session *session);
/* Frees the session. */
void user_remove_session (User *user, Session *session);

/* Sends the gateway's own presence, to `to` or else to all of the user's
 * resources if it is news: what the sessions' states come to. */
void user_send_gateway_presence (User *user, const char *to);
