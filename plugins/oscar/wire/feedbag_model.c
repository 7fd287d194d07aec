/* SPDX-License-Identifier: GPL-2.0-or-later */
/* feedbag_model.c - our copy of the list that the server keeps. */
#include "feedbag_model.h"

#include <string.h>

#include "screen_names.h"

#define MOST_ID 0x7fff

struct Feedbag {
  GHashTable *items;    /* gid << 16 | iid -> FeedbagItem, owned */
  GHashTable *names;    /* class and name -> GPtrArray of items, lent */
};

Feedbag *
feedbag_new (void)
{
  Feedbag *feedbag = g_new0 (Feedbag, 1);

  feedbag->items = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) feedbag_item_free);
  feedbag->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  return feedbag;
}

void
feedbag_free (Feedbag *feedbag)
{
  g_hash_table_unref (feedbag->names);
  g_hash_table_unref (feedbag->items);
  g_free (feedbag);
}

guint
feedbag_count (const Feedbag *feedbag)
{
  return g_hash_table_size (feedbag->items);
}

static char *
dup_key (guint16 class, const char *name)
{
  g_autofree char *normal = class == FEEDBAG_GROUP ? g_strdup (name) : screen_name_dup_normal (name);

  return g_strdup_printf ("%04x%s", class, normal);
}

static void
forget_name (Feedbag *feedbag, FeedbagItem *item)
{
  g_autofree char *key = dup_key (item->class, item->name);
  GPtrArray *same = g_hash_table_lookup (feedbag->names, key);

  if (same == NULL)
    return;
  g_ptr_array_remove (same, item);
  if (same->len == 0)
    g_hash_table_remove (feedbag->names, key);
}

static gpointer
id_of (guint16 gid, guint16 iid)
{
  return GUINT_TO_POINTER ((guint) gid << 16 | iid);
}

void
feedbag_put (Feedbag *feedbag, FeedbagItem *item)
{
  char *key = dup_key (item->class, item->name);
  GPtrArray *same;

  feedbag_remove (feedbag, item->gid, item->iid);
  g_hash_table_insert (feedbag->items, id_of (item->gid, item->iid), item);
  same = g_hash_table_lookup (feedbag->names, key);
  if (same == NULL)
    {
      same = g_ptr_array_new ();
      g_hash_table_insert (feedbag->names, key, same);
    }
  else
    g_free (key);
  g_ptr_array_add (same, item);
}

gboolean
feedbag_remove (Feedbag *feedbag, guint16 gid, guint16 iid)
{
  FeedbagItem *item = feedbag_get (feedbag, gid, iid);

  if (item == NULL)
    return FALSE;
  forget_name (feedbag, item);
  return g_hash_table_remove (feedbag->items, id_of (gid, iid));
}

GList *
feedbag_list (const Feedbag *feedbag)
{
  return g_hash_table_get_values (feedbag->items);
}

FeedbagItem *
feedbag_get (const Feedbag *feedbag, guint16 gid, guint16 iid)
{
  return g_hash_table_lookup (feedbag->items, id_of (gid, iid));
}

static GPtrArray *
find_all (const Feedbag *feedbag, guint16 class, const char *name)
{
  g_autofree char *key = dup_key (class, name);

  return g_hash_table_lookup (feedbag->names, key);
}

FeedbagItem *
feedbag_find (const Feedbag *feedbag, guint16 class, const char *name)
{
  GPtrArray *same = find_all (feedbag, class, name);

  return same != NULL ? same->pdata[0] : NULL;
}

FeedbagItem *
feedbag_find_in (const Feedbag *feedbag, const FeedbagItem *group, const char *name)
{
  GPtrArray *same = find_all (feedbag, FEEDBAG_BUDDY, name);

  for (guint i = 0; same != NULL && i < same->len; i++)
    if (((FeedbagItem *) same->pdata[i])->gid == group->gid)
      return same->pdata[i];
  return NULL;
}

FeedbagItem *
feedbag_find_group (const Feedbag *feedbag, const char *name)
{
  return *name != '\0' ? feedbag_find (feedbag, FEEDBAG_GROUP, name) : feedbag_get (feedbag, 0, 0);
}

FeedbagItem *
feedbag_find_class (const Feedbag *feedbag, guint16 class)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, feedbag->items);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((FeedbagItem *) value)->class == class)
      return value;
  return NULL;
}

gboolean
feedbag_has_members (const Feedbag *feedbag, guint16 gid)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, feedbag->items);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const FeedbagItem *item = value;

      if (item->gid == gid && item->iid != 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_gid (const Feedbag *feedbag, guint16 id)
{
  return feedbag_get (feedbag, id, 0) != NULL;
}

/* From a random place on, so that two programs that change the list at once hardly choose the same. */
guint16
feedbag_new_gid (const Feedbag *feedbag)
{
  guint16 id = (guint16) g_random_int_range (1, MOST_ID);

  /* Items outside of groups must not have the number of a group. */
  for (guint tries = 0; tries < MOST_ID; tries++, id = id % MOST_ID + 1)
    if (!is_gid (feedbag, id) && feedbag_get (feedbag, 0, id) == NULL && !feedbag_has_members (feedbag, id))
      return id;
  return 0;
}

guint16
feedbag_new_iid (const Feedbag *feedbag, guint16 gid)
{
  guint16 id = (guint16) g_random_int_range (1, MOST_ID);

  for (guint tries = 0; tries < MOST_ID; tries++, id = id % MOST_ID + 1)
    if (feedbag_get (feedbag, gid, id) == NULL && (gid != 0 || !is_gid (feedbag, id)))
      return id;
  return 0;
}
