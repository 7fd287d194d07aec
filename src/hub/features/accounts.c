/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accounts.c - registering, changing and ending accounts.
 *
 * A registration is a session that is not `saved` yet: it signs in like any
 * other, and becomes the user's when the network has accepted the login and the
 * store has it; otherwise it is freed, and nothing remains. */
#include "config.h"

#include "accounts.h"

#include <string.h>

#include "jid.h"
#include "subscriptions.h"
#include "suspects.h"

#define ACCOUNTS_MAX 20
#define NAME_MAX_BYTES 500
/* A user who registered without ever being seen is signed out after this. */
#define UNSEEN_SECONDS 120

typedef struct {
  Gateway *gateway;
  gint64 account;
  char *from;
  char *name;
  AccountsDone done;
  gpointer data;
} Registration;

static void
finish (Registration *registration, const char *text, const GError *error)
{
  registration->done (text, error, registration->data);
  g_free (registration->from);
  g_free (registration->name);
  g_free (registration);
}

/* -- What the user gave --------------------------------------------------- */

static gboolean
take_options (const Protocol *protocol, GHashTable *fields, GHashTable *chosen, GError **error)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, fields);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const ProtocolOption *option;
      g_autofree char *normal = NULL;

      if (!g_str_has_prefix (key, "option."))
        continue;
      option = protocol_find_option (protocol, (char *) key + strlen ("option."));
      if (option == NULL || option->locked)
        return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "There is no setting called “%s” here.", (char *) key);
      if (*(char *) value == '\0' && option->kind != WIRE_OPTION_STRING)
        continue;
      if (!protocol_option_check (option, value, &normal, error))
        return FALSE;
      if (g_strcmp0 (normal, protocol_option_default (option)) != 0)
        g_hash_table_insert (chosen, g_strdup (option->key), g_steal_pointer (&normal));
    }
  return TRUE;
}

static gboolean
is_fit_for_xml (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}

/* The account that the fields describe; its number and password are still to come. */
static StoreAccount *
read_account (Gateway *gateway, const char *bare, GHashTable *fields, GError **error)
{
  const Protocol *protocol = gateway->protocol;
  const char *username = g_hash_table_lookup (fields, "username");
  g_autoptr (StoreAccount) account = store_account_new ();
  g_autofree char *stripped = username == NULL ? NULL : g_strstrip (g_strdup (username));

  if (stripped == NULL || *stripped == '\0')
    {
      stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "A user name is needed.");
      return NULL;
    }
  if (strlen (stripped) > NAME_MAX_BYTES || !is_fit_for_xml (stripped))
    {
      stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "This cannot be a user name.");
      return NULL;
    }
  if (!take_options (protocol, fields, account->options, error))
    return NULL;
  account->gateway = g_strdup (gateway->domain);
  account->owner = g_strdup (bare);
  account->name = protocol_split_name (protocol, stripped, account->options);
  for (guint i = 0; i < protocol->options->len; i++)
    {
      const ProtocolOption *option = protocol->options->pdata[i];
      const char *value = protocol_option_value (option, account->options);
      g_autofree char *normal = NULL;

      if (option->kind == WIRE_OPTION_PART && value != NULL && *value != '\0' && !protocol_option_check (option, value, &normal, error))
        return NULL;
      if (protocol_option_is_required (option) && (value == NULL || *value == '\0'))
        {
          stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "“%s” is needed.", option->label);
          return NULL;
        }
    }
  if (*account->name == '\0')
    {
      stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "A user name is needed.");
      return NULL;
    }
  g_free (account->tag);
  account->tag = gateway_has_tags (gateway)
    ? g_ascii_strdown (protocol_option_value (protocol_find_option (protocol, gateway->network->tag_option), account->options), -1)
    : g_strdup ("");
  return g_steal_pointer (&account);
}

/* A new password, the former one if none was given, or a complaint. */
static gboolean
set_password (Gateway *gateway, StoreAccount *account, const StoreAccount *former, const char *password, GError **error)
{
  g_autofree char *context = session_dup_seal_context (account);

  if (password != NULL && *password != '\0')
    {
      if (strlen (password) > NAME_MAX_BYTES)
        return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "The password is too long.");
      account->sealed_password = secrets_seal (hub_secrets (gateway->hub), password, context);
      return TRUE;
    }
  if (former != NULL && former->sealed_password != NULL)
    {
      account->sealed_password = g_bytes_ref (former->sealed_password);
      return TRUE;
    }
  if (!gateway->protocol->password_optional && !gateway->protocol->needs_no_password)
    return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "A password is needed.");
  return TRUE;
}

/* -- Registering ---------------------------------------------------------- */

/* Until the user has allowed the gateway to see their presence, the client that
 * registered is taken to be there. */
static void
presume_there (User *user, const char *from)
{
  const char *name = jid_resource (from);

  if (name != NULL && user_find_resource (user, name) == NULL)
    user_presume_resource (user, name, UNSEEN_SECONDS);
}

static void
discard (Session *session)
{
  User *user = session->user;

  user_remove_session (user, session);
  gateway_forget_user (user->gateway, user);
}

static void
on_saved (const GError *error, gpointer data)
{
  Registration *registration = data;
  Session *session = gateway_find_session (registration->gateway, registration->account);
  g_autofree char *text = NULL;
  g_autoptr (GError) refusal = NULL;

  if (session == NULL)
    {
      stanza_refuse (&refusal, STANZA_UNEXPECTED_REQUEST, "The account was ended meanwhile.");
      finish (registration, NULL, refusal);
      return;
    }
  if (error != NULL)
    {
      g_warning ("%s: an account of %s cannot be stored: %s", registration->gateway->domain, session->user->jid, error->message);
      stanza_refuse (&refusal, STANZA_INTERNAL_SERVER_ERROR, "The gateway cannot store your account at the moment; its administrator finds the reason in the log.");
      if (!session->saved)
        discard (session);
      finish (registration, NULL, refusal);
      return;
    }
  if (!session->saved)
    {
      session->saved = TRUE;
      session->contacts_loaded = TRUE;
      subscriptions_invite (session->user);
    }
  presume_there (session->user, registration->from);
  session_want (session);
  user_send_gateway_presence (session->user, NULL);
  for (guint i = 0; features[i] != NULL; i++)
    if (features[i]->session_in != NULL && session->state == SESSION_IN)
      features[i]->session_in (session);
  text = g_strdup_printf ("You are registered as %s.", registration->name);
  finish (registration, text, NULL);
}

static void
on_verified (Session *session, const GError *error, gpointer data)
{
  Registration *registration = data;

  if (error == NULL)
    {
      store_save_account (hub_store (registration->gateway->hub), session->account, on_saved, registration);
      return;
    }
  finish (registration, NULL, error);
  if (!session->saved)
    discard (session);
}

static gint64
new_number (Gateway *gateway)
{
  gint64 number;

  do
    number = ((gint64) g_random_int () << 21 | g_random_int_range (0, 1 << 21)) & WIRE_ID_MAX;
  while (number == 0 || gateway_find_session (gateway, number) != NULL);
  return number;
}

static gboolean
begin (Gateway *gateway, Registration *registration, GHashTable *fields, GError **error)
{
  g_autofree char *bare = jid_dup_bare (registration->from);
  g_autoptr (StoreAccount) account = NULL;
  User *user;
  Session *session;

  if (gateway->unfit)
    return stanza_refuse (error, STANZA_SERVICE_UNAVAILABLE, "This gateway does not work: its administrator has to install the plugin of the network.");
  if (!gateway->protocol->complete)
    return stanza_refuse (error, STANZA_RESOURCE_CONSTRAINT, "The gateway is starting; please try again.");
  account = read_account (gateway, bare, fields, error);
  if (account == NULL)
    return FALSE;
  user = gateway_find_user (gateway, bare, FALSE);
  session = user == NULL ? NULL : user_find_session (user, account->tag);
  if (session != NULL && (session->verifying || !session->saved))
    return stanza_refuse (error, STANZA_CONFLICT, "A login of yours is being checked at this moment; please wait for the result.");
  if (session != NULL && session->account->quarantined)
    return stanza_refuse (error, STANZA_NOT_ALLOWED, SUSPECTS_TEXT);
  if (session == NULL && suspects_bar (gateway, bare))
    return stanza_refuse (error, STANZA_NOT_ALLOWED, SUSPECTS_BAR_TEXT);
  if (session == NULL && user != NULL && user->sessions->len >= ACCOUNTS_MAX)
    return stanza_refuse (error, STANZA_NOT_ALLOWED, "You have %d accounts here already; that is the limit.", ACCOUNTS_MAX);
  if (!set_password (gateway, account, session == NULL ? NULL : session->account, g_hash_table_lookup (fields, "password"), error))
    return FALSE;
  g_free (registration->name);
  registration->name = g_strdup (account->name);
  if (session != NULL)
    {
      registration->account = account->id = session_number (session);
      session_verify (session, g_steal_pointer (&account), on_verified, registration);
      return TRUE;
    }
  user = gateway_find_user (gateway, bare, TRUE);
  registration->account = account->id = new_number (gateway);
  session = session_new (user, g_steal_pointer (&account));
  user_add_session (user, session);
  session_verify (session, NULL, on_verified, registration);
  return TRUE;
}

void
accounts_register (Gateway *gateway, const char *from, GHashTable *fields, AccountsDone done, gpointer data)
{
  Registration *registration = g_new0 (Registration, 1);
  g_autoptr (GError) error = NULL;

  registration->gateway = gateway;
  registration->from = g_strdup (from);
  registration->done = done;
  registration->data = data;
  if (!begin (gateway, registration, fields, &error))
    finish (registration, NULL, error);
}

/* -- Unregistering -------------------------------------------------------- */

static void
end_session (Session *session)
{
  User *user = session->user;
  g_autofree char *label = session_dup_label (session);

  g_message ("%s: unregistered", label);
  subscriptions_end_contacts (session);
  if (session->saved)
    store_remove_account (hub_store (user->gateway->hub), session_number (session), NULL, NULL);
  user_remove_session (user, session);
}

void
accounts_unregister (User *user, Session *session, AccountsDone done, gpointer data)
{
  Gateway *gateway = user == NULL ? NULL : user->gateway;
  g_autoptr (GError) error = NULL;

  if (user == NULL || !user_is_registered (user))
    {
      stanza_refuse (&error, STANZA_REGISTRATION_REQUIRED, "You are not registered here.");
      done (NULL, error, data);
      return;
    }
  for (guint i = 0; i < user->sessions->len; i++)
    if (((Session *) user->sessions->pdata[i])->verifying)
      {
        stanza_refuse (&error, STANZA_CONFLICT, "A login of yours is being checked at this moment; please wait for the result.");
        done (NULL, error, data);
        return;
      }
  if (session != NULL)
    end_session (session);
  else
    while (user->sessions->len > 0)
      end_session (user->sessions->pdata[0]);
  if (user->sessions->len > 0)
    user_send_gateway_presence (user, NULL);
  else
    subscriptions_end_gateway (user);
  gateway_forget_user (gateway, user);
  done ("The account is ended, and everything the gateway knew of it removed.", NULL, data);
}
