/* SPDX-License-Identifier: GPL-2.0-or-later */
/* personal_message.c - a sentence, and what is played. */
#include "personal_message.h"

#include <string.h>

#include "markup_scan.h"

#define SEPARATOR "\\0"
#define MOST_PARTS 32
#define LONGEST_SHOWN 1024

static const struct {
  MediaKind kind;
  const char *name;
} kinds[] = { { MEDIA_MUSIC, "Music" }, { MEDIA_GAME, "Games" }, { MEDIA_OFFICE, "Office" } };

static MediaKind
parse_kind (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_ascii_strcasecmp (kinds[i].name, name) == 0)
      return kinds[i].kind;
  return *name != '\0' ? MEDIA_MUSIC : MEDIA_NONE;
}

/* {0} {1} ... in the format become the values. */
static char *
fill_format (const char *format, char **values, guint count)
{
  GString *out = g_string_new (NULL);
  const char *end;

  for (; *format != '\0' && out->len < LONGEST_SHOWN; format++)
    if (format[0] == '{' && g_ascii_isdigit (format[1]) && format[2] == '}')
      {
        guint index = (guint) (format[1] - '0');

        if (index < count)
          g_string_append (out, values[index]);
        format += 2;
      }
    else
      g_string_append_c (out, *format);
  if (out->len > LONGEST_SHOWN)
    g_string_truncate (out, LONGEST_SHOWN);
  /* The end may be within a character. */
  if (!g_utf8_validate (out->str, (gssize) out->len, &end))
    g_string_truncate (out, (gsize) (end - out->str));
  return g_string_free (out, FALSE);
}

static char *
dup_part (char **values, guint count, guint index)
{
  return index < count && *values[index] != '\0' ? g_strdup (values[index]) : NULL;
}

/* Application, kind, enabled, format, values ... */
static void
parse_media (const char *media, PersonalMessage *message)
{
  g_auto (GStrv) parts = g_strsplit (media, SEPARATOR, MOST_PARTS);
  guint count = g_strv_length (parts);
  char **values;

  if (count < 4 || !g_str_equal (parts[2], "1"))
    return;
  values = parts + 4;
  count -= 4;
  message->kind = parse_kind (parts[1]);
  message->shown = fill_format (parts[3], values, count);
  message->title = dup_part (values, count, 0);
  message->artist = dup_part (values, count, 1);
  message->album = dup_part (values, count, 2);
  if (message->title == NULL && *message->shown != '\0')
    message->title = g_strdup (message->shown);
  if (message->title != NULL && *message->shown == '\0')
    {
      g_free (message->shown);
      message->shown = g_strdup (message->title);
    }
  if (message->title == NULL)
    message->kind = MEDIA_NONE;
}

void
personal_message_parse (const void *payload, gsize length, PersonalMessage *message)
{
  g_autofree char *media = markup_dup_text (payload, length, "CurrentMedia");

  memset (message, 0, sizeof *message);
  message->text = markup_dup_text (payload, length, "PSM");
  if (message->text == NULL)
    message->text = g_strdup ("");
  if (media != NULL)
    parse_media (media, message);
}

void
personal_message_clear (PersonalMessage *message)
{
  g_clear_pointer (&message->text, g_free);
  g_clear_pointer (&message->shown, g_free);
  g_clear_pointer (&message->title, g_free);
  g_clear_pointer (&message->artist, g_free);
  g_clear_pointer (&message->album, g_free);
}

static void
append_value (GString *media, const char *value)
{
  g_autofree char *escaped = markup_dup_escaped (value != NULL ? value : "");

  g_string_append (media, escaped);
  g_string_append (media, SEPARATOR);
}

char *
personal_message_build (const char *text, MediaKind kind, const char *title, const char *artist, const char *album)
{
  g_autofree char *escaped = markup_dup_escaped (text != NULL ? text : "");
  g_autoptr (GString) media = g_string_new (NULL);
  gboolean has_artist = artist != NULL && *artist != '\0';

  if (title != NULL && *title != '\0' && kind != MEDIA_NONE)
    {
      g_string_append_printf (media, SEPARATOR "%s" SEPARATOR "1" SEPARATOR "%s" SEPARATOR, kinds[kind - 1].name, has_artist ? "{0} - {1}" : "{0}");
      append_value (media, title);
      if (has_artist)
        append_value (media, artist);
      if (has_artist && album != NULL && *album != '\0')
        append_value (media, album);
      g_string_append (media, SEPARATOR);
    }
  return g_strdup_printf ("<Data><PSM>%s</PSM><CurrentMedia>%s</CurrentMedia></Data>", escaped, media->str);
}
