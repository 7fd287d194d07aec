/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text_parts.c - long texts that come in parts.
 *
 * Parts may be cut inside of a character, so the bytes are joined, and read when they are all there.  */
#include "text_parts.h"

#include <string.h>

#define MOST_SETS 8
#define MOST_PARTS 128
#define MOST_BYTES (256 * 1024)
#define SECONDS_KEPT 300

typedef struct {
  char *sender, *id;
  gint64 begun;
  guint expected;                  /* 0: the first is not there yet */
  gsize size;
  GBytes *parts[MOST_PARTS];       /* the first with its headers */
} Set;

struct TextParts {
  GQueue sets;                     /* Set, the oldest first */
};

static void
set_free (Set *set)
{
  for (guint i = 0; i < MOST_PARTS; i++)
    g_clear_pointer (&set->parts[i], g_bytes_unref);
  g_free (set->sender);
  g_free (set->id);
  g_free (set);
}

TextParts *
text_parts_new (void)
{
  return g_new0 (TextParts, 1);
}

void
text_parts_free (TextParts *parts)
{
  g_queue_clear_full (&parts->sets, (GDestroyNotify) set_free);
  g_free (parts);
}

gboolean
text_parts_concerns (const MimeMessage *message)
{
  return mime_get (message, "Message-ID") != NULL
         && (mime_get (message, "Chunks") != NULL || mime_get (message, "Chunk") != NULL);
}

static Set *
find_set (TextParts *parts, const char *sender, const char *id, gint64 now)
{
  Set *set;

  while (parts->sets.head != NULL && ((Set *) parts->sets.head->data)->begun + SECONDS_KEPT < now)
    set_free (g_queue_pop_head (&parts->sets));
  for (GList *l = parts->sets.head; l != NULL; l = l->next)
    {
      set = l->data;
      if (g_str_equal (set->sender, sender) && g_str_equal (set->id, id))
        return set;
    }
  if (parts->sets.length >= MOST_SETS)
    set_free (g_queue_pop_head (&parts->sets));
  set = g_new0 (Set, 1);
  set->sender = g_strdup (sender);
  set->id = g_strdup (id);
  set->begun = now;
  g_queue_push_tail (&parts->sets, set);
  return set;
}

static gboolean
is_complete (const Set *set)
{
  for (guint i = 0; i < set->expected; i++)
    if (set->parts[i] == NULL)
      return FALSE;
  return set->expected > 0;
}

GByteArray *
text_parts_add (TextParts *parts, const char *sender, const MimeMessage *message, const void *payload, gsize length, gint64 now)
{
  const char *chunks = mime_get (message, "Chunks");
  const char *chunk = mime_get (message, "Chunk");
  guint64 number = 0;
  GByteArray *joined;
  Set *set;

  if (!g_ascii_string_to_unsigned (chunks != NULL ? chunks : chunk, 10, 1, MOST_PARTS - 1, &number, NULL))
    return NULL;
  set = find_set (parts, sender, mime_get (message, "Message-ID"), now);
  if (set->size + length > MOST_BYTES)
    return NULL;
  if (chunks != NULL)
    {
      set->expected = (guint) number;
      number = 0;
    }
  if (set->parts[number] == NULL)
    {
      set->parts[number] = chunks != NULL ? g_bytes_new (payload, length) : g_bytes_new (message->body, message->length);
      set->size += length;
    }
  if (!is_complete (set))
    return NULL;
  joined = g_byte_array_new ();
  for (guint i = 0; i < set->expected; i++)
    {
      gsize size;
      const guint8 *data = g_bytes_get_data (set->parts[i], &size);

      g_byte_array_append (joined, data, (guint) size);
    }
  g_queue_remove (&parts->sets, set);
  set_free (set);
  return joined;
}
