/* SPDX-License-Identifier: GPL-2.0-or-later */
/* last_activity.c - how long the gateway has been up (XEP-0012, section 5). */
#include "config.h"

#include "feature.h"
#include "small.h"

#define NS_LAST "jabber:iq:last"

static gboolean
on_last (const Stanza *iq, GError **error)
{
  xmpp_stanza_t *result = stanza_new_result (iq->stanza);
  g_autofree char *seconds = g_strdup_printf ("%" G_GINT64_FORMAT, g_get_real_time () / G_USEC_PER_SEC - iq->gateway->started);

  stanza_set (stanza_add (result, "query", NS_LAST), "seconds", seconds);
  gateway_send (iq->gateway, result);
  return TRUE;
}

static const char *const disco[] = { NS_LAST, NULL };

static const IqHandler iqs[] = {
  { AT_GATEWAY, "get", "query", NS_LAST, on_last },
  { 0 },
};

const Feature last_activity_feature = {
  .name = "last activity",
  .disco_gateway = disco,
  .iqs = iqs,
};
