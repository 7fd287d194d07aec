/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_text.c - IRC's lines, cut and read. */
#include "config.h"

#include "irc_text.h"

#include <string.h>

#include "text.h"

#define LINE_BYTES 512
/* What the server puts between nick and command is not known: "!user@host " at its longest. */
#define USER_BYTES 11
#define HOST_BYTES 63
#define LEAST_BYTES 64

#define ACTION_START "\001ACTION "
#define ACTION_END "\001"

gsize
irc_text_limit (const char *nick, const char *target, gboolean is_action)
{
  gsize used = strlen (":") + strlen (nick) + strlen ("!") + USER_BYTES + strlen ("@") + HOST_BYTES
               + strlen (" PRIVMSG ") + strlen (target) + strlen (" :\r\n");

  if (is_action)
    used += strlen (ACTION_START ACTION_END);
  return used + LEAST_BYTES > LINE_BYTES ? LEAST_BYTES : LINE_BYTES - used;
}

static void
add_pieces (GPtrArray *pieces, const char *line, gsize limit, gboolean is_action)
{
  while (*line != '\0')
    {
      gsize length = strlen (line) <= limit ? strlen (line) : text_split_length (line, limit);
      g_autofree char *piece = g_strndup (line, length);

      line += length;
      /* The blank at which it was cut is not missed. */
      if (*line != '\0')
        g_strchomp (piece);
      if (*piece != '\0')
        g_ptr_array_add (pieces, is_action ? g_strconcat (ACTION_START, piece, ACTION_END, NULL) : g_strdup (piece));
    }
}

/* Most texts are one short line, and go as they are. */
static gboolean
is_one_line (const char *text, gsize limit)
{
  gsize length = strlen (text);

  return length > 0 && length <= limit && strpbrk (text, "\r\n") == NULL && !g_ascii_isspace (text[length - 1])
         && text_is_clean (text, length);
}

char **
irc_text_split (const char *text, const char *nick, const char *target)
{
  gboolean is_action = g_str_has_prefix (text, "/me ");
  gsize limit = irc_text_limit (nick, target, is_action);
  g_auto (GStrv) lines = NULL;
  GPtrArray *pieces = g_ptr_array_sized_new (2);
  g_autofree char *clean = NULL;

  if (!is_action && is_one_line (text, limit))
    {
      g_ptr_array_add (pieces, g_strdup (text));
      g_ptr_array_add (pieces, NULL);
      return (char **) g_ptr_array_free (pieces, FALSE);
    }
  clean = text_dup_clean (is_action ? text + strlen ("/me ") : text, -1);
  g_strdelimit (clean, "\r", '\n');
  lines = g_strsplit (clean, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (*g_strchomp (*line) != '\0')
      add_pieces (pieces, *line, limit, is_action);
  g_ptr_array_add (pieces, NULL);
  return (char **) g_ptr_array_free (pieces, FALSE);
}

/* Past the digits of a colour, two at most. */
static const char *
skip_colour (const char *text)
{
  for (guint n = 0; n < 2 && g_ascii_isdigit (*text); n++)
    text++;
  return text;
}

char *
irc_text_dup_plain (const char *text)
{
  g_autofree char *plain = g_malloc (strlen (text) + 1);
  char *end = plain;

  while (*text != '\0')
    {
      const char *colour = *text == '\003' ? skip_colour (text + 1) : NULL;

      if (colour != NULL && colour > text + 1 && colour[0] == ',' && g_ascii_isdigit (colour[1]))
        colour = skip_colour (colour + 1);
      if (colour != NULL)
        text = colour;
      else
        *end++ = *text++;
    }
  *end = '\0';
  return text_dup_clean (plain, -1);
}

static const char *
next_word (const char *line)
{
  line = strchr (line, ' ');
  while (line != NULL && *line == ' ')
    line++;
  return line;
}

void
irc_text_parse_reply (const char *line, IrcReply *reply)
{
  const char *number, *nick, *target, *text;

  *reply = (IrcReply) { 0 };
  if (line[0] != ':' || (number = next_word (line)) == NULL)
    return;
  if (!g_ascii_isdigit (number[0]) || !g_ascii_isdigit (number[1]) || !g_ascii_isdigit (number[2]) || number[3] != ' ')
    return;
  reply->number = (number[0] - '0') * 100 + (number[1] - '0') * 10 + number[2] - '0';
  nick = next_word (number);
  target = nick != NULL ? next_word (nick) : NULL;
  if (target == NULL)
    return;
  text = strstr (target, " :");
  if (*target != ':')
    reply->target = g_strndup (target, strcspn (target, " \r\n"));
  reply->text = text_dup_clean (*target == ':' ? target + 1 : text != NULL ? text + 2 : "", -1);
}

void
irc_reply_clear (IrcReply *reply)
{
  g_clear_pointer (&reply->target, g_free);
  g_clear_pointer (&reply->text, g_free);
}

gboolean
irc_text_parse_line (const char *line, IrcLine *parsed)
{
  static const char *const commands[] = { "JOIN", "PART", "QUIT", "KICK", "NICK", "MODE", "TOPIC", NULL };
  const char *word;

  *parsed = (IrcLine) { 0 };
  if (line[0] != ':' || (word = next_word (line)) == NULL)
    return FALSE;
  /* Most lines say something, and go by at once. */
  if (strncmp (word, "PRIVMSG ", 8) == 0)
    return FALSE;
  parsed->command = g_strndup (word, strcspn (word, " \r\n"));
  if (!g_strv_contains (commands, parsed->command))
    {
      g_clear_pointer (&parsed->command, g_free);
      return FALSE;
    }
  parsed->nick = g_strndup (line + 1, strcspn (line + 1, "! "));
  for (guint i = 0; i < G_N_ELEMENTS (parsed->params) && (word = next_word (word)) != NULL; i++)
    {
      parsed->params[i] = *word == ':' ? g_strndup (word + 1, strcspn (word + 1, "\r\n")) : g_strndup (word, strcspn (word, " \r\n"));
      if (*word == ':')
        break;
    }
  return TRUE;
}

void
irc_line_clear (IrcLine *line)
{
  g_clear_pointer (&line->nick, g_free);
  g_clear_pointer (&line->command, g_free);
  for (guint i = 0; i < G_N_ELEMENTS (line->params); i++)
    g_clear_pointer (&line->params[i], g_free);
}

gboolean
irc_text_is_ctcp (const char *line)
{
  const char *word = line[0] == ':' ? next_word (line) : NULL;
  const char *text;
  gsize length;

  if (word == NULL || (strncmp (word, "PRIVMSG ", 8) != 0 && strncmp (word, "NOTICE ", 7) != 0) || (text = strstr (word, " :\001")) == NULL)
    return FALSE;
  /* There may be a colon in what is said, too. */
  if (memchr (word, ':', (gsize) (text - word)) != NULL || g_str_has_prefix (text + 3, "ACTION "))
    return FALSE;
  length = strcspn (text + 3, "\r\n");
  return length > 0 && text[3 + length - 1] == '\001';
}

const char *
irc_text_find_pong (const char *line)
{
  const char *word = line[0] == ':' ? next_word (line) : line;
  const char *token;

  if (word == NULL || strncmp (word, "PONG ", 5) != 0)
    return NULL;
  token = strrchr (word, ' ') + 1;
  return *token == ':' ? token + 1 : token;
}

gboolean
irc_text_is_undelivered (int number)
{
  switch (number)
    {
    case 401: /* no such nick */
    case 403: /* no such channel */
    case 404: /* cannot send there */
    case 407: /* too many targets */
    case 408: /* no colours there, no such service */
    case 437: /* temporarily unavailable */
    case 439: /* target change too fast */
    case 477: /* you need a registered nick */
    case 486: /* the same, to a person */
    case 531: /* that user does not accept it */
    case 716: /* only from those it has accepted */
      return TRUE;
    default:
      return FALSE;
    }
}
