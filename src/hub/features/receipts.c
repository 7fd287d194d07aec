/* SPDX-License-Identifier: GPL-2.0-or-later */
/* receipts.c - delivery receipts (XEP-0184): only where the network itself says that a message has arrived. */
#include "config.h"

#include "receipts.h"

#define NS_RECEIPTS "urn:xmpp:receipts"

gboolean
receipts_are_wanted (xmpp_stanza_t *message)
{
  return stanza_child (message, "request", NS_RECEIPTS) != NULL && xmpp_stanza_get_id (message) != NULL;
}

void
receipts_send (Gateway *gateway, const char *from, const char *to, const char *id)
{
  xmpp_stanza_t *receipt = stanza_new_full ("message", "chat", to, from);

  stanza_set (stanza_add (receipt, "received", NS_RECEIPTS), "id", id);
  gateway_send_message (gateway, receipt);
}

static gboolean
network_confirms (Gateway *gateway)
{
  return gateway->protocol->confirms;
}

static const char *const disco[] = { NS_RECEIPTS, NULL };

const Feature receipts_feature = {
  .name = "receipts",
  .disco_contact = disco,
  .shown = network_confirms,
};
