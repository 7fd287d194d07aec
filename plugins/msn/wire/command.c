/* SPDX-License-Identifier: GPL-2.0-or-later */
/* command.c - lines and payloads of MSNP.
 *
 * Whether a line has an id, and whether a payload follows it, is known by its name alone (3.2, 3.3): a trailing number says nothing.  */
#include "command.h"

#include <string.h>

#include "percent.h"

struct Framer {
  GByteArray *bytes;
  gsize at;            /* of what was not taken yet */
  gboolean broken;
};

/* -- One command ---------------------------------------------------------- */

void
command_clear (Command *command)
{
  g_strfreev (command->args);
  g_free (command->payload);
  memset (command, 0, sizeof *command);
}

const char *
command_arg (const Command *command, guint index)
{
  return index < command->count ? command->args[index] : "";
}

char *
command_dup_text (const Command *command, guint index)
{
  return percent_dup_decoded (command_arg (command, index));
}

gboolean
command_is (const Command *command, const char *name)
{
  return g_str_equal (command->name, name);
}

static gboolean
is_among (const char *name, const char *const *names)
{
  return g_strv_contains (names, name);
}

static gboolean
has_payload (const char *name)
{
  static const char *const names[] = { "MSG", "UBX", "NOT", "GCF", "UUX", "IPG", NULL };

  return is_among (name, names);
}

/* LST and LSG have one in MSNP7 only: list_lines.c takes it from the arguments. */
static gboolean
can_have_id (const char *name)
{
  static const char *const names[] = { "NLN", "FLN", "UBX", "RNG", "JOI", "BYE", "MSG", "NOT", "QNG", "OUT", "BPR", "IPG", "LST", "LSG", NULL };

  return !is_among (name, names);
}

static gboolean
parse_number (const char *text, guint64 most, guint64 *number)
{
  if (!g_ascii_isdigit (*text))
    return FALSE;
  return g_ascii_string_to_unsigned (text, 10, 0, most, number, NULL);
}

static void
take_name (Command *command, const char *token)
{
  gboolean digits = TRUE, letters = TRUE;

  for (guint i = 0; i < 3; i++)
    {
      digits = digits && g_ascii_isdigit (token[i]);
      letters = letters && g_ascii_isupper (token[i]);
    }
  if (strlen (token) != 3 || (!digits && !letters))
    token = "???";
  g_strlcpy (command->name, token, sizeof command->name);
  if (digits && command->name[0] != '?')
    command->error = (guint) g_ascii_strtoull (token, NULL, 10);
}

static void
parse_line (Command *command, const char *line)
{
  g_auto (GStrv) tokens = g_strsplit (line, " ", -1);
  guint from = tokens[0] != NULL ? 1 : 0;
  guint count = g_strv_length (tokens);
  guint64 number;

  take_name (command, from > 0 ? tokens[0] : "");
  if (from < count && can_have_id (command->name) && parse_number (tokens[from], G_MAXUINT32, &number))
    {
      command->has_id = TRUE;
      command->id = (guint32) number;
      from++;
    }
  /* Blanks at the end. */
  while (count > from && *tokens[count - 1] == '\0')
    count--;
  command->count = count - from;
  command->args = g_new0 (char *, command->count + 1);
  for (guint i = 0; i < command->count; i++)
    command->args[i] = g_strdup (tokens[from + i]);
}

GByteArray *
command_build (const char *name, guint32 id, const char *args, const void *payload, gsize length)
{
  g_autoptr (GString) line = g_string_new (name);
  GByteArray *bytes = g_byte_array_new ();

  if (id != 0)
    g_string_append_printf (line, " %u", id);
  if (args != NULL && *args != '\0')
    g_string_append_printf (line, " %s", args);
  if (payload != NULL)
    g_string_append_printf (line, " %" G_GSIZE_FORMAT, length);
  for (gsize i = 0; i < line->len; i++)
    if (g_ascii_iscntrl (line->str[i]))
      line->str[i] = '?';
  g_string_append (line, "\r\n");
  g_byte_array_append (bytes, (const guint8 *) line->str, (guint) line->len);
  if (payload != NULL)
    g_byte_array_append (bytes, payload, (guint) length);
  return bytes;
}

/* -- The stream ----------------------------------------------------------- */

Framer *
framer_new (void)
{
  Framer *framer = g_new0 (Framer, 1);

  framer->bytes = g_byte_array_new ();
  return framer;
}

void
framer_free (Framer *framer)
{
  g_byte_array_unref (framer->bytes);
  g_free (framer);
}

void
framer_feed (Framer *framer, const void *data, gsize length)
{
  if (framer->at > 0)
    g_byte_array_remove_range (framer->bytes, 0, (guint) framer->at);
  framer->at = 0;
  g_byte_array_append (framer->bytes, data, (guint) length);
}

/* The length of a payload that follows; FALSE: the line should say, and does not. */
static gboolean
get_payload_length (const Command *command, gsize *length)
{
  guint64 number = 0;

  *length = 0;
  if (!has_payload (command->name) || (command_is (command, "UUX") && command->count == 0))
    return TRUE;
  if (command->count == 0 || !parse_number (command->args[command->count - 1], COMMAND_LARGEST_PAYLOAD, &number))
    return FALSE;
  *length = (gsize) number;
  return TRUE;
}

static FramerResult
break_off (Framer *framer)
{
  framer->broken = TRUE;
  return FRAMER_BROKEN;
}

static char *
dup_line (const guint8 *start, gsize length)
{
  char *line = g_malloc (length + 1);

  for (gsize i = 0; i < length; i++)
    line[i] = start[i] != '\0' ? (char) start[i] : '?';
  while (length > 0 && line[length - 1] == '\r')
    length--;
  line[length] = '\0';
  return line;
}

FramerResult
framer_next (Framer *framer, Command *command)
{
  while (!framer->broken && framer->at < framer->bytes->len)
    {
      const guint8 *start = framer->bytes->data + framer->at;
      gsize left = framer->bytes->len - framer->at;
      const guint8 *end = memchr (start, '\n', MIN (left, COMMAND_LONGEST_LINE));
      g_autofree char *line = NULL;
      g_auto (Command) parsed = { 0 };
      gsize used, length;

      if (end == NULL)
        return left >= COMMAND_LONGEST_LINE ? break_off (framer) : FRAMER_MORE;
      used = (gsize) (end - start) + 1;
      line = dup_line (start, used - 1);
      if (*line == '\0')
        {
          framer->at += used;
          continue;
        }
      parse_line (&parsed, line);
      if (!get_payload_length (&parsed, &length))
        return break_off (framer);
      if (left - used < length)
        return FRAMER_MORE;
      if (has_payload (parsed.name))
        {
          parsed.payload = g_malloc (length + 1);
          memcpy (parsed.payload, start + used, length);
          parsed.payload[length] = '\0';
          parsed.length = length;
        }
      framer->at += used + length;
      *command = parsed;
      memset (&parsed, 0, sizeof parsed);
      return FRAMER_COMMAND;
    }
  return framer->broken ? FRAMER_BROKEN : FRAMER_MORE;
}
