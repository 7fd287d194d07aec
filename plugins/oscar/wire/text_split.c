/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text_split.c - long texts in pieces, between words where that is possible. */
#include "text_split.h"

#include <string.h>

/* So many bytes at the end of a piece are given up for a cut between words. */
#define LOOK_BACK 200
/* Deeper than that nobody nests; what is more is not opened again. */
#define MOST_OPEN 32
#define LONGEST_TAG 1024
#define LONGEST_ENTITY 12

typedef struct {
  GString *text;
  gsize units;         /* of UTF-16, or characters of ASCII */
  gboolean wide;       /* not all is ASCII */
} Piece;

typedef struct {
  gboolean html;
  gsize most, around;
  guint most_pieces;
  GPtrArray *pieces;
  Piece piece;
  GPtrArray *open;     /* tags, as they were opened */
  gsize blank;         /* length of the piece up to its last blank, 0: none since the last tag */
  const char *after_blank;   /* in the input */
} Splitter;

static void
piece_add (Piece *piece, const char *text, gsize length)
{
  g_string_append_len (piece->text, text, (gssize) length);
  for (const char *c = text; c < text + length; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      piece->units += character >= 0x10000 ? 2 : 1;
      piece->wide = piece->wide || character >= 0x80;
      /* It becomes <BR>. */
      if (character == '\n')
        piece->units += 3;
    }
}

/* The name in a tag, "" in a closing one. */
static char *
dup_tag_name (const char *tag)
{
  gsize length = strcspn (tag + 1, " \t\r\n/>");

  return g_ascii_strdown (tag + 1, (gssize) length);
}

static gsize
closing_units (const Splitter *splitter)
{
  gsize units = 0;

  for (guint i = 0; i < splitter->open->len; i++)
    units += strlen (splitter->open->pdata[i]) + 1;
  return units;
}

static gsize
size_with (const Splitter *splitter, gsize more, gboolean wide)
{
  gsize units = splitter->around + splitter->piece.units + more + closing_units (splitter);

  return splitter->piece.wide || wide ? 2 * units : units;
}

static void
end_piece (Splitter *splitter)
{
  for (guint i = splitter->open->len; i-- > 0;)
    {
      g_autofree char *name = dup_tag_name (splitter->open->pdata[i]);

      g_string_append_printf (splitter->piece.text, "</%s>", name);
    }
  g_ptr_array_add (splitter->pieces, g_string_free (splitter->piece.text, FALSE));
  splitter->piece = (Piece) { .text = g_string_new (NULL) };
  for (guint i = 0; i < splitter->open->len; i++)
    piece_add (&splitter->piece, splitter->open->pdata[i], strlen (splitter->open->pdata[i]));
  splitter->blank = 0;
}

/* The length of the tag or entity or character that the text begins with. */
static gsize
token_length (const Splitter *splitter, const char *text)
{
  const char *end = NULL;

  if (splitter->html && *text == '<')
    {
      end = strchr (text, '>');
      if (end != NULL && end - text < LONGEST_TAG)
        return (gsize) (end - text) + 1;
    }
  if (splitter->html && *text == '&')
    {
      end = strchr (text, ';');
      if (end != NULL && end - text < LONGEST_ENTITY)
        return (gsize) (end - text) + 1;
    }
  return (gsize) (g_utf8_next_char (text) - text);
}

static void
note_tag (Splitter *splitter, const char *tag, gsize length)
{
  static const char *const alone[] = { "br", "hr", "img", "!--", "" };
  g_autofree char *copy = g_strndup (tag, length);
  g_autofree char *name = dup_tag_name (copy);

  splitter->blank = 0;
  if (tag[1] == '/')
    {
      g_autofree char *closed = dup_tag_name (tag + 1);

      for (guint i = splitter->open->len; i-- > 0;)
        {
          g_autofree char *other = dup_tag_name (splitter->open->pdata[i]);

          if (!g_str_equal (other, closed))
            continue;
          g_ptr_array_remove_index (splitter->open, i);
          return;
        }
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (alone); i++)
    if (g_str_equal (name, alone[i]))
      return;
  if (splitter->open->len < MOST_OPEN && closing_units (splitter) + 2 * length < splitter->most / 4 && tag[length - 2] != '/')
    g_ptr_array_add (splitter->open, g_steal_pointer (&copy));
}

/* Where to go on after the piece is ended. */
static const char *
cut (Splitter *splitter, const char *text)
{
  if (splitter->blank > 0 && splitter->piece.text->len - splitter->blank <= LOOK_BACK)
    {
      g_string_truncate (splitter->piece.text, splitter->blank);
      text = splitter->after_blank;
    }
  end_piece (splitter);
  return text;
}

GStrv
text_split (const char *text, gboolean html, gsize most, gsize around, guint most_pieces)
{
  Splitter splitter = { .html = html, .most = most, .around = around, .most_pieces = most_pieces };
  GPtrArray *pieces = g_ptr_array_new_with_free_func (g_free);
  gboolean fresh = TRUE;   /* nothing but reopened tags is in the piece */

  splitter.pieces = pieces;
  splitter.piece.text = g_string_new (NULL);
  splitter.open = g_ptr_array_new_with_free_func (g_free);
  while (*text != '\0' && pieces->len < most_pieces)
    {
      gsize length = token_length (&splitter, text);
      gboolean tag = html && *text == '<' && length > 1;
      Piece more = { .text = g_string_new (NULL) };

      piece_add (&more, text, length);
      g_string_free (more.text, TRUE);
      if (!fresh && size_with (&splitter, more.units, more.wide) > most)
        {
          text = cut (&splitter, text);
          fresh = TRUE;
          continue;
        }
      piece_add (&splitter.piece, text, length);
      fresh = FALSE;
      if (tag)
        note_tag (&splitter, text, length);
      text += length;
      if (!tag && text[-1] == ' ')
        {
          splitter.blank = splitter.piece.text->len;
          splitter.after_blank = text;
        }
    }
  if (!fresh)
    end_piece (&splitter);
  g_string_free (splitter.piece.text, TRUE);
  g_ptr_array_unref (splitter.open);
  if (*text != '\0')
    {
      g_ptr_array_unref (pieces);
      return NULL;
    }
  g_ptr_array_add (pieces, NULL);
  return (GStrv) g_ptr_array_free (pieces, FALSE);
}
