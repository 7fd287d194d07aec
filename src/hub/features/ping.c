/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ping.c - being there (XEP-0199). */
#include "config.h"

#include "feature.h"
#include "small.h"

#define NS_PING "urn:xmpp:ping"

static gboolean
on_ping (const Stanza *iq, GError **error)
{
  gateway_send (iq->gateway, stanza_new_result (iq->stanza));
  return TRUE;
}

static const char *const disco[] = { NS_PING, NULL };

static const IqHandler iqs[] = {
  { AT_GATEWAY | AT_CONTACT, "get", "ping", NS_PING, on_ping },
  { 0 },
};

const Feature ping_feature = {
  .name = "ping",
  .disco_gateway = disco,
  .disco_contact = disco,
  .iqs = iqs,
};
