/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plain_text.c - what a user writes, as MSN takes it.
 *
 * A message has one style: bold and the like are taken when every visible character has them.  So they are counted.  */
#include "plain_text.h"

#include <stdlib.h>
#include <string.h>

#include "percent.h"

#define LONGEST_TAG 4096
#define MOST_FONTS 32

typedef enum { STYLE_BOLD, STYLE_ITALIC, STYLE_UNDERLINE, STYLE_STRIKE, STYLES } Style;

typedef struct {
  gint64 color;     /* -1: not said */
  char *face;
} Font;

typedef struct {
  GString *out;
  guint depth[STYLES];          /* open tags */
  guint covered[STYLES], visible;
  GArray *fonts;                /* Font, those that are open */
  gint64 color;                 /* of all so far; -1: none, -2: several */
  char *face;
  gboolean face_mixed;
  char *link;                   /* of the open A */
  gsize link_start;
  guint hidden;                 /* inside of SCRIPT, STYLE or TITLE */
} Scanner;

static void
clear_font (gpointer data)
{
  g_free (((Font *) data)->face);
}

static void
note_visible (Scanner *scanner)
{
  const Font *font = scanner->fonts->len > 0 ? &g_array_index (scanner->fonts, Font, scanner->fonts->len - 1) : NULL;
  gint64 color = font != NULL ? font->color : -1;
  const char *face = font != NULL ? font->face : NULL;

  for (guint i = 0; i < STYLES; i++)
    scanner->covered[i] += scanner->depth[i] > 0;
  if (scanner->visible == 0)
    {
      scanner->color = color;
      scanner->face = g_strdup (face);
    }
  if (scanner->color != color)
    scanner->color = -2;
  if (g_strcmp0 (scanner->face, face) != 0)
    scanner->face_mixed = TRUE;
  scanner->visible++;
}

static void
add_character (Scanner *scanner, gunichar c)
{
  if (scanner->hidden > 0 || c == 0 || c == '\r')
    return;
  if (c == '\n')
    {
      g_string_append (scanner->out, "\r\n");
      return;
    }
  if (c == 0xa0)
    c = ' ';
  if ((c < 0x20 && c != '\t') || c == 0xfffe || c == 0xffff)
    return;
  g_string_append_unichar (scanner->out, c);
  if (!g_unichar_isspace (c))
    note_visible (scanner);
}

/* -- Entities ------------------------------------------------------------- */

/* The length of the entity that TEXT begins with, or 0. */
static gsize
read_entity (const char *text, gunichar *c)
{
  static const struct {
    const char *name;
    gunichar c;
  } names[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' }, { "&nbsp;", ' ' } };
  char *end;
  guint64 number;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_has_prefix (text, names[i].name))
      {
        *c = names[i].c;
        return strlen (names[i].name);
      }
  if (text[1] != '#')
    return 0;
  if ((text[2] == 'x' || text[2] == 'X') && g_ascii_isxdigit (text[3]))
    number = g_ascii_strtoull (text + 3, &end, 16);
  else if (g_ascii_isdigit (text[2]))
    number = g_ascii_strtoull (text + 2, &end, 10);
  else
    return 0;
  if (*end != ';')
    return 0;
  *c = number <= 0x10ffff && g_unichar_validate ((gunichar) number) ? (gunichar) number : 0;
  return (gsize) (end - text) + 1;
}

static char *
dup_unescaped (const char *text)
{
  GString *out = g_string_new (NULL);

  while (*text != '\0')
    {
      gunichar c = 0;
      gsize length = *text == '&' ? read_entity (text, &c) : 0;

      if (length > 0 && c != 0)
        g_string_append_unichar (out, c);
      else if (length == 0)
        g_string_append_c (out, *text);
      text += MAX (length, 1);
    }
  return g_string_free (out, FALSE);
}

/* -- Tags ----------------------------------------------------------------- */

/* The value of an attribute in the inside of a tag, or NULL. */
static char *
dup_attribute (const char *inside, const char *name)
{
  gsize length = strlen (name);

  for (const char *p = inside; *p != '\0'; p++)
    {
      const char *value;
      gsize size;

      if (!g_ascii_isspace (*p) || g_ascii_strncasecmp (p + 1, name, length) != 0 || p[1 + length] != '=')
        continue;
      value = p + 2 + length;
      if (*value == '"' || *value == '\'')
        {
          const char *end = strchr (value + 1, *value);
          g_autofree char *raw = g_strndup (value + 1, end != NULL ? (gsize) (end - value - 1) : strlen (value + 1));

          return dup_unescaped (raw);
        }
      size = strcspn (value, " \t\r\n");
      return g_strndup (value, size);
    }
  return NULL;
}

static gint64
parse_color (const char *text)
{
  guint64 number;

  if (text != NULL && text[0] == '#' && strlen (text) == 7 && g_ascii_string_to_unsigned (text + 1, 16, 0, 0xffffff, &number, NULL))
    return (gint64) number;
  return -1;
}

static void
open_font (Scanner *scanner, const char *inside)
{
  Font font = { .color = -1 };
  g_autofree char *color = dup_attribute (inside, "color");
  char *face = dup_attribute (inside, "face");

  if (scanner->fonts->len >= MOST_FONTS)
    {
      g_free (face);
      return;
    }
  if (scanner->fonts->len > 0)
    {
      font = g_array_index (scanner->fonts, Font, scanner->fonts->len - 1);
      font.face = g_strdup (font.face);
    }
  if (parse_color (color) >= 0)
    font.color = parse_color (color);
  if (face != NULL)
    {
      g_free (font.face);
      font.face = face;
    }
  g_array_append_val (scanner->fonts, font);
}

static void
close_link (Scanner *scanner)
{
  g_autofree char *link = g_steal_pointer (&scanner->link);
  const char *shown;

  if (link == NULL)
    return;
  shown = scanner->out->str + scanner->link_start;
  if (g_str_equal (shown, link) || (g_str_has_prefix (link, "mailto:") && g_str_equal (shown, link + 7)))
    return;
  if (*shown == '\0')
    g_string_append (scanner->out, link);
  else if (!g_str_has_suffix (link, shown))
    g_string_append_printf (scanner->out, " <%s>", link);
}

static gboolean
take_style (Scanner *scanner, const char *name, gboolean closing)
{
  static const struct {
    const char *name;
    Style style;
  } names[] = { { "b", STYLE_BOLD }, { "strong", STYLE_BOLD }, { "i", STYLE_ITALIC }, { "em", STYLE_ITALIC }, { "u", STYLE_UNDERLINE },
                { "s", STYLE_STRIKE }, { "strike", STYLE_STRIKE }, { "del", STYLE_STRIKE } };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i].name))
      {
        guint *depth = &scanner->depth[names[i].style];

        if (!closing)
          ++*depth;
        else if (*depth > 0)
          --*depth;
        return TRUE;
      }
  return FALSE;
}

static void
break_line (Scanner *scanner)
{
  if (scanner->out->len > 0 && scanner->out->str[scanner->out->len - 1] != '\n')
    add_character (scanner, '\n');
}

static void
take_tag (Scanner *scanner, const char *name, gboolean closing, const char *inside)
{
  static const char *const blocks[] = { "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "blockquote", "pre", NULL };
  static const char *const hiding[] = { "script", "style", "title", NULL };

  if (take_style (scanner, name, closing))
    return;
  if (g_str_equal (name, "br"))
    add_character (scanner, '\n');
  else if (g_strv_contains (blocks, name))
    break_line (scanner);
  else if (g_strv_contains (hiding, name))
    scanner->hidden = closing ? 0 : 1;
  else if (g_str_equal (name, "font") && !closing)
    open_font (scanner, inside);
  else if (g_str_equal (name, "font") && scanner->fonts->len > 0)
    g_array_set_size (scanner->fonts, scanner->fonts->len - 1);
  else if (g_str_equal (name, "a"))
    {
      close_link (scanner);
      scanner->link = closing ? NULL : dup_attribute (inside, "href");
      scanner->link_start = scanner->out->len;
    }
  else if (g_str_equal (name, "img") && !closing)
    {
      g_autofree char *alt = dup_attribute (inside, "alt");

      if (alt != NULL && scanner->hidden == 0)
        g_string_append (scanner->out, alt);
    }
}

/* The length of the tag that TEXT begins with, or 0 if it is none. */
static gsize
read_tag (Scanner *scanner, const char *text)
{
  gboolean closing = text[1] == '/';
  const char *start = text + (closing ? 2 : 1);
  gsize length = 0;
  const char *end = NULL;
  char quote = '\0';
  g_autofree char *name = NULL;
  g_autofree char *inside = NULL;

  if (g_str_has_prefix (text, "<!--"))
    {
      end = strstr (text, "-->");
      return end != NULL ? (gsize) (end - text) + 3 : 0;
    }
  while (g_ascii_isalnum (start[length]))
    length++;
  if (length == 0 || length > 16)
    return 0;
  for (const char *p = start + length; *p != '\0' && p - text < LONGEST_TAG && end == NULL; p++)
    if (quote != '\0')
      quote = *p == quote ? '\0' : quote;
    else if (p[-1] == '=' && (*p == '"' || *p == '\''))
      quote = *p;
    else if (*p == '>')
      end = p;
  if (end == NULL)
    return 0;
  name = g_ascii_strdown (start, (gssize) length);
  inside = g_strndup (start + length, (gsize) (end - start) - length);
  take_tag (scanner, name, closing, inside);
  return (gsize) (end - text) + 1;
}

static void
fill_format (Scanner *scanner, TextFormat *format)
{
  guint visible = scanner->visible;

  format->bold = visible > 0 && scanner->covered[STYLE_BOLD] == visible;
  format->italic = visible > 0 && scanner->covered[STYLE_ITALIC] == visible;
  format->underline = visible > 0 && scanner->covered[STYLE_UNDERLINE] == visible;
  format->strike = visible > 0 && scanner->covered[STYLE_STRIKE] == visible;
  format->color = scanner->color > 0 ? (guint32) scanner->color : 0;
  if (!scanner->face_mixed)
    format->font = g_steal_pointer (&scanner->face);
}

char *
plain_text_from_html (const char *html, TextFormat *format)
{
  g_autofree char *valid = g_utf8_make_valid (html, -1);
  Scanner scanner = { .color = -1 };

  memset (format, 0, sizeof *format);
  scanner.out = g_string_sized_new (strlen (valid));
  scanner.fonts = g_array_new (FALSE, FALSE, sizeof (Font));
  g_array_set_clear_func (scanner.fonts, clear_font);
  for (const char *p = valid; *p != '\0';)
    {
      gunichar c = g_utf8_get_char (p);
      gsize length = *p == '<' ? read_tag (&scanner, p) : *p == '&' ? read_entity (p, &c) : 0;

      if (*p != '<' || length == 0)
        add_character (&scanner, c);
      p += length > 0 ? length : (gsize) (g_utf8_next_char (p) - p);
    }
  close_link (&scanner);
  fill_format (&scanner, format);
  while (g_str_has_suffix (scanner.out->str, "\r\n"))
    g_string_truncate (scanner.out, scanner.out->len - 2);
  g_free (scanner.face);
  g_array_unref (scanner.fonts);
  return g_string_free (scanner.out, FALSE);
}

/* -- Pieces --------------------------------------------------------------- */

static gboolean
can_cut_before (const char *text, const char *at)
{
  gunichar c = g_utf8_get_char (at);
  const char *before = g_utf8_find_prev_char (text, at);

  if (g_unichar_ismark (c) || c == 0x200d || (c >= 0x1f3fb && c <= 0x1f3ff))
    return FALSE;
  return before == NULL || (g_utf8_get_char (before) != 0x200d && !(*before == '\r' && *at == '\n'));
}

/* How much of the text goes into the next piece; *skip: what is left out behind it. */
static gsize
measure_piece (const char *text, gsize most, gsize *skip)
{
  const char *hard = NULL, *soft = NULL, *any = text;

  *skip = 0;
  if (strlen (text) <= most)
    return strlen (text);
  for (const char *p = g_utf8_next_char (text); (gsize) (p - text) <= most && *p != '\0'; p = g_utf8_next_char (p))
    {
      any = p;
      if (can_cut_before (text, p))
        hard = p;
      if (*p == ' ' || (*p == '\r' && p[1] == '\n'))
        soft = p;
    }
  if (soft != NULL && (gsize) (soft - text) >= most / 2)
    {
      *skip = *soft == ' ' ? 1 : 2;
      return (gsize) (soft - text);
    }
  if (hard == NULL)
    hard = any > text ? any : g_utf8_next_char (text);
  return (gsize) (hard - text);
}

GStrv
plain_text_split (const char *text, gsize most, guint most_pieces)
{
  GPtrArray *pieces = g_ptr_array_new_with_free_func (g_free);

  while (*text != '\0')
    {
      gsize skip;
      gsize length = measure_piece (text, most, &skip);

      if (pieces->len == most_pieces)
        {
          g_ptr_array_unref (pieces);
          return NULL;
        }
      g_ptr_array_add (pieces, g_strndup (text, length));
      text += length + skip;
    }
  g_ptr_array_add (pieces, NULL);
  return (GStrv) g_ptr_array_free (pieces, FALSE);
}
