/* SPDX-License-Identifier: GPL-2.0-or-later */
/* protocol.c - what a gateway's libpurple plugin is, as a worker told it. */
#include "config.h"

#include "protocol.h"

#include <string.h>

#include "stanza.h"

static void
option_free (gpointer data)
{
  ProtocolOption *option = data;

  g_free (option->key);
  g_free (option->label);
  g_free (option->value);
  g_strfreev (option->choices);
  g_free (option->separator);
  g_free (option->preset);
  g_free (option);
}

Protocol *
protocol_new (void)
{
  Protocol *protocol = g_new0 (Protocol, 1);

  protocol->options = g_ptr_array_new_with_free_func (option_free);
  return protocol;
}

void
protocol_free (Protocol *protocol)
{
  g_free (protocol->name);
  g_ptr_array_unref (protocol->options);
  g_free (protocol);
}

void
protocol_add_option (Protocol *protocol, const WireProtocolOption *event)
{
  ProtocolOption *option;

  if (protocol_find_option (protocol, event->key) != NULL)
    return;
  option = g_new0 (ProtocolOption, 1);
  option->key = g_strdup (event->key);
  option->kind = event->kind;
  option->label = g_strdup (event->label);
  option->value = g_strdup (event->value);
  option->choices = g_strdupv ((char **) event->choices);
  option->secret = event->secret;
  option->separator = g_strdup (event->separator);
  g_ptr_array_add (protocol->options, option);
}

static void
add_own (Protocol *protocol)
{
  const WireProtocolOption stay = {
    .key = OPTION_STAY, .kind = WIRE_OPTION_BOOL, .value = "false",
    .label = "Stay signed in, and in your rooms, while none of your clients is there" };

  protocol_add_option (protocol, &stay);
  ((ProtocolOption *) protocol_find_option (protocol, OPTION_STAY))->ours = TRUE;
}

void
protocol_finish (Protocol *protocol, const WireProtocolReady *event)
{
  g_free (protocol->name);
  protocol->name = g_strdup (event->name);
  protocol->needs_no_password = event->needs_no_password;
  protocol->password_optional = event->password_optional;
  protocol->tells_typing = event->tells_typing;
  protocol->nudges = event->nudges;
  protocol->tells_tunes = event->tells_tunes;
  protocol->rooms = event->rooms;
  protocol->room_settings = event->room_settings;
  protocol->lists_rooms = event->lists_rooms;
  protocol->takes_commands = event->takes_commands;
  protocol->renames = event->renames;
  protocol->groups = event->groups;
  protocol->keeps_contacts = event->keeps_contacts;
  protocol->confirms = event->confirms;
  protocol->complete = TRUE;
  add_own (protocol);
}

const ProtocolOption *
protocol_find_option (const Protocol *protocol, const char *key)
{
  for (guint i = 0; i < protocol->options->len; i++)
    {
      const ProtocolOption *option = protocol->options->pdata[i];

      if (g_str_equal (option->key, key))
        return option;
    }
  return NULL;
}

static void
preset (ProtocolOption *option, const char *value)
{
  g_free (option->preset);
  option->preset = g_strdup (value);
}

void
protocol_configure (Protocol *protocol, const SettingsGateway *settings)
{
  GHashTableIter iter;
  gpointer key, value;

  for (guint i = 0; i < protocol->options->len; i++)
    {
      ProtocolOption *option = protocol->options->pdata[i];

      preset (option, NULL);
      option->locked = FALSE;
    }
  g_hash_table_iter_init (&iter, settings->options);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      ProtocolOption *option = (ProtocolOption *) protocol_find_option (protocol, key);
      g_autofree char *normal = NULL;
      g_autoptr (GError) error = NULL;

      if (option == NULL)
        g_warning ("%s: option.%s is unknown to %s; ignored", settings->domain, (char *) key, settings->kind->purple);
      else if (!protocol_option_check (option, value, &normal, &error))
        g_warning ("%s: option.%s is ignored: %s", settings->domain, (char *) key, error->message);
      else
        preset (option, normal);
    }
  g_hash_table_iter_init (&iter, settings->locks);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      ProtocolOption *option = (ProtocolOption *) protocol_find_option (protocol, key);

      if (option == NULL)
        g_warning ("%s: lock.%s is unknown to %s; ignored", settings->domain, (char *) key, settings->kind->purple);
      else
        option->locked = GPOINTER_TO_INT (value);
    }
}

const char *
protocol_option_default (const ProtocolOption *option)
{
  return option->preset != NULL ? option->preset : option->value;
}

const char *
protocol_option_value (const ProtocolOption *option, GHashTable *chosen)
{
  const char *value = option == NULL || option->locked ? NULL : g_hash_table_lookup (chosen, option->key);

  return value != NULL || option == NULL ? value : protocol_option_default (option);
}

gboolean
protocol_option_is_required (const ProtocolOption *option)
{
  const char *value = protocol_option_default (option);

  return option->kind == WIRE_OPTION_PART && !option->locked && (value == NULL || *value == '\0')
         && !g_str_equal (option->key, "resource");
}

static gboolean
check_choice (const ProtocolOption *option, const char *value, char **normal, GError **error)
{
  for (guint i = 0; option->choices != NULL && option->choices[i] != NULL && option->choices[i + 1] != NULL; i += 2)
    if (g_str_equal (option->choices[i], value))
      {
        *normal = g_strdup (value);
        return TRUE;
      }
  return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "“%s” is none of the choices of “%s”.", value, option->label);
}

gboolean
protocol_option_check (const ProtocolOption *option, const char *value, char **normal, GError **error)
{
  gint64 number;

  if (strlen (value) > 2000)
    return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "The value of “%s” is too long.", option->label);
  switch (option->kind)
    {
    case WIRE_OPTION_INT:
      if (!g_ascii_string_to_signed (value, 10, G_MININT, G_MAXINT, &number, NULL))
        return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "“%s” needs a whole number, not “%s”.", option->label, value);
      if (g_str_has_suffix (option->key, "port") && (number < 0 || number > 65535))
        return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "“%s” has to be between 1 and 65535.", option->label);
      *normal = g_strdup_printf ("%" G_GINT64_FORMAT, number);
      return TRUE;
    case WIRE_OPTION_BOOL:
      if (g_str_equal (value, "1") || g_ascii_strcasecmp (value, "true") == 0 || g_ascii_strcasecmp (value, "yes") == 0)
        *normal = g_strdup ("true");
      else if (g_str_equal (value, "0") || g_ascii_strcasecmp (value, "false") == 0 || g_ascii_strcasecmp (value, "no") == 0)
        *normal = g_strdup ("false");
      else
        return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "“%s” is true or false, not “%s”.", option->label, value);
      return TRUE;
    case WIRE_OPTION_LIST:
      return check_choice (option, value, normal, error);
    case WIRE_OPTION_PART:
      for (const char *p = value; *p != '\0'; p++)
        if (g_ascii_isspace (*p) || (option->separator != NULL && strchr (option->separator, *p) != NULL))
          return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "“%s” must not contain “%c”.", option->label, *p);
      *normal = g_strdup (value);
      return TRUE;
    case WIRE_OPTION_STRING:
      *normal = g_strdup (value);
      return TRUE;
    default:
      g_assert_not_reached ();
    }
}

char **
protocol_dup_options (const Protocol *protocol, GHashTable *chosen)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < protocol->options->len; i++)
    {
      const ProtocolOption *option = protocol->options->pdata[i];
      const char *value = option->locked ? NULL : g_hash_table_lookup (chosen, option->key);

      if (option->ours)
        continue;
      if (value == NULL)
        value = option->preset;
      if (value == NULL && option->kind == WIRE_OPTION_PART)
        value = option->value;
      if (value == NULL)
        continue;
      g_strv_builder_add (builder, option->key);
      g_strv_builder_add (builder, value);
    }
  return g_strv_builder_end (builder);
}

/* The parts stand in the name in the order of the options; taken off from the
 * end, as libpurple does. */
char *
protocol_split_name (const Protocol *protocol, const char *name, GHashTable *chosen)
{
  char *rest = g_strdup (name);

  for (guint i = protocol->options->len; i-- > 0; )
    {
      const ProtocolOption *option = protocol->options->pdata[i];
      char *separator;

      if (option->kind != WIRE_OPTION_PART || option->separator == NULL || *option->separator == '\0')
        continue;
      separator = strrchr (rest, option->separator[0]);
      if (separator == NULL || separator[1] == '\0')
        continue;
      *separator = '\0';
      if (!option->locked && !g_hash_table_contains (chosen, option->key))
        g_hash_table_insert (chosen, g_strdup (option->key), g_strdup (separator + 1));
    }
  return rest;
}
