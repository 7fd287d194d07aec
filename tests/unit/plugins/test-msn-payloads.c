/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people, their programs and web services say is understood. */
#include "http_message.h"
#include "mail.h"
#include "mime.h"
#include "msn-vectors.h"
#include "offline_soap.h"
#include "p2p_packet.h"
#include "slp.h"
#include "text_format.h"
#include "ticket.h"
#include "unit.h"

#include <string.h>

/* -- Messages ---------------------------------------------------------------- */

static void
test_format (void)
{
  for (guint i = 0; i < msn_vectors_count (); i++)
    {
      MsnVector *vector = msn_vectors_nth (i);
      g_auto (TextFormat) format = { 0 };
      g_autofree char *color = NULL;

      if (!g_str_has_prefix (vector->name, "parse-format"))
        continue;
      text_format_parse (strchr ((char *) vector->bytes->data, ':') + 1, &format);
      color = g_strdup_printf ("#%06x", format.color);
      g_assert_cmpstr (format.font, ==, msn_field_string (vector->fields, "font"));
      g_assert_cmpstr (color, ==, msn_field_string (vector->fields, "color"));
      g_assert_cmpint (format.bold, ==, json_object_get_boolean (msn_field (vector->fields, "bold")));
      g_assert_cmpint (format.italic, ==, json_object_get_boolean (msn_field (vector->fields, "italic")));
      g_assert_cmpint (format.underline, ==, json_object_get_boolean (msn_field (vector->fields, "underline")));
      g_assert_cmpint (format.strike, ==, json_object_get_boolean (msn_field (vector->fields, "strike")));
      g_assert_cmpint (format.rtl, ==, json_object_get_boolean (msn_field (vector->fields, "rtl")));
    }
}

/* The payload of a MSG that we, or others, send. */
static const guint8 *
find_payload (const MsnVector *vector, gsize *length)
{
  const guint8 *end = (const guint8 *) strchr ((const char *) vector->bytes->data, '\n') + 1;

  *length = vector->bytes->len - (gsize) (end - vector->bytes->data);
  return end;
}

static void
test_p2p (void)
{
  guint checked = 0;

  for (guint i = 0; i < msn_vectors_count (); i++)
    {
      MsnVector *vector = msn_vectors_nth (i);
      struct json_object *decoded = msn_field (vector->fields, "decoded");
      struct json_object *p2p = msn_field (decoded, "p2p");
      const char *slp = msn_field_string (decoded, "slp");
      g_auto (MimeMessage) message = { 0 };
      g_autoptr (GByteArray) rebuilt = NULL;
      const guint8 *payload, *data;
      P2pHeader header;
      gsize length;

      if (p2p == NULL)
        continue;
      g_test_message ("%s", vector->name);
      payload = find_payload (vector, &length);
      mime_parse (payload, length, &message);
      g_assert_true (p2p_packet_parse (message.body, message.length, &header, &data));
      g_assert_cmpuint (header.session, ==, msn_field_int (p2p, "session"));
      g_assert_cmpuint (header.id, ==, msn_field_int (p2p, "id"));
      g_assert_cmpuint (header.offset, ==, msn_field_int (p2p, "offset"));
      g_assert_cmpuint (header.total, ==, msn_field_int (p2p, "total"));
      g_assert_cmpuint (header.length, ==, msn_field_int (p2p, "length"));
      g_assert_cmpuint (header.flags, ==, msn_field_int (p2p, "flags"));
      g_assert_cmpuint (header.ack_id, ==, msn_field_int (p2p, "ack_id"));
      g_assert_cmpuint (header.ack_uid, ==, msn_field_int (p2p, "ack_uid"));
      g_assert_cmpuint (header.ack_size, ==, msn_field_int (p2p, "ack_size"));
      rebuilt = p2p_packet_build (mime_get (&message, "P2P-Dest"), &header, data, (guint32) msn_field_int (decoded, "p2p_footer"));
      g_assert_cmpmem (rebuilt->data, rebuilt->len, payload, length);
      if (slp != NULL)
        {
          g_auto (SlpMessage) said = { 0 };

          g_assert_true (slp_parse (data, header.length, &said));
          g_assert_cmpint (said.kind, ==, g_str_has_prefix (slp, "INVITE") ? SLP_INVITE : g_str_has_prefix (slp, "BYE") ? SLP_BYE : SLP_ANSWER);
          g_assert_nonnull (said.branch);
        }
      checked++;
    }
  g_assert_cmpuint (checked, ==, 24);
}

/* -- The web ----------------------------------------------------------------- */

static HttpReader *
read_response (const char *name)
{
  MsnVector *vector = msn_vectors_get (name);
  HttpReader *reader = http_reader_new (1024 * 1024);
  HttpResult result = HTTP_MORE;

  for (guint i = 0; i < vector->bytes->len && result == HTTP_MORE; i++)
    result = http_reader_feed (reader, vector->bytes->data + i, 1);
  if (result == HTTP_MORE)
    result = http_reader_end (reader);
  g_assert_cmpint (result, ==, HTTP_DONE);
  return reader;
}

static void
check_login (const char *name, TicketResult result, const char *expected)
{
  HttpReader *reader = read_response (name);
  g_autofree char *text = NULL;

  g_assert_cmpint (ticket_parse_login (http_reader_get (reader), &text), ==, result);
  g_assert_cmpstr (text, ==, expected);
  http_reader_free (reader);
}

static void
test_tickets (void)
{
  HttpReader *nexus = read_response ("http-nexus-2");
  HttpReader *other = read_response ("http-nexus-variant-1");
  g_autofree char *url = ticket_dup_login_url (http_reader_get (nexus));
  g_autofree char *bare = ticket_dup_login_url (http_reader_get (other));
  g_autofree char *t = NULL;
  g_autofree char *p = NULL;

  g_assert_cmpstr (url, ==, "https://127.0.0.1:8443/login");
  g_assert_cmpstr (bare, ==, "https://login.example.net/login2.srf");
  http_reader_free (nexus);
  http_reader_free (other);
  check_login ("http-nexus-4", TICKET_GIVEN, "a3f997eb1641636bd4b2");
  check_login ("http-login-variant-1", TICKET_GIVEN, "t=ABC$$&p=DEF$$");
  check_login ("http-login-401", TICKET_REFUSED, NULL);
  check_login ("http-login-302", TICKET_REDIRECTED, "https://loginnet.example.net/login2.srf?lc=1033");
  ticket_split ("t=ABC$$&p=DEF$$", &t, &p);
  g_assert_cmpstr (t, ==, "ABC$$");
  g_assert_cmpstr (p, ==, "DEF$$");
}

static void
test_http (void)
{
  static const char chunked[] = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                "4\r\nWiki\r\n6;x=y\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nTrailer: x\r\n\r\n";
  static const char *const broken[] = { "SSH-2.0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
                                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" };
  HttpReader *reader = http_reader_new (1000);
  HttpResult result = HTTP_MORE;

  for (guint i = 0; i < sizeof chunked - 1; i++)
    {
      g_assert_cmpint (result, ==, HTTP_MORE);
      result = http_reader_feed (reader, chunked + i, 1);
    }
  g_assert_cmpint (result, ==, HTTP_DONE);
  g_assert_cmpstr ((char *) http_reader_get (reader)->body->data, ==, "Wikipedia in \r\n\r\nchunks.");
  g_assert_true (http_reader_get (reader)->keeps_alive);
  http_reader_free (reader);
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      reader = http_reader_new (1000);
      g_assert_cmpint (http_reader_feed (reader, broken[i], strlen (broken[i])), ==, HTTP_BROKEN);
      http_reader_free (reader);
    }
}

static void
test_offline_answers (void)
{
  HttpReader *key = read_response ("http-oim-store-no-lockkey-answer");
  HttpReader *stored = read_response ("http-oim-store-answer");
  HttpReader *got = read_response ("http-oim-getmessage-answer");
  HttpReader *failed = read_response ("http-oim-getmetadata-empty-answer");
  g_autofree char *challenge = NULL;
  g_autofree char *none = NULL;
  g_autofree char *mail = offline_soap_dup_message (http_reader_get (got));
  g_auto (OfflineMail) parsed = { 0 };

  g_assert_cmpint (offline_soap_parse (http_reader_get (key), &challenge), ==, OFFLINE_WANTS_KEY);
  g_assert_cmpstr (challenge, ==, "1850937852");
  g_assert_cmpint (offline_soap_parse (http_reader_get (stored), &none), ==, OFFLINE_DONE);
  g_assert_cmpint (offline_soap_parse (http_reader_get (failed), &none), ==, OFFLINE_REFUSED);
  g_assert_nonnull (mail);
  g_assert_true (offline_mail_parse (mail, &parsed));
  g_assert_cmpstr (parsed.from, ==, "alice@example.com");
  g_assert_cmpstr (parsed.name, ==, "Alice ☃");
  g_assert_cmpstr (parsed.text, ==, "You were offline ☃");
  g_assert_cmpstr (parsed.run, ==, "{F7D7A5D2-45BA-4A5B-9E6E-0C2B3D6E1F10}");
  g_assert_cmpuint (parsed.sequence, ==, 1);
  g_assert_cmpint (parsed.time, ==, 1795342050);
  http_reader_free (key);
  http_reader_free (stored);
  http_reader_free (got);
  http_reader_free (failed);
}

static void
test_mail_data (void)
{
  MsnVector *one = msn_vectors_get ("parse-mail-data");
  MsnVector *many = msn_vectors_get ("parse-mail-data-many");
  gboolean too_many;
  g_autoptr (GPtrArray) mails = mail_parse_waiting ((char *) one->bytes->data, one->bytes->len, &too_many);
  g_autoptr (GPtrArray) none = NULL;

  g_assert_false (too_many);
  g_assert_cmpuint (mails->len, ==, 1);
  g_assert_cmpstr (((WaitingMail *) mails->pdata[0])->id, ==, "6E4D1F83-09CC-4211-B0DD-CA06948DAB0A");
  g_assert_cmpstr (((WaitingMail *) mails->pdata[0])->from, ==, "alice@example.com");
  none = mail_parse_waiting ((char *) many->bytes->data, many->bytes->len, &too_many);
  g_assert_true (too_many);
  g_assert_cmpuint (none->len, ==, 0);
  for (guint i = 0; i < msn_vectors_count (); i++)
    {
      MsnVector *vector = msn_vectors_nth (i);

      if (g_str_has_prefix (vector->name, "parse-rfc2047"))
        {
          g_autofree char *decoded = mail_dup_decoded_words ((char *) vector->bytes->data);

          g_assert_cmpstr (decoded, ==, msn_field_string (vector->fields, "decoded"));
        }
    }
}

int
main (int argc, char **argv)
{
  int result;

  unit_init (&argc, &argv);
  msn_vectors_load ();
  g_test_add_func ("/msn/formats", test_format);
  g_test_add_func ("/msn/packets", test_p2p);
  g_test_add_func ("/msn/tickets", test_tickets);
  g_test_add_func ("/msn/http", test_http);
  g_test_add_func ("/msn/offline-answers", test_offline_answers);
  g_test_add_func ("/msn/waiting-mail", test_mail_data);
  result = unit_run ();
  msn_vectors_free ();
  return result;
}
