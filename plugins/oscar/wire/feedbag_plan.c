/* SPDX-License-Identifier: GPL-2.0-or-later */
/* feedbag_plan.c - which items must change for what a user wants to be changed.
 *
 * What matters comes first, the order of groups and in groups after it: when an operation is refused the rest is not sent,
 * and the list is still whole.  */
#include "feedbag_plan.h"

#include <string.h>

#define TYPING_BIT 22

FeedbagEdit *
feedbag_edit_new (FeedbagVerb verb, const char *name, const char *group, const char *text)
{
  FeedbagEdit *edit = g_new0 (FeedbagEdit, 1);

  edit->verb = verb;
  edit->name = g_strdup (name);
  edit->group = g_strdup (group);
  edit->text = g_strdup (text);
  return edit;
}

void
feedbag_edit_free (FeedbagEdit *edit)
{
  g_free (edit->name);
  g_free (edit->group);
  g_free (edit->text);
  g_clear_pointer (&edit->value, g_byte_array_unref);
  g_free (edit);
}

void
feedbag_operation_free (FeedbagOperation *operation)
{
  feedbag_item_free (operation->item);
  g_free (operation);
}

static void
add (GPtrArray *plan, guint16 subtype, FeedbagItem *item)
{
  FeedbagOperation *operation = g_new0 (FeedbagOperation, 1);

  operation->subtype = subtype;
  operation->item = item;
  g_ptr_array_add (plan, operation);
}

/* -- The order of groups, and in groups ----------------------------------- */

static void
change_order (FeedbagItem *group, guint16 added, guint16 removed)
{
  g_autoptr (GByteArray) order = g_byte_array_new ();
  Reader old = { 0 };
  Tlv tlv;

  if (tlv_find (feedbag_item_attributes (group), FEEDBAG_ATTR_ORDER, &tlv))
    old = tlv_reader (&tlv);
  while (old.left >= 2)
    {
      guint16 id = reader_u16 (&old);

      if (id != removed && id != added)
        bytes_add_u16 (order, id);
    }
  if (added != 0)
    bytes_add_u16 (order, added);
  feedbag_item_set (group, FEEDBAG_ATTR_ORDER, order->data, order->len);
}

static void
plan_order (GPtrArray *plan, const FeedbagItem *group, guint16 added, guint16 removed)
{
  FeedbagItem *changed = feedbag_item_copy (group);

  change_order (changed, added, removed);
  add (plan, FEEDBAG_UPDATE, changed);
}

/* The group, planned if it is not there: then *fresh is set. NULL: no number is left. Free it. */
static FeedbagItem *
plan_group (const Feedbag *feedbag, GPtrArray *plan, const char *name, gboolean *fresh)
{
  const FeedbagItem *group = feedbag_find_group (feedbag, name);
  const FeedbagItem *root = feedbag_get (feedbag, 0, 0);
  g_autoptr (FeedbagItem) new_root = NULL;
  FeedbagItem *item;
  guint16 gid;

  *fresh = FALSE;
  if (group != NULL)
    return feedbag_item_copy (group);
  gid = feedbag_new_gid (feedbag);
  if (gid == 0)
    return NULL;
  *fresh = TRUE;
  item = feedbag_item_new (name, gid, 0, FEEDBAG_GROUP);
  new_root = root != NULL ? feedbag_item_copy (root) : feedbag_item_new ("", 0, 0, FEEDBAG_GROUP);
  /* Of an empty list the root is the first item. */
  if (root == NULL)
    add (plan, FEEDBAG_INSERT, feedbag_item_copy (new_root));
  add (plan, FEEDBAG_INSERT, feedbag_item_copy (item));
  plan_order (plan, new_root, gid, 0);
  return item;
}

static void
plan_group_removal (const Feedbag *feedbag, GPtrArray *plan, const FeedbagItem *group)
{
  const FeedbagItem *root = feedbag_get (feedbag, 0, 0);

  if (group->gid == 0)
    return;
  add (plan, FEEDBAG_DELETE, feedbag_item_copy (group));
  if (root != NULL)
    plan_order (plan, root, 0, group->gid);
}

/* -- Contacts ------------------------------------------------------------- */

static void
plan_addition (const Feedbag *feedbag, GPtrArray *plan, const char *name, const char *group_name, const FeedbagItem *like, gboolean awaiting)
{
  gboolean fresh;
  g_autoptr (FeedbagItem) group = plan_group (feedbag, plan, group_name, &fresh);
  FeedbagItem *item;
  guint16 iid;

  if (group == NULL || (!fresh && feedbag_find_in (feedbag, group, name) != NULL))
    return;
  iid = feedbag_new_iid (feedbag, group->gid);
  if (iid == 0)
    return;
  item = feedbag_item_new (name, group->gid, iid, FEEDBAG_BUDDY);
  if (like != NULL)
    bytes_add_array (item->attributes, like->attributes);
  if (awaiting)
    feedbag_item_set (item, FEEDBAG_ATTR_AWAITING, NULL, 0);
  add (plan, FEEDBAG_INSERT, item);
  plan_order (plan, group, iid, 0);
}

static void
plan_removal (const Feedbag *feedbag, GPtrArray *plan, const FeedbagItem *item)
{
  const FeedbagItem *group = feedbag_get (feedbag, item->gid, 0);

  add (plan, FEEDBAG_DELETE, feedbag_item_copy (item));
  if (group != NULL)
    plan_order (plan, group, 0, item->iid);
}

static const FeedbagItem *
find_buddy (const Feedbag *feedbag, const FeedbagEdit *edit)
{
  const FeedbagItem *group = edit->group != NULL ? feedbag_find_group (feedbag, edit->group) : NULL;
  const FeedbagItem *item = group != NULL ? feedbag_find_in (feedbag, group, edit->name) : NULL;

  return item != NULL ? item : feedbag_find (feedbag, FEEDBAG_BUDDY, edit->name);
}

static void
plan_move (const Feedbag *feedbag, GPtrArray *plan, const FeedbagEdit *edit)
{
  const FeedbagItem *item = find_buddy (feedbag, edit);
  const FeedbagItem *group = feedbag_find_group (feedbag, edit->text);

  if (item == NULL)
    {
      plan_addition (feedbag, plan, edit->name, edit->text, NULL, FALSE);
      return;
    }
  if (group != NULL && group->gid == item->gid)
    return;
  /* First there, then away from here: whatever fails, nobody is lost. */
  plan_addition (feedbag, plan, edit->name, edit->text, item, FALSE);
  plan_removal (feedbag, plan, item);
}

static void
plan_attribute (const Feedbag *feedbag, GPtrArray *plan, const FeedbagEdit *edit, guint16 type)
{
  const FeedbagItem *item = find_buddy (feedbag, edit);
  g_autofree char *old = item != NULL ? feedbag_item_dup_string (item, type, NULL) : NULL;
  FeedbagItem *changed;

  if (item == NULL || g_strcmp0 (old, edit->text != NULL && *edit->text != '\0' ? edit->text : NULL) == 0)
    return;
  changed = feedbag_item_copy (item);
  if (edit->text != NULL && *edit->text != '\0')
    feedbag_item_set (changed, type, edit->text, strlen (edit->text));
  else
    feedbag_item_unset (changed, type);
  add (plan, FEEDBAG_UPDATE, changed);
}

static void
plan_group_name (const Feedbag *feedbag, GPtrArray *plan, const FeedbagEdit *edit)
{
  const FeedbagItem *group = feedbag_find_group (feedbag, edit->group);
  FeedbagItem *changed;

  if (group == NULL || group->gid == 0 || g_str_equal (edit->group, edit->text))
    return;
  changed = feedbag_item_copy (group);
  g_free (changed->name);
  changed->name = g_strdup (edit->text);
  add (plan, FEEDBAG_UPDATE, changed);
}

/* -- Items outside of groups ---------------------------------------------- */

static FeedbagItem *
new_loose (const Feedbag *feedbag, const char *name, guint16 class)
{
  return feedbag_item_new (name, 0, feedbag_new_iid (feedbag, 0), class);
}

static void
plan_single (const Feedbag *feedbag, GPtrArray *plan, guint16 class, const char *name, FeedbagItem **item)
{
  const FeedbagItem *old = feedbag_find_class (feedbag, class);

  *item = old != NULL ? feedbag_item_copy (old) : new_loose (feedbag, name, class);
  add (plan, old != NULL ? FEEDBAG_UPDATE : FEEDBAG_INSERT, *item);
}

static void
plan_privacy (const Feedbag *feedbag, GPtrArray *plan, guint8 mode)
{
  const FeedbagItem *old = feedbag_find_class (feedbag, FEEDBAG_PRIVACY);
  FeedbagItem *item;
  Tlv tlv;

  if (old != NULL && tlv_find (feedbag_item_attributes (old), FEEDBAG_ATTR_MODE, &tlv) && tlv_uint (&tlv) == mode)
    return;
  plan_single (feedbag, plan, FEEDBAG_PRIVACY, "", &item);
  feedbag_item_set (item, FEEDBAG_ATTR_MODE, &mode, 1);
  if (!feedbag_item_has (item, FEEDBAG_ATTR_CLASSES))
    feedbag_item_set (item, FEEDBAG_ATTR_CLASSES, "\xff\xff\xff\xff", 4);
}

static void
plan_icon (const Feedbag *feedbag, GPtrArray *plan, const GByteArray *value)
{
  const FeedbagItem *old = feedbag_find (feedbag, FEEDBAG_ICON, "1");
  FeedbagItem *item;
  Tlv tlv;

  if (value == NULL)
    {
      if (old != NULL)
        add (plan, FEEDBAG_DELETE, feedbag_item_copy (old));
      return;
    }
  if (old != NULL && tlv_find (feedbag_item_attributes (old), FEEDBAG_ATTR_ICON, &tlv)
      && tlv.length == value->len && memcmp (tlv.value, value->data, value->len) == 0)
    return;
  item = old != NULL ? feedbag_item_copy (old) : new_loose (feedbag, "1", FEEDBAG_ICON);
  feedbag_item_set (item, FEEDBAG_ATTR_ICON, value->data, value->len);
  feedbag_item_set (item, FEEDBAG_ATTR_ALIAS, NULL, 0);
  add (plan, old != NULL ? FEEDBAG_UPDATE : FEEDBAG_INSERT, item);
}

/* Sets a bit of a bit string whose last byte holds bits 0 to 7. TRUE: it was not set. */
static gboolean
set_bit (FeedbagItem *item, guint16 type, guint bit)
{
  g_autoptr (GByteArray) bits = g_byte_array_new ();
  gsize length = bit / 8 + 1;
  guint8 *byte;
  Tlv tlv;

  if (tlv_find (feedbag_item_attributes (item), type, &tlv))
    bytes_add (bits, tlv.value, tlv.length);
  while (bits->len < MAX (length, 4))
    g_byte_array_prepend (bits, (const guint8 *) "", 1);
  byte = &bits->data[bits->len - length];
  if (*byte & 1 << bit % 8)
    return FALSE;
  *byte |= (guint8) (1 << bit % 8);
  feedbag_item_set (item, type, bits->data, bits->len);
  return TRUE;
}

static void
plan_typing (const Feedbag *feedbag, GPtrArray *plan)
{
  FeedbagItem *item;
  gboolean valid, on;

  plan_single (feedbag, plan, FEEDBAG_PREFERENCES, "", &item);
  on = set_bit (item, FEEDBAG_ATTR_PREFERENCES, TYPING_BIT);
  valid = set_bit (item, FEEDBAG_ATTR_PREFERENCES_VALID, TYPING_BIT);
  if (!valid && !on)
    g_ptr_array_set_size (plan, 0);
}

/* ------------------------------------------------------------------------- */

GPtrArray *
feedbag_plan (const Feedbag *feedbag, const FeedbagEdit *edit)
{
  GPtrArray *plan = g_ptr_array_new_with_free_func ((GDestroyNotify) feedbag_operation_free);
  const FeedbagItem *item;

  switch (edit->verb)
    {
    case EDIT_ADD_BUDDY:
      plan_addition (feedbag, plan, edit->name, edit->group, NULL, edit->awaiting);
      break;
    case EDIT_REMOVE_BUDDY:
      item = find_buddy (feedbag, edit);
      if (item != NULL)
        plan_removal (feedbag, plan, item);
      break;
    case EDIT_MOVE_BUDDY:
      plan_move (feedbag, plan, edit);
      break;
    case EDIT_SET_ALIAS:
      plan_attribute (feedbag, plan, edit, FEEDBAG_ATTR_ALIAS);
      break;
    case EDIT_SET_COMMENT:
      plan_attribute (feedbag, plan, edit, FEEDBAG_ATTR_COMMENT);
      break;
    case EDIT_RENAME_GROUP:
      plan_group_name (feedbag, plan, edit);
      break;
    case EDIT_REMOVE_GROUP:
      item = feedbag_find_group (feedbag, edit->group);
      if (item != NULL && !feedbag_has_members (feedbag, item->gid))
        plan_group_removal (feedbag, plan, item);
      break;
    case EDIT_LIST_NAME:
      if (feedbag_find (feedbag, edit->class, edit->name) == NULL)
        add (plan, FEEDBAG_INSERT, new_loose (feedbag, edit->name, edit->class));
      break;
    case EDIT_UNLIST_NAME:
      item = feedbag_find (feedbag, edit->class, edit->name);
      if (item != NULL)
        add (plan, FEEDBAG_DELETE, feedbag_item_copy (item));
      break;
    case EDIT_SET_PRIVACY:
      plan_privacy (feedbag, plan, edit->mode);
      break;
    case EDIT_SET_ICON:
      plan_icon (feedbag, plan, edit->value);
      break;
    case EDIT_SHOW_TYPING:
      plan_typing (feedbag, plan);
      break;
    }
  return plan;
}

void
feedbag_apply (Feedbag *feedbag, const FeedbagOperation *operation)
{
  if (operation->subtype == FEEDBAG_DELETE)
    feedbag_remove (feedbag, operation->item->gid, operation->item->iid);
  else
    feedbag_put (feedbag, feedbag_item_copy (operation->item));
}
