/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text_format.c - fonts and colours of a message. */
#include "text_format.h"

#include <string.h>

#include "percent.h"

#define LONGEST_FONT 100

void
text_format_clear (TextFormat *format)
{
  g_clear_pointer (&format->font, g_free);
}

/* The wire has blue first; the computation is its own reverse. */
static guint32
swap_color (guint32 color)
{
  return (color & 0xff) << 16 | (color & 0xff00) | (color >> 16 & 0xff);
}

static void
take_effects (TextFormat *format, const char *letters)
{
  format->bold = strpbrk (letters, "Bb") != NULL;
  format->italic = strpbrk (letters, "Ii") != NULL;
  format->underline = strpbrk (letters, "Uu") != NULL;
  format->strike = strpbrk (letters, "Ss") != NULL;
}

static void
take_item (TextFormat *format, const char *name, const char *value)
{
  guint64 number;

  if (g_ascii_strcasecmp (name, "FN") == 0)
    {
      g_free (format->font);
      format->font = strlen (value) <= 3 * LONGEST_FONT ? percent_dup_decoded (value) : NULL;
    }
  else if (g_ascii_strcasecmp (name, "EF") == 0)
    take_effects (format, value);
  else if (g_ascii_strcasecmp (name, "CO") == 0 && g_ascii_string_to_unsigned (value, 16, 0, 0xffffff, &number, NULL))
    format->color = swap_color ((guint32) number);
  else if (g_ascii_strcasecmp (name, "RL") == 0)
    format->rtl = g_str_equal (value, "1");
}

void
text_format_parse (const char *value, TextFormat *format)
{
  g_auto (GStrv) items = value != NULL ? g_strsplit (value, ";", 20) : NULL;

  memset (format, 0, sizeof *format);
  for (guint i = 0; items != NULL && items[i] != NULL; i++)
    {
      char *equals = strchr (items[i], '=');

      if (equals == NULL)
        continue;
      *equals = '\0';
      take_item (format, g_strstrip (items[i]), g_strstrip (equals + 1));
    }
}

char *
text_format_build (const TextFormat *format)
{
  g_autofree char *font = percent_dup_encoded (format->font != NULL ? format->font : "Segoe UI");

  return g_strdup_printf ("FN=%s; EF=%s%s%s%s; CO=%x; CS=0; PF=0%s", font, format->bold ? "B" : "", format->italic ? "I" : "",
                          format->underline ? "U" : "", format->strike ? "S" : "", swap_color (format->color), format->rtl ? "; RL=1" : "");
}

static void
append_escaped (GString *out, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  for (const char *p = escaped; *p != '\0'; p++)
    if (*p == '\n' || (*p == '\r' && p[1] != '\n'))
      g_string_append (out, "<br>");
    else if (*p != '\r')
      g_string_append_c (out, *p);
}

char *
text_format_dup_html (const TextFormat *format, const char *text)
{
  const struct {
    gboolean on;
    const char *name;
  } tags[] = { { format->bold, "b" }, { format->italic, "i" }, { format->underline, "u" }, { format->strike, "s" } };
  gboolean has_font = format->font != NULL && *format->font != '\0';
  GString *out = g_string_new (NULL);

  if (format->rtl)
    g_string_append (out, "<span style=\"direction:rtl;text-align:right;\">");
  if (has_font || format->color != 0)
    g_string_append (out, "<font");
  if (has_font)
    {
      g_autofree char *escaped = g_markup_escape_text (format->font, -1);

      g_string_append_printf (out, " face=\"%s\"", escaped);
    }
  if (format->color != 0)
    g_string_append_printf (out, " color=\"#%06x\"", format->color);
  if (has_font || format->color != 0)
    g_string_append_c (out, '>');
  for (guint i = 0; i < G_N_ELEMENTS (tags); i++)
    if (tags[i].on)
      g_string_append_printf (out, "<%s>", tags[i].name);
  append_escaped (out, text);
  for (guint i = G_N_ELEMENTS (tags); i-- > 0;)
    if (tags[i].on)
      g_string_append_printf (out, "</%s>", tags[i].name);
  if (has_font || format->color != 0)
    g_string_append (out, "</font>");
  if (format->rtl)
    g_string_append (out, "</span>");
  return g_string_free (out, FALSE);
}
