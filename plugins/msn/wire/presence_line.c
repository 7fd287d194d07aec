/* SPDX-License-Identifier: GPL-2.0-or-later */
/* presence_line.c - states of contacts, and capabilities. */
#include "presence_line.h"

#include <string.h>

#include "address.h"

static const struct {
  const char *code, *status;
} states[] = {
  { "NLN", "available" }, { "AWY", "away" }, { "BRB", "brb" }, { "BSY", "busy" }, { "PHN", "phone" },
  { "LUN", "lunch" }, { "HDN", "invisible" }, { "FLN", "offline" }, { "IDL", "away" },
};

const char *
presence_code_to_status (const char *code)
{
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_str_equal (states[i].code, code))
      return states[i].status;
  return "available";
}

const char *
presence_status_to_code (const char *status)
{
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_str_equal (states[i].status, status))
      return states[i].code;
  return NULL;
}

guint32
capabilities_parse (const char *text)
{
  guint64 number = 0;

  if (!g_ascii_isdigit (*text))
    return 0;
  number = g_ascii_strtoull (text, NULL, 10);
  return number <= G_MAXUINT32 ? (guint32) number : 0;
}

guint
capabilities_get_generation (guint32 capabilities)
{
  return capabilities >> 28;
}

const char *
capabilities_describe (guint32 capabilities)
{
  static const char *const programs[] = {
    "without peer-to-peer", "MSN Messenger 6.0", "MSN Messenger 6.1", "MSN Messenger 6.2", "MSN Messenger 7.0", "MSN Messenger 7.5",
    "Windows Live Messenger 8.0", "Windows Live Messenger 8.1", "Windows Live Messenger 8.5", "Windows Live Messenger 9", "Windows Live Messenger 2009",
  };
  guint generation = capabilities_get_generation (capabilities);

  if (capabilities & CAPABILITY_MOBILE)
    return "a mobile device";
  return generation < G_N_ELEMENTS (programs) ? programs[generation] : "newer than Windows Live Messenger 2009";
}

static char *
dup_object (const Command *command, guint index)
{
  g_autofree char *text = command_dup_text (command, index);
  const char *inside = strstr (text, "<msnobj");

  /* None: nothing, 0, or an element without attributes (6.3). */
  if (inside == NULL || strchr (inside, '=') == NULL)
    return NULL;
  return g_steal_pointer (&text);
}

gboolean
presence_line_parse (const Command *command, PresenceLine *line)
{
  memset (line, 0, sizeof *line);
  if (command_is (command, "FLN"))
    {
      g_strlcpy (line->code, "FLN", sizeof line->code);
      line->address = address_dup_normal (command_arg (command, 0));
      return *line->address != '\0';
    }
  if (!command_is (command, "NLN") && !command_is (command, "ILN"))
    return FALSE;
  line->online = TRUE;
  if (strlen (command_arg (command, 0)) != 3)
    return FALSE;
  g_strlcpy (line->code, command->args[0], sizeof line->code);
  line->address = address_dup_normal (command_arg (command, 1));
  line->name = command_dup_text (command, 2);
  line->capabilities = capabilities_parse (command_arg (command, 3));
  line->object = dup_object (command, 4);
  return *line->address != '\0';
}

void
presence_line_clear (PresenceLine *line)
{
  g_clear_pointer (&line->address, g_free);
  g_clear_pointer (&line->name, g_free);
  g_clear_pointer (&line->object, g_free);
}
