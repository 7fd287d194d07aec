/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list_lines.c - the lines that tell of and change the lists of contacts, in all dialects. */
#include "list_lines.h"

#include <string.h>

#include "address.h"
#include "percent.h"

/* Bytes of names, encoded, that servers take. */
#define LONGEST_NAME 387
#define MOST_GROUPS_OF_ONE 64

static const struct {
  ListBit bit;
  const char *name;
} bits[] = { { LIST_FORWARD, "FL" }, { LIST_ALLOW, "AL" }, { LIST_BLOCK, "BL" }, { LIST_REVERSE, "RL" }, { LIST_PENDING, "PL" } };

const char *
list_bit_name (ListBit bit)
{
  for (guint i = 0; i < G_N_ELEMENTS (bits); i++)
    if (bits[i].bit == bit)
      return bits[i].name;
  g_assert_not_reached ();
}

guint
list_bit_parse (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (bits); i++)
    if (g_str_equal (bits[i].name, name))
      return bits[i].bit;
  return 0;
}

static gboolean
parse_count (const char *text, guint *count)
{
  guint64 number;

  if (!g_ascii_isdigit (*text) || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, &number, NULL))
    return FALSE;
  *count = (guint) number;
  return TRUE;
}

/* NULL: no address. */
static char *
dup_address (const char *text)
{
  char *address = address_dup_exact (text);

  if (*address != '\0')
    return address;
  g_free (address);
  return NULL;
}

/* Ids are sent back: they must be tokens. */
static gboolean
is_token (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != '-' && *p != '{' && *p != '}')
      return FALSE;
  return *text != '\0' && strlen (text) <= 64;
}

static char **
split_groups (const char *text)
{
  GPtrArray *groups = g_ptr_array_new ();
  g_auto (GStrv) parts = g_strsplit (text, ",", MOST_GROUPS_OF_ONE + 1);

  for (guint i = 0; parts[i] != NULL && i < MOST_GROUPS_OF_ONE; i++)
    if (is_token (parts[i]))
      g_ptr_array_add (groups, g_strdup (parts[i]));
  g_ptr_array_add (groups, NULL);
  return (char **) g_ptr_array_free (groups, FALSE);
}

/* -- Reading -------------------------------------------------------------- */

gboolean
sync_line_parse (guint dialect, const Command *command, SyncLine *line)
{
  guint stamps = dialect >= DIALECT_WITH_GUIDS ? 2 : 1;

  memset (line, 0, sizeof *line);
  if (!command_is (command, "SYN"))
    return FALSE;
  line->first = command->count > 0 ? g_strdup (command->args[0]) : NULL;
  line->second = stamps > 1 && command->count > 1 ? g_strdup (command->args[1]) : NULL;
  line->counted = command->count >= stamps + 2 && parse_count (command->args[stamps], &line->contacts)
                  && parse_count (command->args[stamps + 1], &line->groups);
  return TRUE;
}

static gboolean
parse_marked_contact (const Command *command, ContactLine *line)
{
  guint i;

  for (i = 0; i < command->count; i++)
    {
      const char *arg = command->args[i];

      if (g_str_has_prefix (arg, "N=") && line->address == NULL)
        line->address = dup_address (arg + 2);
      else if (g_str_has_prefix (arg, "F=") && line->name == NULL)
        line->name = percent_dup_decoded (arg + 2);
      else if (g_str_has_prefix (arg, "C=") && line->guid == NULL)
        line->guid = is_token (arg + 2) ? g_strdup (arg + 2) : NULL;
      else
        break;
    }
  if (line->address == NULL || !parse_count (command_arg (command, i), &line->lists))
    return FALSE;
  /* What follows is the kind of account, or groups: these have dashes (15.1). */
  for (i++; i < command->count && line->groups == NULL; i++)
    if (strchr (command->args[i], '-') != NULL)
      line->groups = split_groups (command->args[i]);
  return TRUE;
}

static gboolean
parse_listed_contact (const Command *command, ContactLine *line)
{
  line->lists = list_bit_parse (command_arg (command, 1));
  if (line->lists == 0 || !parse_count (command_arg (command, 3), &line->index) || !parse_count (command_arg (command, 4), &line->total))
    return FALSE;
  line->empty = line->total == 0;
  if (line->empty)
    return TRUE;
  line->address = dup_address (command_arg (command, 5));
  line->name = command_dup_text (command, 6);
  line->groups = split_groups (command_arg (command, 7));
  return line->address != NULL;
}

gboolean
contact_line_parse (guint dialect, const Command *command, ContactLine *line)
{
  gboolean good;

  memset (line, 0, sizeof *line);
  if (!command_is (command, "LST"))
    return FALSE;
  if (dialect >= DIALECT_WITH_GUIDS)
    good = parse_marked_contact (command, line);
  else if (dialect == 7)
    good = parse_listed_contact (command, line);
  else
    {
      line->address = dup_address (command_arg (command, 0));
      line->name = command_dup_text (command, 1);
      line->groups = split_groups (command_arg (command, 3));
      good = line->address != NULL && parse_count (command_arg (command, 2), &line->lists);
    }
  if (line->groups == NULL)
    line->groups = g_new0 (char *, 1);
  return good;
}

gboolean
group_line_parse (guint dialect, const Command *command, GroupLine *line)
{
  /* Where the id and the name stand, by dialect. */
  guint id = dialect >= DIALECT_WITH_GUIDS ? 1 : dialect == 7 ? 4 : 0;
  guint name = dialect >= DIALECT_WITH_GUIDS ? 0 : dialect == 7 ? 5 : 1;

  memset (line, 0, sizeof *line);
  if (!command_is (command, "LSG") || !is_token (command_arg (command, id)))
    return FALSE;
  if (dialect == 7 && (!parse_count (command_arg (command, 2), &line->index) || !parse_count (command_arg (command, 3), &line->total)))
    return FALSE;
  line->id = g_strdup (command->args[id]);
  line->name = command_dup_text (command, name);
  return *line->name != '\0';
}

static gboolean
parse_marked_change (const Command *command, ChangeLine *line)
{
  for (guint i = 1; i < command->count; i++)
    {
      const char *arg = command->args[i];

      if (g_str_has_prefix (arg, "N="))
        {
          g_free (line->address);
          line->address = dup_address (arg + 2);
        }
      else if (g_str_has_prefix (arg, "F="))
        {
          g_free (line->name);
          line->name = percent_dup_decoded (arg + 2);
        }
      else if (g_str_has_prefix (arg, "C=") && is_token (arg + 2))
        {
          g_free (line->guid);
          line->guid = g_strdup (arg + 2);
        }
      else if (is_token (arg))
        {
          g_free (line->group);
          line->group = g_strdup (arg);
        }
    }
  return line->address != NULL || line->guid != NULL;
}

static void
parse_removal (const Command *command, guint at, gboolean guids, ChangeLine *line)
{
  const char *whom = command_arg (command, at);

  if (guids && line->list == LIST_FORWARD && strchr (whom, '@') == NULL)
    line->guid = is_token (whom) ? g_strdup (whom) : NULL;
  else
    line->address = dup_address (whom);
  if (is_token (command_arg (command, at + 1)))
    line->group = g_strdup (command->args[at + 1]);
}

gboolean
change_line_parse (guint dialect, const Command *command, ChangeLine *line)
{
  gboolean guids = dialect >= DIALECT_WITH_GUIDS;

  memset (line, 0, sizeof *line);
  line->list = list_bit_parse (command_arg (command, 0));
  if (line->list == 0)
    return FALSE;
  if (command_is (command, "ADC"))
    return parse_marked_change (command, line);
  /* Up to MSNP9 a serial number stands behind the list. */
  if (command_is (command, "REM"))
    parse_removal (command, guids ? 1 : 2, guids, line);
  else if (command_is (command, "ADD"))
    {
      line->address = dup_address (command_arg (command, 2));
      line->name = command_dup_text (command, 3);
      if (is_token (command_arg (command, 4)))
        line->group = g_strdup (command->args[4]);
    }
  return line->address != NULL || line->guid != NULL;
}

gboolean
group_change_parse (guint dialect, const Command *command, GroupLine *line)
{
  gboolean guids = dialect >= DIALECT_WITH_GUIDS;
  guint id, name = 1;

  memset (line, 0, sizeof *line);
  if (command_is (command, "ADG"))
    {
      name = guids ? 0 : 1;
      id = guids ? 1 : 2;
    }
  else if (command_is (command, "REG"))
    {
      name = guids ? 1 : 2;
      id = guids ? 2 : 1;
    }
  else if (command_is (command, "RMG"))
    id = 1;
  else
    return FALSE;
  if (!is_token (command_arg (command, id)))
    return FALSE;
  line->id = g_strdup (command->args[id]);
  if (!command_is (command, "RMG"))
    line->name = command_dup_text (command, name);
  return TRUE;
}

void
sync_line_clear (SyncLine *line)
{
  g_clear_pointer (&line->first, g_free);
  g_clear_pointer (&line->second, g_free);
}

void
contact_line_clear (ContactLine *line)
{
  g_clear_pointer (&line->address, g_free);
  g_clear_pointer (&line->name, g_free);
  g_clear_pointer (&line->guid, g_free);
  g_clear_pointer (&line->groups, g_strfreev);
}

void
group_line_clear (GroupLine *line)
{
  g_clear_pointer (&line->id, g_free);
  g_clear_pointer (&line->name, g_free);
}

void
change_line_clear (ChangeLine *line)
{
  g_clear_pointer (&line->address, g_free);
  g_clear_pointer (&line->name, g_free);
  g_clear_pointer (&line->guid, g_free);
  g_clear_pointer (&line->group, g_free);
}

/* -- Writing -------------------------------------------------------------- */

char *
list_lines_build_add (guint dialect, ListBit list, const char *address, const char *name, const char *guid, const char *group,
                      const char **command)
{
  g_autofree char *encoded = percent_dup_encoded_name (name != NULL && *name != '\0' ? name : address, LONGEST_NAME);
  const char *list_name = list_bit_name (list);

  if (dialect >= DIALECT_WITH_GUIDS)
    {
      *command = "ADC";
      if (group != NULL && guid != NULL)
        return g_strdup_printf ("%s C=%s %s", list_name, guid, group);
      if (list == LIST_FORWARD)
        {
          /* An address is no name to be encoded; all clients send it so. */
          const char *shown = name == NULL || *name == '\0' || g_str_equal (name, address) ? address : encoded;

          return g_strdup_printf ("%s N=%s F=%s", list_name, address, shown);
        }
      return g_strdup_printf ("%s N=%s", list_name, address);
    }
  *command = "ADD";
  if (list == LIST_FORWARD)
    {
      const char *shown = name == NULL || *name == '\0' || g_str_equal (name, address) ? address : encoded;

      return g_strdup_printf ("%s %s %s %s", list_name, address, shown, group != NULL ? group : "0");
    }
  return g_strdup_printf ("%s %s %s", list_name, address, address);
}

char *
list_lines_build_remove (guint dialect, ListBit list, const char *address, const char *guid, const char *group)
{
  const char *whom = dialect >= DIALECT_WITH_GUIDS && list == LIST_FORWARD && guid != NULL ? guid : address;

  if (group != NULL)
    return g_strdup_printf ("%s %s %s", list_bit_name (list), whom, group);
  return g_strdup_printf ("%s %s", list_bit_name (list), whom);
}

char *
list_lines_build_add_group (const char *name)
{
  g_autofree char *encoded = percent_dup_encoded_name (name, LONGEST_NAME);

  return g_strdup_printf ("%s 0", encoded);
}

char *
list_lines_build_rename_group (const char *id, const char *name)
{
  g_autofree char *encoded = percent_dup_encoded_name (name, LONGEST_NAME);

  return g_strdup_printf ("%s %s 0", id, encoded);
}

char *
list_lines_build_own_name (guint dialect, const char *address, const char *name, const char **command)
{
  g_autofree char *encoded = percent_dup_encoded_name (name, LONGEST_NAME);

  *command = dialect >= DIALECT_WITH_GUIDS ? "PRP" : "REA";
  if (dialect >= DIALECT_WITH_GUIDS)
    return g_strdup_printf ("MFN %s", encoded);
  return g_strdup_printf ("%s %s", address, encoded);
}
