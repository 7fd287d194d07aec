/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parser.c - from the bytes of a stream to stanzas, within limits.
 *
 * expat reports names as "namespace SEPARATOR name".  A node keeps its
 * namespace as the attribute xmlns where it differs from its parent's (see
 * stanza.h).  Text is joined before it becomes a node: expat cuts it at every
 * newline and entity, and libstrophe would pay for each piece.
 *
 * expat keeps every name that it has ever seen, so a user who makes up names
 * could fill the memory over the life of a stream.  Every few megabytes, between
 * two stanzas, a new expat takes over: it is shown the stream's header again. */
#include "config.h"

#include "parser.h"

#include <expat.h>
#include <gio/gio.h>
#include <string.h>

/* May not occur in XML, hence in no namespace. */
#define SEPARATOR '\x1f'
/* Of input, for one expat. */
#define RENEW_BYTES (4 * 1024 * 1024)
#define HEADER_MAX (16 * 1024)
#define NS_COMPONENT "jabber:component:accept"
#define NS_STREAM "http://etherx.jabber.org/streams"
#define NS_XML "http://www.w3.org/XML/1998/namespace"

typedef struct {
  xmpp_stanza_t *stanza;      /* lent by its parent, but the root, which the frame owns */
  char *ns;
} Level;

struct Parser {
  XML_Parser expat;
  ParserCallbacks callbacks;
  gpointer data;
  guint depth;                /* of open elements, the stream's included */
  GArray *levels;             /* Level: the open elements of the stanza in hand */
  GString *text;              /* not yet a node */
  gsize text_size;            /* of the whole stanza */
  guint nodes;
  gboolean excess;
  gboolean doctype;
  GString *header;            /* all that was fed, until the stream is open: then its header */
  gboolean opened;            /* the header is complete */
  gsize fed;                  /* to this expat */
  gsize whole;                /* of that: up to the end of the last stanza */
};

static void
split_name (const char *name, char **ns, const char **local)
{
  const char *separator = strchr (name, SEPARATOR);

  *ns = separator == NULL ? g_strdup ("") : g_strndup (name, separator - name);
  *local = separator == NULL ? name : separator + 1;
}

static Level *
top (Parser *parser)
{
  return &g_array_index (parser->levels, Level, parser->levels->len - 1);
}

static void
level_clear (gpointer data)
{
  g_free (((Level *) data)->ns);
}

static void
set_attributes (Parser *parser, xmpp_stanza_t *stanza, const char **attributes)
{
  for (guint i = 0; attributes[i] != NULL; i += 2)
    {
      const char *separator = strchr (attributes[i], SEPARATOR);

      if (i / 2 == PARSER_ATTRIBUTES_MAX)
        {
          parser->excess = TRUE;
          return;
        }
      if (separator == NULL)
        xmpp_stanza_set_attribute (stanza, attributes[i], attributes[i + 1]);
      else if (g_str_equal (separator + 1, "lang") && g_str_has_prefix (attributes[i], NS_XML))
        xmpp_stanza_set_attribute (stanza, "xml:lang", attributes[i + 1]);
    }
}

static void
flush_text (Parser *parser)
{
  if (parser->text->len > 0 && !parser->excess)
    stanza_set_text (top (parser)->stanza, parser->text->str);
  g_string_truncate (parser->text, 0);
}

static void
start_stanza (Parser *parser, char *ns, const char *name, const char **attributes)
{
  gboolean of_stream = g_str_equal (ns, NS_STREAM);
  g_autofree char *full = of_stream ? g_strconcat ("stream:", name, NULL) : NULL;
  Level level = { .stanza = stanza_new (of_stream ? full : name), .ns = ns };

  parser->nodes = 0;
  parser->text_size = 0;
  parser->excess = FALSE;
  if (!of_stream && !g_str_equal (ns, NS_COMPONENT))
    stanza_set (level.stanza, "xmlns", ns);
  set_attributes (parser, level.stanza, attributes);
  g_array_append_val (parser->levels, level);
}

static void
start_child (Parser *parser, char *ns, const char *name, const char **attributes)
{
  Level level = { .ns = ns };

  flush_text (parser);
  if (parser->levels->len >= PARSER_DEPTH_MAX || ++parser->nodes > PARSER_NODES_MAX)
    parser->excess = TRUE;
  if (parser->excess)
    {
      g_free (ns);
      return;
    }
  level.stanza = stanza_add (top (parser)->stanza, name, g_str_equal (ns, top (parser)->ns) ? NULL : ns);
  set_attributes (parser, level.stanza, attributes);
  g_array_append_val (parser->levels, level);
}

static gsize
position (Parser *parser)
{
  return XML_GetCurrentByteIndex (parser->expat) + XML_GetCurrentByteCount (parser->expat);
}

static void
on_start (void *data, const char *full_name, const char **attributes)
{
  Parser *parser = data;
  const char *name;
  char *ns;

  parser->depth++;
  if (parser->depth == 1)
    {
      const char *id = NULL;

      parser->whole = position (parser);
      /* A new expat is shown the same header; nobody else is. */
      if (parser->opened)
        return;
      parser->opened = TRUE;
      g_string_truncate (parser->header, parser->whole);
      for (guint i = 0; attributes[i] != NULL; i += 2)
        if (g_str_equal (attributes[i], "id"))
          id = attributes[i + 1];
      parser->callbacks.on_open (id, parser->data);
      return;
    }
  split_name (full_name, &ns, &name);
  if (parser->depth == 2)
    start_stanza (parser, ns, name, attributes);
  else
    start_child (parser, ns, name, attributes);
}

static void
on_end (void *data, const char *full_name)
{
  Parser *parser = data;

  parser->depth--;
  if (parser->depth == 0)
    {
      parser->callbacks.on_close (parser->data);
    }
  else if (parser->depth == 1)
    {
      g_autoptr (xmpp_stanza_t) stanza = g_array_index (parser->levels, Level, 0).stanza;

      flush_text (parser);
      g_array_set_size (parser->levels, 0);
      parser->whole = position (parser);
      parser->callbacks.on_stanza (stanza, parser->excess, parser->data);
      if (parser->fed > RENEW_BYTES)
        XML_StopParser (parser->expat, XML_TRUE);
    }
  else if (!parser->excess)
    {
      flush_text (parser);
      g_array_set_size (parser->levels, parser->levels->len - 1);
    }
}

static void
on_text (void *data, const char *text, int length)
{
  Parser *parser = data;

  if (parser->depth < 2)
    parser->whole = position (parser);  /* a blank between stanzas */
  if (parser->depth < 2 || parser->excess)
    return;
  parser->text_size += length;
  if (parser->text_size > PARSER_TEXT_MAX)
    parser->excess = TRUE;
  else
    g_string_append_len (parser->text, text, length);
}

/* No XMPP stream has one; entities could be declared in it. */
static void
on_doctype (void *data, const char *name, const char *system, const char *public_id, int has_internal)
{
  Parser *parser = data;

  parser->doctype = TRUE;
  XML_StopParser (parser->expat, XML_FALSE);
}

static void
start_expat (Parser *parser)
{
  parser->depth = 0;
  parser->fed = parser->whole = 0;
  parser->expat = XML_ParserCreateNS ("UTF-8", SEPARATOR);
  /* Otherwise a tag that two reads cut may wait for a third, which is the next stanza. */
#ifdef HAVE_XML_SETREPARSEDEFERRALENABLED
  XML_SetReparseDeferralEnabled (parser->expat, XML_FALSE);
#endif
  XML_SetUserData (parser->expat, parser);
  XML_SetElementHandler (parser->expat, on_start, on_end);
  XML_SetCharacterDataHandler (parser->expat, on_text);
  XML_SetStartDoctypeDeclHandler (parser->expat, on_doctype);
}

Parser *
parser_new (const ParserCallbacks *callbacks, gpointer data)
{
  Parser *parser = g_new0 (Parser, 1);

  parser->callbacks = *callbacks;
  parser->data = data;
  parser->levels = g_array_new (FALSE, FALSE, sizeof (Level));
  g_array_set_clear_func (parser->levels, level_clear);
  parser->text = g_string_new (NULL);
  parser->header = g_string_new (NULL);
  start_expat (parser);
  return parser;
}

void
parser_free (Parser *parser)
{
  if (parser->levels->len > 0)
    xmpp_stanza_release (g_array_index (parser->levels, Level, 0).stanza);
  g_array_free (parser->levels, TRUE);
  g_string_free (parser->text, TRUE);
  g_string_free (parser->header, TRUE);
  XML_ParserFree (parser->expat);
  g_free (parser);
}

/* Feeds the present expat; `taken` is less than `length` where it has to be renewed. */
static enum XML_Status
feed_expat (Parser *parser, const char *bytes, gsize length, gsize *taken)
{
  gsize before = parser->fed;
  enum XML_Status status;

  parser->fed += length;
  status = XML_Parse (parser->expat, bytes, length, FALSE);
  *taken = status == XML_STATUS_SUSPENDED ? position (parser) - before : length;
  return status;
}

static void
renew_expat (Parser *parser)
{
  gsize taken;

  XML_ParserFree (parser->expat);
  start_expat (parser);
  feed_expat (parser, parser->header->str, parser->header->len, &taken);
}

gsize
parser_get_tail (const Parser *parser)
{
  return parser->fed - parser->whole;
}

gboolean
parser_feed (Parser *parser, const char *bytes, gsize length, GError **error)
{
  enum XML_Status status;

  if (!parser->opened)
    g_string_append_len (parser->header, bytes, length);
  if (!parser->opened && parser->header->len > HEADER_MAX + length)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the XMPP server's stream does not begin");
      return FALSE;
    }
  do
    {
      gsize taken;

      status = feed_expat (parser, bytes, length, &taken);
      bytes += taken;
      length -= taken;
      if (status == XML_STATUS_SUSPENDED)
        renew_expat (parser);
    }
  while (status == XML_STATUS_SUSPENDED && length > 0);
  if (status != XML_STATUS_ERROR)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the XMPP server sent what is not XMPP: %s",
               parser->doctype ? "a DOCTYPE" : XML_ErrorString (XML_GetErrorCode (parser->expat)));
  return FALSE;
}
