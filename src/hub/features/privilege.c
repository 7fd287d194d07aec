/* SPDX-License-Identifier: GPL-2.0-or-later */
/* privilege.c - what the XMPP server lets us do with its users' rosters and
 * bookmarks (XEP-0356).  prosody speaks version 2, ejabberd version 1. */
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

/* Whether the server lets us ask for what its users publish (version 2 only). */
static gboolean
grants_pubsub (xmpp_stanza_t *perm)
{
  for (xmpp_stanza_t *ns = stanza_first (perm); ns != NULL; ns = stanza_next (ns))
    {
      const char *type = stanza_get (ns, "type");

      if (g_strcmp0 (stanza_get (ns, "ns"), "http://jabber.org/protocol/pubsub") == 0
          && (g_strcmp0 (type, "get") == 0 || g_strcmp0 (type, "both") == 0))
        return TRUE;
    }
  return FALSE;
}

static gboolean
on_message (const Stanza *message, GError **error)
{
  xmpp_stanza_t *grant = find_grant (message->stanza);
  gboolean roster = FALSE, pubsub = FALSE;

  /* Only a server grants, and only for its own users. */
  if (grant == NULL || strpbrk (message->from, "@/") != NULL)
    return FALSE;
  for (xmpp_stanza_t *perm = stanza_first (grant); perm != NULL; perm = stanza_next (perm))
    {
      const char *access = stanza_get (perm, "access");

      if (g_strcmp0 (access, "roster") == 0 && g_strcmp0 (stanza_get (perm, "type"), "both") == 0)
        roster = TRUE;
      if (g_strcmp0 (access, "iq") == 0 && grants_pubsub (perm))
        pubsub = TRUE;
    }
  if (pubsub)
    g_hash_table_add (message->gateway->pubsub_domains, g_strdup (message->from));
  else
    g_hash_table_remove (message->gateway->pubsub_domains, message->from);
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
