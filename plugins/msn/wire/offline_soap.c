/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offline_soap.c - the calls of the offline message services. */
#include "offline_soap.h"

#include <string.h>

#include "challenge.h"
#include "mail.h"
#include "markup_scan.h"
#include "ticket.h"

#define ENVELOPE "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"" \
  " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">"
#define FETCH "http://www.hotmail.msn.com/ws/2004/09/oim/rsi"
#define STORE "http://messenger.msn.com/ws/2004/09/oim/"
#define LONGEST_NAME 48
#define BASE64_LINE 76

static char *
build_fetch (const char *ticket, const char *method, const char *inside)
{
  g_autofree char *t = NULL;
  g_autofree char *p = NULL;
  g_autofree char *escaped_t = NULL;
  g_autofree char *escaped_p = NULL;

  ticket_split (ticket, &t, &p);
  escaped_t = markup_dup_escaped (t);
  escaped_p = markup_dup_escaped (p);
  return g_strdup_printf (ENVELOPE "<soap:Header><PassportCookie xmlns=\"" FETCH "\"><t>%s</t><p>%s</p></PassportCookie></soap:Header>"
                          "<soap:Body><%s xmlns=\"" FETCH "\">%s</%s></soap:Body></soap:Envelope>", escaped_t, escaped_p, method, inside, method);
}

char *
offline_soap_build_get (const char *ticket, const char *id)
{
  g_autofree char *escaped = markup_dup_escaped (id);
  g_autofree char *inside = g_strdup_printf ("<messageId>%s</messageId><alsoMarkAsRead>false</alsoMarkAsRead>", escaped);

  return build_fetch (ticket, "GetMessage", inside);
}

char *
offline_soap_build_list (const char *ticket)
{
  /* Without a child Escargot fails (11.2). */
  return build_fetch (ticket, "GetMetadata", "<x/>");
}

char *
offline_soap_build_delete (const char *ticket, const char *const *ids)
{
  g_autoptr (GString) inside = g_string_new ("<messageIds>");

  for (; *ids != NULL; ids++)
    {
      g_autofree char *escaped = markup_dup_escaped (*ids);

      g_string_append_printf (inside, "<messageId>%s</messageId>", escaped);
    }
  g_string_append (inside, "</messageIds>");
  return build_fetch (ticket, "DeleteMessages", inside->str);
}

static char *
dup_base64_lines (const char *text)
{
  g_autofree char *base64 = g_base64_encode ((const guchar *) text, strlen (text));
  GString *out = g_string_new (NULL);

  for (gsize i = 0, length = strlen (base64); i < length; i += BASE64_LINE)
    g_string_append_printf (out, "%s%.*s", i > 0 ? "\r\n" : "", BASE64_LINE, base64 + i);
  return g_string_free (out, FALSE);
}

char *
offline_soap_build_store (const OfflineStore *store)
{
  g_autofree char *from = markup_dup_escaped (store->from);
  g_autofree char *to = markup_dup_escaped (store->to);
  g_autofree char *name = mail_dup_encoded_word (store->name, LONGEST_NAME);
  g_autofree char *lock_key = markup_dup_escaped (store->lock_key);
  g_autofree char *text = dup_base64_lines (store->text);
  g_autofree char *t = NULL;
  g_autofree char *p = NULL;
  g_autofree char *passport = NULL;
  g_autofree char *escaped = NULL;
  GString *out = g_string_new (ENVELOPE "<soap:Header>");

  ticket_split (store->ticket, &t, &p);
  passport = g_strdup_printf ("t=%s&p=%s", t, p);
  escaped = markup_dup_escaped (passport);
  g_string_append_printf (out, "<From memberName=\"%s\" friendlyName=\"%s\" xml:lang=\"en-US\" proxy=\"MSNMSGR\" xmlns=\"" STORE "\""
                               " msnpVer=\"MSNP%u\" buildVer=\"7.5.0324\"/>", from, name, store->dialect);
  g_string_append_printf (out, "<To memberName=\"%s\" xmlns=\"" STORE "\"/>", to);
  g_string_append_printf (out, "<Ticket passport=\"%s\" appid=\"" CHALLENGE_PRODUCT "\" lockkey=\"%s\" xmlns=\"" STORE "\"/>", escaped, lock_key);
  g_string_append_printf (out, "<Sequence xmlns=\"http://schemas.xmlsoap.org/ws/2003/03/rm\">"
                               "<Identifier xmlns=\"http://schemas.xmlsoap.org/ws/2002/07/utility\">http://messenger.msn.com</Identifier>"
                               "<MessageNumber>%u</MessageNumber></Sequence></soap:Header>", store->number);
  g_string_append_printf (out, "<soap:Body><MessageType xmlns=\"" STORE "\">text</MessageType><Content xmlns=\"" STORE "\">"
                               "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n"
                               "X-OIM-Message-Type: OfflineMessage\r\nX-OIM-Run-Id: %s\r\nX-OIM-Sequence-Num: %u\r\n\r\n%s"
                               "</Content></soap:Body></soap:Envelope>", store->run, store->number, text);
  return g_string_free (out, FALSE);
}

/* -- Answers ----------------------------------------------------------------- */

static char *
dup_element (const HttpResponse *response, const char *name)
{
  return markup_dup_text ((const char *) response->body->data, response->body->len, name);
}

OfflineResult
offline_soap_parse (const HttpResponse *response, char **text)
{
  g_autofree char *fault = dup_element (response, "faultcode");
  char *policy;

  *text = NULL;
  if (fault == NULL && response->status == 200)
    return OFFLINE_DONE;
  if (fault == NULL)
    return response->status == 401 || response->status == 403 ? OFFLINE_WANTS_TICKET : OFFLINE_REFUSED;
  policy = dup_element (response, "TweenerChallenge");
  *text = dup_element (response, "LockKeyChallenge");
  if (*text != NULL && **text != '\0')
    {
      g_free (policy);
      return OFFLINE_WANTS_KEY;
    }
  g_free (*text);
  *text = policy;
  if (policy != NULL || strstr (fault, "AuthenticationFailed") != NULL)
    return OFFLINE_WANTS_TICKET;
  if (strstr (fault, "SystemUnavailable") != NULL)
    return OFFLINE_NOBODY;
  if (strstr (fault, "SenderThrottleLimitExceeded") != NULL)
    return OFFLINE_TOO_FAST;
  *text = dup_element (response, "faultstring");
  return OFFLINE_REFUSED;
}

char *
offline_soap_dup_message (const HttpResponse *response)
{
  return dup_element (response, "GetMessageResult");
}

char *
offline_soap_dup_list (const HttpResponse *response)
{
  char *list = dup_element (response, "GetMetadataResult");

  /* Escaped once more, or an element of its own (11.2). */
  return list != NULL ? list : dup_element (response, "GetMetadataResponse");
}
