/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <sys/socket.h>
#include <unistd.h>

#include "eventloop.h"
#include "unit.h"

typedef struct {
  GString *order;
  guint ids[8];
  guint runs;
  guint most;
  gboolean done;
  int fds[2];
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->order = g_string_new (NULL);
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, f->fds));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_string_free (f->order, TRUE);
  close (f->fds[0]);
  close (f->fds[1]);
}

/* -- Timers --------------------------------------------------------------- */

typedef struct {
  Fixture *f;
  char letter;
  gboolean last;
} Mark;

static gboolean
on_mark (gpointer data)
{
  Mark *mark = data;

  g_string_append_c (mark->f->order, mark->letter);
  mark->f->done |= mark->last;
  return G_SOURCE_REMOVE;
}

static void
test_timers_in_order_of_time (Fixture *f, gconstpointer data)
{
  Mark marks[] = { { f, 'd', TRUE }, { f, 'b', FALSE }, { f, 'a', FALSE }, { f, 'c', FALSE } };

  eventloop_add_timer (40, on_mark, &marks[0]);
  eventloop_add_timer (20, on_mark, &marks[1]);
  eventloop_add_timer (0, on_mark, &marks[2]);
  eventloop_add_timer (30, on_mark, &marks[3]);
  unit_wait_for (&f->done);
  g_assert_cmpstr (f->order->str, ==, "abcd");
}

static void
test_many_timers_in_order (Fixture *f, gconstpointer data)
{
  enum { N = 500 };
  g_autofree Mark *marks = g_new (Mark, N);
  guint ids[N];

  /* Every third is taken out again, from anywhere in the heap. */
  for (int i = 0; i < N; i++)
    {
      int due = (i * 7919) % 50;

      marks[i] = (Mark) { f, (char) ('A' + due), FALSE };
      ids[i] = eventloop_add_timer ((guint) due, on_mark, &marks[i]);
    }
  for (int i = 0; i < N; i += 3)
    g_assert_true (eventloop_remove (ids[i]));
  eventloop_add_timer (80, on_mark, &(Mark) { f, '~', TRUE });
  unit_wait_for (&f->done);
  g_assert_cmpuint (f->order->len, ==, N - (N + 2) / 3 + 1);
  for (gsize i = 1; i < f->order->len; i++)
    g_assert_cmpint (f->order->str[i - 1], <=, f->order->str[i]);
}

static gboolean
on_repeat (gpointer data)
{
  Fixture *f = data;

  f->done = ++f->runs == f->most;
  return !f->done;
}

static void
test_timer_repeats_until_false (Fixture *f, gconstpointer data)
{
  guint id;

  f->most = 3;
  id = eventloop_add_timer (1, on_repeat, f);
  unit_wait_for (&f->done);
  g_assert_cmpuint (f->runs, ==, 3);
  g_assert_false (eventloop_remove (id));
}

static gboolean
on_remove_itself (gpointer data)
{
  Fixture *f = data;

  f->runs++;
  g_assert_true (eventloop_remove (f->ids[0]));
  g_assert_false (eventloop_remove (f->ids[0]));
  return G_SOURCE_CONTINUE;
}

static void
test_timer_removes_itself (Fixture *f, gconstpointer data)
{
  f->ids[0] = eventloop_add_timer (0, on_remove_itself, f);
  eventloop_add_timer (20, on_mark, &(Mark) { f, 'x', TRUE });
  unit_wait_for (&f->done);
  g_assert_cmpuint (f->runs, ==, 1);
}

static void
test_seconds_fire_together (Fixture *f, gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();

  eventloop_add_timer_seconds (1, on_mark, &(Mark) { f, 'a', FALSE });
  eventloop_add_timer_seconds (1, on_mark, &(Mark) { f, 'b', TRUE });
  unit_wait_for (&f->done);
  g_assert_cmpint (f->order->len, ==, 2);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, G_USEC_PER_SEC);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 4 * G_USEC_PER_SEC);
}

/* -- Descriptors ---------------------------------------------------------- */

static void
on_readable (gpointer data, int fd, EventloopCondition condition)
{
  Fixture *f = data;
  char byte;

  g_assert_cmpint (condition, ==, EVENTLOOP_READ);
  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  g_string_append_c (f->order, byte);
  f->done = byte == '.';
}

static void
test_reads_what_comes (Fixture *f, gconstpointer data)
{
  guint id = eventloop_add_input (f->fds[0], EVENTLOOP_READ, on_readable, f);

  g_assert_cmpuint (id, >=, EVENTLOOP_FIRST_ID);
  g_assert_cmpint (write (f->fds[1], "abc.", 4), ==, 4);
  unit_wait_for (&f->done);
  g_assert_cmpstr (f->order->str, ==, "abc.");
  g_assert_true (eventloop_remove (id));
  g_assert_false (eventloop_remove (id));
}

static void
on_writable (gpointer data, int fd, EventloopCondition condition)
{
  Fixture *f = data;

  g_assert_cmpint (condition, ==, EVENTLOOP_WRITE);
  g_string_append_c (f->order, 'w');
  eventloop_remove (f->ids[1]);
  g_assert_cmpint (write (f->fds[1], ".", 1), ==, 1);
}

static void
test_one_descriptor_both_ways (Fixture *f, gconstpointer data)
{
  f->ids[0] = eventloop_add_input (f->fds[0], EVENTLOOP_READ, on_readable, f);
  f->ids[1] = eventloop_add_input (f->fds[0], EVENTLOOP_WRITE, on_writable, f);
  unit_wait_for (&f->done);
  g_assert_cmpstr (f->order->str, ==, "w.");
  eventloop_remove (f->ids[0]);
}

static void
on_hang_up (gpointer data, int fd, EventloopCondition condition)
{
  Fixture *f = data;

  f->done = TRUE;
  eventloop_remove (f->ids[0]);
}

static void
test_hang_up_wakes_reader_and_writer (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 2; i++)
    {
      f->done = FALSE;
      if (f->fds[1] >= 0)
        close (f->fds[1]);
      f->fds[1] = -1;
      f->ids[0] = eventloop_add_input (f->fds[0], i == 0 ? EVENTLOOP_READ : EVENTLOOP_WRITE, on_hang_up, f);
      unit_wait_for (&f->done);
    }
}

static gboolean
on_resume (gpointer data)
{
  Fixture *f = data;

  g_assert_cmpstr (f->order->str, ==, "");
  eventloop_pause_inputs (FALSE);
  return G_SOURCE_REMOVE;
}

static void
test_paused_inputs_wait (Fixture *f, gconstpointer data)
{
  guint id = eventloop_add_input (f->fds[0], EVENTLOOP_READ, on_readable, f);

  g_assert_cmpint (write (f->fds[1], "abc.", 4), ==, 4);
  eventloop_pause_inputs (TRUE);
  eventloop_add_timer (20, on_resume, f);
  unit_wait_for (&f->done);
  g_assert_cmpstr (f->order->str, ==, "abc.");
  eventloop_remove (id);
}

static void
never (gpointer data, int fd, EventloopCondition condition)
{
  g_assert_not_reached ();
}

/* Closes the other descriptor, whose event is in the same batch, and has a new one
 * of the same number that nothing is known of yet. */
static void
on_replace (gpointer data, int fd, EventloopCondition condition)
{
  Fixture *f = data;
  int other = fd == f->fds[0] ? f->fds[1] : f->fds[0];
  int pair[2];

  eventloop_remove (f->ids[0]);
  eventloop_remove (f->ids[1]);
  close (other);
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair));
  g_assert_cmpint (pair[0], ==, other);
  f->ids[2] = eventloop_add_input (pair[0], EVENTLOOP_READ, never, f);
  f->ids[3] = (guint) pair[1];
  f->done = TRUE;
}

static void
test_old_event_spares_new_descriptor (Fixture *f, gconstpointer data)
{
  /* Both ends of the pair are readable when the loop looks. */
  g_assert_cmpint (write (f->fds[0], "x", 1), ==, 1);
  g_assert_cmpint (write (f->fds[1], "x", 1), ==, 1);
  f->ids[0] = eventloop_add_input (f->fds[0], EVENTLOOP_READ, on_replace, f);
  f->ids[1] = eventloop_add_input (f->fds[1], EVENTLOOP_READ, on_replace, f);
  unit_wait_for (&f->done);
  /* The rest of the batch has been handled by now, and `never` did not run. */
  eventloop_remove (f->ids[2]);
  close ((int) f->ids[3]);
}

/* -- Tasks ---------------------------------------------------------------- */

typedef struct {
  EventloopTask task;
  Fixture *f;
  EventloopTask *next;
  char letter;
} Job;

static void
run_job (EventloopTask *task)
{
  Job *job = (Job *) task;

  g_string_append_c (job->f->order, job->letter);
  if (job->next != NULL)
    eventloop_queue_task (job->next);
  else
    job->f->done = TRUE;
}

static void
test_tasks_once_and_in_order (Fixture *f, gconstpointer data)
{
  Job c = { { run_job }, f, NULL, 'c' };
  Job b = { { run_job }, f, &c.task, 'b' };
  Job a = { { run_job }, f, &b.task, 'a' };
  Job x = { { run_job }, f, &b.task, 'x' };

  eventloop_queue_task (&a.task);
  eventloop_queue_task (&a.task);
  eventloop_queue_task (&x.task);
  eventloop_cancel_task (&x.task);
  g_assert_cmpstr (f->order->str, ==, "");
  unit_wait_for (&f->done);
  g_assert_cmpstr (f->order->str, ==, "abc");
}

static gboolean
on_queue_task (gpointer data)
{
  Job *job = data;

  g_string_append_c (job->f->order, 't');
  eventloop_queue_task (&job->task);
  return G_SOURCE_REMOVE;
}

static void
test_task_at_the_end_of_the_turn (Fixture *f, gconstpointer data)
{
  Job job = { { run_job }, f, NULL, '!' };

  eventloop_add_timer (1, on_queue_task, &job);
  eventloop_add_timer (1, on_mark, &(Mark) { f, 'u', FALSE });
  /* Both timers are due by then, and run before any task does. */
  g_usleep (5000);
  unit_wait_for (&f->done);
  g_assert_cmpstr (f->order->str, ==, "tu!");
}

#define ADD(path, func) g_test_add ("/worker/eventloop/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  eventloop_init ();
  ADD ("timers-in-order-of-time", test_timers_in_order_of_time);
  ADD ("many-timers-in-order", test_many_timers_in_order);
  ADD ("timer-repeats-until-false", test_timer_repeats_until_false);
  ADD ("timer-removes-itself", test_timer_removes_itself);
  ADD ("seconds-fire-together", test_seconds_fire_together);
  ADD ("reads-what-comes", test_reads_what_comes);
  ADD ("one-descriptor-both-ways", test_one_descriptor_both_ways);
  ADD ("hang-up-wakes-reader-and-writer", test_hang_up_wakes_reader_and_writer);
  ADD ("paused-inputs-wait", test_paused_inputs_wait);
  ADD ("old-event-spares-new-descriptor", test_old_event_spares_new_descriptor);
  ADD ("tasks-once-and-in-order", test_tasks_once_and_in_order);
  ADD ("task-at-the-end-of-the-turn", test_task_at_the_end_of_the_turn);
  return unit_run ();
}
