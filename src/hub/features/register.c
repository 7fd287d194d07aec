/* SPDX-License-Identifier: GPL-2.0-or-later */
/* register.c - in-band registration (XEP-0077).
 *
 * The answer to a get has both the old fields and a data form, since clients
 * understand one or the other. */
#include "config.h"

#include "register.h"

#include "account_form.h"
#include "accounts.h"

static Session *
first_session (User *user)
{
  return user != NULL && user_is_registered (user) ? user->sessions->pdata[0] : NULL;
}

static gboolean
on_get (const Stanza *iq, GError **error)
{
  Session *session = first_session (iq->user);
  Protocol *protocol = iq->gateway->protocol;
  g_autofree char *instructions = NULL;
  xmpp_stanza_t *result, *query;

  if (!protocol->complete)
    return stanza_refuse (error, iq->gateway->unfit ? STANZA_SERVICE_UNAVAILABLE : STANZA_RESOURCE_CONSTRAINT,
                          "The gateway cannot reach its network's plugin; please try again later.");
  instructions = account_form_dup_instructions (iq->gateway);
  result = stanza_new_result (iq->stanza);
  query = stanza_add (result, "query", NS_REGISTER);
  if (session != NULL)
    stanza_add (query, "registered", NULL);
  stanza_add_text (query, "instructions", instructions);
  stanza_add_text (query, "username", session == NULL ? NULL : session->account->name);
  if (!protocol->needs_no_password)
    stanza_add_text (query, "password", NULL);
  account_form_add (iq->gateway, session, query);
  gateway_send (iq->gateway, result);
  return TRUE;
}

typedef struct {
  Gateway *gateway;
  xmpp_stanza_t *request;
} Answer;

static void
on_done (const char *text, const GError *error, gpointer data)
{
  g_autofree Answer *answer = data;

  gateway_send (answer->gateway, error == NULL ? stanza_new_result (answer->request) : stanza_new_error (answer->request, error));
  xmpp_stanza_release (answer->request);
}

static Answer *
answer_new (const Stanza *iq)
{
  Answer *answer = g_new (Answer, 1);

  *answer = (Answer) { iq->gateway, xmpp_stanza_clone (iq->stanza) };
  return answer;
}

static GHashTable *
read_old_fields (xmpp_stanza_t *query)
{
  GHashTable *fields = form_fields_new ();

  for (xmpp_stanza_t *child = stanza_first (query); child != NULL; child = stanza_next (child))
    g_hash_table_insert (fields, g_strdup (xmpp_stanza_get_name (child)), stanza_dup_text (child));
  return fields;
}

/* A field that nobody asked for is a mistake worth telling. */
static gboolean
check_vars (GHashTable *fields, GError **error)
{
  const char *form_type = g_hash_table_lookup (fields, "FORM_TYPE");
  GHashTableIter iter;
  gpointer key;

  if (form_type != NULL && !g_str_equal (form_type, NS_REGISTER))
    return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "This is not the form of a registration.");

  g_hash_table_iter_init (&iter, fields);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_str_equal (key, "FORM_TYPE") && !g_str_equal (key, "username") && !g_str_equal (key, "password")
        && !g_str_has_prefix (key, "option."))
      return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "The form has no field called “%s”.", (char *) key);
  return TRUE;
}

static gboolean
on_set (const Stanza *iq, GError **error)
{
  xmpp_stanza_t *form = stanza_child (iq->payload, "x", NS_DATA_FORMS);
  g_autoptr (GHashTable) fields = NULL;

  if (stanza_child (iq->payload, "remove", NULL) != NULL)
    {
      accounts_unregister (iq->user, NULL, on_done, answer_new (iq));
      return TRUE;
    }
  if (form != NULL && g_strcmp0 (stanza_get (form, "type"), "cancel") == 0)
    {
      gateway_send (iq->gateway, stanza_new_result (iq->stanza));
      return TRUE;
    }
  fields = form != NULL ? form_read (form, error) : read_old_fields (iq->payload);
  if (fields == NULL || (form != NULL && !check_vars (fields, error)))
    return FALSE;
  accounts_register (iq->gateway, iq->from, fields, on_done, answer_new (iq));
  return TRUE;
}

static const char *const disco[] = { NS_REGISTER, NULL };

static const IqHandler iqs[] = {
  { AT_GATEWAY, "get", "query", NS_REGISTER, on_get },
  { AT_GATEWAY, "set", "query", NS_REGISTER, on_set },
  { 0 },
};

const Feature register_feature = {
  .name = "registration",
  .disco_gateway = disco,
  .iqs = iqs,
};
