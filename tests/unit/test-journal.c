/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal: what a process leaves, the next one finds. */
#include "config.h"

#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal.h"
#include "unit.h"

#define FILE_NAME "journal"
#define MIB (1024 * 1024)

typedef struct {
  JournalEntry entry;
  int mark;                   /* the owner's */
} Letter;

static Journal *
open_journal (gsize most)
{
  g_autoptr (GError) error = NULL;
  Journal *journal = journal_open (FILE_NAME, most, sizeof (Letter), &error);

  g_assert_no_error (error);
  return journal;
}

static JournalEntry *
add (Journal *journal, const char *text)
{
  JournalEntry *entry = journal_add (journal, text, strlen (text), FALSE);

  g_assert_nonnull (entry);
  return entry;
}

static char *
dup_text (Journal *journal, const JournalEntry *entry)
{
  gsize length;
  const char *text = journal_read (journal, entry, &length);

  return g_strndup (text, length);
}

/* "one two three": all that is in it, in order. */
static char *
dup_all (Journal *journal)
{
  GString *all = g_string_new (NULL);

  for (JournalEntry *entry = journal_first (journal); entry != NULL; entry = journal_next (entry))
    {
      g_autofree char *text = dup_text (journal, entry);

      g_string_append_printf (all, "%s%s", all->len > 0 ? " " : "", text);
    }
  return g_string_free (all, FALSE);
}

#define assert_all(journal, expected) \
  G_STMT_START { g_autofree char *all_ = dup_all (journal); g_assert_cmpstr (all_, ==, expected); } G_STMT_END

static void
begin (void)
{
  unlink (FILE_NAME);
}

static void
test_finds_what_was_left (void)
{
  g_autoptr (Journal) journal = NULL;
  JournalEntry *two;
  gint64 last;
  struct stat status;

  begin ();
  journal = open_journal (MIB);
  add (journal, "one");
  two = add (journal, "two");
  last = add (journal, "three")->number;
  ((Letter *) two)->mark = 7;
  journal_strike (journal, two);
  assert_all (journal, "one three");
  g_assert_cmpuint (journal_get_bytes (journal), ==, 8);
  journal_close (journal);

  journal = open_journal (MIB);
  assert_all (journal, "one three");
  g_assert_cmpint (((Letter *) journal_first (journal))->mark, ==, 0);
  g_assert_cmpint (add (journal, "four")->number, >, last);
  assert_all (journal, "one three four");
  g_assert_cmpint (stat (FILE_NAME, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
}

/* Numbers name entries to others, who may remember them: none is given twice. */
static void
test_numbers_go_on_when_all_is_struck (void)
{
  g_autoptr (Journal) journal = NULL;
  gint64 number;

  begin ();
  journal = open_journal (MIB);
  number = add (journal, "one")->number;
  g_assert_cmpint (number, ==, 1);
  journal_strike (journal, journal_first (journal));
  g_assert_null (journal_first (journal));
  journal_close (journal);

  journal = open_journal (MIB);
  assert_all (journal, "");
  g_assert_cmpint (add (journal, "two")->number, ==, number + 1);
}

static void
test_wipes_what_is_struck (void)
{
  g_autoptr (Journal) journal = NULL;
  g_autofree char *contents = NULL;
  gsize length;

  begin ();
  journal = open_journal (MIB);
  add (journal, "keep this");
  journal_strike (journal, add (journal, "wipe this"));
  g_assert_true (g_file_get_contents (FILE_NAME, &contents, &length, NULL));
  g_assert_nonnull (memmem (contents, length, "keep this", 9));
  g_assert_null (memmem (contents, length, "wipe this", 9));
}

/* Entries are found whatever the file does under them: it moves, grows and shrinks. */
static void
test_moves_and_grows (void)
{
  g_autoptr (Journal) journal = NULL;
  g_autofree char *text = g_strnfill (10000, 'x');
  JournalEntry *first, *entry;
  guint n = 0;
  struct stat status;

  begin ();
  journal = open_journal (16 * MIB);
  first = add (journal, "first");
  /* Far more than it holds, most of which is struck at once. */
  for (int i = 0; i < 3000; i++)
    {
      entry = add (journal, text);
      if (i % 10 != 0)
        journal_strike (journal, entry);
    }
  journal_close (journal);
  journal = open_journal (16 * MIB);
  first = journal_first (journal);
  g_assert_cmpint (first->number, ==, 1);
  for (entry = journal_next (first); entry != NULL; entry = journal_next (entry))
    {
      g_autofree char *found = dup_text (journal, entry);

      g_assert_cmpstr (found, ==, text);
      n++;
    }
  g_assert_cmpuint (n, ==, 300);
  while ((entry = journal_first (journal)) != NULL)
    journal_strike (journal, entry);
  g_assert_cmpint (stat (FILE_NAME, &status), ==, 0);
  g_assert_cmpint (status.st_size, <=, MIB);
  add (journal, "last");
  journal_close (journal);
  journal = open_journal (16 * MIB);
  assert_all (journal, "last");
}

static void
test_keeps_its_limit (void)
{
  g_autoptr (Journal) journal = NULL;
  g_autofree char *text = g_strnfill (10000, 'x');
  guint n = 0;

  begin ();
  journal = open_journal (MIB);
  while (journal_add (journal, text, 10000, FALSE) != NULL)
    n++;
  g_assert_cmpuint (n, >, 80);
  g_assert_cmpuint (n, <, 106);
  g_assert_false (journal_is_full (journal));
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*limit of 1 MiB*");
  g_assert_nonnull (journal_add (journal, text, 10000, TRUE));
  g_assert_true (journal_is_full (journal));
  g_test_assert_expected_messages ();
  for (guint i = 0; i < n / 2; i++)
    journal_strike (journal, journal_first (journal));
  g_assert_nonnull (journal_add (journal, text, 10000, FALSE));
}

/* Runs where root can mount; elsewhere a limit on the size of files stands for the full disk. */
static void
test_says_that_the_disk_is_full (void)
{
  g_autofree char *text = g_strnfill (10000, 'x');
  gboolean mounted = mkdir ("small", 0700) == 0 && mount ("none", "small", "tmpfs", 0, "size=1m") == 0;
  struct rlimit before, limit;
  g_autoptr (GError) error = NULL;
  Journal *journal;
  guint n = 0;

  if (!mounted)
    {
      g_test_message ("no tmpfs can be mounted: with a limit on the size of files instead");
      signal (SIGXFSZ, SIG_IGN);
      getrlimit (RLIMIT_FSIZE, &before);
      limit = before;
      limit.rlim_cur = MIB;
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
    }
  journal = journal_open ("small/journal", 64 * MIB, sizeof (Letter), &error);
  g_assert_no_error (error);
  while (journal_add (journal, text, 10000, FALSE) != NULL)
    n++;
  g_assert_cmpuint (n, >, 20);
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*The journal cannot grow: small/journal: *in memory*");
  g_assert_nonnull (journal_add (journal, text, 10000, TRUE));
  g_test_assert_expected_messages ();
  g_assert_true (journal_is_full (journal));
  while (journal_first (journal) != NULL)
    journal_strike (journal, journal_first (journal));
  g_assert_false (journal_is_full (journal));
  g_assert_nonnull (journal_add (journal, text, 10000, FALSE));
  journal_close (journal);
  if (mounted)
    umount ("small");
  else
    setrlimit (RLIMIT_FSIZE, &before);
}

static void
test_sets_aside_what_is_damaged (void)
{
  g_autoptr (Journal) journal = NULL;
  g_autofree char *contents = NULL, *aside = NULL;
  gsize length;

  begin ();
  journal = open_journal (MIB);
  add (journal, "good");
  add (journal, "damaged");
  journal_close (journal);
  g_assert_true (g_file_get_contents (FILE_NAME, &contents, &length, NULL));
  /* The state of the second record: 16 bytes of header, 16 and 8 of the first. */
  contents[16 + 24] = 77;
  g_assert_true (g_file_set_contents (FILE_NAME, contents, (gssize) length, NULL));
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*is damaged*journal.damaged*");
  journal = open_journal (MIB);
  g_test_assert_expected_messages ();
  assert_all (journal, "good");
  add (journal, "new");
  journal_close (journal);
  journal = open_journal (MIB);
  assert_all (journal, "good new");
  g_assert_true (g_file_get_contents (FILE_NAME ".damaged", &aside, NULL, NULL));
  unlink (FILE_NAME ".damaged");
}

static void
test_belongs_to_one (void)
{
  g_autoptr (Journal) journal = NULL;
  g_autoptr (GError) error = NULL;

  begin ();
  journal = open_journal (MIB);
  g_assert_null (journal_open (FILE_NAME, MIB, sizeof (Letter), &error));
  g_assert_nonnull (strstr (error->message, "journal: "));
  g_assert_nonnull (strstr (error->message, "another passerelled"));
}

/* -- Death ------------------------------------------------------------------ */

/* Adds numbers, and says of each that it is in; strikes the older ones. */
static void
write_until_killed (int told)
{
  Journal *journal = open_journal (4 * MIB);
  char text[700];

  for (guint32 i = 0;; i++)
    {
      guint length = 4 + i * 7919 % 690;

      memset (text, (int) (i % 251), sizeof text);
      memcpy (text, &i, 4);
      journal_add (journal, text, length, TRUE);
      if (write (told, &i, 4) != 4)
        _exit (1);
      while (journal_get_bytes (journal) > 300000)
        journal_strike (journal, journal_first (journal));
    }
}

static void
check_what_is_left (guint32 told)
{
  g_autoptr (Journal) journal = open_journal (4 * MIB);
  guint32 expected = 0, i = 0;
  gsize bytes = 0;

  for (JournalEntry *entry = journal_first (journal); entry != NULL; entry = journal_next (entry))
    {
      gsize length;
      const char *text = journal_read (journal, entry, &length);

      memcpy (&i, text, 4);
      g_assert_cmpuint (length, ==, 4 + i * 7919 % 690);
      for (gsize at = 4; at < length; at++)
        g_assert_cmpuint ((guint8) text[at], ==, i % 251);
      if (entry != journal_first (journal))
        g_assert_cmpuint (i, ==, expected);
      expected = i + 1;
      bytes += length;
    }
  /* What was told is there, and one more at most. */
  g_assert_cmpuint (i, >=, told);
  g_assert_cmpuint (i, <=, told + 1);
  g_assert_cmpuint (bytes, >, 300000 - 700);
}

static void
test_survives_death_at_any_moment (void)
{
  for (int round = 0; round < 40; round++)
    {
      int pipe_ends[2];
      guint32 told = 0, next;
      guint32 least = 2000 + (guint32) round * 531;
      pid_t pid;

      begin ();
      g_assert_cmpint (pipe (pipe_ends), ==, 0);
      pid = fork ();
      if (pid == 0)
        {
          close (pipe_ends[0]);
          write_until_killed (pipe_ends[1]);
        }
      close (pipe_ends[1]);
      while (read (pipe_ends[0], &next, 4) == 4)
        {
          told = next;
          if (told == least)
            kill (pid, SIGKILL);
        }
      close (pipe_ends[0]);
      g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
      g_assert_cmpuint (told, >=, least);
      check_what_is_left (told);
    }
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/journal/finds what was left", test_finds_what_was_left);
  g_test_add_func ("/journal/numbers go on when all is struck", test_numbers_go_on_when_all_is_struck);
  g_test_add_func ("/journal/wipes what is struck", test_wipes_what_is_struck);
  g_test_add_func ("/journal/moves and grows", test_moves_and_grows);
  g_test_add_func ("/journal/keeps its limit", test_keeps_its_limit);
  g_test_add_func ("/journal/says that the disk is full", test_says_that_the_disk_is_full);
  g_test_add_func ("/journal/sets aside what is damaged", test_sets_aside_what_is_damaged);
  g_test_add_func ("/journal/belongs to one", test_belongs_to_one);
  g_test_add_func ("/journal/survives death at any moment", test_survives_death_at_any_moment);
  return unit_run ();
}
