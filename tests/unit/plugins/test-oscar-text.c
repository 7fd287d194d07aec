/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts, names and markup on their way to the network and from it. */
#include "charset.h"
#include "markup.h"
#include "screen_names.h"
#include "text_split.h"
#include "unit.h"

#include <string.h>

static void
test_decoding (void)
{
  static const struct { const char *bytes; gsize length; guint16 charset; const char *fallback; const char *text; } rows[] = {
    { "plain", 5, CHARSET_ASCII, NULL, "plain" },
    { "gr\303\274n", 5, CHARSET_ASCII, NULL, "grün" },
    { "gr\374n", 4, CHARSET_ASCII, NULL, "grün" },
    { "\317\360\350\342\345\362", 6, CHARSET_ASCII, "CP1251", "Привет" },
    { "\317\360", 2, CHARSET_ASCII, "no such charset", "Ïð" },
    { "\200 \223x\224", 5, CHARSET_LATIN1, NULL, "€ “x”" },
    { "\004\037\004\100", 4, CHARSET_UTF16, NULL, "Пр" },
    { "\330\075\336\000", 4, CHARSET_UTF16, NULL, "😀" },
    { "\330\075\000a", 4, CHARSET_UTF16, NULL, "\357\277\275a" },
    { "\376\377\000a", 4, CHARSET_UTF16, NULL, "a" },
    { "\000a\000b\000", 5, CHARSET_UTF16, NULL, "ab\357\277\275" },
    { "\000a\000\000\000b", 6, CHARSET_UTF16, NULL, "ab" },
    { "", 0, CHARSET_UTF16, NULL, "" },
    { "mobile \342\230\272", 10, 0x0d, NULL, "mobile ☺" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = charset_decode (reader_of (rows[i].bytes, rows[i].length), rows[i].charset, rows[i].fallback, FALSE);

      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

static void
test_mime_types (void)
{
  static const struct { const char *type, *text; } rows[] = {
    { "text/x-aolrtf; charset=\"unicode-2-0\"", "a" }, { "UNICODE-2-0", "a" },
    { "text/aolrtf; charset=us-ascii", "a" }, { NULL, "a" }, { "iso-8859-1", "a" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = charset_decode_mime (i < 2 ? reader_of ("\0a", 2) : reader_of ("a", 1), rows[i].type, NULL);

      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

static void
test_there_and_back (void)
{
  static const char *const texts[] = { "", "plain", "grün", "Привет ☺", "a 😀 b" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      guint16 charset;
      g_autoptr (GByteArray) encoded = charset_encode (texts[i], &charset);
      g_autofree char *back = charset_decode (reader_of (encoded->data, encoded->len), charset, NULL, FALSE);

      g_assert_cmpstr (back, ==, texts[i]);
      g_assert_cmpuint (encoded->len, ==, charset_encoded_size (texts[i]));
    }
}

static void
test_cutting (void)
{
  static const struct { const char *text; gsize most; const char *cut; } rows[] = {
    { "grün", 10, "grün" }, { "grün", 3, "gr" }, { "grün", 4, "grü" }, { "😀", 3, "" }, { NULL, 5, "" }, { "", 0, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *cut = charset_dup_cut (rows[i].text, rows[i].most);

      g_assert_cmpstr (cut, ==, rows[i].cut);
    }
}

static void
test_names (void)
{
  static const struct { const char *name, *normal; gboolean valid, uin; } rows[] = {
    { "Alice W", "alicew", TRUE, FALSE }, { "123-456-789", "123456789", TRUE, TRUE }, { "100003", "100003", TRUE, TRUE },
    { "a-b", "a-b", TRUE, FALSE }, { "someone@example.org", "someone@example.org", TRUE, FALSE }, { "", "", FALSE, FALSE },
    { "   ", "", FALSE, FALSE }, { "9lives", "9lives", FALSE, FALSE }, { "99999999999", "99999999999", FALSE, TRUE },
    { "tab\tname", "tab\tname", FALSE, FALSE }, { "+15551234", "+15551234", TRUE, FALSE }, { "0", "0", FALSE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *normal = screen_name_dup_normal (rows[i].name);

      g_assert_cmpstr (normal, ==, rows[i].normal);
      g_assert_cmpint (screen_name_is_valid (rows[i].name), ==, rows[i].valid);
      g_assert_cmpint (screen_name_is_uin (normal), ==, rows[i].uin);
    }
  g_assert_true (screen_name_equal ("Bobby 9", "bobby9"));
}

static void
test_markup (void)
{
  g_autofree char *inner = markup_dup_inner ("<HTML><BODY BGCOLOR=\"#fff\"><B>hi</B> there</BODY></HTML>");
  g_autofree char *open = markup_dup_inner ("a < b <html");
  g_autofree char *wrapped = markup_dup_wrapped ("one\r\ntwo");
  g_autofree char *ascii = markup_dup_ascii ("grün 😀");
  g_autofree char *escaped = markup_dup_escaped ("a < b\r\nc & d");
  g_autofree char *filled = markup_dup_substituted ("%n is %x% away, %", "<Bob>");

  g_assert_cmpstr (inner, ==, "<B>hi</B> there");
  g_assert_cmpstr (open, ==, "a < b <html");
  g_assert_cmpstr (wrapped, ==, "<HTML><BODY>one<BR>two</BODY></HTML>");
  g_assert_cmpstr (ascii, ==, "gr&#252;n &#128512;");
  g_assert_cmpstr (escaped, ==, "a &lt; b<br>c &amp; d");
  g_assert_cmpstr (filled, ==, "&lt;Bob&gt; is %x% away, %");
  g_assert_true (markup_is_html_document (" <HTML><BODY>"));
  g_assert_false (markup_is_html_document ("<b>bold</b>"));
}

static void
check_pieces (const char *text, gboolean html, gsize most, const char *joined)
{
  g_auto (GStrv) pieces = text_split (text, html, most, 0, 1000);
  g_autofree char *all = NULL;

  g_assert_nonnull (pieces);
  for (guint i = 0; pieces[i] != NULL; i++)
    {
      g_assert_true (g_utf8_validate (pieces[i], -1, NULL));
      g_assert_cmpuint (charset_encoded_size (pieces[i]), <=, most);
      g_assert_cmpstr (pieces[i], !=, "");
    }
  all = g_strjoinv (NULL, pieces);
  if (joined != NULL)
    g_assert_cmpstr (all, ==, joined);
}

static void
test_splitting (void)
{
  g_autofree char *long_text = NULL;
  g_autoptr (GString) words = g_string_new (NULL);
  g_auto (GStrv) two = text_split ("one two three", FALSE, 9, 0, 10);
  g_auto (GStrv) bold = text_split ("<b>one two</b> three", TRUE, 24, 0, 10);
  g_auto (GStrv) around = text_split ("one two three", FALSE, 9, 5, 10);
  g_auto (GStrv) none = text_split ("", FALSE, 10, 0, 10);
  g_auto (GStrv) entity = text_split ("abc&amp;def", TRUE, 6, 0, 10);

  for (guint i = 0; i < 500; i++)
    g_string_append (words, i % 7 == 0 ? "wörd " : i % 11 == 0 ? "😀 " : "word ");
  check_pieces (words->str, FALSE, 200, words->str);
  check_pieces (words->str, TRUE, 200, words->str);
  long_text = g_strnfill (10000, 'x');
  check_pieces (long_text, FALSE, 2544, long_text);
  g_assert_cmpstr (two[0], ==, "one two ");
  g_assert_cmpstr (two[1], ==, "three");
  g_assert_null (two[2]);
  g_assert_cmpstr (around[0], ==, "one ");
  g_assert_cmpstr (around[1], ==, "two ");
  g_assert_cmpstr (around[2], ==, "thre");
  g_assert_cmpstr (bold[0], ==, "<b>one two</b> three");
  g_assert_null (none[0]);
  g_assert_cmpstr (entity[0], ==, "abc");
  g_assert_cmpstr (entity[1], ==, "&amp;d");
  g_assert_null (text_split (long_text, FALSE, 100, 0, 10));
}

static void
test_splitting_inside_of_tags (void)
{
  g_auto (GStrv) pieces = text_split ("<font color=\"red\"><b>aaaa bbbb cccc dddd eeee ffff</b></font> end", TRUE, 100, 0, 10);

  g_assert_nonnull (pieces);
  for (guint i = 0; pieces[i] != NULL; i++)
    g_assert_cmpuint (strlen (pieces[i]), <=, 100);
  check_pieces ("<b>aaaa bbbb cccc dddd <i>eeee ffff gggg hhhh</i> iiii jjjj kkkk llll mmmm nnnn oooo</b>", TRUE, 60, NULL);
  {
    g_auto (GStrv) cut = text_split ("<b>aaaa bbbb cccc dddd eeee ffff gggg hhhh</b>", TRUE, 40, 0, 10);

    g_assert_cmpstr (cut[0], ==, "<b>aaaa bbbb cccc dddd eeee ffff </b>");
    g_assert_cmpstr (cut[1], ==, "<b>gggg hhhh</b>");
  }
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/oscar/text/every-charset-becomes-utf-8", test_decoding);
  g_test_add_func ("/oscar/text/mime-types-name-charsets", test_mime_types);
  g_test_add_func ("/oscar/text/there-and-back", test_there_and_back);
  g_test_add_func ("/oscar/text/cut-between-characters", test_cutting);
  g_test_add_func ("/oscar/text/names-have-one-form", test_names);
  g_test_add_func ("/oscar/text/markup", test_markup);
  g_test_add_func ("/oscar/text/long-texts-lose-nothing", test_splitting);
  g_test_add_func ("/oscar/text/tags-are-closed-and-opened-again", test_splitting_inside_of_tags);
  return unit_run ();
}
