/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "text.h"
#include "unit.h"

/* -- Clean text ---------------------------------------------------------- */

static const struct {
  const char *in;
  gssize length;
  const char *out;
} clean_rows[] = {
  { "", -1, "" },
  { "plain", -1, "plain" },
  { "tab\tnewline\nreturn\r", -1, "tab\tnewline\nreturn\r" },
  { "gr\xc3\xbc\xc3\x9f", -1, "gr\xc3\xbc\xc3\x9f" },
  { "\xf0\x9f\x98\x80", -1, "\xf0\x9f\x98\x80" },
  { "bell\a, escape\x1b[1m", -1, "bell, escape[1m" },
  { "a\0b", 3, "ab" },
  { "abc", 2, "ab" },
  { "caf\xe9", -1, "caf\xef\xbf\xbd" },
  { "\xff\xfe", -1, "\xef\xbf\xbd\xef\xbf\xbd" },
  { "cut \xe2\x82", -1, "cut \xef\xbf\xbd\xef\xbf\xbd" },
  { "\xed\xa0\x80!", -1, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd!" },          /* a surrogate */
  { "a\xef\xbf\xbe\xef\xbf\xbfz", -1, "az" },                               /* U+FFFE, U+FFFF */
  { "\xc0\xafoverlong", -1, "\xef\xbf\xbd\xef\xbf\xbdoverlong" },
  { "\x7f", -1, "\x7f" },
};

static void
test_clean (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (clean_rows); i++)
    {
      gssize length = clean_rows[i].length;
      gsize size = length < 0 ? strlen (clean_rows[i].in) : (gsize) length;
      g_autofree char *out = text_dup_clean (clean_rows[i].in, length);

      g_assert_cmpstr (out, ==, clean_rows[i].out);
      g_assert_true (text_is_clean (out, strlen (out)));
      g_assert_cmpint (text_is_clean (clean_rows[i].in, size), ==,
                       size == strlen (out) && memcmp (clean_rows[i].in, out, size) == 0);
    }
}

/* -- From HTML ----------------------------------------------------------- */

typedef struct {
  const char *name;
  const char *in;
  const char *out;
} HtmlRow;

static const HtmlRow html_rows[] = {
  { "plain-stays", "hello there", "hello there" },
  { "outer-blanks-stay", " hello ", " hello " },
  { "newline-stays", "a\nb", "a\nb" },
  { "entities-are-decoded", "&lt;b&gt; &amp;amp; &quot;q&quot; &apos;s&apos;", "<b> &amp; \"q\" 's'" },
  { "nbsp-is-a-blank", "a&nbsp;b", "a b" },
  { "numbers-are-characters", "&#65;&#x42;&#X43;&#8364;", "ABC€" },
  { "numbers-that-xml-lacks-are-left-out", "a&#0;&#7;&#xD800;&#xFFFE;&#x110000;b", "ab" },
  { "no-entity-is-text", "AT&T & co &unknown; &#; &#x; &#xZZ; &", "AT&T & co &unknown; &#; &#x; &#xZZ; &" },
  { "bold-becomes-stars", "<b>x</b>", "*x*" },
  { "strong-becomes-stars", "a <STRONG>x</STRONG> b", "a *x* b" },
  { "italic-becomes-underscores", "<i>x</i> <em>y</em>", "_x y_" },
  { "strike-becomes-tildes", "<s>x</s> <strike>y</strike> <del>z</del>", "~x y z~" },
  { "code-becomes-backticks", "<code>a*b</code>", "`a*b`" },
  { "code-holds-no-other-style", "<code>a <b>b</b> c</code>", "`a b c`" },
  { "underline-is-dropped", "<u>x</u>", "x" },
  { "styles-nest", "<b>a <i>b</i></b>", "*a _b_*" },
  { "crossed-styles-nest", "<b>a <i>b</b> c</i>", "*a _b_* _c_" },
  { "style-leaves-blanks-outside", "a<b> b </b>c", "a *b* c" },
  { "style-ends-with-the-line", "<b>a<br>b</b>", "*a*\n*b*" },
  { "empty-style-is-nothing", "a<b></b>c<i> </i>d", "ac d" },
  { "unclosed-style-is-closed", "<b>a", "*a*" },
  { "stray-end-is-nothing", "a</b></i>b</pre></a></span></blockquote>", "ab" },
  { "double-style-is-one", "<b><strong>a</strong>b</b>", "*ab*" },
  { "neighbours-join", "<b>a</b><b>b</b>", "*ab*" },
  { "css-styles-count", "<span style='font-weight: bold; font-style:italic'>x</span> <span style=\"text-decoration:line-through\">y</span>z", "*_x_* ~y~z" },
  { "css-by-number", "<span style='font-weight:700'>a</span> <span style='font-weight:400'>b</span>", "*a* b" },
  { "font-is-dropped", "<font color=\"#ff0000\" face='A &gt; B'>red</font>", "red" },
  { "br-is-a-newline", "a<br>b<br/>c<BR />d", "a\nb\nc\nd" },
  { "two-br-are-an-empty-line", "a<br><br>b", "a\n\nb" },
  { "newline-at-the-end-shows-nothing", "a<br>", "a" },
  { "paragraphs-are-lines", "<p>a</p><p>b</p>", "a\nb" },
  { "layout-newlines-are-none", "<html><body>\n<p>a</p>\n<p>b</p>\n</body></html>", "a\nb" },
  { "div-starts-a-line", "a<div>b</div>c", "a\nb\nc" },
  { "br-between-blocks-is-an-empty-line", "<p>a</p><br><p>b</p>", "a\n\nb" },
  { "heading-is-bold", "<h1>t</h1>x", "*t*\nx" },
  { "list-has-dashes", "<ul><li>a</li><li>b</li></ul>", "- a\n- b" },
  { "rule-is-dashes", "a<hr>b", "a\n---\nb" },
  { "quote-has-marks", "a<blockquote>b<br>c</blockquote>d", "a\n> b\n> c\nd" },
  { "quote-can-be-first", "<blockquote>b</blockquote>d", "> b\nd" },
  { "pre-is-fenced", "a<pre>x\n  y</pre>b", "a\n```\nx\n  y\n```\nb" },
  { "pre-keeps-indentation", "<pre>  x</pre>", "```\n  x\n```" },
  { "pre-holds-no-style", "<b>a<pre><i>x</i></pre></b>", "*a*\n```\nx\n```" },
  { "unclosed-pre-is-closed", "<pre>x", "```\nx\n```" },
  { "link-shows-its-address", "<a href=\"http://example.org/x?a=1&amp;b=2\">here</a>.", "here <http://example.org/x?a=1&b=2>." },
  { "link-of-its-address-is-one", "<a href='http://example.org/'>http://example.org/</a>", "http://example.org/" },
  { "link-but-for-the-scheme-is-one", "<a href='https://example.org/'>example.org</a>", "example.org" },
  { "mail-link-is-one", "<a href='mailto:a@example.org'>a@example.org</a>", "a@example.org" },
  { "link-without-text-is-its-address", "<a href='http://example.org'></a>", "http://example.org" },
  { "link-without-address-is-its-text", "<a name='x'>here</a> <a href='#x'>there</a>", "here there" },
  { "unclosed-link-is-closed", "<a href='http://example.org'>here", "here <http://example.org>" },
  { "styled-link", "<b><a href='http://example.org'>here</a></b>", "*here <http://example.org>*" },
  { "image-is-its-alt-text", "<img src='x.png' alt='a &lt;cat&gt;'/>", "a <cat>" },
  { "image-is-its-address", "<img src='http://example.org/x.png'>", "http://example.org/x.png" },
  { "image-of-our-own-is-nothing", "a<img id='3'>b", "ab" },
  { "comment-is-dropped", "a<!-- <b> -->b", "ab" },
  { "unclosed-comment-is-text", "a<!-- <!-- b", "a<!-- <!-- b" },
  { "script-is-dropped", "a<script>if (a<b) x();</script>b<style>p{}</style>c<title>t</title>d", "abcd" },
  { "unclosed-script-hides-the-rest", "a<script>b", "a" },
  { "no-tag-is-text", "a < b > c <3 <- <= <> </> <x@y.z>", "a < b > c <3 <- <= <> </> <x@y.z>" },
  { "unknown-tag-is-text", "<nick> says <joke>hi</joke>", "<nick> says <joke>hi</joke>" },
  { "cut-tag-is-text", "a <b", "a <b" },
  { "cut-attribute-is-text", "a <a href=\"x", "a <a href=\"x" },
  { "greater-sign-in-an-attribute", "<a href='http://e.org/?a>b'>x</a>", "x <http://e.org/?a>b>" },
  { "attribute-without-quotes", "<a href=http://example.org>x</a>", "x <http://example.org>" },
  { "attributes-of-odd-shape", "<img alt = x = y alt='z' ='' / >", "z" },
  { "invalid-utf8-is-replaced", "<b>\xe9</b>", "*\xef\xbf\xbd*" },
  { "controls-are-left-out", "a\x01\x02<b>\x1f</b>c", "ac" },
  { "me-stays-in-front", "/me <b>waves</b>", "/me *waves*" },
  { "return-is-dropped", "a\r\n<b>b</b>", "a\n*b*" },
  { "table-cells-are-apart", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc" },
};

static void
test_html (gconstpointer data)
{
  const HtmlRow *row = data;
  g_autofree char *out = text_dup_from_html (row->in);

  g_assert_cmpstr (out, ==, row->out);
}

/* What an attacker would send: the time must grow with the length alone. */
static void
test_html_is_linear (void)
{
  static const char *const pieces[] = { "<", "<b>", "</b>", "<!--", "<a href='", "<a href=\"", "&#", "&", "<span style='", "<blockquote>", "<pre>", "<script>", "<span>", "<b><i>x</b></i>" };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      GString *html = g_string_new (NULL);
      g_autofree char *out = NULL;
      gint64 start = g_get_monotonic_time ();

      while (html->len < 512 * 1024)
        g_string_append (html, pieces[i]);
      out = text_dup_from_html (html->str);
      g_assert_true (text_is_clean (out, strlen (out)));
      g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
      g_string_free (html, TRUE);
    }
}

/* -- To HTML ------------------------------------------------------------- */

static void
test_to_html (void)
{
  static const char *const rows[][2] = {
    { "", "" },
    { "plain", "plain" },
    { "<b> & \"q\" 's'", "&lt;b&gt; &amp; &quot;q&quot; 's'" },
    { "a\nb\r\nc\rd\n\n", "a<br>b<br>c<br>d<br><br>" },
    { "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *out = text_dup_to_html (rows[i][0]);

      g_assert_cmpstr (out, ==, rows[i][1]);
    }
}

static void
test_html_returns (void)
{
  static const char *const texts[] = { "a < b && c > d", "&amp;", "one\ntwo\n\nthree", "  \"quoted\"  ", "<b>no tag</b>", "*x* _y_" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *html = text_dup_to_html (texts[i]);
      g_autofree char *back = text_dup_from_html (html);

      g_assert_cmpstr (back, ==, texts[i]);
    }
}

/* -- Splitting ----------------------------------------------------------- */

#define E_ACUTE "e\xcc\x81"                                     /* e and a combining accent: 3 bytes */
#define FLAG_FR "\xf0\x9f\x87\xab\xf0\x9f\x87\xb7"              /* two regional indicators: 8 bytes */
#define THUMB "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd"                /* with a skin tone: 8 bytes */
#define COUPLE "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9"   /* joined: 11 bytes */
#define HAN "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"              /* a syllable of three jamo: 9 bytes */

static const struct {
  const char *text;
  gsize most;
  gsize length;
} split_rows[] = {
  { "", 10, 0 },
  { "short", 10, 5 },
  { "exact", 5, 5 },
  { "abcdefghij", 4, 4 },
  { "abcdefg hij", 9, 8 },                      /* behind the blank */
  { "abcdefg\nhij", 9, 8 },
  { "a bcdefghij", 8, 8 },                      /* too far in front */
  { "gr\xc3\xbc\xc3\x9f", 3, 2 },               /* not within a character */
  { "gr\xc3\xbc\xc3\x9f", 4, 4 },
  { "\xf0\x9f\x98\x80", 1, 4 },                 /* at least one */
  { "\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 0, 4 },
  { "abc" E_ACUTE "f", 4, 3 },
  { "abc" E_ACUTE "f", 6, 6 },
  { "ab" FLAG_FR FLAG_FR, 6, 2 },
  { "ab" FLAG_FR FLAG_FR, 14, 10 },
  { "ab" THUMB "c", 6, 2 },
  { "ab" COUPLE "c", 9, 2 },
  { "ab" HAN "c", 8, 2 },
  { "a\xcc\x81\xcc\x81\xcc\x81\xcc\x81", 5, 5 },  /* a cluster longer than all: between its characters */
  { "ab\r\ncd", 3, 2 },
};

static void
test_split (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (split_rows); i++)
    g_assert_cmpuint (text_split_length (split_rows[i].text, split_rows[i].most), ==, split_rows[i].length);
}

static void
test_split_covers_all (void)
{
  const char *text = "The quick brown f\xc3\xb6x " FLAG_FR THUMB " jumps over the lazy d" E_ACUTE "g, and again.";

  for (gsize most = 0; most < 40; most++)
    {
      g_autoptr (GString) whole = g_string_new (NULL);

      for (const char *at = text; *at != '\0';)
        {
          gsize length = text_split_length (at, most);

          g_assert_cmpuint (length, >, 0);
          g_assert_true (g_utf8_validate (at, (gssize) length, NULL));
          g_string_append_len (whole, at, (gssize) length);
          at += length;
        }
      g_assert_cmpstr (whole->str, ==, text);
    }
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/text/clean-is-fit-for-xml", test_clean);
  for (guint i = 0; i < G_N_ELEMENTS (html_rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/text/html-%s", html_rows[i].name);

      g_test_add_data_func (path, &html_rows[i], test_html);
    }
  g_test_add_func ("/text/html-time-is-linear", test_html_is_linear);
  g_test_add_func ("/text/to-html-shows-the-same", test_to_html);
  g_test_add_func ("/text/html-of-text-returns-the-text", test_html_returns);
  g_test_add_func ("/text/split-keeps-characters-and-words", test_split);
  g_test_add_func ("/text/split-pieces-are-the-whole", test_split_covers_all);
  return unit_run ();
}
