/* SPDX-License-Identifier: GPL-2.0-or-later */
/* feature.h - what a feature is to the router and to service discovery: one
 * constant at the end of its file, listed in features.c.  What is advertised is
 * what is handled, since both come from here. */
#pragma once

#include "contacts.h"

typedef enum {
  AT_GATEWAY = 1,             /* addressed to the gateway's domain (or its bot) */
  AT_CONTACT = 2,             /* to a contact of a registered user */
  AT_ROOM = 4,                /* to a room of the network, or somebody in it */
} Place;

/* A request or message, taken apart.  Everything is lent. */
typedef struct {
  Gateway *gateway;
  xmpp_stanza_t *stanza;
  xmpp_stanza_t *payload;     /* of an iq: its child */
  const char *from;           /* full JID */
  const char *bare;           /* its bare form */
  User *user;                 /* NULL: nothing is known of this user */
  Session *session;           /* AT_CONTACT: the account that the contact is of */
  const char *peer;           /* AT_CONTACT, AT_ROOM: the contact's or room's name */
  Room *room;                 /* AT_ROOM: NULL if the user is not in it */
  Session *server;            /* a message to the network's own server: the account there; else NULL */
} Stanza;

/* An iq of these names.  The handler answers by itself, at once or later, or
 * gives FALSE with an error, which the router sends. */
typedef struct {
  Place where;
  const char *type;           /* "get", "set" */
  const char *name;
  const char *ns;
  gboolean (*handle) (const Stanza *iq, GError **error);
} IqHandler;

typedef struct {
  const char *name;
  const char *const *disco_gateway;  /* namespaces, NULL at the end; may be NULL */
  const char *const *disco_contact;
  gboolean (*shown) (Gateway *gateway);  /* whether it is there at this gateway; NULL: always */
  const IqHandler *iqs;       /* `name` NULL at the end; may be NULL */
  /* A message that is no error.  TRUE: taken, nobody else gets it. */
  gboolean (*message) (const Stanza *message, GError **error);
  /* A resource of the user's is there, as this presence of it says; also at each change. */
  void (*resource_here) (User *user, Resource *resource, xmpp_stanza_t *presence);
  /* A session came online; has no worker any more; is being taken down, after session_out. */
  void (*session_in) (Session *session);
  void (*session_out) (Session *session);
  void (*session_removed) (Session *session);
  /* Its worker has told a new hub all that there is of it; session_in came before, if it is in. */
  void (*session_taken_over) (Session *session);
  /* Another process is to go on with it: what was put off is to be said now. */
  void (*session_hands_over) (Session *session);
  /* Its state is another. */
  void (*session_changed) (Session *session);
  /* The stream is up. */
  void (*stream_up) (Gateway *gateway);
} Feature;

/* All of them, NULL at the end: messages go to them in this order. */
extern const Feature *const features[];
