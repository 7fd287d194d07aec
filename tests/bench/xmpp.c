/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xmpp.c - the component port of an XMPP server (XEP-0114), for one component.
 *
 * Prefixes are not resolved: what gateways send inside a component stream has
 * none, and expat is a third faster without.  */
#include "config.h"

#include "xmpp.h"
#include "loop.h"
#include "stream.h"

#include <expat.h>
#include <string.h>

#define STREAM_ID "benchmark"

enum { NAME, TYPE, FROM, TO, ID, CHILD, CHILD_NS, CHILD_SESSION, BODY, SHOW, CONDITION, TEXT, N_FIELDS };

struct XmppServer {
  char *domain;
  char *secret;
  const XmppHandlers *handlers;
  gpointer user_data;
  Listener *listener;
  Stream *stream;
  gboolean ready;
  gboolean end_expected;

  XML_Parser parser;
  guint depth;
  GString *fields[N_FIELDS];    /* of the stanza being read; reused */
  guint has;                    /* bit set of fields */
  gboolean has_subject;
  gboolean status_110;
  int collecting;               /* the field that takes character data, or -1 */
  guint collecting_depth;
};

static void
set_field (XmppServer *server, int field, const char *value)
{
  if (value == NULL)
    return;
  g_string_assign (server->fields[field], value);
  server->has |= 1u << field;
}

static const char *
field (XmppServer *server, int which)
{
  return server->has & 1u << which ? server->fields[which]->str : NULL;
}

static const char *
attribute (const char **attributes, const char *name)
{
  for (; attributes[0] != NULL; attributes += 2)
    if (g_str_equal (attributes[0], name))
      return attributes[1];
  return NULL;
}

static void
collect (XmppServer *server, int which)
{
  set_field (server, which, "");
  server->collecting = which;
  server->collecting_depth = server->depth;
}

static void
start_stanza (XmppServer *server, const char *name, const char **attributes)
{
  server->has = 0;
  server->has_subject = FALSE;
  server->status_110 = FALSE;
  set_field (server, NAME, name);
  set_field (server, TYPE, attribute (attributes, "type"));
  set_field (server, FROM, attribute (attributes, "from"));
  set_field (server, TO, attribute (attributes, "to"));
  set_field (server, ID, attribute (attributes, "id"));
  if (g_str_equal (name, "handshake"))
    collect (server, BODY);
}

static void
start_child (XmppServer *server, const char *name, const char **attributes)
{
  if (!(server->has & 1u << CHILD))
    {
      set_field (server, CHILD, name);
      set_field (server, CHILD_NS, attribute (attributes, "xmlns"));
      set_field (server, CHILD_SESSION, attribute (attributes, "sessionid"));
    }
  if (g_str_equal (name, "body"))
    collect (server, BODY);
  else if (g_str_equal (name, "show"))
    collect (server, SHOW);
  else if (g_str_equal (name, "subject"))
    server->has_subject = TRUE;
}

static void
start_grandchild (XmppServer *server, const char *name, const char **attributes)
{
  if (g_str_equal (name, "status") && g_strcmp0 (attribute (attributes, "code"), "110") == 0)
    server->status_110 = TRUE;
  else if (g_strcmp0 (field (server, TYPE), "error") == 0 && g_str_equal (name, "text"))
    collect (server, TEXT);
  else if (g_strcmp0 (attribute (attributes, "xmlns"), "urn:ietf:params:xml:ns:xmpp-stanzas") == 0)
    set_field (server, CONDITION, name);
}

static void
on_start (void *user_data, const char *name, const char **attributes)
{
  XmppServer *server = user_data;

  server->depth++;
  switch (server->depth)
    {
    case 1:
      stream_printf (server->stream,
                     "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams'"
                     " xmlns='jabber:component:accept' id='" STREAM_ID "' from='%s'>", server->domain);
      break;
    case 2:
      start_stanza (server, name, attributes);
      break;
    case 3:
      start_child (server, name, attributes);
      break;
    case 4:
      start_grandchild (server, name, attributes);
      break;
    }
}

static void
shake_hands (XmppServer *server)
{
  g_autofree char *input = g_strconcat (STREAM_ID, server->secret, NULL);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA1, input, -1);

  if (g_strcmp0 (field (server, BODY), digest) != 0)
    {
      loop_fail (g_error_new (BENCH_ERROR, 0, "the component's handshake is wrong"));
      return;
    }
  server->ready = TRUE;
  stream_printf (server->stream, "<handshake/>");
}

static void
end_stanza (XmppServer *server)
{
  const Stanza stanza = {
    .name = field (server, NAME), .type = field (server, TYPE), .from = field (server, FROM), .to = field (server, TO),
    .id = field (server, ID), .child = field (server, CHILD), .child_ns = field (server, CHILD_NS),
    .child_session = field (server, CHILD_SESSION), .body = field (server, BODY), .show = field (server, SHOW),
    .condition = field (server, CONDITION), .text = field (server, TEXT), .has_subject = server->has_subject,
    .status_110 = server->status_110,
  };

  if (g_str_equal (stanza.name, "handshake"))
    shake_hands (server);
  else if (g_str_equal (stanza.name, "stream:error"))
    loop_fail (g_error_new (BENCH_ERROR, 0, "the component sent a stream error: %s", stanza.child));
  else
    server->handlers->stanza (&stanza, server->user_data);
}

static void
on_end (void *user_data, const char *name)
{
  XmppServer *server = user_data;

  if (server->collecting >= 0 && server->collecting_depth == server->depth)
    server->collecting = -1;
  if (server->depth == 2)
    end_stanza (server);
  else if (server->depth == 1)
    {
      stream_printf (server->stream, "</stream:stream>");
      stream_finish (server->stream);
    }
  server->depth--;
}

static void
on_text (void *user_data, const char *text, int length)
{
  XmppServer *server = user_data;

  if (server->collecting >= 0 && server->collecting_depth == server->depth)
    g_string_append_len (server->fields[server->collecting], text, length);
}

static void
on_data (Stream *stream, const char *data, gsize length, gpointer user_data)
{
  XmppServer *server = user_data;

  if (length == 0)
    {
      server->ready = FALSE;
      if (!server->end_expected)
        loop_fail (g_error_new (BENCH_ERROR, 0, "the component closed its stream"));
    }
  else if (XML_Parse (server->parser, data, (int) length, FALSE) != XML_STATUS_OK)
    loop_fail (g_error_new (BENCH_ERROR, 0, "the component sent bad XML: %s", XML_ErrorString (XML_GetErrorCode (server->parser))));
}

static void
on_accept (int fd, gpointer user_data)
{
  XmppServer *server = user_data;

  if (server->stream != NULL)
    {
      stream_free (stream_new (fd, on_data, server));
      if (!server->end_expected)
        loop_fail (g_error_new (BENCH_ERROR, 0, "the component connected twice"));
      return;
    }
  server->stream = stream_new (fd, on_data, server);
}

XmppServer *
xmpp_server_new (const char *domain, const char *secret, const XmppHandlers *handlers, gpointer user_data, GError **error)
{
  XmppServer *server = g_new0 (XmppServer, 1);

  server->domain = g_strdup (domain);
  server->secret = g_strdup (secret);
  server->handlers = handlers;
  server->user_data = user_data;
  server->collecting = -1;
  for (guint i = 0; i < N_FIELDS; i++)
    server->fields[i] = g_string_new (NULL);
  server->parser = XML_ParserCreate ("UTF-8");
#ifdef HAVE_XML_SETREPARSEDEFERRALENABLED
  XML_SetReparseDeferralEnabled (server->parser, XML_FALSE);   /* a tag cut by two reads would wait for a third */
#endif
  XML_SetUserData (server->parser, server);
  XML_SetElementHandler (server->parser, on_start, on_end);
  XML_SetCharacterDataHandler (server->parser, on_text);
  server->listener = listener_new (on_accept, server, error);
  if (server->listener == NULL)
    g_clear_pointer (&server, xmpp_server_free);
  return server;
}

void
xmpp_server_free (XmppServer *server)
{
  if (server->listener != NULL)
    listener_free (server->listener);
  g_clear_pointer (&server->stream, stream_free);
  XML_ParserFree (server->parser);
  for (guint i = 0; i < N_FIELDS; i++)
    g_string_free (server->fields[i], TRUE);
  g_free (server->domain);
  g_free (server->secret);
  g_free (server);
}

guint16
xmpp_server_port (const XmppServer *server)
{
  return listener_port (server->listener);
}

gboolean
xmpp_server_is_ready (const XmppServer *server)
{
  return server->ready;
}

void
xmpp_server_expect_end (XmppServer *server)
{
  server->end_expected = TRUE;
}

void
xmpp_server_send (XmppServer *server, const char *format, ...)
{
  g_autofree char *xml = NULL;
  va_list arguments;

  va_start (arguments, format);
  xml = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  xmpp_server_send_text (server, xml, strlen (xml));
}

void
xmpp_server_send_text (XmppServer *server, const char *xml, gsize length)
{
  if (server->stream != NULL)
    stream_write (server->stream, xml, length);
}
