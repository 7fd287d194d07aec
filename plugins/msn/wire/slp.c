/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slp.c - MSNSLP, by which two programs agree on what they will send. */
#include "slp.h"

#include <string.h>

#include "address.h"
#include "mime.h"

/* "<msnmsgr:alice@example.com>" */
static char *
dup_party (const char *value)
{
  const char *colon = value != NULL ? strchr (value, ':') : NULL;
  g_autofree char *inside = NULL;

  if (colon == NULL)
    return NULL;
  inside = g_strndup (colon + 1, strcspn (colon + 1, ">"));
  return address_dup_normal (inside);
}

/* What stands in braces, with them. */
static char *
dup_braced (const char *value)
{
  const char *start = value != NULL ? strchr (value, '{') : NULL;
  const char *end = start != NULL ? strchr (start, '}') : NULL;

  if (end == NULL || end - start > 64)
    return NULL;
  for (const char *p = start + 1; p < end; p++)
    if (!g_ascii_isalnum (*p) && *p != '-')
      return NULL;
  return g_strndup (start, (gsize) (end - start) + 1);
}

static guint32
parse_number (const char *value)
{
  guint64 number = value != NULL && g_ascii_isdigit (*value) ? g_ascii_strtoull (value, NULL, 10) : 0;

  return number <= G_MAXUINT32 ? (guint32) number : 0;
}

static gboolean
parse_first_line (const char *line, SlpMessage *message)
{
  if (g_str_has_prefix (line, "MSNSLP/1."))
    {
      const char *blank = strchr (line, ' ');

      message->kind = SLP_ANSWER;
      message->status = blank != NULL ? parse_number (blank + 1) : 0;
      return message->status != 0;
    }
  if (strstr (line, " MSNSLP/1.") == NULL)
    return FALSE;
  message->kind = g_str_has_prefix (line, "BYE ") ? SLP_BYE : SLP_INVITE;
  return message->kind == SLP_BYE || g_str_has_prefix (line, "INVITE ");
}

static void
parse_body (const MimeMessage *outer, SlpMessage *message)
{
  g_auto (MimeMessage) body = { 0 };
  const char *guid;

  mime_parse (outer->body, outer->length, &body);
  guid = mime_get (&body, "EUF-GUID");
  message->guid = guid != NULL ? g_ascii_strup (guid, -1) : NULL;
  message->session = parse_number (mime_get (&body, "SessionID"));
  message->application = parse_number (mime_get (&body, "AppID"));
  message->context = g_strdup (mime_get (&body, "Context"));
}

gboolean
slp_parse (const void *text, gsize length, SlpMessage *message)
{
  const char *start = text;
  const char *end = length > 0 ? memchr (start, '\n', length) : NULL;
  g_auto (MimeMessage) mime = { 0 };
  g_autofree char *line = NULL;

  memset (message, 0, sizeof *message);
  if (end == NULL)
    return FALSE;
  line = g_strndup (start, (gsize) (end - start));
  if (!parse_first_line (line, message))
    return FALSE;
  mime_parse (end + 1, length - (gsize) (end + 1 - start), &mime);
  message->to = dup_party (mime_get (&mime, "To"));
  message->from = dup_party (mime_get (&mime, "From"));
  message->branch = dup_braced (mime_get (&mime, "Via"));
  message->call = dup_braced (mime_get (&mime, "Call-ID"));
  message->sequence = MIN (parse_number (mime_get (&mime, "CSeq")), 1000000);
  message->type = mime_dup_type (&mime);
  parse_body (&mime, message);
  return message->call != NULL && message->from != NULL;
}

void
slp_clear (SlpMessage *message)
{
  char **const strings[] = { &message->to, &message->from, &message->branch, &message->call, &message->type, &message->guid, &message->context };

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    g_clear_pointer (strings[i], g_free);
}

static GByteArray *
build (const char *first_line, const char *to, const char *from, const char *branch, const char *call, guint sequence, const char *type,
       const char *body)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autofree char *text = g_strdup_printf (
    "%s\r\nTo: <msnmsgr:%s>\r\nFrom: <msnmsgr:%s>\r\nVia: MSNSLP/1.0/TLP ;branch=%s\r\nCSeq: %u \r\nCall-ID: %s\r\nMax-Forwards: 0\r\n"
    "Content-Type: %s\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s\r\n",
    first_line, to, from, branch, sequence, call, type, strlen (body) + 3, body);

  /* With the zero byte. */
  g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text) + 1);
  return bytes;
}

GByteArray *
slp_build_request (const char *method, const char *to, const char *from, const char *branch, const char *call, const char *type,
                   const char *body)
{
  g_autofree char *line = g_strdup_printf ("%s MSNMSGR:%s MSNSLP/1.0", method, to);

  return build (line, to, from, branch, call, 0, type, body);
}

GByteArray *
slp_build_answer (const SlpMessage *request, guint status, const char *type, const char *body)
{
  const char *reason = status == 200 ? "OK" : status == 603 ? "Decline" : status == 481 ? "No Such Call" : "Internal Error";
  g_autofree char *line = g_strdup_printf ("MSNSLP/1.0 %u %s", status, reason);

  return build (line, request->from, request->to != NULL ? request->to : "", request->branch != NULL ? request->branch : "{}", request->call,
                request->sequence + 1, type, body);
}

char *
slp_build_invitation (const char *guid, guint32 session, guint32 application, const void *context, gsize length)
{
  g_autofree char *base64 = g_base64_encode (context, length);

  return g_strdup_printf ("EUF-GUID: %s\r\nSessionID: %u\r\nAppID: %u\r\nContext: %s\r\n", guid, session, application, base64);
}

char *
slp_dup_guid (void)
{
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *upper = g_ascii_strup (uuid, -1);

  return g_strdup_printf ("{%s}", upper);
}
