/* SPDX-License-Identifier: GPL-2.0-or-later */
/* switchboard_lines.c - the way to conversations, and who is in them. */
#include "switchboard_lines.h"

#include <string.h>

#include "address.h"
#include "presence_line.h"

static gboolean
parse_transfer (const Command *command, TransferLine *line)
{
  const char *kind = command_arg (command, 0);

  line->to_switchboard = g_str_equal (kind, "SB");
  if (!line->to_switchboard && !g_str_equal (kind, "NS"))
    return FALSE;
  if (!address_split_server (command_arg (command, 1), ADDRESS_DEFAULT_PORT, &line->host, &line->port))
    return FALSE;
  if (!line->to_switchboard)
    return TRUE;
  line->token = g_strdup (command_arg (command, 3));
  return *line->token != '\0';
}

static gboolean
parse_ring (const Command *command, TransferLine *line)
{
  line->to_switchboard = TRUE;
  line->session = g_strdup (command_arg (command, 0));
  line->token = g_strdup (command_arg (command, 3));
  line->address = address_dup_normal (command_arg (command, 4));
  line->name = command_dup_text (command, 5);
  return address_split_server (command_arg (command, 1), ADDRESS_DEFAULT_PORT, &line->host, &line->port)
         && *line->session != '\0' && *line->token != '\0' && *line->address != '\0';
}

gboolean
transfer_line_parse (const Command *command, TransferLine *line)
{
  memset (line, 0, sizeof *line);
  if (command_is (command, "XFR"))
    return parse_transfer (command, line);
  return command_is (command, "RNG") && parse_ring (command, line);
}

gboolean
member_line_parse (const Command *command, MemberLine *line)
{
  guint at = command_is (command, "IRO") ? 2 : 0;

  memset (line, 0, sizeof *line);
  line->address = address_dup_normal (command_arg (command, at));
  if (*line->address == '\0')
    return FALSE;
  if (command_is (command, "BYE"))
    return TRUE;
  line->name = command_dup_text (command, at + 1);
  line->capabilities = capabilities_parse (command_arg (command, at + 2));
  if (at > 0)
    {
      line->index = (guint) MIN (g_ascii_strtoull (command->args[0], NULL, 10), 1000);
      line->total = (guint) MIN (g_ascii_strtoull (command->args[1], NULL, 10), 1000);
    }
  return TRUE;
}

void
transfer_line_clear (TransferLine *line)
{
  g_clear_pointer (&line->host, g_free);
  g_clear_pointer (&line->token, g_free);
  g_clear_pointer (&line->session, g_free);
  g_clear_pointer (&line->address, g_free);
  g_clear_pointer (&line->name, g_free);
}

void
member_line_clear (MemberLine *line)
{
  g_clear_pointer (&line->address, g_free);
  g_clear_pointer (&line->name, g_free);
}
