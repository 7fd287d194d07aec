/* SPDX-License-Identifier: GPL-2.0-or-later */
/* subscriptions.h - presence subscriptions: to the gateway, to contacts, and
 * from contacts (XEP-0100, sections 4.6 and 5). */
#pragma once

#include "feature.h"

/* subscribe, subscribed, unsubscribe, unsubscribed. */
gboolean subscriptions_take (const Stanza *presence, const char *type, GError **error);

/* Somebody on the network asks to see the user. */
void subscriptions_requested (Session *session, const WireAuthorizationRequest *event);

/* A contact's wish to see the user, with its nickname (XEP-0172) and words; both may be NULL. */
xmpp_stanza_t *subscriptions_new_request (Session *session, Contact *contact, const char *nick, const char *text);

/* At registration: the gateway comes into the user's roster, silently where the
 * server lets us, else by asking. */
void subscriptions_invite (User *user);
void subscriptions_ask (User *user);
/* Takes back everything between the user and the session's contacts: at unregistration. */
void subscriptions_end_contacts (Session *session);
/* ... and the gateway itself. */
void subscriptions_end_gateway (User *user);
