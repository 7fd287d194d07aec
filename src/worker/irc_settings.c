/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_settings.c - a channel's modes as settings that a user understands. */
#include "config.h"

#include "irc_settings.h"

#include <gio/gio.h>
#include <string.h>

#define refuse(error, ...) (g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, __VA_ARGS__), FALSE)

/* XEP-0045's names, where it has one (section 15.5.3). */
#define PROTECTED "muc#roomconfig_passwordprotectedroom"
#define PASSWORD "muc#roomconfig_roomsecret"
#define LIMIT "muc#roomconfig_maxusers"
#define PUBLIC "muc#roomconfig_publicroom"

/* Those that are on or off. */
typedef struct {
  const char *key, *label;
  char letter;
  gboolean inverse;
} Switch;

static const Switch switches[] = {
  { PUBLIC, "The room is in the list of rooms", 's', TRUE },
  { "muc#roomconfig_membersonly", "Only who is invited may join", 'i', FALSE },
  { "muc#roomconfig_moderatedroom", "Only who has a voice may speak", 'm', FALSE },
  { "muc#roomconfig_changesubject", "Everybody may change the subject", 't', TRUE },
  { "irc#no_external", "Nothing can be said from outside the room", 'n', FALSE },
  { PROTECTED, "A password is needed to join", 'k', FALSE },
};

static gboolean
is_on (const IrcModes *modes, const Switch *row)
{
  gboolean set = irc_modes_has (modes, row->letter);

  /* Private is the old word for the same. */
  if (row->letter == 's')
    set = set || irc_modes_has (modes, 'p');
  return set != row->inverse;
}

void
irc_settings_foreach (const IrcModes *modes, void (*func) (const IrcSetting *setting, gpointer data), gpointer data)
{
  g_autofree char *limit = irc_modes_has (modes, 'l') ? g_strdup_printf ("%u", modes->limit) : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    func (&(IrcSetting) { switches[i].key, switches[i].label, WIRE_SETTING_BOOL, is_on (modes, &switches[i]) ? "1" : "0" }, data);
  func (&(IrcSetting) { PASSWORD, "The password", WIRE_SETTING_SECRET, modes->key }, data);
  func (&(IrcSetting) { LIMIT, "The most people (empty: any number)", WIRE_SETTING_TEXT, limit }, data);
}

static gboolean
take_switch (IrcModes *modes, const Switch *row, const char *value, GError **error)
{
  gboolean on = g_str_equal (value, "1") || g_str_equal (value, "true");

  if (!on && !g_str_equal (value, "0") && !g_str_equal (value, "false"))
    return refuse (error, "“%s” (%s) is either true or false.", row->label, row->key);
  if (on == is_on (modes, row))
    return TRUE;
  irc_modes_set (modes, row->letter, on != row->inverse);
  if (row->letter == 's' && on)
    irc_modes_set (modes, 'p', FALSE);
  return TRUE;
}

static gboolean
take_limit (IrcModes *modes, const char *value, GError **error)
{
  guint64 limit = 0;

  if (*value != '\0' && !g_str_equal (value, "none") && !g_ascii_string_to_unsigned (value, 10, 0, 1000000, &limit, NULL))
    return refuse (error, "“The most people” (" LIMIT ") is a number, or empty.");
  modes->limit = (guint) limit;
  irc_modes_set (modes, 'l', limit > 0);
  return TRUE;
}

static gboolean
check_password (const IrcSupport *support, const char *value, GError **error)
{
  if (strlen (value) > support->key_length)
    return refuse (error, "“The password” (" PASSWORD ") is too long: this server allows %u bytes.", support->key_length);
  if (*value == ':' || strpbrk (value, " ,") != NULL)
    return refuse (error, "“The password” (" PASSWORD ") has a blank, a comma or a colon where IRC does not allow it.");
  for (const char *c = value; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      return refuse (error, "“The password” (" PASSWORD ") is one line, without control characters.");
  if (g_str_equal (value, "*") || g_str_equal (value, "<key>"))
    return refuse (error, "“The password” (" PASSWORD ") means something else on IRC.");
  return TRUE;
}

static const Switch *
find_switch (const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    if (g_str_equal (switches[i].key, key))
      return &switches[i];
  return NULL;
}

/* What is said of the password, taken together. */
typedef struct {
  const char *value;          /* NULL: nothing */
  gboolean protection_told;
} Password;

static gboolean
finish_password (IrcModes *modes, const IrcSupport *support, const Password *password, GError **error)
{
  if (password->value != NULL && *password->value != '\0' && !password->protection_told)
    irc_modes_set (modes, 'k', TRUE);
  if (!irc_modes_has (modes, 'k'))
    {
      irc_modes_set_key (modes, NULL);
      return TRUE;
    }
  if (password->value != NULL && *password->value != '\0')
    {
      if (!check_password (support, password->value, error))
        return FALSE;
      irc_modes_set_key (modes, password->value);
    }
  return TRUE;
}

gboolean
irc_settings_take (IrcModes *modes, const IrcSupport *support, const char *const *values, GError **error)
{
  Password password = { NULL, FALSE };
  gboolean had_key = irc_modes_has (modes, 'k');
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; values != NULL && values[i] != NULL && values[i + 1] != NULL; i += 2)
    {
      const Switch *row = find_switch (values[i]);

      if (!g_hash_table_add (seen, (gpointer) values[i]))
        return refuse (error, "The field “%s” has more than one value.", values[i]);
      if (g_str_equal (values[i], PROTECTED))
        password.protection_told = TRUE;
      if (row != NULL)
        {
          if (!take_switch (modes, row, values[i + 1], error))
            return FALSE;
        }
      else if (g_str_equal (values[i], PASSWORD))
        password.value = values[i + 1];
      else if (!g_str_equal (values[i], LIMIT))
        return refuse (error, "IRC knows no setting “%s”.", values[i]);
      else if (!take_limit (modes, values[i + 1], error))
        return FALSE;
    }
  if (!finish_password (modes, support, &password, error))
    return FALSE;
  if (irc_modes_has (modes, 'k') && !had_key && modes->key == NULL)
    return refuse (error, "A password is wanted, and “The password” (" PASSWORD ") is empty.");
  return TRUE;
}
