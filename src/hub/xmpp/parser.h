/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parser.h - from the bytes of a stream to stanzas, within limits. */
#pragma once

#include "stanza.h"

/* Limits of one stanza.  libstrophe's trees cost the square of the number of
 * children, and recurse to free them. */
#define PARSER_NODES_MAX 2000
#define PARSER_DEPTH_MAX 32
#define PARSER_ATTRIBUTES_MAX 32
#define PARSER_TEXT_MAX (1024 * 1024)

typedef struct Parser Parser;

typedef struct {
  void (*on_open) (const char *id, gpointer data);   /* the stream's header; id may be NULL */
  /* A stanza, or the stream's own error ("stream:error"); lent.  `excess`: it went beyond the
   * limits, and only its root is here. */
  void (*on_stanza) (xmpp_stanza_t *stanza, gboolean excess, gpointer data);
  void (*on_close) (gpointer data);                  /* </stream:stream> */
} ParserCallbacks;

/* Callbacks run inside parser_feed; they must not free the parser. */
Parser *parser_new (const ParserCallbacks *callbacks, gpointer data);
void parser_free (Parser *parser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Parser, parser_free)

/* How many of the bytes that were fed are the beginning of a stanza that is not complete. */
gsize parser_get_tail (const Parser *parser);

/* FALSE: not XML (or a DOCTYPE); nothing can be read from this stream any more. */
gboolean parser_feed (Parser *parser, const char *bytes, gsize length, GError **error);
