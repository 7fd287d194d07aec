/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was read from a server, over the death of a process: closing leaves the file as a death does. */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "intake.h"
#include "unit.h"

#define MOST (1024 * 1024)

static Intake *
open_intake (void)
{
  g_autoptr (GError) error = NULL;
  Intake *intake = intake_open ("read", MOST, &error);

  g_assert_no_error (error);
  return intake;
}

static Intake *
begin (void)
{
  unlink ("read");
  unlink ("read.now");
  return open_intake ();
}

static Intake *
die (Intake *intake)
{
  intake_close (intake);
  return open_intake ();
}

static void
take (Intake *intake, const char *bytes)
{
  strcpy (intake_area (intake), bytes);
  intake_read (intake, strlen (bytes));
  intake_wipe (intake);
}

/* NULL: nothing is left. */
static void
expect_left (Intake *intake, const char *bytes, guint done)
{
  gsize length = 0;
  guint found = 0;
  const char *left = intake_get_left (intake, &length, &found);
  g_autofree char *text = left == NULL ? NULL : g_strndup (left, length);

  g_assert_cmpstr (text, ==, bytes);
  g_assert_cmpuint (found, ==, done);
}

static void
test_nothing (void)
{
  Intake *intake = begin ();

  expect_left (intake, NULL, 0);
  intake_done (intake);
  intake_settle (intake, 0);
  intake = die (intake);
  expect_left (intake, NULL, 0);
  intake_close (intake);
}

static void
test_what_is_dealt_with_is_gone (void)
{
  Intake *intake = begin ();
  g_autofree char *file = NULL;
  gsize length;

  take (intake, "<a/><b/>");
  intake_done (intake);
  intake_done (intake);
  intake_settle (intake, 0);
  expect_left (intake, NULL, 0);
  g_assert_true (g_file_get_contents ("read", &file, &length, NULL));
  g_assert_null (memmem (file, length, "<a/>", 4));
  intake = die (intake);
  expect_left (intake, NULL, 0);
  intake_close (intake);
}

static void
test_what_is_not_is_there (void)
{
  Intake *intake = begin ();

  take (intake, "<a/><b/><c/>");
  intake_done (intake);
  intake = die (intake);
  expect_left (intake, "<a/><b/><c/>", 1);
  intake_take_up (intake, 2);
  intake_done (intake);
  /* What it reads meanwhile settles nothing. */
  intake_settle (intake, 0);
  expect_left (intake, "<a/><b/><c/>", 2);
  intake_done (intake);
  expect_left (intake, NULL, 0);
  intake_close (intake);
}

static void
test_tails (void)
{
  Intake *intake = begin ();

  take (intake, "<a/><b");
  intake_done (intake);
  intake_settle (intake, 2);
  g_assert_cmpuint (intake_get_tail (intake), ==, 2);
  take (intake, " x='1'");
  intake_settle (intake, 8);
  take (intake, "/><c/>");
  expect_left (intake, "<b x='1'/><c/>", 0);
  intake = die (intake);
  expect_left (intake, "<b x='1'/><c/>", 0);
  intake_close (intake);
}

static void
test_the_beginning_of_one_is_dropped (void)
{
  Intake *intake = begin ();

  take (intake, "<a/><b");
  intake_done (intake);
  intake_settle (intake, 2);
  intake = die (intake);
  expect_left (intake, "<a/><b", 1);
  intake_take_up (intake, 0);
  expect_left (intake, NULL, 0);
  g_assert_cmpuint (intake_get_tail (intake), ==, 0);
  intake_close (intake);
}

/* Once it may have been something else. */
static void
test_what_kills_twice_is_left_out (void)
{
  Intake *intake = begin ();

  take (intake, "<a/><b/><c/>");
  intake_done (intake);
  intake = die (intake);
  expect_left (intake, "<a/><b/><c/>", 1);
  intake_take_up (intake, 2);
  intake_begin (intake);
  g_test_expect_message ("passerelle", G_LOG_LEVEL_WARNING, "*died of it twice*");
  intake = die (intake);
  g_test_assert_expected_messages ();
  expect_left (intake, "<a/><b/><c/>", 2);
  intake_close (intake);
}

static void
test_one_that_dies_later_has_not_killed (void)
{
  Intake *intake = begin ();

  take (intake, "<a/><b/><c/>");
  intake_begin (intake);
  intake = die (intake);
  intake = die (intake);
  intake_take_up (intake, 3);
  intake = die (intake);
  expect_left (intake, "<a/><b/><c/>", 0);
  intake_take_up (intake, 3);
  intake_begin (intake);
  intake_done (intake);
  intake = die (intake);
  expect_left (intake, "<a/><b/><c/>", 1);
  intake_close (intake);
}

static void
test_too_much_is_not_kept (void)
{
  Intake *intake = begin ();
  g_autofree char *much = g_strnfill (INTAKE_AREA, 'x');

  take (intake, "<a");
  for (gsize length = 2; length < MOST; length += INTAKE_AREA)
    {
      intake_settle (intake, length);
      take (intake, much);
    }
  g_assert_cmpuint (intake_get_tail (intake), ==, 0);
  expect_left (intake, NULL, 0);
  take (intake, "<b/>");
  expect_left (intake, "<b/>", 0);
  intake_close (intake);
}

/* It dies in the moment of reading; and in the next. */
static void
test_the_moment_of_reading (void)
{
  Intake *intake = begin ();

  take (intake, "<a/><b");
  intake_done (intake);
  intake_settle (intake, 2);
  strcpy (intake_area (intake), "/><c/>");
  intake = die (intake);
  expect_left (intake, "<a/><b/><c/>", 1);
  intake = die (intake);
  expect_left (intake, "<a/><b/><c/>", 1);
  intake_take_up (intake, 2);
  intake_done (intake);
  intake_done (intake);
  strcpy (intake_area (intake), "<d/>");
  intake = die (intake);
  expect_left (intake, "<d/>", 0);
  intake_take_up (intake, 1);
  intake_done (intake);
  strcpy (intake_area (intake), "<e/>");
  intake_read (intake, 4);
  intake = die (intake);
  expect_left (intake, "<e/>", 0);
  intake_close (intake);
}

/* It dies while it wipes: what is left there is no part of what is read later. */
static void
test_half_wiped (void)
{
  Intake *intake = begin ();

  strcpy (intake_area (intake), "<a/><b/>");
  intake_read (intake, 8);
  memset (intake_area (intake), 0, 4);
  intake = die (intake);
  expect_left (intake, "<a/><b/>", 0);
  intake_take_up (intake, 0);
  memcpy (intake_area (intake), "<c/>", 4);
  intake = die (intake);
  expect_left (intake, "<c/>", 0);
  intake_close (intake);
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/intake/has nothing at first", test_nothing);
  g_test_add_func ("/intake/forgets what is dealt with", test_what_is_dealt_with_is_gone);
  g_test_add_func ("/intake/has what is not", test_what_is_not_is_there);
  g_test_add_func ("/intake/goes on from a tail", test_tails);
  g_test_add_func ("/intake/drops the beginning of a stanza", test_the_beginning_of_one_is_dropped);
  g_test_add_func ("/intake/leaves out what kills twice", test_what_kills_twice_is_left_out);
  g_test_add_func ("/intake/leaves out nothing that was dealt with", test_one_that_dies_later_has_not_killed);
  g_test_add_func ("/intake/has what was being read", test_the_moment_of_reading);
  g_test_add_func ("/intake/has nothing of what was being wiped", test_half_wiped);
  g_test_add_func ("/intake/keeps its limit", test_too_much_is_not_kept);
  return unit_run ();
}
