/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contacts.h - the people that a session knows on its network, and what the user
 * sees of them. */
#pragma once

#include "session.h"

/* Somebody on the network: on the user's list, or just talking. */
struct Contact {
  char *peer;
  char *jid;                  /* contact JID */
  StoreContact *stored;       /* as last put into the roster; NULL: never */
  char *name;                 /* the network's, may be NULL */
  char *group;                /* the network's first group, may be NULL */
  gboolean listed;            /* on the network's list */
  gint64 authorization;       /* its request to see the user, waiting for an answer; 0: none */
  WireShow show;
  gboolean shown;             /* the user's clients were told by this hub; what a former one told may be old */
  char *status;
  char **tune;                /* what is played: title, artist, album, "" where it is not known; NULL: nothing */
};

/* The empty table of a new session. */
GHashTable *contacts_new (void);

/* The contact of this name, made if there is none; NULL if it can have no JID. */
Contact *session_contact (Session *session, const char *peer);
Contact *session_find_contact (Session *session, const char *peer);
void session_drop_contact (Session *session, const char *peer);
/* The JID for a name on this session's network; NULL if there can be none. */
char *session_dup_contact_jid (Session *session, const char *peer);
/* The name that a bare JID stands for; NULL if it is none of this session's network. */
char *session_dup_peer_of (Session *session, const char *jid);

/* FALSE: it is no news.  Without a title nothing is played. */
gboolean contact_set_tune (Contact *contact, const char *title, const char *artist, const char *album);

/* Everybody the user saw as online goes offline for them. */
void session_hide_contacts (Session *session);
/* Shows those that this hub has not shown yet, if somebody is there to see them. */
void session_show_contacts (Session *session);
/* Sends the presence of a contact, to `to`, or else to all of the user's
 * resources if it is in the roster. */
void session_send_contact_presence (Session *session, Contact *contact, const char *to);
