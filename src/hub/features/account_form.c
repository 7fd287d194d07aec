/* SPDX-License-Identifier: GPL-2.0-or-later */
/* account_form.c - the data form (XEP-0004) of an account. */
#include "config.h"

#include "account_form.h"

#define FIELDS_MAX 500

xmpp_stanza_t *
form_add_field (xmpp_stanza_t *form, const char *type, const char *var, const char *label, const char *value)
{
  xmpp_stanza_t *field = stanza_add (form, "field", NULL);

  stanza_set (field, "type", type);
  stanza_set (field, "var", var);
  stanza_set (field, "label", label);
  if (value != NULL)
    stanza_add_text (field, "value", value);
  return field;
}

static void
wipe_value (gpointer value)
{
  secrets_wipe (value);
}

GHashTable *
form_fields_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, wipe_value);
}

/* The lines of a text come as a value each; NULL: there is none. */
static char *
dup_values (xmpp_stanza_t *field)
{
  GString *lines = NULL;

  for (xmpp_stanza_t *child = stanza_first (field); child != NULL; child = stanza_next (child))
    {
      char *line = stanza_is (child, "value", NULL) ? stanza_dup_text (child) : NULL;

      if (line == NULL)
        continue;
      if (lines == NULL)
        lines = g_string_new (line);
      else
        g_string_append_printf (lines, "\n%s", line);
      secrets_wipe (line);
    }
  return lines == NULL ? NULL : g_string_free (lines, FALSE);
}

GHashTable *
form_read (xmpp_stanza_t *form, GError **error)
{
  g_autoptr (GHashTable) fields = form_fields_new ();

  if (g_strcmp0 (stanza_get (form, "type"), "submit") != 0)
    {
      stanza_refuse (error, STANZA_BAD_REQUEST, "The form has to be submitted.");
      return NULL;
    }
  for (xmpp_stanza_t *field = stanza_first (form); field != NULL; field = stanza_next (field))
    {
      const char *var = stanza_get (field, "var");
      char *value = dup_values (field);

      if (var == NULL || value == NULL || g_hash_table_size (fields) >= FIELDS_MAX)
        secrets_wipe (value);
      else
        g_hash_table_insert (fields, g_strdup (var), value);
    }
  return g_steal_pointer (&fields);
}

char *
account_form_dup_instructions (Gateway *gateway)
{
  const Protocol *protocol = gateway->protocol;
  g_autoptr (GString) whole = g_string_new ("name");
  gboolean has_parts = FALSE;

  for (guint i = 0; i < protocol->options->len; i++)
    {
      const ProtocolOption *option = protocol->options->pdata[i];

      if (option->kind != WIRE_OPTION_PART || option->locked || g_str_equal (option->key, "resource"))
        continue;
      g_string_append_printf (whole, "%s%s", option->separator, option->key);
      has_parts = TRUE;
    }
  return g_strdup_printf ("Enter what you sign in with to your %s account.%s%s%s%s", gateway->network->title,
                          has_parts ? " The user name may be given whole: " : "", has_parts ? whole->str : "", has_parts ? "." : "",
                          protocol->password_optional ? " A password is not needed everywhere." : "");
}

static void
add_choices (xmpp_stanza_t *field, const ProtocolOption *option)
{
  for (guint i = 0; option->choices != NULL && option->choices[i] != NULL && option->choices[i + 1] != NULL; i += 2)
    {
      xmpp_stanza_t *choice = stanza_add (field, "option", NULL);

      stanza_set (choice, "label", option->choices[i + 1]);
      stanza_add_text (choice, "value", option->choices[i]);
    }
}

static void
add_option (xmpp_stanza_t *form, const ProtocolOption *option, const char *value)
{
  g_autofree char *var = g_strconcat ("option.", option->key, NULL);
  xmpp_stanza_t *field;

  switch (option->kind)
    {
    case WIRE_OPTION_BOOL:
      form_add_field (form, "boolean", var, option->label, g_strcmp0 (value, "true") == 0 ? "1" : "0");
      return;
    case WIRE_OPTION_LIST:
      field = form_add_field (form, "list-single", var, option->label, value);
      add_choices (field, option);
      return;
    case WIRE_OPTION_PART:
    case WIRE_OPTION_STRING:
    case WIRE_OPTION_INT:
    default:
      field = form_add_field (form, option->secret ? "text-private" : "text-single", var, option->label,
                              option->secret ? NULL : value);
      if (protocol_option_is_required (option))
        stanza_add (field, "required", NULL);
    }
}

void
account_form_add (Gateway *gateway, Session *session, xmpp_stanza_t *parent)
{
  const Protocol *protocol = gateway->protocol;
  xmpp_stanza_t *form = stanza_add (parent, "x", NS_DATA_FORMS);
  g_autofree char *instructions = account_form_dup_instructions (gateway);
  g_autofree char *title = g_strdup_printf ("%s account", gateway->network->title);
  xmpp_stanza_t *field;

  stanza_set (form, "type", "form");
  stanza_add_text (form, "title", title);
  stanza_add_text (form, "instructions", instructions);
  form_add_field (form, "hidden", "FORM_TYPE", NULL, NS_REGISTER);
  field = form_add_field (form, "text-single", "username", "User name", session == NULL ? NULL : session->account->name);
  stanza_add (field, "required", NULL);
  if (!protocol->needs_no_password)
    {
      field = form_add_field (form, "text-private", "password", "Password", NULL);
      if (!protocol->password_optional && (session == NULL || session->account->sealed_password == NULL))
        stanza_add (field, "required", NULL);
    }
  for (guint i = 0; i < protocol->options->len; i++)
    {
      const ProtocolOption *option = protocol->options->pdata[i];
      const char *value = session == NULL ? NULL : g_hash_table_lookup (session->account->options, option->key);

      if (!option->locked)
        add_option (form, option, value != NULL ? value : protocol_option_default (option));
    }
}
