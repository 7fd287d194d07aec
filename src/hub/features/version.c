/* SPDX-License-Identifier: GPL-2.0-or-later */
/* version.c - what software this is (XEP-0092). */
#include "config.h"

#include "feature.h"
#include "small.h"

#define NS_VERSION "jabber:iq:version"

static gboolean
on_version (const Stanza *iq, GError **error)
{
  xmpp_stanza_t *result = stanza_new_result (iq->stanza);
  xmpp_stanza_t *query = stanza_add (result, "query", NS_VERSION);

  stanza_add_text (query, "name", "Passerelle");
  stanza_add_text (query, "version", PACKAGE_VERSION);
  gateway_send (iq->gateway, result);
  return TRUE;
}

static const char *const disco[] = { NS_VERSION, NULL };

static const IqHandler iqs[] = {
  { AT_GATEWAY, "get", "query", NS_VERSION, on_version },
  { 0 },
};

const Feature version_feature = {
  .name = "version",
  .disco_gateway = disco,
  .iqs = iqs,
};
