/* SPDX-License-Identifier: GPL-2.0-or-later */
/* roster.h - the network's contact list and the user's roster, kept alike. */
#pragma once

#include "feature.h"

extern const Feature roster_feature;

/* The network's list. */
void roster_contact (Session *session, const WireContact *event);
void roster_contact_removed (Session *session, const WireContactRemoved *event);
void roster_contact_failed (Session *session, const WireContactFailed *event);
void roster_contact_status (Session *session, const WireContactStatus *event);

/* How far a contact has got into the roster, with the names that it has there; stored. */
void roster_remember (Session *session, Contact *contact, StoreRosterState state);
/* The user took a contact out of the roster: so does the network.  Frees the contact. */
void roster_user_removed (Session *session, Contact *contact);
/* Takes a contact out of the roster; it stays in the session. */
void roster_take_out (Session *session, Contact *contact);

/* The gateway itself, where we may change the roster (else FALSE, and nothing is done). */
gboolean roster_put_gateway (User *user);
gboolean roster_take_out_gateway (User *user);

/* A client came: what it changed in the roster while away, or is to be offered. */
void roster_look_again (User *user);

/* We may now read and change the rosters of a host's users (XEP-0356). */
void roster_granted (Gateway *gateway, const char *host);
