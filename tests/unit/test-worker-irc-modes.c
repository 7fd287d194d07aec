/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "irc_settings.h"
#include "unit.h"

static IrcSupport support;

/* As 324 would have it, the letters in their order. */
static char *
dup_text (const IrcModes *modes)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  GString *text = g_string_new ("+");

  for (const char *c = letters; *c != '\0'; c++)
    if (irc_modes_has (modes, *c))
      g_string_append_c (text, *c);
  if (irc_modes_has (modes, 'k'))
    g_string_append_printf (text, " %s", modes->key != NULL ? modes->key : "?");
  if (irc_modes_has (modes, 'l'))
    g_string_append_printf (text, " %u", modes->limit);
  return g_string_free (text, FALSE);
}

static void
test_changes_are_read (void)
{
  static const struct { const char *before, *change, *after; gboolean other; } rows[] = {
    { "+nt", "+m", "+mnt", TRUE },
    { "+nt", "+t", "+nt", FALSE },
    { "+nt", "-t+i", "+in", TRUE },
    { "+nt", "+k secret", "+knt secret", TRUE },
    { "+knt secret", "-k secret", "+nt", TRUE },
    { "+knt secret", "-k *", "+nt", TRUE },
    { "+knt one", "-k+k one two", "+knt two", TRUE },
    { "+lnt 3", "-l", "+nt", TRUE },
    { "+lnt 3", "+l 4", "+lnt 4", TRUE },
    { "+nt", "+lk 10 secret", "+klnt secret 10", TRUE },
    { "+nt", "+ovl juliet romeo 10", "+lnt 10", TRUE },
    { "+nt", "+o juliet", "+nt", FALSE },
    { "+nt", "+b-b a!*@* c!*@*", "+nt", FALSE },
    { "+nt", "+bk *!*@* secret", "+knt secret", TRUE },
    { "+nt", "+k :secret", "+knt secret", TRUE },
    { "+nt", "+k", "+knt ?", TRUE },
    { "+nt", "+k *", "+knt ?", TRUE },
    { "+nt", "+k <key>", "+knt ?", TRUE },
    { "+nt", "+l", "+lnt 0", TRUE },
    { "+nt", "+l -1", "+lnt 0", TRUE },
    { "+nt", "+l 99999999999999999999", "+lnt 2147483647", TRUE },
    { "+nt", "", "+nt", FALSE },
    { "+nt", " ", "+nt", FALSE },
    { "+nt", "+-+ x", "+nt", FALSE },
    { "+nt", "+\x01\xff!*", "+nt", FALSE },
    { "+nt", "m", "+mnt", TRUE },
    { "+nt", "+k  secret\r\n", "+knt secret", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (IrcModes) modes = { 0 };
      g_autofree char *text = NULL;

      g_assert_true (irc_modes_replace (&modes, &support, rows[i].before));
      g_assert_false (irc_modes_replace (&modes, &support, rows[i].before));
      g_assert_cmpint (irc_modes_apply (&modes, &support, rows[i].change), ==, rows[i].other);
      text = dup_text (&modes);
      g_assert_cmpstr (text, ==, rows[i].after);
    }
}

static void
test_changes_are_written (void)
{
  static const struct { const char *from, *to, *change; } rows[] = {
    { "+nt", "+nt", NULL },
    { "+nt", "+mnt", "+m" },
    { "+nt", "+in", "-t+i" },
    { "+nt", "+knt secret", "+k secret" },
    { "+knt secret", "+nt", "-k secret" },
    { "+knt *", "+nt", "-k *" },
    { "+knt *", "+knt *", NULL },
    { "+knt *", "+knt secret", "-k+k * secret" },
    { "+knt one", "+knt two", "-k+k one two" },
    { "+klnt one 3", "+mst", "-lnk+ms one" },
    { "+lnt 3", "+lnt 4", "+l 4" },
    { "+", "+klm secret 3", "+klm secret 3" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (IrcModes) from = { 0 }, to = { 0 }, made = { 0 };
      g_autofree char *change = NULL;

      irc_modes_replace (&from, &support, rows[i].from);
      irc_modes_replace (&to, &support, rows[i].to);
      irc_modes_copy (&made, &from);
      change = irc_modes_dup_change (&from, &to);
      g_assert_cmpstr (change, ==, rows[i].change);
      g_assert_cmpint (irc_modes_are_as_wanted (&made, &from, &to), ==, change == NULL);
      if (change != NULL)
        irc_modes_apply (&made, &support, change);
      g_assert_true (irc_modes_are_as_wanted (&made, &from, &to));
    }
}

static void
test_other_changes_do_not_count (void)
{
  g_auto (IrcModes) from = { 0 }, to = { 0 }, now = { 0 };

  irc_modes_replace (&from, &support, "+nt");
  irc_modes_replace (&to, &support, "+mnt");
  irc_modes_replace (&now, &support, "+imn");
  g_assert_true (irc_modes_are_as_wanted (&now, &from, &to));
  irc_modes_replace (&now, &support, "+int");
  g_assert_false (irc_modes_are_as_wanted (&now, &from, &to));
}

static void
test_the_plugin_gets_the_words_right (void)
{
  static const struct { const char *change, *mended; } rows[] = {
    { "+o juliet", NULL },
    { "+ov juliet romeo", NULL },
    { "+mo juliet", "+o+m juliet" },
    { "+om juliet", NULL },
    { "+o-m+v juliet romeo", "+ov-m juliet romeo" },
    { "-lo juliet", "-o-l juliet" },
    { "+lo 3 juliet", NULL },
    { "+m", NULL },
    { "+mk secret", "+k+m secret" },
    { "", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *mended = irc_modes_dup_mended (&support, rows[i].change);

      g_assert_cmpstr (mended, ==, rows[i].mended);
    }
}

static void
test_what_a_server_says_of_its_modes (void)
{
  static const struct { const char *line, *modes, *after; } rows[] = {
    { "me CHANTYPES=# CHANMODES=beIg,k,fl,imnpst PREFIX=(qaohv)~&@%+ :are supported", "+gfaqm x 5:3 y z", "+fm" },
    { "me CHANMODES=b,k,l,imnpstz KEYLEN=10 :are", "+ek secret", "+ek secret" },
    { "me CHANMODES=", "+ml", "+lm 0" },
    { "me CHANMODES=,,, PREFIX=", "+k secret", "+k ?" },
    { "me PREFIX=(", "+o juliet", "+o" },
    { "", "+k secret", "+k secret" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      IrcSupport other;
      g_auto (IrcModes) modes = { 0 };
      g_autofree char *text = NULL;

      irc_support_init (&other);
      irc_support_read (&other, rows[i].line);
      irc_modes_replace (&modes, &other, rows[i].modes);
      text = dup_text (&modes);
      g_assert_cmpstr (text, ==, rows[i].after);
      irc_support_clear (&other);
    }
}

static void
test_settings_are_taken (void)
{
#define V(...) (const char *const[]) { __VA_ARGS__, NULL }
#define ROOM "muc#roomconfig_"
  const struct { const char *before; const char *const *values; const char *after, *named; } rows[] = {
    { "+nt", NULL, "+nt", NULL },
    { "+nt", V (ROOM "moderatedroom", "1"), "+mnt", NULL },
    { "+nt", V (ROOM "moderatedroom", "true", ROOM "changesubject", "true"), "+mn", NULL },
    { "+nt", V (ROOM "publicroom", "0"), "+nst", NULL },
    { "+npst", V (ROOM "publicroom", "1"), "+nt", NULL },
    { "+npt", V (ROOM "publicroom", "0"), "+npt", NULL },
    { "+nt", V (ROOM "membersonly", "1", "irc#no_external", "0"), "+it", NULL },
    { "+nt", V (ROOM "passwordprotectedroom", "1", ROOM "roomsecret", "abc"), "+knt abc", NULL },
    { "+nt", V (ROOM "passwordprotectedroom", "0", ROOM "roomsecret", "abc"), "+nt", NULL },
    { "+nt", V (ROOM "roomsecret", "abc"), "+knt abc", NULL },
    { "+knt abc", V (ROOM "roomsecret", ""), "+knt abc", NULL },
    { "+knt *", V (ROOM "passwordprotectedroom", "1"), "+knt ?", NULL },
    { "+knt abc", V (ROOM "passwordprotectedroom", "0"), "+nt", NULL },
    { "+nt", V (ROOM "maxusers", "17"), "+lnt 17", NULL },
    { "+lnt 17", V (ROOM "maxusers", ""), "+nt", NULL },
    { "+lnt 17", V (ROOM "maxusers", "none"), "+nt", NULL },
    { "+lnt 17", V (ROOM "maxusers", "0"), "+nt", NULL },
    { "+nt", V (ROOM "maxusers", "x"), NULL, "maxusers" },
    { "+nt", V (ROOM "maxusers", "-3"), NULL, "maxusers" },
    { "+nt", V (ROOM "maxusers", "1 2"), NULL, "maxusers" },
    { "+nt", V (ROOM "moderatedroom", "yes"), NULL, "moderatedroom" },
    { "+nt", V (ROOM "moderatedroom", ""), NULL, "moderatedroom" },
    { "+nt", V (ROOM "moderatedroom", "1", ROOM "moderatedroom", "0"), NULL, "moderatedroom" },
    { "+nt", V (ROOM "passwordprotectedroom", "1"), NULL, "roomsecret" },
    { "+nt", V (ROOM "roomsecret", "a b"), NULL, "roomsecret" },
    { "+nt", V (ROOM "roomsecret", "a,b"), NULL, "roomsecret" },
    { "+nt", V (ROOM "roomsecret", "a\r\nQUIT"), NULL, "roomsecret" },
    { "+nt", V (ROOM "roomsecret", "*"), NULL, "roomsecret" },
    { "+nt", V (ROOM "roomsecret", "123456789012345678901234"), NULL, "roomsecret" },
    { "+nt", V (ROOM "roomname", "x"), NULL, "roomname" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (IrcModes) modes = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      irc_modes_replace (&modes, &support, rows[i].before);
      g_assert_cmpint (irc_settings_take (&modes, &support, rows[i].values, &error), ==, rows[i].named == NULL);
      if (rows[i].named != NULL)
        {
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
          g_assert_nonnull (strstr (error->message, rows[i].named));
          continue;
        }
      text = dup_text (&modes);
      g_assert_cmpstr (text, ==, rows[i].after);
    }
}

static void
take_back (const IrcSetting *setting, gpointer data)
{
  if (setting->value != NULL)
    {
      g_ptr_array_add (data, g_strdup (setting->key));
      g_ptr_array_add (data, g_strdup (setting->value));
    }
}

static void
test_a_form_as_it_came_changes_nothing (void)
{
  static const char *const rows[] = { "+", "+nt", "+klmnpst secret 7", "+knt *", "+iP" };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (IrcModes) modes = { 0 }, wanted = { 0 };
      g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (g_free);
      g_autofree char *change = NULL;

      irc_modes_replace (&modes, &support, rows[i]);
      irc_modes_copy (&wanted, &modes);
      irc_settings_foreach (&modes, take_back, values);
      g_ptr_array_add (values, NULL);
      g_assert_true (irc_settings_take (&wanted, &support, (const char *const *) values->pdata, NULL));
      change = irc_modes_dup_change (&modes, &wanted);
      g_assert_null (change);
    }
}

static void
test_masks (void)
{
  static const struct { const char *mask; gboolean good; } rows[] = {
    { "juliet!*@*", TRUE }, { "*!*@*.example.net", TRUE }, { "~a:juliet", TRUE }, { "$a:juliet", TRUE }, { "", FALSE }, { "a b", FALSE },
    { "a,b", FALSE }, { ":a", FALSE }, { "+a", FALSE }, { "-a", FALSE }, { "a\r\nQUIT", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (irc_modes_is_mask (rows[i].mask), ==, rows[i].good);
}

int
main (int argc, char **argv)
{
  int result;

  unit_init (&argc, &argv);
  irc_support_init (&support);
  g_test_add_func ("/worker/irc-modes/changes-are-read", test_changes_are_read);
  g_test_add_func ("/worker/irc-modes/changes-are-written", test_changes_are_written);
  g_test_add_func ("/worker/irc-modes/other-changes-do-not-count", test_other_changes_do_not_count);
  g_test_add_func ("/worker/irc-modes/the-plugin-gets-the-words-right", test_the_plugin_gets_the_words_right);
  g_test_add_func ("/worker/irc-modes/what-a-server-says-of-its-modes", test_what_a_server_says_of_its_modes);
  g_test_add_func ("/worker/irc-modes/settings-are-taken", test_settings_are_taken);
  g_test_add_func ("/worker/irc-modes/a-form-as-it-came-changes-nothing", test_a_form_as_it_came_changes_nothing);
  g_test_add_func ("/worker/irc-modes/masks", test_masks);
  result = unit_run ();
  irc_support_clear (&support);
  return result;
}
