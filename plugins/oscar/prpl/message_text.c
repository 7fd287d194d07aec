/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message_text.c - texts as libpurple has them, and as they go over the network. */
#include "message_text.h"

#include <purple.h>
#include <string.h>

#include "icbm.h"
#include "markup.h"
#include "text_split.h"

#define MOST_PIECES 50
#define AROUND strlen ("<HTML><BODY></BODY></HTML>")

static char *
dup_crlf (const char *text)
{
  GString *out = g_string_sized_new (strlen (text));

  for (; *text != '\0'; text++)
    if (*text == '\n')
      g_string_append (out, "\r\n");
    else if (*text != '\r')
      g_string_append_c (out, *text);
  return g_string_free (out, FALSE);
}

static GStrv
split_plain (const char *html)
{
  g_autofree char *text = purple_markup_strip_html (html);
  GStrv pieces = text_split (text, FALSE, ICBM_TEXT_MOST, 0, MOST_PIECES);

  for (guint i = 0; pieces != NULL && pieces[i] != NULL; i++)
    {
      g_autofree char *piece = pieces[i];

      pieces[i] = dup_crlf (piece);
    }
  return pieces;
}

GStrv
message_text_split (const char *html, gboolean plain)
{
  GStrv pieces;

  if (plain)
    return split_plain (html);
  pieces = text_split (html, TRUE, ICBM_TEXT_MOST, AROUND, MOST_PIECES);
  for (guint i = 0; pieces != NULL && pieces[i] != NULL; i++)
    {
      g_autofree char *piece = pieces[i];

      pieces[i] = markup_dup_wrapped (piece);
    }
  return pieces;
}

char *
message_text_dup_html (const char *text, gboolean from_uin)
{
  if (!from_uin || markup_is_html_document (text))
    return markup_dup_inner (text);
  return markup_dup_escaped (text);
}
