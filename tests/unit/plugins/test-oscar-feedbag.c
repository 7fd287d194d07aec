/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of the server's list: which operations a wish becomes. */
#include "feedbag_plan.h"
#include "unit.h"

#include <string.h>

static FeedbagItem *
new_item (const char *name, guint16 gid, guint16 iid, guint16 class)
{
  return feedbag_item_new (name, gid, iid, class);
}

/* Root, the groups Friends (1) and Work (2), bobby9 and 100004 in Friends. */
static Feedbag *
new_list (void)
{
  Feedbag *feedbag = feedbag_new ();
  FeedbagItem *root = new_item ("", 0, 0, FEEDBAG_GROUP);
  FeedbagItem *friends = new_item ("Friends", 1, 0, FEEDBAG_GROUP);
  FeedbagItem *bob = new_item ("bobby9", 1, 10, FEEDBAG_BUDDY);

  feedbag_item_set (root, FEEDBAG_ATTR_ORDER, "\0\1\0\2", 4);
  feedbag_item_set (friends, FEEDBAG_ATTR_ORDER, "\0\12\0\13", 4);
  feedbag_item_set (bob, 0x0145, "\1\2\3\4", 4);
  feedbag_put (feedbag, root);
  feedbag_put (feedbag, friends);
  feedbag_put (feedbag, new_item ("Work", 2, 0, FEEDBAG_GROUP));
  feedbag_put (feedbag, bob);
  feedbag_put (feedbag, new_item ("100004", 1, 11, FEEDBAG_BUDDY));
  return feedbag;
}

/* As text: I, U or D, the class and the name of each. */
static char *
describe (GPtrArray *plan)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < plan->len; i++)
    {
      FeedbagOperation *operation = plan->pdata[i];

      g_string_append_printf (out, "%s%c%u:%s", i > 0 ? " " : "", operation->subtype == FEEDBAG_INSERT ? 'I' : operation->subtype == FEEDBAG_UPDATE ? 'U' : 'D',
                              operation->item->class, operation->item->name);
    }
  return g_string_free (out, FALSE);
}

static void
apply (Feedbag *feedbag, FeedbagEdit *edit, const char *expected)
{
  GPtrArray *plan = feedbag_plan (feedbag, edit);
  g_autofree char *described = describe (plan);

  g_assert_cmpstr (described, ==, expected);
  for (guint i = 0; i < plan->len; i++)
    feedbag_apply (feedbag, plan->pdata[i]);
  g_ptr_array_unref (plan);
  /* What was wished for is so now. */
  plan = feedbag_plan (feedbag, edit);
  g_assert_cmpuint (plan->len, ==, 0);
  g_ptr_array_unref (plan);
  feedbag_edit_free (edit);
}

static gboolean
has_in_order (const FeedbagItem *group, guint16 id)
{
  Reader order;
  Tlv tlv;

  if (!tlv_find (feedbag_item_attributes (group), FEEDBAG_ATTR_ORDER, &tlv))
    return FALSE;
  order = tlv_reader (&tlv);
  while (order.left >= 2)
    if (reader_u16 (&order) == id)
      return TRUE;
  return FALSE;
}

static void
test_adding (void)
{
  g_autoptr (Feedbag) feedbag = new_list ();
  FeedbagItem *item;

  apply (feedbag, feedbag_edit_new (EDIT_ADD_BUDDY, "newbie", "Friends", NULL), "I0:newbie U1:Friends");
  item = feedbag_find (feedbag, FEEDBAG_BUDDY, "New Bie");
  g_assert_nonnull (item);
  g_assert_true (has_in_order (feedbag_find_group (feedbag, "Friends"), item->iid));
  g_assert_true (has_in_order (feedbag_find_group (feedbag, "Friends"), 10));
  apply (feedbag, feedbag_edit_new (EDIT_ADD_BUDDY, "other", "New group", NULL), "I1:New group U1: I0:other U1:New group");
  g_assert_true (has_in_order (feedbag_get (feedbag, 0, 0), feedbag_find_group (feedbag, "New group")->gid));
}

static void
test_first_of_all (void)
{
  g_autoptr (Feedbag) feedbag = feedbag_new ();

  apply (feedbag, feedbag_edit_new (EDIT_ADD_BUDDY, "newbie", "Friends", NULL), "I1: I1:Friends U1: I0:newbie U1:Friends");
}

static void
test_removing (void)
{
  g_autoptr (Feedbag) feedbag = new_list ();

  apply (feedbag, feedbag_edit_new (EDIT_REMOVE_BUDDY, "Bobby 9", "Friends", NULL), "D0:bobby9 U1:Friends");
  g_assert_false (has_in_order (feedbag_find_group (feedbag, "Friends"), 10));
  g_assert_true (has_in_order (feedbag_find_group (feedbag, "Friends"), 11));
  apply (feedbag, feedbag_edit_new (EDIT_REMOVE_GROUP, NULL, "Friends", NULL), "");
  apply (feedbag, feedbag_edit_new (EDIT_REMOVE_GROUP, NULL, "Work", NULL), "D1:Work U1:");
}

static void
test_moving (void)
{
  g_autoptr (Feedbag) feedbag = new_list ();

  apply (feedbag, feedbag_edit_new (EDIT_MOVE_BUDDY, "bobby9", "Friends", "Work"), "I0:bobby9 U1:Work D0:bobby9 U1:Friends");
  g_assert_cmpuint (feedbag_find (feedbag, FEEDBAG_BUDDY, "bobby9")->gid, ==, 2);
  /* With all that was known. */
  g_assert_true (feedbag_item_has (feedbag_find (feedbag, FEEDBAG_BUDDY, "bobby9"), 0x0145));
}

static void
test_naming (void)
{
  g_autoptr (Feedbag) feedbag = new_list ();
  g_autofree char *alias = NULL;

  apply (feedbag, feedbag_edit_new (EDIT_SET_ALIAS, "bobby9", NULL, "Röschen"), "U0:bobby9");
  alias = feedbag_item_dup_string (feedbag_find (feedbag, FEEDBAG_BUDDY, "bobby9"), FEEDBAG_ATTR_ALIAS, NULL);
  g_assert_cmpstr (alias, ==, "Röschen");
  g_assert_true (feedbag_item_has (feedbag_find (feedbag, FEEDBAG_BUDDY, "bobby9"), 0x0145));
  apply (feedbag, feedbag_edit_new (EDIT_SET_ALIAS, "bobby9", NULL, ""), "U0:bobby9");
  g_assert_false (feedbag_item_has (feedbag_find (feedbag, FEEDBAG_BUDDY, "bobby9"), FEEDBAG_ATTR_ALIAS));
  apply (feedbag, feedbag_edit_new (EDIT_RENAME_GROUP, NULL, "Friends", "Pals"), "U1:Pals");
  g_assert_null (feedbag_find_group (feedbag, "Friends"));
  apply (feedbag, feedbag_edit_new (EDIT_SET_ALIAS, "stranger", NULL, "x"), "");
}

static void
test_lists_and_settings (void)
{
  g_autoptr (Feedbag) feedbag = new_list ();
  FeedbagEdit *edit = feedbag_edit_new (EDIT_LIST_NAME, "spammer", NULL, NULL);
  Tlv tlv;

  edit->class = FEEDBAG_DENY;
  apply (feedbag, edit, "I3:spammer");
  edit = feedbag_edit_new (EDIT_UNLIST_NAME, "Spammer", NULL, NULL);
  edit->class = FEEDBAG_DENY;
  apply (feedbag, edit, "D3:spammer");
  edit = feedbag_edit_new (EDIT_SET_PRIVACY, NULL, NULL, NULL);
  edit->mode = 4;
  apply (feedbag, edit, "I4:");
  edit = feedbag_edit_new (EDIT_SET_PRIVACY, NULL, NULL, NULL);
  edit->mode = 5;
  apply (feedbag, edit, "U4:");
  apply (feedbag, feedbag_edit_new (EDIT_SHOW_TYPING, NULL, NULL, NULL), "I5:");
  g_assert_true (tlv_find (feedbag_item_attributes (feedbag_find_class (feedbag, FEEDBAG_PREFERENCES)), FEEDBAG_ATTR_PREFERENCES, &tlv));
  g_assert_cmphex (tlv_uint (&tlv), ==, 0x00400000);
  edit = feedbag_edit_new (EDIT_SET_ICON, NULL, NULL, NULL);
  edit->value = g_byte_array_new ();
  g_byte_array_append (edit->value, (const guint8 *) "\0\2ab", 4);
  apply (feedbag, edit, "I20:1");
  apply (feedbag, feedbag_edit_new (EDIT_SET_ICON, NULL, NULL, NULL), "D20:1");
}

static void
test_bits_that_are_there_stay (void)
{
  g_autoptr (Feedbag) feedbag = new_list ();
  FeedbagItem *item = new_item ("", 0, 99, FEEDBAG_PREFERENCES);
  Tlv tlv;

  feedbag_item_set (item, FEEDBAG_ATTR_PREFERENCES, "\1\0\0\0\5", 5);
  feedbag_put (feedbag, item);
  apply (feedbag, feedbag_edit_new (EDIT_SHOW_TYPING, NULL, NULL, NULL), "U5:");
  item = feedbag_find_class (feedbag, FEEDBAG_PREFERENCES);
  g_assert_true (tlv_find (feedbag_item_attributes (item), FEEDBAG_ATTR_PREFERENCES, &tlv));
  g_assert_cmpmem (tlv.value, tlv.length, "\1\0\100\0\5", 5);
}

static void
test_numbers (void)
{
  g_autoptr (Feedbag) feedbag = new_list ();

  for (guint i = 0; i < 2000; i++)
    {
      guint16 gid = feedbag_new_gid (feedbag);
      guint16 iid;

      g_assert_true (gid > 0 && gid <= 0x7fff);
      g_assert_null (feedbag_get (feedbag, gid, 0));
      feedbag_put (feedbag, new_item ("g", gid, 0, FEEDBAG_GROUP));
      iid = feedbag_new_iid (feedbag, 0);
      g_assert_true (iid > 0 && iid <= 0x7fff);
      g_assert_null (feedbag_get (feedbag, iid, 0));
      feedbag_put (feedbag, new_item ("p", 0, iid, FEEDBAG_PERMIT));
    }
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/oscar/feedbag/adding", test_adding);
  g_test_add_func ("/oscar/feedbag/the-first-of-all", test_first_of_all);
  g_test_add_func ("/oscar/feedbag/removing", test_removing);
  g_test_add_func ("/oscar/feedbag/moving-loses-nothing", test_moving);
  g_test_add_func ("/oscar/feedbag/naming", test_naming);
  g_test_add_func ("/oscar/feedbag/lists-and-settings", test_lists_and_settings);
  g_test_add_func ("/oscar/feedbag/bits-that-are-there-stay", test_bits_that_are_there_stay);
  g_test_add_func ("/oscar/feedbag/numbers-are-free", test_numbers);
  return unit_run ();
}
