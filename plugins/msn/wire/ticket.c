/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ticket.c - what nexus, login and RST say and want to hear. */
#include "ticket.h"

#include <string.h>

#include "markup_scan.h"
#include "percent.h"

#define LONGEST_TICKET 4096

char *
ticket_dup_login_url (const HttpResponse *response)
{
  const char *urls = http_response_get (response, "PassportURLs");
  g_auto (GStrv) items = urls != NULL ? g_strsplit (urls, ",", 64) : NULL;

  for (guint i = 0; items != NULL && items[i] != NULL; i++)
    {
      const char *item = g_strstrip (items[i]);

      if (g_ascii_strncasecmp (item, "DALogin=", 8) != 0 || item[8] == '\0')
        continue;
      return strstr (item + 8, "://") != NULL ? g_strdup (item + 8) : g_strconcat ("https://", item + 8, NULL);
    }
  return NULL;
}

char *
ticket_build_authorization (const char *address, const char *password, const char *policy)
{
  g_autofree char *name = percent_dup_encoded (address);
  g_autofree char *secret = percent_dup_encoded (password);
  g_autofree char *tail = g_strdup (policy);

  /* It stands in a header: what could end the line must not. */
  for (char *p = tail; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  return g_strdup_printf ("Authorization: Passport1.4 OrgVerb=GET,OrgURL=http%%3A%%2F%%2Fmessenger%%2Emsn%%2Ecom,sign-in=%s,pwd=%s,%s\r\n",
                          name, secret, tail);
}

/* A ticket becomes a token of a command. */
static gboolean
is_ticket (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if ((guchar) *p <= 0x20 || *p == 0x7f)
      return FALSE;
  return *text != '\0' && strlen (text) <= LONGEST_TICKET;
}

/* What stands between; where END need not be there, the rest of the text is taken without it. */
static char *
dup_between (const char *text, const char *before, char end, gboolean must_end)
{
  const char *start = strstr (text, before);
  const char *stop;

  if (start == NULL)
    return NULL;
  start += strlen (before);
  stop = strchr (start, end);
  if (stop == NULL && must_end)
    return NULL;
  return g_strndup (start, stop != NULL ? (gsize) (stop - start) : strlen (start));
}

TicketResult
ticket_parse_login (const HttpResponse *response, char **text)
{
  const char *info = http_response_get (response, "Authentication-Info");
  const char *location = http_response_get (response, "Location");
  const char *refusal = http_response_get (response, "WWW-Authenticate");

  *text = NULL;
  if (response->status >= 300 && response->status < 400 && location != NULL)
    {
      *text = g_strdup (location);
      return TICKET_REDIRECTED;
    }
  if (response->status == 401)
    {
      g_autofree char *encoded = refusal != NULL ? dup_between (refusal, "cbtxt=", ',', FALSE) : NULL;

      *text = encoded != NULL ? percent_dup_decoded (encoded) : NULL;
      return TICKET_REFUSED;
    }
  if (response->status != 200 || info == NULL)
    return TICKET_UNAVAILABLE;
  *text = dup_between (info, "from-PP='", '\'', TRUE);
  if (*text != NULL && is_ticket (*text))
    return TICKET_GIVEN;
  g_clear_pointer (text, g_free);
  return strstr (info, "da-status=failed") != NULL ? TICKET_REFUSED : TICKET_UNAVAILABLE;
}

/* -- RST -------------------------------------------------------------------- */

static void
append_request (GString *out, guint number, const char *address, const char *policy)
{
  g_string_append_printf (out,
    "<wst:RequestSecurityToken Id=\"RST%u\"><wst:RequestType>http://schemas.xmlsoap.org/ws/2004/04/security/trust/Issue</wst:RequestType>"
    "<wsp:AppliesTo><wsa:EndpointReference><wsa:Address>%s</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>", number, address);
  if (policy != NULL)
    g_string_append_printf (out, "<wsse:PolicyReference URI=\"%s\"></wsse:PolicyReference>", policy);
  g_string_append (out, "</wst:RequestSecurityToken>");
}

char *
ticket_build_soap (const char *address, const char *password)
{
  g_autofree char *name = markup_dup_escaped (address);
  g_autofree char *secret = markup_dup_escaped (password);
  GString *out = g_string_new (
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
    "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:wsse=\"http://schemas.xmlsoap.org/ws/2003/06/secext\""
    " xmlns:wsp=\"http://schemas.xmlsoap.org/ws/2002/12/policy\" xmlns:wsa=\"http://schemas.xmlsoap.org/ws/2004/03/addressing\""
    " xmlns:wst=\"http://schemas.xmlsoap.org/ws/2004/04/trust\" xmlns:ps=\"http://schemas.microsoft.com/Passport/SoapServices/PPCRL\">"
    "<Header><ps:AuthInfo Id=\"PPAuthInfo\"><ps:HostingApp>{7108E71A-9926-4FCB-BCC9-9A9D3F32E423}</ps:HostingApp>"
    "<ps:BinaryVersion>4</ps:BinaryVersion><ps:UIVersion>1</ps:UIVersion><ps:Cookies></ps:Cookies>"
    "<ps:RequestParams>AQAAAAIAAABsYwQAAAAxMDMz</ps:RequestParams></ps:AuthInfo>");

  g_string_append_printf (out, "<wsse:Security><wsse:UsernameToken Id=\"user\"><wsse:Username>%s</wsse:Username>"
                               "<wsse:Password>%s</wsse:Password></wsse:UsernameToken></wsse:Security></Header>", name, secret);
  g_string_append (out, "<Body><ps:RequestMultipleSecurityTokens Id=\"RSTS\">");
  append_request (out, 0, "http://Passport.NET/tb", NULL);
  append_request (out, 1, "messenger.msn.com", "?id=507");
  g_string_append (out, "</ps:RequestMultipleSecurityTokens></Body></Envelope>");
  return g_string_free (out, FALSE);
}

TicketResult
ticket_parse_soap (const HttpResponse *response, char **text)
{
  const char *at = (const char *) response->body->data;
  const char *end = at + response->body->len;
  MarkupElement element;

  *text = NULL;
  if (g_strstr_len (at, (gssize) response->body->len, "FailedAuthentication") != NULL)
    return TICKET_REFUSED;
  while (markup_find (at, (gsize) (end - at), "RequestSecurityTokenResponse", &element))
    {
      g_autofree char *address = markup_dup_text (element.inside, element.length, "Address");
      g_autofree char *token = markup_dup_text (element.inside, element.length, "BinarySecurityToken");

      at = element.after;
      if (address == NULL || token == NULL || strstr (address, "messenger.msn.com") == NULL || !is_ticket (g_strstrip (token)))
        continue;
      *text = g_steal_pointer (&token);
      return TICKET_GIVEN;
    }
  return TICKET_UNAVAILABLE;
}

void
ticket_split (const char *ticket, char **t, char **p)
{
  const char *second = strstr (ticket, "&p=");

  if (!g_str_has_prefix (ticket, "t="))
    {
      *t = g_strdup (ticket);
      *p = g_strdup ("");
      return;
    }
  *t = second != NULL ? g_strndup (ticket + 2, (gsize) (second - ticket) - 2) : g_strdup (ticket + 2);
  *p = g_strdup (second != NULL ? second + 3 : "");
}
