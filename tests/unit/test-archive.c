/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said in rooms, over the death of a hub. */
#include "config.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive.h"
#include "driver.h"
#include "unit.h"

#define ROOM "#garden@irc.example.org"
#define JOURNAL "./rooms"
#define JOURNAL_MOST (16 * 1024 * 1024)

static Settings settings = { .archive_days = 7 };

typedef struct {
  Store *store;
  Secrets *secrets;
  Archive *archive;
} World;

static void
on_done (const GError *error, gpointer data)
{
  g_assert_no_error (error);
  *(gboolean *) data = TRUE;
}

static void
add_account (Store *store, gint64 id)
{
  g_autoptr (StoreAccount) account = store_account_new ();
  gboolean done = FALSE;

  account->id = id;
  account->gateway = g_strdup ("irc.example.org");
  account->owner = g_strdup_printf ("user%" G_GINT64_FORMAT "@example.net", id);
  account->tag = g_strdup ("");
  account->name = g_strdup (account->owner);
  store_save_account (store, account, on_done, &done);
  unit_wait_for (&done);
}

static World
open_world (void)
{
  g_autoptr (GError) error = NULL;
  World world = { 0 };

  world.secrets = secrets_open ("key", &error);
  g_assert_no_error (error);
  world.store = store_open ("sqlite:rooms.db", world.secrets, &error);
  g_assert_no_error (error);
  world.archive = archive_new (world.store, world.secrets, ".", JOURNAL_MOST, &error);
  g_assert_no_error (error);
  archive_configure (world.archive, &settings);
  return world;
}

static void
begin (void)
{
  g_autofree char *key = unit_write_file ("key", "0123456789abcdef0123456789abcdef", 0600);

  unlink ("rooms.db");
  unlink (JOURNAL);
  unlink ("./occupants");
}

/* -- What is there -------------------------------------------------------- */

typedef struct {
  gboolean done;
  GString *texts;
} Answer;

static void
on_page (GPtrArray *items, gboolean more, const GError *error, gpointer data)
{
  Answer *answer = data;

  g_assert_no_error (error);
  for (guint i = 0; i < items->len; i++)
    g_string_append_printf (answer->texts, i == 0 ? "%s" : " %s", ((StoreSaid *) items->pdata[i])->text);
  answer->done = TRUE;
}

static void
expect (World *world, gint64 account, const char *texts)
{
  Answer answer = { FALSE, g_string_new (NULL) };

  archive_load (world->archive, &(StoreSaidQuery) { .account = account, .room = (char *) ROOM, .most = 100 }, on_page, &answer);
  unit_wait_for (&answer.done);
  g_assert_cmpstr (answer.texts->str, ==, texts);
  g_string_free (answer.texts, TRUE);
}

/* When all is answered that the archive has asked of the store: it is not there for later answers. */
static void
close_world (World *world)
{
  expect (world, -1, "");
  archive_free (world->archive);
  store_close (world->store);
  secrets_free (world->secrets);
}

static SharedRoom *
enter (World *world, gint64 account, gint64 since)
{
  g_autofree char *nick = g_strdup_printf ("nick%" G_GINT64_FORMAT, account);

  return archive_enter (world->archive, ROOM, account, nick, since);
}

static gint64
hear (SharedRoom *shared, gint64 account, guint64 event, const char *text)
{
  return shared_room_said (shared, account, &(Heard) { .nick = "friend", .text = text, .event = event });
}

/* -- A hub that dies ------------------------------------------------------ */

typedef struct {
  gint64 since[2], ids[3];
  char occupant[100];         /* of whoever is "romeo" in the end */
} Told;

static void
tell_occupant (Told *told, SharedRoom *shared)
{
  g_autofree char *id = shared_room_dup_occupant_id (shared, "romeo");

  g_strlcpy (told->occupant, id, sizeof told->occupant);
}

/* Two accounts are there, and the first one hears what the second one says before that itself does. */
static void
speak (Told *told, gboolean saves)
{
  World world = open_world ();
  SharedRoom *shared = NULL;

  for (gint64 account = 1; account <= 2; account++)
    {
      add_account (world.store, account);
      shared = enter (&world, account, G_MAXINT64);
    }
  expect (&world, 1, "");
  shared_room_said (shared, 1, &(Heard) { .nick = "nick2", .text = "mine", .event = 11 });
  shared_room_said (shared, 2, &(Heard) { .nick = "nick2", .text = "mine", .message = "m1", .event = 21 });
}

/* Two accounts are there; the first hears three things; and somebody changes their nick. */
static void
live (Told *told, gboolean saves)
{
  World world = open_world ();
  SharedRoom *shared = NULL;

  for (gint64 account = 1; account <= 2; account++)
    {
      add_account (world.store, account);
      shared = enter (&world, account, G_MAXINT64);
      told->since[account - 1] = shared_room_since (shared, account);
    }
  expect (&world, 1, "");      /* now the store knows that they are there */
  told->ids[0] = hear (shared, 1, 11, "one");
  told->ids[1] = hear (shared, 1, 12, "two");
  if (saves)
    expect (&world, 1, "one two");
  told->ids[2] = hear (shared, 1, 13, "three");
  shared_room_rename (shared, "montague", "romeo");
  shared_room_rename (shared, "romeo", "juliet");
  shared_room_rename (shared, "juliet", "romeo");
  tell_occupant (told, shared);
}

typedef void (*Live) (Told *told, gboolean saves);

static Told
die_after (Live life, gboolean saves)
{
  Told told = { 0 };
  int ends[2];
  pid_t pid;

  begin ();
  g_assert_cmpint (pipe (ends), ==, 0);
  pid = fork ();
  if (pid == 0)
    {
      life (&told, saves);
      _exit (write (ends[1], &told, sizeof told) == sizeof told ? 0 : 1);
    }
  close (ends[1]);
  g_assert_cmpint (read (ends[0], &told, sizeof told), ==, sizeof told);
  close (ends[0]);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  return told;
}

static Told
live_and_die (gboolean saves)
{
  return die_after (live, saves);
}

static void
on_own (GPtrArray *items, gboolean more, const GError *error, gpointer data)
{
  const StoreSaid *said;

  g_assert_no_error (error);
  g_assert_cmpuint (items->len, ==, 1);
  said = items->pdata[0];
  g_assert_cmpstr (said->message, ==, "m1");
  g_assert_cmpint (said->speaker, ==, 2);
  g_assert_cmpint (said->audience, ==, STORE_FOR_ALL);
  *(gboolean *) data = TRUE;
}

static void
test_speakers_know_their_own (void)
{
  World world;
  gboolean done = FALSE;

  die_after (speak, FALSE);
  world = open_world ();
  archive_load (world.archive, &(StoreSaidQuery) { .account = 2, .room = (char *) ROOM, .most = 100 }, on_own, &done);
  unit_wait_for (&done);
  close_world (&world);
}

/* The first one is told by the next process what the second one says, before that is known to be there. */
static void
test_speakers_come_late (gconstpointer saves)
{
  Told told = live_and_die (FALSE);
  World world = open_world ();
  SharedRoom *shared = enter (&world, 1, told.since[0]);
  gboolean done = FALSE;

  shared_room_said (shared, 1, &(Heard) { .nick = "nick2", .text = "mine", .event = 14 });
  if (saves != NULL)
    expect (&world, 1, "one two three mine");
  enter (&world, 2, told.since[1]);
  shared_room_said (shared, 2, &(Heard) { .nick = "nick2", .text = "mine", .message = "m1", .event = 21 });
  archive_load (world.archive, &(StoreSaidQuery) { .account = 2, .room = (char *) ROOM, .after = told.ids[2], .most = 100 }, on_own, &done);
  unit_wait_for (&done);
  close_world (&world);
}

static void
test_nothing_is_missing (gconstpointer saves)
{
  Told told = live_and_die (saves != NULL);
  World world = open_world ();

  g_assert_cmpint (archive_last_id (world.archive), >=, told.ids[2]);
  expect (&world, 1, "one two three");
  expect (&world, 2, "one two three");
  close_world (&world);
  /* And again, when all was in good order. */
  world = open_world ();
  expect (&world, 1, "one two three");
  close_world (&world);
}

static void
test_each_hears_it_once (gconstpointer saves)
{
  Told told = live_and_die (saves != NULL);
  World world = open_world ();
  SharedRoom *shared = enter (&world, 1, told.since[0]);

  g_assert_true (shared == enter (&world, 2, told.since[1]));
  /* The second hears what the first has heard; the first is told again what its worker does not know to be known. */
  g_assert_cmpint (hear (shared, 2, 21, "one"), ==, told.ids[0]);
  g_assert_cmpint (hear (shared, 1, 12, "two"), ==, told.ids[1]);
  g_assert_cmpint (hear (shared, 1, 13, "three"), ==, told.ids[2]);
  g_assert_cmpint (hear (shared, 2, 22, "two"), ==, told.ids[1]);
  /* The same words once more are another message, the same for both. */
  g_assert_cmpint (hear (shared, 1, 14, "three"), >, told.ids[2]);
  g_assert_cmpint (hear (shared, 2, 23, "three"), ==, told.ids[2]);
  g_assert_cmpint (hear (shared, 2, 24, "three"), >, told.ids[2]);
  expect (&world, 1, "one two three three");
  expect (&world, 2, "one two three three");
  close_world (&world);
}

static void
test_who_comes_later_hears_another (void)
{
  Told told = live_and_die (TRUE);
  World world = open_world ();
  SharedRoom *shared = enter (&world, 1, told.since[0]);

  add_account (world.store, 3);
  enter (&world, 3, G_MAXINT64);
  g_assert_cmpint (hear (shared, 3, 31, "three"), >, told.ids[2]);
  expect (&world, 3, "three");
  close_world (&world);
}

static void
test_the_visit_goes_on (void)
{
  Told told = live_and_die (TRUE);
  World world = open_world ();
  SharedRoom *shared = enter (&world, 1, told.since[0]);

  enter (&world, 2, told.since[1]);
  hear (shared, 1, 14, "four");
  shared_room_leave (shared, 2);
  hear (shared, 1, 15, "five");
  expect (&world, 1, "one two three four five");
  expect (&world, 2, "one two three four");
  close_world (&world);
}

static void
expect_occupant (const Told *told, gint64 since, gboolean same)
{
  World world = open_world ();
  SharedRoom *shared = enter (&world, 1, since);
  g_autofree char *id = shared_room_dup_occupant_id (shared, "romeo");

  g_assert_true (g_str_equal (id, told->occupant) == same);
  shared_room_leave (shared, 1);
  close_world (&world);
}

static void
test_occupants_stay_who_they_are (void)
{
  Told told = live_and_die (TRUE);

  expect_occupant (&told, told.since[0], TRUE);
  /* All have left since: who is there now may be anybody. */
  expect_occupant (&told, G_MAXINT64, FALSE);
}

static void
test_nobody_who_was_there_has_stayed (void)
{
  Told told = live_and_die (TRUE);

  expect_occupant (&told, G_MAXINT64, FALSE);
}

/* -- The journal ---------------------------------------------------------- */

static gboolean
journal_has (const char *text)
{
  g_autofree char *bytes = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (JOURNAL, &bytes, &length, NULL));
  return memmem (bytes, length, text, strlen (text)) != NULL;
}

static void
test_is_wiped_when_nobody_is_there (void)
{
  World world;
  SharedRoom *shared;

  begin ();
  world = open_world ();
  add_account (world.store, 1);
  shared = enter (&world, 1, G_MAXINT64);
  hear (shared, 1, 11, "nobody's business");
  g_assert_true (journal_has ("nobody's business"));
  expect (&world, 1, "nobody's business");
  shared_room_leave (shared, 1);
  g_assert_false (journal_has ("nobody's business"));
  close_world (&world);
}

static void
run_sql (Driver *driver, const char *sql, DriverRowFunc row, gpointer data)
{
  g_autoptr (GError) error = NULL;

  sqlite_driver.query (driver, sql, NULL, 0, row, data, &error);
  g_assert_no_error (error);
}

static void
take_number (const DriverValue *columns, guint n_columns, gpointer data)
{
  *(gint64 *) data = columns[0].number;
}

/* The log says once that something is missing, and how much when it is over. */
static void
test_too_much_for_a_full_disk (void)
{
  g_autoptr (GError) error = NULL;
  gint64 saved = 0;
  SharedRoom *shared;
  Driver *driver;
  World world;

  begin ();
  world = open_world ();
  add_account (world.store, 1);
  shared = enter (&world, 1, G_MAXINT64);
  expect (&world, 1, "");
  driver = sqlite_driver.open ("rooms.db", &error);
  g_assert_no_error (error);
  run_sql (driver, "CREATE TRIGGER nothing_said BEFORE INSERT ON said BEGIN SELECT RAISE (FAIL, 'no room'); END", NULL, NULL);
  g_test_expect_message ("passerelle", G_LOG_LEVEL_WARNING, "cannot save what was said in rooms: *no room; it is tried again until it works");
  g_test_expect_message ("passerelle", G_LOG_LEVEL_WARNING, "what is said in rooms is missing in the archive until this is mended: *no room");
  for (guint i = 1; i <= STORE_MOST_WAITING + 1000; i++)
    {
      g_autofree char *text = g_strdup_printf ("line %u", i);

      hear (shared, 1, i, text);
    }
  expect (&world, -1, "");
  g_test_assert_expected_messages ();

  run_sql (driver, "DROP TRIGGER nothing_said", NULL, NULL);
  g_test_expect_message ("passerelle", G_LOG_LEVEL_MESSAGE, "what is said in rooms is in the archive again; 1000 messages are missing");
  g_test_expect_message ("passerelle", G_LOG_LEVEL_MESSAGE, "what could not be saved is saved now");
  add_account (world.store, 2);
  expect (&world, -1, "");
  g_test_assert_expected_messages ();
  run_sql (driver, "SELECT COUNT (*) FROM said", take_number, &saved);
  g_assert_cmpint (saved, ==, STORE_MOST_WAITING);
  sqlite_driver.close (driver);
  close_world (&world);
}

static void
test_no_place (void)
{
  g_autoptr (GError) error = NULL;
  World world;

  begin ();
  world = open_world ();
  g_assert_null (archive_new (world.store, world.secrets, "no/such/folder", JOURNAL_MOST, &error));
  g_assert_nonnull (strstr (error->message, "no/such/folder"));
  close_world (&world);
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_data_func ("/archive/nothing is missing after a death/saved", "yes", test_nothing_is_missing);
  g_test_add_data_func ("/archive/nothing is missing after a death/not saved", NULL, test_nothing_is_missing);
  g_test_add_data_func ("/archive/each hears it once over a death/saved", "yes", test_each_hears_it_once);
  g_test_add_data_func ("/archive/each hears it once over a death/not saved", NULL, test_each_hears_it_once);
  g_test_add_func ("/archive/speakers know their own after a death", test_speakers_know_their_own);
  g_test_add_data_func ("/archive/speakers that come late know their own", NULL, test_speakers_come_late);
  g_test_add_data_func ("/archive/speakers that come late know their own, which is saved", GINT_TO_POINTER (TRUE), test_speakers_come_late);
  g_test_add_func ("/archive/who comes after a death hears another", test_who_comes_later_hears_another);
  g_test_add_func ("/archive/the visit goes on over a death", test_the_visit_goes_on);
  g_test_add_func ("/archive/occupants stay who they are over a death", test_occupants_stay_who_they_are);
  g_test_add_func ("/archive/occupants are new where nobody has stayed", test_nobody_who_was_there_has_stayed);
  g_test_add_func ("/archive/the journal is wiped when nobody is there", test_is_wiped_when_nobody_is_there);
  g_test_add_func ("/archive/what is too much for a full disk is told of", test_too_much_for_a_full_disk);
  g_test_add_func ("/archive/a journal without a place is an error", test_no_place);
  return unit_run ();
}
