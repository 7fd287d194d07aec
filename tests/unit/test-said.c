/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The archive of rooms, in the store. */
#include "config.h"

#include <gio/gio.h>

#include "store.h"
#include "unit.h"

#define ROOM "#garden@irc.example.org"
#define NOON G_GINT64_CONSTANT (1700000000000)

static Secrets *secrets;

typedef struct {
  gboolean done;
  GError *error;
  GPtrArray *items;
  gboolean more;
} Answer;

static void
on_page (GPtrArray *items, gboolean more, const GError *error, gpointer data)
{
  Answer *answer = data;

  answer->done = TRUE;
  answer->more = more;
  answer->items = items == NULL ? NULL : g_ptr_array_ref (items);
  answer->error = error == NULL ? NULL : g_error_copy (error);
}

static void
on_done (const GError *error, gpointer data)
{
  g_assert_no_error (error);
  *(gboolean *) data = TRUE;
}

static void
add_account (Store *store, gint64 id, const char *owner)
{
  g_autoptr (StoreAccount) account = store_account_new ();
  gboolean done = FALSE;

  account->id = id;
  account->gateway = g_strdup ("irc.example.org");
  account->owner = g_strdup (owner);
  account->tag = g_strdup ("");
  account->name = g_strdup (owner);
  store_save_account (store, account, on_done, &done);
  unit_wait_for (&done);
}

/* Of two users, 1 and 2. */
static Store *
open_store (const char *uri)
{
  g_autoptr (GError) error = NULL;
  Store *store = store_open (uri, secrets, &error);

  g_assert_no_error (error);
  return store;
}

static Store *
open_filled (void)
{
  Store *store = open_store ("sqlite::memory:");

  add_account (store, 1, "juliet@example.net");
  add_account (store, 2, "romeo@example.net");
  return store;
}

/* A message's id is NOON in microseconds and so many more; its stamp so many seconds after it. */
static gint64
id_of (gint64 n)
{
  return NOON * 1000 + n * G_USEC_PER_SEC;
}

static void
say (Store *store, const char *room, gint64 n, const char *nick, gint64 speaker, StoreAudience audience)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) store_said_free);
  StoreSaid *said = g_new0 (StoreSaid, 1);
  gboolean done = FALSE;

  said->id = id_of (n);
  said->room = g_strdup (room);
  said->stamp = NOON + n * 1000;
  said->nick = g_strdup (nick);
  said->text = g_strdup_printf ("%" G_GINT64_FORMAT, n);
  said->speaker = speaker;
  said->audience = audience;
  g_ptr_array_add (all, said);
  store_save_said (store, all, on_done, &done);
  unit_wait_for (&done);
}

static void
say_many (Store *store, gint64 first, gint64 last)
{
  for (gint64 n = first; n <= last; n++)
    say (store, ROOM, n, n % 2 == 0 ? "even" : "odd", 0, STORE_FOR_ALL);
}

static GPtrArray *
load (Store *store, const StoreSaidQuery *query, gboolean *more)
{
  Answer answer = { 0 };

  store_load_said (store, query, on_page, &answer);
  unit_wait_for (&answer.done);
  g_assert_no_error (answer.error);
  if (more != NULL)
    *more = answer.more;
  return answer.items;
}

/* The texts of an answer, "3 4 5", with "..." where there is more. */
static void
expect (Store *store, StoreSaidQuery query, const char *texts)
{
  g_autoptr (GString) found = g_string_new (NULL);
  g_autoptr (GPtrArray) items = NULL;
  gboolean more;

  query.account = query.account != 0 ? query.account : 1;
  query.room = (char *) (query.room != NULL ? query.room : ROOM);
  query.most = query.most != 0 ? query.most : 100;
  items = load (store, &query, &more);
  for (guint i = 0; i < items->len; i++)
    g_string_append_printf (found, i == 0 ? "%s" : " %s", ((StoreSaid *) items->pdata[i])->text);
  if (more)
    g_string_append (found, " ...");
  g_assert_cmpstr (found->str, ==, texts);
}

/* -- Reading -------------------------------------------------------------- */

static void
test_pages (void)
{
  static const struct {
    StoreSaidQuery query;
    const char *texts;
  } table[] = {
    { { .most = 3 }, "1 2 3 ..." },
    { { .most = 3, .last = TRUE }, "8 9 10 ..." },
    { { .most = 10 }, "1 2 3 4 5 6 7 8 9 10" },
    { { .after = 7 }, "8 9 10" },
    { { .after = 10 }, "" },
    { { .before = 4 }, "1 2 3" },
    { { .before = 4, .last = TRUE, .most = 2 }, "2 3 ..." },
    { { .after = 3, .before = 6 }, "4 5" },
    { { .start = 8 }, "8 9 10" },
    { { .end = 2 }, "1 2" },
    { { .start = 4, .end = 6, .most = 2 }, "4 5 ..." },
    { { .start = 4, .end = 6, .most = 2, .last = TRUE }, "5 6 ..." },
    { { .nick = (char *) "odd" }, "1 3 5 7 9" },
    { { .nick = (char *) "odd", .start = 4, .most = 1 }, "5 ..." },
    { { .nick = (char *) "nobody" }, "" },
    { { .room = (char *) "#other@irc.example.org" }, "" },
    { { .account = 2 }, "" },
  };
  Store *store = open_filled ();

  store_begin_visit (store, 1, ROOM, id_of (0));
  say_many (store, 1, 10);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      StoreSaidQuery query = table[i].query;

      query.after = query.after == 0 ? 0 : id_of (query.after);
      query.before = query.before == 0 ? 0 : id_of (query.before);
      query.start = query.start == 0 ? 0 : NOON + query.start * 1000;
      query.end = query.end == 0 ? 0 : NOON + query.end * 1000;
      expect (store, query, table[i].texts);
    }
  store_close (store);
}

static void
test_unknown_id (void)
{
  Store *store = open_filled ();
  Answer answer = { 0 };

  store_begin_visit (store, 1, ROOM, id_of (0));
  say_many (store, 1, 2);
  say (store, "#other@irc.example.org", 3, "odd", 0, STORE_FOR_ALL);
  store_load_said (store, &(StoreSaidQuery) { .account = 1, .room = (char *) ROOM, .after = id_of (3), .most = 9 }, on_page, &answer);
  unit_wait_for (&answer.done);
  g_assert_error (answer.error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&answer.error);
  store_close (store);
}

/* Each sees what was said while they were there, and once. */
static void
test_visits (void)
{
  Store *store = open_filled ();

  store_begin_visit (store, 1, ROOM, id_of (2));
  store_begin_visit (store, 2, ROOM, id_of (5));
  say_many (store, 1, 6);
  store_end_visit (store, 1, ROOM, id_of (4));
  store_begin_visit (store, 1, ROOM, id_of (6));
  expect (store, (StoreSaidQuery) { .account = 1 }, "2 3 4 6");
  expect (store, (StoreSaidQuery) { .account = 2 }, "5 6");
  store_close (store);
}

static void
test_audience (void)
{
  Store *store = open_filled ();

  store_begin_visit (store, 1, ROOM, id_of (0));
  store_begin_visit (store, 2, ROOM, id_of (0));
  say (store, ROOM, 1, "romeo", 2, STORE_FOR_SPEAKER);
  say (store, ROOM, 2, "romeo", 2, STORE_FOR_OTHERS);
  say (store, ROOM, 3, "romeo", 2, STORE_FOR_OTHERS);
  expect (store, (StoreSaidQuery) { .account = 1 }, "2 3");
  expect (store, (StoreSaidQuery) { .account = 2 }, "1");
  store_set_for_all (store, id_of (3), 0, "own-id");
  expect (store, (StoreSaidQuery) { .account = 2 }, "1 3");
  store_close (store);
}

static void
test_all_returns (void)
{
  Store *store = open_filled ();
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) store_said_free);
  StoreSaid *said = g_new0 (StoreSaid, 1);
  g_autoptr (GPtrArray) items = NULL;
  const StoreSaid *back;

  store_begin_visit (store, 1, ROOM, 1);
  *said = (StoreSaid) { .id = 7, .room = g_strdup (ROOM), .stamp = 5, .text = g_strdup ("it's <said>\n\"so\""), .message = g_strdup ("m1"),
                        .occupant = g_strdup ("o1"), .speaker = 1, .audience = STORE_FOR_SPEAKER };
  g_ptr_array_add (all, said);
  store_save_said (store, all, NULL, NULL);
  items = load (store, &(StoreSaidQuery) { .account = 1, .room = (char *) ROOM, .most = 1 }, NULL);
  g_assert_cmpuint (items->len, ==, 1);
  back = items->pdata[0];
  g_assert_cmpint (back->id, ==, 7);
  g_assert_cmpint (back->stamp, ==, 5);
  g_assert_null (back->nick);
  g_assert_cmpstr (back->text, ==, "it's <said>\n\"so\"");
  g_assert_cmpstr (back->message, ==, "m1");
  g_assert_cmpstr (back->occupant, ==, "o1");
  g_assert_cmpint (back->speaker, ==, 1);
  g_assert_cmpint (back->audience, ==, STORE_FOR_SPEAKER);
  store_close (store);
}

/* -- Forgetting ----------------------------------------------------------- */

/* Until there is no more to do. */
static void
expire (Store *store, gint64 before, gint64 bytes)
{
  gboolean more = TRUE;

  while (more)
    {
      Answer answer = { 0 };

      store_expire_said (store, before, bytes, on_page, &answer);
      unit_wait_for (&answer.done);
      g_assert_no_error (answer.error);
      more = answer.more;
    }
}

static void
test_old_goes (void)
{
  Store *store = open_filled ();

  store_begin_visit (store, 1, ROOM, id_of (0));
  say_many (store, 1, 6);
  expire (store, NOON + 4000, 0);
  expect (store, (StoreSaidQuery) { 0 }, "4 5 6");
  expire (store, NOON + 4000, 1000000);
  expect (store, (StoreSaidQuery) { 0 }, "4 5 6");
  store_close (store);
}

static void
fill (Store *store, gint64 first, guint n)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) store_said_free);

  for (guint i = 0; i < n; i++)
    {
      StoreSaid *said = g_new0 (StoreSaid, 1);

      *said = (StoreSaid) { .id = first + i, .room = g_strdup (ROOM), .stamp = first / 1000, .nick = g_strdup ("n"), .text = g_strnfill (999, 'x') };
      g_ptr_array_add (all, said);
    }
  store_save_said (store, all, NULL, NULL);
}

/* As much as the size allows is kept, of the newest, also where it has been counted already. */
static void
test_too_much_goes (void)
{
  Store *store = open_filled ();
  g_autoptr (GPtrArray) left = NULL;

  store_begin_visit (store, 1, ROOM, 1);
  fill (store, 1, 9000);
  expire (store, 0, 6 * 1000 * 1000);
  fill (store, 9001, 3000);
  expire (store, 0, 6 * 1000 * 1000);
  left = load (store, &(StoreSaidQuery) { .account = 1, .room = (char *) ROOM, .most = 20000 }, NULL);
  g_assert_cmpuint (left->len, >, 2000);
  g_assert_cmpuint (left->len, <=, 6 * 1000 * 1000 / 1000);
  g_assert_cmpint (((StoreSaid *) left->pdata[left->len - 1])->id, ==, 12000);
  g_assert_cmpint (((StoreSaid *) left->pdata[0])->id, ==, 12000 - (gint64) left->len + 1);
  store_close (store);
}

/* With an account goes what nobody else may read. */
static void
test_account_goes (void)
{
  Store *store = open_filled ();
  gboolean done = FALSE;

  store_begin_visit (store, 1, ROOM, id_of (0));
  store_begin_visit (store, 2, ROOM, id_of (0));
  store_begin_visit (store, 1, "#alone@irc.example.org", id_of (0));
  say (store, ROOM, 1, "romeo", 2, STORE_FOR_ALL);
  say (store, ROOM, 2, "juliet", 1, STORE_FOR_SPEAKER);
  say (store, "#alone@irc.example.org", 3, "x", 0, STORE_FOR_ALL);
  store_remove_account (store, 1, on_done, &done);
  unit_wait_for (&done);
  expect (store, (StoreSaidQuery) { .account = 2 }, "1");
  /* Nobody's row is left behind: were it there, a new visitor would see it. */
  add_account (store, 3, "tybalt@example.net");
  store_begin_visit (store, 3, ROOM, 1);
  store_begin_visit (store, 3, "#alone@irc.example.org", 1);
  expect (store, (StoreSaidQuery) { .account = 3 }, "1");
  expect (store, (StoreSaidQuery) { .account = 3, .room = (char *) "#alone@irc.example.org" }, "");
  store_close (store);
}

/* -- Across restarts ------------------------------------------------------ */

static void
test_killed (void)
{
  g_autofree char *path = unit_write_file ("killed.db", "", 0600);
  g_autofree char *uri = g_strconcat ("sqlite:", path, NULL);
  Store *store = open_store (uri);

  g_assert_cmpint (store_last_said (store), ==, 0);
  add_account (store, 1, "juliet@example.net");
  store_begin_visit (store, 1, ROOM, id_of (0));
  say_many (store, 1, 3);
  store_close (store);

  store = open_store (uri);
  g_assert_cmpint (store_last_said (store), ==, id_of (3));
  store_end_visits (store, id_of (3));
  say_many (store, 4, 5);
  store_begin_visit (store, 1, ROOM, id_of (5));
  expect (store, (StoreSaidQuery) { 0 }, "1 2 3 5");
  /* It was not over after all; and what was saved, and nobody knew it, is saved again. */
  store_begin_visit (store, 1, ROOM, id_of (0));
  say_many (store, 4, 6);
  expect (store, (StoreSaidQuery) { 0 }, "1 2 3 4 5 6");
  store_close (store);
}

/* -- Rooms that one stays in ---------------------------------------------- */

static void
on_stays (GPtrArray *items, const GError *error, gpointer data)
{
  on_page (items, FALSE, error, data);
}

static GPtrArray *
load_stays (Store *store)
{
  Answer answer = { 0 };

  store_load_stays (store, 1, on_stays, &answer);
  unit_wait_for (&answer.done);
  g_assert_no_error (answer.error);
  return answer.items;
}

static void
test_stays (void)
{
  Store *store = open_filled ();
  g_autoptr (GBytes) sealed = g_bytes_new_static ("\0key", 4);
  g_autoptr (GPtrArray) items = NULL;
  const StoreStay *stay;

  store_save_stay (store, 1, &(StoreStay) { (char *) "#b", (char *) "juliet", NULL }, NULL, NULL);
  store_save_stay (store, 1, &(StoreStay) { (char *) "#a", (char *) "juliet", NULL }, NULL, NULL);
  store_save_stay (store, 1, &(StoreStay) { (char *) "#a", (char *) "jule", sealed }, NULL, NULL);
  store_save_stay (store, 2, &(StoreStay) { (char *) "#c", (char *) "romeo", NULL }, NULL, NULL);
  store_remove_stay (store, 1, "#b", NULL, NULL);
  items = load_stays (store);
  g_assert_cmpuint (items->len, ==, 1);
  stay = items->pdata[0];
  g_assert_cmpstr (stay->room, ==, "#a");
  g_assert_cmpstr (stay->nick, ==, "jule");
  g_assert_true (g_bytes_equal (stay->sealed_password, sealed));
  g_clear_pointer (&items, g_ptr_array_unref);
  store_remove_stay (store, 1, NULL, NULL, NULL);
  items = load_stays (store);
  g_assert_cmpuint (items->len, ==, 0);
  store_close (store);
}

int
main (int argc, char **argv)
{
  g_autofree char *key = NULL;
  g_autoptr (GError) error = NULL;
  int result;

  unit_init (&argc, &argv);
  key = unit_write_file ("key", "0123456789abcdef0123456789abcdef", 0600);
  secrets = secrets_open (key, &error);
  g_assert_no_error (error);
  g_test_add_func ("/said/pages-and-filters", test_pages);
  g_test_add_func ("/said/unknown-id-is-an-error", test_unknown_id);
  g_test_add_func ("/said/each-sees-what-was-said-while-there", test_visits);
  g_test_add_func ("/said/speaker-and-others-see-their-own-form", test_audience);
  g_test_add_func ("/said/all-returns", test_all_returns);
  g_test_add_func ("/said/old-goes", test_old_goes);
  g_test_add_func ("/said/too-much-goes", test_too_much_goes);
  g_test_add_func ("/said/account-takes-along-what-nobody-else-may-read", test_account_goes);
  g_test_add_func ("/said/visits-end-where-the-hub-was-killed", test_killed);
  g_test_add_func ("/said/stays-return", test_stays);
  result = unit_run ();
  secrets_free (secrets);
  return result;
}
