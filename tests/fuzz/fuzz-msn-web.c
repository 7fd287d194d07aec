/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-msn-web.c - whatever a web service or a gateway answers is read without harm, however it arrives. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "mail.h"
#include "markup_scan.h"
#include "offline_soap.h"
#include "ticket.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_text (const char *text)
{
  g_assert (text == NULL || g_utf8_validate (text, -1, NULL));
}

static void
read_answer (const HttpResponse *response)
{
  g_autofree char *url = ticket_dup_login_url (response);
  g_autofree char *login = NULL;
  g_autofree char *soap = NULL;
  g_autofree char *offline = NULL;
  g_autofree char *message = offline_soap_dup_message (response);
  g_autofree char *list = offline_soap_dup_list (response);

  g_assert (url == NULL || *url != '\0');
  check_text (list);
  ticket_parse_login (response, &login);
  if (ticket_parse_soap (response, &soap) == TICKET_GIVEN)
    g_assert (soap != NULL && strpbrk (soap, " \r\n") == NULL);
  offline_soap_parse (response, &offline);
  check_text (offline);
  check_text (message);
  if (message != NULL)
    {
      g_auto (OfflineMail) mail = { 0 };

      offline_mail_parse (message, &mail);
      check_text (mail.text);
    }
}

static HttpResult
read_all (const uint8_t *data, size_t size, size_t step, gsize *length)
{
  HttpReader *reader = http_reader_new (4096);
  HttpResult result = HTTP_MORE;

  for (size_t at = 0; at < size && result == HTTP_MORE; at += step)
    result = http_reader_feed (reader, data + at, MIN (step, size - at));
  if (result == HTTP_MORE)
    result = http_reader_end (reader);
  *length = 0;
  if (result == HTTP_DONE)
    {
      *length = http_reader_get (reader)->body->len;
      g_assert (*length <= 4096);
      read_answer (http_reader_get (reader));
    }
  http_reader_free (reader);
  return result;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *words = mail_dup_decoded_words (text);
  g_autofree char *unescaped = markup_dup_unescaped ((const char *) data, size);
  g_autofree char *escaped = markup_dup_escaped (unescaped);
  g_autofree char *again = markup_dup_unescaped (escaped, strlen (escaped));
  g_auto (HttpAddress) address = { 0 };
  g_auto (OfflineMail) mail = { 0 };
  gboolean too_many;
  g_autoptr (GPtrArray) waiting = mail_parse_waiting ((const char *) data, size, &too_many);
  gsize whole, pieces;

  g_assert (!too_many || waiting->len == 0);
  check_text (words);
  check_text (unescaped);
  g_assert (g_str_equal (again, unescaped));
  if (http_address_parse (text, &address))
    g_assert (*address.path == '/' && *address.host != '\0');
  offline_mail_parse (text, &mail);
  check_text (mail.text);
  check_text (mail.from);
  if (size > 0)
    {
      HttpResult at_once = read_all (data, size, size, &whole);
      HttpResult piece_by_piece = read_all (data, size, 3, &pieces);

      g_assert (at_once == piece_by_piece && whole == pieces);
    }
  return 0;
}
