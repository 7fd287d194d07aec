/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "parser.h"
#include "unit.h"

#define HEADER "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' " \
  "xmlns:stream='http://etherx.jabber.org/streams' id='3BF96D32' from='gw.example.org'>"

typedef struct {
  char *id;
  guint opened, closed, excesses;
  GPtrArray *stanzas;
} Seen;

static void
on_open (const char *id, gpointer data)
{
  Seen *seen = data;

  seen->opened++;
  g_free (seen->id);
  seen->id = g_strdup (id);
}

static void
on_stanza (xmpp_stanza_t *stanza, gboolean excess, gpointer data)
{
  Seen *seen = data;

  seen->excesses += excess;
  g_ptr_array_add (seen->stanzas, xmpp_stanza_clone (stanza));
}

static void
on_close (gpointer data)
{
  ((Seen *) data)->closed++;
}

static void
release (gpointer stanza)
{
  xmpp_stanza_release (stanza);
}

static Seen *
seen_new (void)
{
  Seen *seen = g_new0 (Seen, 1);

  seen->stanzas = g_ptr_array_new_with_free_func (release);
  return seen;
}

static void
seen_free (Seen *seen)
{
  g_free (seen->id);
  g_ptr_array_unref (seen->stanzas);
  g_free (seen);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Seen, seen_free)

static const ParserCallbacks callbacks = { on_open, on_stanza, on_close };

static Seen *
feed (const char *stanzas, GError **error)
{
  Seen *seen = seen_new ();
  g_autoptr (Parser) parser = parser_new (&callbacks, seen);
  g_autofree char *all = g_strconcat (HEADER, stanzas, NULL);

  parser_feed (parser, all, strlen (all), error);
  return seen;
}

static void
test_stanzas (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Seen) seen = feed ("<message from='a@b/c' to='d@gw' xml:lang='en'><body>one &lt; two\nlines</body><x xmlns='urn:x'><y/><z xmlns='urn:z'/></x></message>"
                                "<iq xmlns='jabber:component:accept' type='get'/>", &error);
  xmpp_stanza_t *message, *x;
  g_autofree char *body = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (seen->id, ==, "3BF96D32");
  g_assert_cmpuint (seen->stanzas->len, ==, 2);
  message = seen->stanzas->pdata[0];
  g_assert_cmpstr (xmpp_stanza_get_name (message), ==, "message");
  g_assert_null (stanza_get (message, "xmlns"));
  g_assert_cmpstr (stanza_get (message, "xml:lang"), ==, "en");
  body = stanza_dup_child_text (message, "body", NULL);
  g_assert_cmpstr (body, ==, "one < two\nlines");
  x = stanza_child (message, "x", "urn:x");
  g_assert_nonnull (x);
  g_assert_nonnull (stanza_child (x, "y", NULL));
  g_assert_nonnull (stanza_child (x, "z", "urn:z"));
}

static void
test_prefixes (void)
{
  g_autoptr (Seen) seen = feed ("<iq xmlns:d='urn:d'><d:query d:attr='1' attr='2'/></iq><stream:error><d:x xmlns:d='urn:e'/></stream:error>", NULL);
  xmpp_stanza_t *query;

  g_assert_cmpuint (seen->stanzas->len, ==, 2);
  query = stanza_child (seen->stanzas->pdata[0], "query", "urn:d");
  g_assert_nonnull (query);
  g_assert_cmpstr (stanza_get (query, "attr"), ==, "2");
  g_assert_cmpstr (xmpp_stanza_get_name (seen->stanzas->pdata[1]), ==, "stream:error");
}

static void
test_cut_anywhere (void)
{
  const char *all = HEADER "<message to='ä@gw'><body>grüße ☃</body></message></stream:stream>";
  g_autoptr (Seen) seen = seen_new ();
  g_autoptr (Parser) parser = parser_new (&callbacks, seen);
  g_autofree char *body = NULL;

  for (const char *p = all; *p != '\0'; p++)
    g_assert_true (parser_feed (parser, p, 1, NULL));
  g_assert_cmpuint (seen->stanzas->len, ==, 1);
  g_assert_cmpuint (seen->closed, ==, 1);
  body = stanza_dup_child_text (seen->stanzas->pdata[0], "body", NULL);
  g_assert_cmpstr (body, ==, "grüße ☃");
}

/* What is complete comes out at once, however large its last tag and wherever it was cut. */
static void
test_nothing_waits_for_the_next (void)
{
  g_autofree char *value = g_strnfill (300 * 1024, 'v');
  g_autofree char *all = g_strconcat (HEADER "<message id='one' a='", value, "'/>", NULL);
  gsize length = strlen (all);

  for (gsize cut = 64 * 1024; cut < length; cut += 64 * 1024)
    {
      g_autoptr (Seen) seen = seen_new ();
      g_autoptr (Parser) parser = parser_new (&callbacks, seen);

      g_assert_true (parser_feed (parser, all, cut, NULL));
      g_assert_true (parser_feed (parser, all + cut, length - cut, NULL));
      g_assert_cmpuint (seen->stanzas->len, ==, 1);
    }
}

/* A stream of many megabytes, with names made up all the time and a prefix from
 * the header, in pieces of a size that cuts everywhere. */
static void
test_long_streams (void)
{
  const guint wanted = 200000;
  const char *header = "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:h='urn:h' "
    "xmlns:stream='http://etherx.jabber.org/streams' id='1'>";
  g_autoptr (GString) all = g_string_new (header);
  g_autoptr (Seen) seen = seen_new ();
  g_autoptr (Parser) parser = parser_new (&callbacks, seen);
  g_autofree gsize *ends = g_new (gsize, wanted);

  for (guint i = 0; i < wanted; i++)
    {
      if (i % 3 == 0)
        g_string_append_printf (all, "<presence id='%u' a%u='1'/>", i, i);
      else
        g_string_append_printf (all, "<message id='%u'><h:e%u/><body>some text &amp; more of it</body></message>", i, i);
      ends[i] = all->len;
    }
  g_assert_cmpuint (all->len, >, 3 * 4 * 1024 * 1024);
  for (gsize at = 0; at < all->len; at += 65521)
    {
      gsize length = MIN (65521, all->len - at);

      g_assert_true (parser_feed (parser, all->str + at, length, NULL));
      g_assert_cmpuint (parser_get_tail (parser), ==, at + length - ends[seen->stanzas->len - 1]);
    }
  g_assert_cmpuint (seen->opened, ==, 1);
  g_assert_cmpuint (seen->stanzas->len, ==, wanted);
  for (guint i = 0; i < wanted; i++)
    {
      xmpp_stanza_t *stanza = seen->stanzas->pdata[i];
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autofree char *name = g_strdup_printf ("e%u", i);

      g_assert_cmpstr (xmpp_stanza_get_id (stanza), ==, id);
      if (i % 3 != 0)
        g_assert_nonnull (stanza_child (stanza, name, "urn:h"));
    }
}

static char *
repeat (const char *text, guint count, const char *after)
{
  GString *all = g_string_new (NULL);

  for (guint i = 0; i < count; i++)
    g_string_append (all, text);
  g_string_append (all, after);
  return g_string_free (all, FALSE);
}

/* What goes beyond a limit is reported with its root alone, and the stream goes on. */
static void
test_excess (void)
{
  g_autofree char *depth = repeat ("<i>", PARSER_DEPTH_MAX + 1, "");
  g_autofree char *ends = repeat ("</i>", PARSER_DEPTH_MAX + 1, "");
  g_autofree char *text = g_strnfill (PARSER_TEXT_MAX + 1, 'x');
  g_autoptr (GString) attributes = g_string_new ("<i");
  g_auto (GStrv) inside = g_new0 (char *, 5);

  for (guint i = 0; i <= PARSER_ATTRIBUTES_MAX; i++)
    g_string_append_printf (attributes, " a%u='1'", i);
  inside[0] = repeat ("<i/>", PARSER_NODES_MAX + 1, "");
  inside[1] = g_strconcat (depth, ends, NULL);
  inside[2] = g_strconcat ("<body>", text, "</body>", NULL);
  inside[3] = g_strconcat (attributes->str, "/>", NULL);
  for (guint i = 0; inside[i] != NULL; i++)
    {
      g_autofree char *all = g_strconcat ("<message id='big'>", inside[i], "</message><message id='after'/>", NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (Seen) seen = feed (all, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (seen->stanzas->len, ==, 2);
      g_assert_cmpuint (seen->excesses, ==, 1);
      g_assert_cmpstr (xmpp_stanza_get_id (seen->stanzas->pdata[0]), ==, "big");
      g_assert_cmpstr (xmpp_stanza_get_id (seen->stanzas->pdata[1]), ==, "after");
    }
}

static void
test_up_to_the_limit (void)
{
  g_autofree char *children = repeat ("<i/>", PARSER_NODES_MAX, "");
  g_autofree char *all = g_strconcat ("<message>", children, "</message>", NULL);
  g_autoptr (Seen) seen = feed (all, NULL);

  g_assert_cmpuint (seen->stanzas->len, ==, 1);
  g_assert_cmpuint (seen->excesses, ==, 0);
}

static void
test_refused (void)
{
  static const char *const rows[] = {
    "<message>", "</message>", "<message>&#7;</message>", "<message>\001</message>", "<message>\xff</message>",
    "<message>&nosuch;</message>", "<message a='1' a='2'/>", "<a:message/>",
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *all = g_strconcat (rows[i], "</x>", NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (Seen) seen = feed (all, &error);

      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    }
}

static void
test_no_doctype (void)
{
  const char *all = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>";
  g_autoptr (Seen) seen = seen_new ();
  g_autoptr (Parser) parser = parser_new (&callbacks, seen);
  g_autoptr (GError) error = NULL;

  g_assert_false (parser_feed (parser, all, strlen (all), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (error->message, "DOCTYPE"));
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/parser/stanzas-with-namespaces-where-they-change", test_stanzas);
  g_test_add_func ("/parser/prefixes-are-resolved", test_prefixes);
  g_test_add_func ("/parser/cut-at-every-byte", test_cut_anywhere);
  g_test_add_func ("/parser/nothing-waits-for-the-next-stanza", test_nothing_waits_for_the_next);
  g_test_add_func ("/parser/long-streams-of-made-up-names", test_long_streams);
  g_test_add_func ("/parser/excess-is-reported-and-the-stream-goes-on", test_excess);
  g_test_add_func ("/parser/up-to-the-limit-is-fine", test_up_to_the_limit);
  g_test_add_func ("/parser/what-is-not-xml-is-refused", test_refused);
  g_test_add_func ("/parser/no-doctype", test_no_doctype);
  return unit_run ();
}
