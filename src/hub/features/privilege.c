/* SPDX-License-Identifier: GPL-2.0-or-later */
/* privilege.c - what the XMPP server lets us do with its users' rosters
 * (XEP-0356).  prosody speaks version 2, ejabberd version 1. */
#include "config.h"

#include "feature.h"
#include "roster.h"
#include "small.h"

#include <string.h>

static xmpp_stanza_t *
find_grant (xmpp_stanza_t *message)
{
  xmpp_stanza_t *grant = stanza_child (message, "privilege", "urn:xmpp:privilege:2");

  return grant != NULL ? grant : stanza_child (message, "privilege", "urn:xmpp:privilege:1");
}

static gboolean
on_message (const Stanza *message, GError **error)
{
  xmpp_stanza_t *grant = find_grant (message->stanza);
  gboolean roster = FALSE;

  /* Only a server grants, and only for its own users. */
  if (grant == NULL || strpbrk (message->from, "@/") != NULL)
    return FALSE;
  for (xmpp_stanza_t *perm = stanza_first (grant); perm != NULL; perm = stanza_next (perm))
    if (g_strcmp0 (stanza_get (perm, "access"), "roster") == 0 && g_strcmp0 (stanza_get (perm, "type"), "both") == 0)
      roster = TRUE;
  if (roster && g_hash_table_add (message->gateway->roster_domains, g_strdup (message->from)))
    {
      g_message ("%s: %s lets us keep its users' rosters", message->gateway->domain, message->from);
      roster_granted (message->gateway, message->from);
    }
  else if (!roster)
    g_hash_table_remove (message->gateway->roster_domains, message->from);
  return TRUE;
}

const Feature privilege_feature = {
  .name = "privileged entity",
  .message = on_message,
};
