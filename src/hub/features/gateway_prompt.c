/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gateway_prompt.c - the address of a contact whose name the user knows
 * (jabber:iq:gateway, XEP-0100 section 6.3). */
#include "config.h"

#include "feature.h"
#include "jid.h"
#include "small.h"

#define NS_GATEWAY "jabber:iq:gateway"

static gboolean
on_get (const Stanza *iq, GError **error)
{
  xmpp_stanza_t *result = stanza_new_result (iq->stanza);
  xmpp_stanza_t *query = stanza_add (result, "query", NS_GATEWAY);
  g_autofree char *tagged = !gateway_has_tags (iq->gateway) ? NULL
    : g_strconcat (iq->gateway->network->prompt, " With several accounts: nickname%server.", NULL);

  stanza_add_text (query, "desc", tagged != NULL ? tagged : iq->gateway->network->prompt);
  stanza_add_text (query, "prompt", "Name");
  gateway_send (iq->gateway, result);
  return TRUE;
}

/* The only account there is needs no naming. */
static Session *
only_session (User *user)
{
  return user != NULL && user->sessions->len == 1 ? user->sessions->pdata[0] : NULL;
}

static char *
dup_address (const Stanza *iq, const char *name, GError **error)
{
  g_autofree char *plain = g_strstrip (g_strdup (name));
  g_autofree char *local = NULL;
  Session *session = only_session (iq->user);

  if (gateway_has_tags (iq->gateway))
    {
      char *percent = strrchr (plain, '%');

      if (percent == NULL && session != NULL)
        return session_dup_contact_jid (session, plain);
      if (percent == NULL)
        return NULL;
      *percent = '\0';
      session = iq->user == NULL ? NULL : user_find_session (iq->user, percent + 1);
      return session == NULL ? NULL : session_dup_contact_jid (session, plain);
    }
  local = jid_dup_escaped (plain);
  return local == NULL ? NULL : g_strconcat (local, "@", iq->gateway->domain, NULL);
}

static gboolean
on_set (const Stanza *iq, GError **error)
{
  g_autofree char *name = stanza_dup_child_text (iq->payload, "prompt", NULL);
  g_autofree char *jid = name == NULL ? NULL : dup_address (iq, name, error);
  xmpp_stanza_t *result, *query;

  if (jid == NULL)
    return stanza_refuse (error, name == NULL ? STANZA_BAD_REQUEST : STANZA_ITEM_NOT_FOUND, "No address can be made of this name.");
  result = stanza_new_result (iq->stanza);
  query = stanza_add (result, "query", NS_GATEWAY);
  stanza_add_text (query, "jid", jid);
  stanza_add_text (query, "prompt", jid);  /* older clients look here */
  gateway_send (iq->gateway, result);
  return TRUE;
}

static const char *const disco[] = { NS_GATEWAY, NULL };

static const IqHandler iqs[] = {
  { AT_GATEWAY, "get", "query", NS_GATEWAY, on_get },
  { AT_GATEWAY, "set", "query", NS_GATEWAY, on_set },
  { 0 },
};

const Feature gateway_prompt_feature = {
  .name = "gateway prompt",
  .disco_gateway = disco,
  .iqs = iqs,
};
