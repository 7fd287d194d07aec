/* SPDX-License-Identifier: GPL-2.0-or-later */
/* simple.c - what libpurple's SIMPLE plugin needs to be helped with. */
#include "config.h"

#include "simple.h"

#include <string.h>

#include "text.h"

const char *
simple_skip_scheme (const char *address)
{
  if (g_ascii_strncasecmp (address, "sip:", 4) == 0)
    return address + 4;
  return g_ascii_strncasecmp (address, "sips:", 5) == 0 ? address + 5 : address;
}

/* The value of a header "Name: value" or of its short form, or NULL. */
static const char *
header_value (const char *line, const char *name, char short_name)
{
  gsize length = strlen (name);
  const char *colon;

  if (g_ascii_strncasecmp (line, name, length) == 0)
    colon = line + length;
  else if (short_name != '\0' && g_ascii_tolower (line[0]) == short_name)
    colon = line + 1;
  else
    return NULL;
  colon += strspn (colon, " \t");
  return *colon == ':' ? colon + 1 + strspn (colon + 1, " \t") : NULL;
}

static void
parse_header (const char *line, SipReply *reply)
{
  const char *value;

  if (reply->call_id == NULL && (value = header_value (line, "Call-ID", 'i')) != NULL)
    reply->call_id = g_strdup (value);
  else if (reply->method == NULL && (value = header_value (line, "CSeq", '\0')) != NULL)
    {
      value += strspn (value, "0123456789");
      reply->method = g_strdup (value + strspn (value, " \t"));
    }
}

static void
parse_headers (const char *head, SipReply *reply)
{
  g_autofree char *clean = text_dup_clean (head, -1);
  g_auto (GStrv) lines = g_strsplit (clean, "\n", -1);

  for (char **line = lines + 1; lines[0] != NULL && *line != NULL && *g_strchomp (*line) != '\0'; line++)
    parse_header (*line, reply);
}

void
simple_parse_reply (const char *head, SipReply *reply)
{
  const char *number;
  g_autofree char *reason = NULL;

  *reply = (SipReply) { 0 };
  if (!g_str_has_prefix (head, "SIP/2.0 "))
    return;
  number = head + strlen ("SIP/2.0 ");
  if (!g_ascii_isdigit (number[0]) || !g_ascii_isdigit (number[1]) || !g_ascii_isdigit (number[2]))
    return;
  reply->status = (number[0] - '0') * 100 + (number[1] - '0') * 10 + number[2] - '0';
  reason = g_strndup (number + 3, strcspn (number + 3, "\n"));
  reply->reason = g_strstrip (text_dup_clean (reason, -1));
  parse_headers (head, reply);
}

char *
simple_dup_call_id (const char *head)
{
  g_auto (SipReply) found = { 0 };

  parse_headers (head, &found);
  return g_steal_pointer (&found.call_id);
}

void
sip_reply_clear (SipReply *reply)
{
  g_clear_pointer (&reply->reason, g_free);
  g_clear_pointer (&reply->method, g_free);
  g_clear_pointer (&reply->call_id, g_free);
}
