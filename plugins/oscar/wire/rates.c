/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rates.c - how fast a server lets us send.
 *
 * When a SNAC is sent, the level becomes min (max, (level * (W - 1) + elapsed) / W).  Below `alert` the server warns, below
 * `limit` it drops SNACs silently, below `disconnect` it closes; all of them lower the level further.  We stay a little above
 * alert, the more so with what nobody waits for: the server's clock starts when a SNAC arrives, not when it is sent.  */
#include "rates.h"

#include "tlv.h"

/* More classes or pairs than that no server has. */
#define MOST_CLASSES 64
#define MOST_PAIRS 8192
#define USER_MARGIN 50
#define BACKGROUND_MARGIN 250

struct Rates {
  GArray *classes;      /* RateClass */
  GHashTable *members;  /* family << 16 | subtype -> index of the class + 1 */
};

static void
parse_class (Reader *body, RateClass *class, gint64 now)
{
  class->id = reader_u16 (body);
  class->window = reader_u32 (body);
  class->clear = reader_u32 (body);
  class->alert = reader_u32 (body);
  class->limit = reader_u32 (body);
  class->disconnect = reader_u32 (body);
  class->level = reader_u32 (body);
  class->max = reader_u32 (body);
  class->last = now;
  class->limited = FALSE;
}

static gboolean
parse_classes (Rates *rates, Reader *body, guint count, gboolean tail, gint64 now)
{
  for (guint i = 0; i < count; i++)
    {
      RateClass class;

      parse_class (body, &class, now);
      if (tail)
        {
          reader_u32 (body);
          class.limited = reader_u8 (body) != 0;
        }
      if (body->bad || class.window == 0)
        return FALSE;
      g_array_append_val (rates->classes, class);
    }
  return TRUE;
}

static guint
index_of (const Rates *rates, guint16 id)
{
  for (guint i = 0; i < rates->classes->len; i++)
    if (g_array_index (rates->classes, RateClass, i).id == id)
      return i;
  return G_MAXUINT;
}

static void
parse_members (Rates *rates, Reader *body)
{
  while (body->left > 0 && !body->bad)
    {
      guint index = index_of (rates, reader_u16 (body));
      guint count = reader_u16 (body);

      while (count-- > 0 && !body->bad)
        {
          guint family = reader_u16 (body);
          guint subtype = reader_u16 (body);

          if (!body->bad && index != G_MAXUINT && g_hash_table_size (rates->members) < MOST_PAIRS)
            g_hash_table_insert (rates->members, GUINT_TO_POINTER (family << 16 | subtype), GUINT_TO_POINTER (index + 1));
        }
    }
}

static Rates *
parse_with (Reader body, gboolean tail, gint64 now)
{
  Rates *rates = g_new0 (Rates, 1);
  guint count = reader_u16 (&body);

  rates->classes = g_array_new (FALSE, FALSE, sizeof (RateClass));
  rates->members = g_hash_table_new (NULL, NULL);
  if (count > 0 && count <= MOST_CLASSES && parse_classes (rates, &body, count, tail, now))
    {
      parse_members (rates, &body);
      if (!body.bad)
        return rates;
    }
  rates_free (rates);
  return NULL;
}

/* Whether classes have a tail depends on versions, and servers differ: the form that uses the body up is the right one. */
Rates *
rates_parse (Reader body, gint64 now)
{
  Rates *rates = parse_with (body, TRUE, now);

  return rates != NULL ? rates : parse_with (body, FALSE, now);
}

void
rates_free (Rates *rates)
{
  g_array_unref (rates->classes);
  g_hash_table_unref (rates->members);
  g_free (rates);
}

gboolean
rates_parse_change (Rates *rates, Reader body, gint64 now, guint16 *code)
{
  RateClass class;
  guint index;

  *code = reader_u16 (&body);
  parse_class (&body, &class, now);
  if (body.bad || class.window == 0)
    return FALSE;
  class.limited = *code == 3;
  index = index_of (rates, class.id);
  if (index != G_MAXUINT)
    g_array_index (rates->classes, RateClass, index) = class;
  return TRUE;
}

GByteArray *
rates_build_ack (const Rates *rates)
{
  GByteArray *out = g_byte_array_new ();

  for (guint i = 0; i < rates->classes->len; i++)
    bytes_add_u16 (out, g_array_index (rates->classes, RateClass, i).id);
  return out;
}

guint
rates_count (const Rates *rates)
{
  return rates->classes->len;
}

RateClass *
rates_get (Rates *rates, guint index)
{
  g_assert (index < rates->classes->len);
  return &g_array_index (rates->classes, RateClass, index);
}

guint
rates_find (const Rates *rates, guint16 family, guint16 subtype)
{
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (rates->members, GUINT_TO_POINTER ((guint) family << 16 | subtype)));

  if (found > 0)
    return found - 1;
  /* What no group names belongs to class 1. */
  found = index_of (rates, 1);
  return found != G_MAXUINT ? found : 0;
}

static guint32
level_at (const RateClass *class, gint64 now)
{
  guint64 elapsed = now > class->last ? (guint64) (now - class->last) : 0;
  guint64 level = ((guint64) class->level * (class->window - 1) + elapsed) / class->window;

  return (guint32) MIN (level, class->max);
}

static guint64
get_line (const RateClass *class, gboolean background)
{
  guint64 line;

  if (class->limited)
    line = (guint64) class->clear + 1;
  else
    line = (guint64) class->alert + (background ? BACKGROUND_MARGIN : USER_MARGIN);
  /* A line that cannot be reached would mean never to send again. */
  return MIN (line, class->max);
}

guint32
rate_class_wait (const RateClass *class, gboolean background, gint64 now)
{
  guint64 line = get_line (class, background);
  guint64 passed = now > class->last ? (guint64) (now - class->last) : 0;
  guint64 needed;

  if (level_at (class, now) >= line)
    return 0;
  /* (level * (W - 1) + elapsed) / W >= line */
  needed = line * class->window - (guint64) class->level * (class->window - 1);
  return (guint32) MIN (needed > passed ? needed - passed : 1, G_MAXINT);
}

void
rate_class_charge (RateClass *class, gint64 now)
{
  class->level = level_at (class, now);
  class->last = now;
  if (class->level >= class->clear)
    class->limited = FALSE;
}
