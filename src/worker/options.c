/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options.c - a protocol's account options, as protocol-option events and back. */
#include "config.h"

#include "options.h"

#include <gio/gio.h>
#include <string.h>

#include "hub.h"
#include "irc_identify.h"
#include "option_values.h"
#include "protocol.h"

/* -- Parts of the name ---------------------------------------------------- */

static GArray *
new_parts (const PurplePluginProtocolInfo *info)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (OptionPart));

  for (GList *l = info->user_splits; l != NULL; l = l->next)
    {
      PurpleAccountUserSplit *split = l->data;
      g_autofree char *slug = option_values_dup_slug (purple_account_user_split_get_text (split));
      OptionPart part = {
        .key = g_intern_string (slug),
        .label = purple_account_user_split_get_text (split),
        .fallback = purple_account_user_split_get_default_value (split),
        .separator = purple_account_user_split_get_separator (split),
      };

      g_array_append_val (parts, part);
    }
  return parts;
}

static gboolean
is_part (const PurplePluginProtocolInfo *info, const char *key)
{
  g_autoptr (GArray) parts = new_parts (info);

  for (guint i = 0; i < parts->len; i++)
    if (g_str_equal (g_array_index (parts, OptionPart, i).key, key))
      return TRUE;
  return FALSE;
}

char *
options_dup_account_name (const PurplePluginProtocolInfo *info, const char *name,
                          const char *const *options, GError **error)
{
  g_autoptr (GArray) parts = new_parts (info);

  return option_values_compose_name (name, (const OptionPart *) parts->data, parts->len, options, error);
}

/* -- Telling -------------------------------------------------------------- */

/* What a gateway has no use for would only fill the users' forms. */
static gboolean
is_useless (const char *key)
{
  static const char *const xmpp[] = { "custom_smileys", "ft_proxies", NULL };

  return protocol_is_xmpp () && g_strv_contains (xmpp, key);
}

static void
tell_option (PurpleAccountOption *option)
{
  WireProtocolOption event = {
    .key = purple_account_option_get_setting (option),
    .label = purple_account_option_get_text (option),
  };
  g_autofree char *number = NULL;
  g_autoptr (GPtrArray) choices = g_ptr_array_new ();

  switch (purple_account_option_get_type (option))
    {
    case PURPLE_PREF_BOOLEAN:
      event.kind = WIRE_OPTION_BOOL;
      event.value = purple_account_option_get_default_bool (option) ? "true" : "false";
      break;
    case PURPLE_PREF_INT:
      event.kind = WIRE_OPTION_INT;
      event.value = number = g_strdup_printf ("%d", purple_account_option_get_default_int (option));
      break;
    case PURPLE_PREF_STRING:
      event.kind = WIRE_OPTION_STRING;
      event.secret = purple_account_option_get_masked (option);
      event.value = purple_account_option_get_default_string (option);
      break;
    case PURPLE_PREF_STRING_LIST:
      event.kind = WIRE_OPTION_LIST;
      event.value = purple_account_option_get_default_list_value (option);
      for (GList *l = purple_account_option_get_list (option); l != NULL; l = l->next)
        {
          PurpleKeyValuePair *pair = l->data;

          g_ptr_array_add (choices, pair->value);
          g_ptr_array_add (choices, pair->key);
        }
      break;
    default:
      return;
    }
  g_ptr_array_add (choices, NULL);
  if (event.kind == WIRE_OPTION_LIST)
    event.choices = (const char *const *) choices->pdata;
  hub_send (&(WireMessage) { .type = WIRE_PROTOCOL_OPTION, .u.protocol_option = event });
}

void
options_tell (const PurplePluginProtocolInfo *info)
{
  g_autoptr (GArray) parts = new_parts (info);

  for (guint i = 0; i < parts->len; i++)
    {
      OptionPart *part = &g_array_index (parts, OptionPart, i);
      char separator[] = { part->separator, '\0' };

      hub_tell (protocol_option, PROTOCOL_OPTION,
                .key = part->key, .kind = WIRE_OPTION_PART, .label = part->label,
                .value = part->fallback, .separator = separator);
    }
  for (GList *l = info->protocol_options; l != NULL; l = l->next)
    if (!is_useless (purple_account_option_get_setting (l->data)))
      tell_option (l->data);
  if (protocol_is_irc ())
    irc_identify_tell_option ();
}

/* -- Applying ------------------------------------------------------------- */

static PurpleAccountOption *
find_option (const PurplePluginProtocolInfo *info, const char *key)
{
  for (GList *l = info->protocol_options; l != NULL; l = l->next)
    if (g_strcmp0 (purple_account_option_get_setting (l->data), key) == 0)
      return l->data;
  return NULL;
}

static gboolean
check_choice (PurpleAccountOption *option, const char *key, const char *value, GError **error)
{
  for (GList *l = purple_account_option_get_list (option); l != NULL; l = l->next)
    if (g_strcmp0 (((PurpleKeyValuePair *) l->data)->value, value) == 0)
      return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "“%s” is not one of the choices of the option “%s”.", value, key);
  return FALSE;
}

static gboolean
apply_option (PurpleAccount *account, PurpleAccountOption *option, const char *key, const char *value, GError **error)
{
  gboolean truth;
  int number;

  switch (purple_account_option_get_type (option))
    {
    case PURPLE_PREF_BOOLEAN:
      if (!option_values_parse_bool (key, value, &truth, error))
        return FALSE;
      purple_account_set_bool (account, key, truth);
      return TRUE;
    case PURPLE_PREF_INT:
      if (!option_values_parse_int (key, value, &number, error))
        return FALSE;
      purple_account_set_int (account, key, number);
      return TRUE;
    case PURPLE_PREF_STRING_LIST:
      if (!check_choice (option, key, value, error))
        return FALSE;
      purple_account_set_string (account, key, value);
      return TRUE;
    default:
      if (!option_values_check_text (key, value, error))
        return FALSE;
      purple_account_set_string (account, key, value);
      return TRUE;
    }
}

gboolean
options_apply (const PurplePluginProtocolInfo *info, PurpleAccount *account, const char *const *options, GError **error)
{
  for (; options != NULL && options[0] != NULL && options[1] != NULL; options += 2)
    {
      const char *key = options[0], *value = options[1];
      PurpleAccountOption *option = find_option (info, key);

      /* An empty field of a form is one left alone. */
      if (is_part (info, key) || *value == '\0')
        continue;
      if (protocol_is_irc () && irc_identify_owns_option (key))
        {
          if (!irc_identify_check_option (key, value, error))
            return FALSE;
          continue;
        }
      if (option == NULL)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "This network has no option “%s”.", key);
          return FALSE;
        }
      if (!apply_option (account, option, key, value, error))
        return FALSE;
    }
  return TRUE;
}
