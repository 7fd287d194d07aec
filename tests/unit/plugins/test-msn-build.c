/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What we send and compute is what was seen to work, to the byte. */
#include "address.h"
#include "challenge.h"
#include "error_text.h"
#include "list_lines.h"
#include "markup_scan.h"
#include "mime.h"
#include "msn-vectors.h"
#include "offline_soap.h"
#include "p2p_packet.h"
#include "percent.h"
#include "personal_message.h"
#include "picture_object.h"
#include "plain_text.h"
#include "slp.h"
#include "text_parts.h"
#include "ticket.h"
#include "unit.h"

#include <string.h>

/* -- Computations ------------------------------------------------------------ */

static void
test_challenges (void)
{
  guint checked = 0;

  for (guint i = 0; i < msn_vectors_count (); i++)
    {
      MsnVector *vector = msn_vectors_nth (i);
      const char *product = msn_field_string (vector->fields, "product_id");
      g_autofree char *answer = NULL;

      if (product == NULL)
        continue;
      answer = challenge_compute (msn_field_string (vector->fields, "challenge"), product, msn_field_string (vector->fields, "product_key"));
      g_assert_cmpstr (answer, ==, msn_field_string (vector->fields, "response"));
      checked++;
    }
  g_assert_cmpuint (checked, ==, 5);
}

static void
test_old_challenges (void)
{
  g_autofree char *old = challenge_compute_old ("15570131571988941333", CHALLENGE_OLD_KEY);
  g_autofree char *password = challenge_compute_password ("ceb3cca9e2a3cfc", "secret1");

  g_assert_cmpstr (old, ==, "8f2f5a91b72102cd28355e9fc9000d6e");
  g_assert_cmpstr (password, ==, "ebbd0f7f6c4eafd685cce6ef5354b803");
}

static void
test_object (void)
{
  MsnVector *vector = msn_vectors_get ("calc-msnobj");
  g_autoptr (GByteArray) data = g_byte_array_new ();
  g_autofree char *object = NULL;
  g_autofree char *encoded = NULL;

  g_byte_array_append (data, (const guint8 *) "\x89PNG\r\n\x1a\n", 8);
  for (guint i = 0; i < 6 * 256; i++)
    {
      guint8 byte = (guint8) i;

      g_byte_array_append (data, &byte, 1);
    }
  object = picture_object_build ("alice@example.com", OBJECT_PICTURE, "TFR0001.dat", data->data, data->len);
  g_assert_cmpstr (object, ==, (char *) vector->bytes->data);
  encoded = percent_dup_encoded (object);
  g_assert_cmpstr (encoded, ==, msn_field_string (vector->fields, "url_encoded"));
}

static void
test_packet_headers (void)
{
  static const P2pHeader data = { .session = 1429571912, .id = 8196, .offset = 1202, .total = 1544, .length = 342, .flags = P2P_FLAG_OBJECT, .ack_id = 20 };
  P2pHeader ack = p2p_header_acknowledge (&data, 4099);
  g_autoptr (GByteArray) one = g_byte_array_new ();
  g_autoptr (GByteArray) other = g_byte_array_new ();
  MsnVector *header = msn_vectors_get ("calc-p2p-header");
  MsnVector *acknowledged = msn_vectors_get ("calc-p2p-ack");

  p2p_header_add (one, &data);
  g_assert_cmpmem (one->data, one->len, header->bytes->data, header->bytes->len);
  p2p_header_add (other, &ack);
  g_assert_cmpmem (other->data, other->len, acknowledged->bytes->data, acknowledged->bytes->len);
  g_assert_true (p2p_header_wants_ack (&data));
  g_assert_false (p2p_header_wants_ack (&ack));
}

static void
test_file_context (void)
{
  MsnVector *vector = msn_vectors_get ("calc-file-context");
  g_autoptr (GByteArray) built = file_context_build (1650, "né.txt");
  FileContext context;

  g_assert_cmpmem (built->data, built->len, vector->bytes->data, vector->bytes->len);
  g_assert_true (file_context_parse (built->data, built->len, &context));
  g_assert_cmpstr (context.name, ==, "né.txt");
  g_assert_cmpuint (context.size, ==, 1650);
  g_free (context.name);
  g_byte_array_unref (g_steal_pointer (&built));
  built = file_context_build (1, "../../etc/passwd");
  g_assert_true (file_context_parse (built->data, built->len, &context));
  g_assert_cmpstr (context.name, ==, "_._.._etc_passwd");
  g_free (context.name);
}

/* -- Negotiation -------------------------------------------------------------- */

static void
assert_packet (const char *name, GByteArray *slp)
{
  MsnVector *vector = msn_vectors_get (name);
  const guint8 *payload = (const guint8 *) strchr ((char *) vector->bytes->data, '\n') + 1;
  g_auto (MimeMessage) message = { 0 };
  g_autoptr (GByteArray) owned = slp;
  const guint8 *data;
  P2pHeader header;

  mime_parse (payload, vector->bytes->len - (gsize) (payload - vector->bytes->data), &message);
  g_assert_true (p2p_packet_parse (message.body, message.length, &header, &data));
  g_assert_cmpmem (slp->data, slp->len, data, header.length);
}

static void
parse_packet (const char *name, SlpMessage *slp)
{
  MsnVector *vector = msn_vectors_get (name);
  const guint8 *payload = (const guint8 *) strchr ((char *) vector->bytes->data, '\n') + 1;
  g_auto (MimeMessage) message = { 0 };
  const guint8 *data;
  P2pHeader header;

  mime_parse (payload, vector->bytes->len - (gsize) (payload - vector->bytes->data), &message);
  g_assert_true (p2p_packet_parse (message.body, message.length, &header, &data));
  g_assert_true (slp_parse (data, header.length, slp));
}

static void
test_negotiation (void)
{
  g_auto (SlpMessage) invite = { 0 }, bye = { 0 };
  g_autofree guchar *context = NULL;
  g_autofree char *body = NULL;
  gsize length = 0;

  parse_packet ("msnp12-11-bob-sb-MSG-c1", &invite);
  g_assert_cmpstr (invite.guid, ==, SLP_GUID_OBJECT);
  context = g_base64_decode (invite.context, &length);
  body = slp_build_invitation (invite.guid, invite.session, invite.application, context, length);
  assert_packet ("msnp12-11-bob-sb-MSG-c1", slp_build_request ("INVITE", invite.to, invite.from, invite.branch, invite.call, SLP_TYPE_REQUEST, body));
  assert_packet ("msnp12-11-alice-sb-MSG-c3", slp_build_answer (&invite, 200, SLP_TYPE_REQUEST, "SessionID: 1429571912\r\n"));
  parse_packet ("msnp12-11-bob-sb-MSG-c10", &bye);
  g_assert_cmpint (bye.kind, ==, SLP_BYE);
  assert_packet ("msnp12-11-bob-sb-MSG-c10", slp_build_request ("BYE", bye.to, bye.from, bye.branch, bye.call, SLP_TYPE_CLOSE, ""));
}

/* -- Lines --------------------------------------------------------------------- */

static void
assert_line (const char *vector, const char *command, guint32 id, const char *args, const char *payload)
{
  g_autoptr (GByteArray) built = command_build (command, id, args, payload, payload != NULL ? strlen (payload) : 0);
  MsnVector *expected = msn_vectors_get (vector);

  g_assert_cmpmem (built->data, built->len, expected->bytes->data, expected->bytes->len);
}

static void
test_list_lines (void)
{
  const char *command;
  g_autofree char *add = list_lines_build_add (12, LIST_FORWARD, "bob@example.com", NULL, NULL, NULL, &command);
  g_autofree char *allow = NULL, *group = NULL, *removed = NULL, *out_of_group = NULL, *old = NULL, *old_allow = NULL, *own = NULL;

  assert_line ("msnp12-03-alice-ns-ADC-c1", command, 10, add, NULL);
  allow = list_lines_build_add (12, LIST_ALLOW, "bob@example.com", NULL, NULL, NULL, &command);
  assert_line ("msnp12-03-alice-ns-ADC-c2", command, 11, allow, NULL);
  group = list_lines_build_add (12, LIST_FORWARD, "bob@example.com", NULL, "62057946-d050-49e6-b9b1-c01dd96f02da",
                                "2a8f950b-14be-4ceb-bb63-8e712c35660e", &command);
  assert_line ("msnp12-03-alice-ns-ADC-c3", command, 12, group, NULL);
  removed = list_lines_build_remove (12, LIST_ALLOW, "bob@example.com", "62057946", NULL);
  g_assert_cmpstr (removed, ==, "AL bob@example.com");
  out_of_group = list_lines_build_remove (12, LIST_FORWARD, "bob@example.com", "62057946-d050", "2a8f950b-14be");
  g_assert_cmpstr (out_of_group, ==, "FL 62057946-d050 2a8f950b-14be");
  old = list_lines_build_add (9, LIST_FORWARD, "bob@example.com", "Bob B", NULL, "1", &command);
  assert_line ("msnp9-378-ADD", command, 8, old, NULL);
  old_allow = list_lines_build_add (9, LIST_ALLOW, "bob@example.com", "Bob B", NULL, NULL, &command);
  assert_line ("msnp9-380-ADD", command, 9, old_allow, NULL);
  own = list_lines_build_own_name (9, "alice@example.com", "Alice Seven", &command);
  assert_line ("msnp9-390-REA", command, 14, own, NULL);
}

static void
test_personal_messages (void)
{
  g_autofree char *plain = personal_message_build ("Hello & welcome ☃", MEDIA_NONE, NULL, NULL, NULL);
  g_autofree char *playing = personal_message_build ("in a <meeting>", MEDIA_MUSIC, "Song", "Artist", NULL);

  assert_line ("msnp12-02-alice-ns-UUX-c1", "UUX", 8, NULL, plain);
  assert_line ("msnp12-07-bob-ns-UUX-c1", "UUX", 12, NULL, playing);
}

static void
test_injection (void)
{
  g_autoptr (GByteArray) built = command_build ("CAL", 3, "bob@example.com\r\nOUT", NULL, 0);

  g_assert_cmpmem (built->data, built->len, "CAL 3 bob@example.com??OUT\r\n", 28);
}

/* -- The web -------------------------------------------------------------------- */

static void
test_authorization (void)
{
  g_autofree char *header = ticket_build_authorization ("alice@example.com", "secret1", "ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1");
  g_autofree char *odd = ticket_build_authorization ("alice@example.com", "p,ä%=", "x");

  g_assert_nonnull (strstr ((char *) msn_vectors_get ("http-nexus-3")->bytes->data, header));
  g_assert_nonnull (strstr (odd, ",pwd=p%2C%C3%A4%25%3D,x\r\n"));
}

static void
assert_body (const char *name, const char *body)
{
  const char *expected = strstr ((char *) msn_vectors_get (name)->bytes->data, "\r\n\r\n") + 4;

  g_assert_cmpstr (body, ==, expected);
}

static void
test_offline_calls (void)
{
  static const char *const ids[] = { "6E4D1F83-09CC-4211-B0DD-CA06948DAB0A", NULL };
  OfflineStore store = { .from = "alice@example.com", .name = "Alice ☃", .to = "bob@example.com", .dialect = 12, .ticket = "a3f997eb1641636bd4b2",
                         .lock_key = "", .run = "{F7D7A5D2-45BA-4A5B-9E6E-0C2B3D6E1F10}", .number = 1, .text = "You were offline ☃" };
  g_autofree char *get = offline_soap_build_get ("a7f811c706d50f54ea71", ids[0]);
  g_autofree char *delete = offline_soap_build_delete ("a7f811c706d50f54ea71", ids);
  g_autofree char *first = offline_soap_build_store (&store);
  g_autofree char *second = NULL;

  store.lock_key = "0123456789abcdef0123456789abcdef";
  second = offline_soap_build_store (&store);
  assert_body ("http-oim-getmessage", get);
  assert_body ("http-oim-delete", delete);
  assert_body ("http-oim-store-no-lockkey", first);
  assert_body ("http-oim-store", second);
}

static void
test_web_addresses (void)
{
  static const struct {
    const char *url, *origin, *path;
  } rows[] = {
    { "https://login.example.net/login2.srf?lc=1", "https://login.example.net", "/login2.srf?lc=1" },
    { "login.example.net", "https://login.example.net", "/" },
    { "http://127.0.0.1:8081/x#y", "http://127.0.0.1:8081", "/x" },
    { "http://[::1]:80?q", "http://[::1]", "/?q" },
    { "https://user@host/", NULL, NULL }, { "http://host:0/", NULL, NULL }, { "http://a b/", NULL, NULL }, { "https://", NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (HttpAddress) address = { 0 };
      g_autofree char *origin = NULL;

      g_test_message ("%s", rows[i].url);
      g_assert_cmpint (http_address_parse (rows[i].url, &address), ==, rows[i].origin != NULL);
      if (rows[i].origin == NULL)
        continue;
      origin = http_address_dup_origin (&address);
      g_assert_cmpstr (origin, ==, rows[i].origin);
      g_assert_cmpstr (address.path, ==, rows[i].path);
    }
}

/* -- Texts ------------------------------------------------------------------------ */

static void
test_plain_text (void)
{
  static const struct {
    const char *html, *text, *format;
  } rows[] = {
    { "hi", "hi", "FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0" },
    { "<b>hi</b>", "hi", "FN=Segoe%20UI; EF=B; CO=0; CS=0; PF=0" },
    { "<b>hi</b> you", "hi you", "FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0" },
    { "<FONT COLOR=\"#ff0000\"><i><u>a</u></i> <i>b</i></FONT>", "a b", "FN=Segoe%20UI; EF=I; CO=ff; CS=0; PF=0" },
    { "<font face='Arial'>x</font>", "x", "FN=Arial; EF=; CO=0; CS=0; PF=0" },
    { "a<br>b\nc", "a\r\nb\r\nc", "FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0" },
    { "&lt;b&gt; &amp; &#9731; 1 < 2", "<b> & ☃ 1 < 2", "FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0" },
    { "<a href=\"http://e.org/\">here</a>", "here <http://e.org/>", "FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0" },
    { "<a href='http://e.org/'>http://e.org/</a>", "http://e.org/", "FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0" },
    { "<p>a</p><p>b</p>", "a\r\nb", "FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0" },
    { "<script>x</script>y<b", "y<b", "FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (TextFormat) format = { 0 };
      g_autofree char *text = plain_text_from_html (rows[i].html, &format);
      g_autofree char *built = text_format_build (&format);

      g_assert_cmpstr (text, ==, rows[i].text);
      g_assert_cmpstr (built, ==, rows[i].format);
    }
}

static void
test_html (void)
{
  g_auto (TextFormat) format = { 0 };
  g_autofree char *html = NULL;

  text_format_parse ("FN=A%22b; EF=BI; CO=ff; CS=0; PF=22", &format);
  html = text_format_dup_html (&format, "a <b>\r\n& c");
  g_assert_cmpstr (html, ==, "<font face=\"A&quot;b\" color=\"#ff0000\"><b><i>a &lt;b&gt;<br>&amp; c</i></b></font>");
}

static void
test_pieces (void)
{
  static const char text[] = "The quick ☃☃☃ brown\r\nfox jumps over the lazy dögöögög and e\xcc\x81\xcc\x81\xcc\x81 again";

  for (gsize most = 1; most < 70; most++)
    {
      g_auto (GStrv) pieces = plain_text_split (text, most, 100);

      g_assert_nonnull (pieces);
      for (guint i = 0; pieces[i] != NULL; i++)
        {
          g_assert_true (g_utf8_validate (pieces[i], -1, NULL));
          g_assert_cmpuint (strlen (pieces[i]), >, 0);
          g_assert_true (strlen (pieces[i]) <= most || g_utf8_strlen (pieces[i], -1) == 1);
          if (most > 2)
            g_assert_false (g_str_has_suffix (pieces[i], "\r"));
        }
    }
  g_assert_null (plain_text_split (text, 10, 3));
}

static GByteArray *
add_part (TextParts *parts, const char *payload)
{
  g_auto (MimeMessage) message = { 0 };

  mime_parse (payload, strlen (payload), &message);
  g_assert_true (text_parts_concerns (&message));
  return text_parts_add (parts, "bob@example.com", &message, payload, strlen (payload), 1);
}

static void
test_parts (void)
{
  TextParts *parts = text_parts_new ();
  g_autoptr (GByteArray) whole = NULL;
  g_auto (MimeMessage) message = { 0 };
  g_autofree char *text = NULL;

  g_assert_null (add_part (parts, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nMessage-ID: {A}\r\nChunks: 3\r\n\r\nsnow\xe2"));
  g_assert_null (add_part (parts, "Message-ID: {A}\r\nChunk: 2\r\n\r\n!"));
  whole = add_part (parts, "Message-ID: {A}\r\nChunk: 1\r\n\r\n\x98\x83");
  g_assert_nonnull (whole);
  mime_parse (whole->data, whole->len, &message);
  text = mime_dup_text (&message);
  g_assert_cmpstr (text, ==, "snow☃!");
  text_parts_free (parts);
}

static void
test_charsets (void)
{
  static const char latin[] = "Content-Type: text/plain\r\n\r\ncaf\xe9";
  static const char broken[] = "Content-Type: text/plain; charset=UTF-8\r\n\r\ncaf\xe9\x01";
  g_auto (MimeMessage) one = { 0 }, other = { 0 };
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  mime_parse (latin, strlen (latin), &one);
  first = mime_dup_text (&one);
  g_assert_cmpstr (first, ==, "café");
  mime_parse (broken, strlen (broken), &other);
  second = mime_dup_text (&other);
  g_assert_cmpstr (second, ==, "caf\xef\xbf\xbd");
}

/* -- Small things ------------------------------------------------------------------ */

static void
test_addresses (void)
{
  g_assert_true (address_is_valid ("bob@example.com"));
  g_assert_false (address_is_valid ("bob"));
  g_assert_false (address_is_valid ("bob@x\r\nOUT"));
  g_assert_false (address_is_valid ("bob smith@x.org"));
  g_assert_true (address_equal ("Bob@Example.com;{1-2}", "bob@example.com"));
}

static void
test_markup (void)
{
  static const char text[] = "<a:E><I>0</I></a:E><M x='1>2'><E>bob &#x26; co</E><N/></M><M><M>in</M>out</M><I>cut";
  g_autofree char *e = markup_dup_text (text, strlen (text), "M");
  g_autofree char *nothing = markup_dup_text (text, strlen (text), "N");
  MarkupElement element;

  g_assert_cmpstr (e, ==, "<E>bob & co</E><N/>");
  g_assert_cmpstr (nothing, ==, "");
  g_assert_null (markup_dup_text (text, strlen (text), "X"));
  g_assert_true (markup_find (text, strlen (text), "M", &element));
  g_assert_true (markup_find (element.after, strlen (element.after), "M", &element));
  g_assert_cmpmem (element.inside, element.length, "<M>in</M>out", 12);
}

static void
test_errors (void)
{
  for (guint number = 0; number < 1000; number++)
    g_assert_true (g_str_has_suffix (error_text (number), "."));
  g_assert_true (error_is_busy (713));
}

static void
test_emoticons (void)
{
  static const char body[] = "(x)\t<msnobj Creator=\"bob@example.com\" Size=\"26\" Type=\"2\" Location=\"emo.dat\" Friendly=\"AAA=\""
                             " SHA1D=\"e5Gjsqey6dANhdutrHX2ymd7ktM=\"/>"
                             "\tbad\t<msnobj/>";
  g_autoptr (GPtrArray) emoticons = emoticons_parse (body);

  g_assert_cmpuint (emoticons->len, ==, 1);
  g_assert_cmpstr (((Emoticon *) emoticons->pdata[0])->shortcut, ==, "(x)");
}

int
main (int argc, char **argv)
{
  int result;

  unit_init (&argc, &argv);
  msn_vectors_load ();
  g_test_add_func ("/msn/challenges", test_challenges);
  g_test_add_func ("/msn/challenges-of-old-dialects", test_old_challenges);
  g_test_add_func ("/msn/picture-object", test_object);
  g_test_add_func ("/msn/packet-headers", test_packet_headers);
  g_test_add_func ("/msn/file-context", test_file_context);
  g_test_add_func ("/msn/negotiation", test_negotiation);
  g_test_add_func ("/msn/list-lines", test_list_lines);
  g_test_add_func ("/msn/personal-messages", test_personal_messages);
  g_test_add_func ("/msn/lines-cannot-be-broken", test_injection);
  g_test_add_func ("/msn/authorization", test_authorization);
  g_test_add_func ("/msn/offline-calls", test_offline_calls);
  g_test_add_func ("/msn/web-addresses", test_web_addresses);
  g_test_add_func ("/msn/html-becomes-text", test_plain_text);
  g_test_add_func ("/msn/text-becomes-html", test_html);
  g_test_add_func ("/msn/pieces-keep-characters", test_pieces);
  g_test_add_func ("/msn/parts-are-joined", test_parts);
  g_test_add_func ("/msn/charsets", test_charsets);
  g_test_add_func ("/msn/addresses", test_addresses);
  g_test_add_func ("/msn/markup", test_markup);
  g_test_add_func ("/msn/errors-are-sentences", test_errors);
  g_test_add_func ("/msn/emoticons", test_emoticons);
  result = unit_run ();
  msn_vectors_free ();
  return result;
}
