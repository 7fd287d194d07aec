/* SPDX-License-Identifier: GPL-2.0-or-later */
/* eventloop.c - descriptors, timers and end-of-turn tasks for libpurple. */
#include "config.h"

#include "eventloop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "doing.h"

#define EVENTS_PER_WAIT 64
/* So many waits in one dispatch at most: the hub's socket wants its turn, too. */
#define WAITS_PER_TURN 4

typedef struct {
  guint id;
  gint64 interval;            /* microseconds */
  gint64 due;
  GSourceFunc func;
  gpointer data;
  gint64 account;             /* for which it was made */
  guint place;                /* in the heap */
  gboolean running;
  gboolean removed;           /* while running */
} Timer;

typedef struct Input Input;
struct Input {
  guint id;
  int fd;
  EventloopCondition condition;
  EventloopInput func;
  gpointer data;
  gint64 account;             /* for which it was made */
  Input *next;                /* of the same descriptor */
};

/* One descriptor: libpurple may watch it for reading and for writing with two inputs. */
typedef struct {
  Input *inputs;              /* borrowed from `things` */
  guint32 generation;         /* tells an old event from one for a new descriptor of the same number */
  guint32 events;             /* what epoll was asked for; 0: not in the set */
} Watch;

typedef enum { THING_TIMER, THING_INPUT } ThingKind;

typedef struct {
  ThingKind kind;
  union {
    Timer timer;
    Input input;
  };
} Thing;

static GSource *source;
static int epoll_fd = -1;
static gpointer epoll_tag;
static gboolean is_paused;
static GHashTable *things;    /* id -> Thing, owned */
static GPtrArray *heap;       /* Thing, the next due first */
static GArray *watches;       /* Watch, by descriptor */
static GHashTable *held;      /* numbers of accounts whose descriptors are not read; NULL: none is */
static GQueue tasks = G_QUEUE_INIT;
static guint last_id = EVENTLOOP_FIRST_ID;
static guint32 last_generation;

static guint
new_id (void)
{
  do
    if (++last_id < EVENTLOOP_FIRST_ID)
      last_id = EVENTLOOP_FIRST_ID;
  while (g_hash_table_contains (things, GUINT_TO_POINTER (last_id)));
  return last_id;
}

/* -- The heap of timers --------------------------------------------------- */

#define HEAP_AT(i) ((Thing *) heap->pdata[i])

static void
heap_set (guint place, Thing *thing)
{
  heap->pdata[place] = thing;
  thing->timer.place = place;
}

static void
heap_up (guint place, Thing *thing)
{
  while (place > 0 && HEAP_AT ((place - 1) / 2)->timer.due > thing->timer.due)
    {
      heap_set (place, HEAP_AT ((place - 1) / 2));
      place = (place - 1) / 2;
    }
  heap_set (place, thing);
}

static void
heap_down (guint place, Thing *thing)
{
  for (;;)
    {
      guint child = 2 * place + 1;

      if (child >= heap->len)
        break;
      if (child + 1 < heap->len && HEAP_AT (child + 1)->timer.due < HEAP_AT (child)->timer.due)
        child++;
      if (HEAP_AT (child)->timer.due >= thing->timer.due)
        break;
      heap_set (place, HEAP_AT (child));
      place = child;
    }
  heap_set (place, thing);
}

static void
heap_add (Thing *thing)
{
  g_ptr_array_add (heap, thing);
  heap_up (heap->len - 1, thing);
}

static void
heap_remove (Thing *thing)
{
  guint place = thing->timer.place;
  Thing *last = HEAP_AT (heap->len - 1);

  g_ptr_array_set_size (heap, heap->len - 1);
  if (last != thing)
    {
      if (place > 0 && HEAP_AT ((place - 1) / 2)->timer.due > last->timer.due)
        heap_up (place, last);
      else
        heap_down (place, last);
    }
}

static guint
add_timer (gint64 interval, gint64 due, GSourceFunc func, gpointer data)
{
  Thing *thing = g_new0 (Thing, 1);

  thing->kind = THING_TIMER;
  thing->timer = (Timer) { .id = new_id (), .interval = interval, .due = due, .func = func, .data = data, .account = doing_account () };
  g_hash_table_insert (things, GUINT_TO_POINTER (thing->timer.id), thing);
  heap_add (thing);
  return thing->timer.id;
}

static gint64
whole_second (gint64 time)
{
  return (time + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC * G_USEC_PER_SEC;
}

guint
eventloop_add_timer (guint milliseconds, GSourceFunc func, gpointer data)
{
  gint64 interval = (gint64) milliseconds * 1000;

  return add_timer (interval, g_get_monotonic_time () + interval, func, data);
}

guint
eventloop_add_timer_seconds (guint seconds, GSourceFunc func, gpointer data)
{
  gint64 interval = (gint64) seconds * G_USEC_PER_SEC;

  return add_timer (interval, whole_second (g_get_monotonic_time () + interval), func, data);
}

static void
run_timer (Thing *thing)
{
  Timer *timer = &thing->timer;
  gboolean again;

  heap_remove (thing);
  timer->running = TRUE;
  doing_begin (timer->account, "a timer");
  again = timer->func (timer->data);
  doing_end ();
  timer->running = FALSE;
  if (timer->removed)
    {
      g_free (thing);
      return;
    }
  if (!again)
    {
      g_hash_table_remove (things, GUINT_TO_POINTER (timer->id));
      g_free (thing);
      return;
    }
  if (timer->interval >= G_USEC_PER_SEC && timer->interval % G_USEC_PER_SEC == 0)
    timer->due = MAX (timer->due + timer->interval, g_get_monotonic_time ());
  else
    timer->due = g_get_monotonic_time () + timer->interval;
  heap_add (thing);
}

/* Only what was due when the turn began: a timer of no interval is not to starve the rest. */
static void
run_timers (void)
{
  gint64 now = g_get_monotonic_time ();
  guint most = heap->len;

  while (most-- > 0 && heap->len > 0 && HEAP_AT (0)->timer.due <= now)
    run_timer (HEAP_AT (0));
}

/* -- Descriptors ---------------------------------------------------------- */

/* Valid until the next one is made: together they are one block of memory, so that
 * what stays of a thousand closed descriptors does not keep a thousand pages. */
static Watch *
get_watch (int fd, gboolean make)
{
  if (fd < 0)
    return NULL;
  if ((guint) fd >= watches->len)
    {
      if (!make)
        return NULL;
      g_array_set_size (watches, fd + 1);
    }
  return &g_array_index (watches, Watch, fd);
}

static gboolean
is_held (gint64 account)
{
  return held != NULL && g_hash_table_contains (held, &account);
}

/* Tells epoll what the inputs of a descriptor want together. */
static void
update_watch (Watch *watch, int fd)
{
  struct epoll_event event = { 0 };
  guint32 wanted = 0;

  for (Input *input = watch->inputs; input != NULL; input = input->next)
    wanted |= ((input->condition & EVENTLOOP_READ) && !is_held (input->account) ? EPOLLIN : 0)
              | ((input->condition & EVENTLOOP_WRITE) ? EPOLLOUT : 0);
  if (wanted == watch->events && watch->inputs != NULL && watch->inputs->next != NULL)
    return;
  if (wanted == 0)
    {
      /* It may be closed already, and then epoll has forgotten it by itself. */
      epoll_ctl (epoll_fd, EPOLL_CTL_DEL, fd, &event);
      watch->events = 0;
      return;
    }
  event.events = wanted;
  if (watch->events != 0)
    {
      event.data.u64 = (guint64) watch->generation << 32 | (guint32) fd;
      if (epoll_ctl (epoll_fd, EPOLL_CTL_MOD, fd, &event) == 0)
        {
          watch->events = wanted;
          return;
        }
      /* ENOENT: closed and opened anew behind our back. */
    }
  watch->generation = ++last_generation;
  event.data.u64 = (guint64) watch->generation << 32 | (guint32) fd;
  if (epoll_ctl (epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
    {
      /* Some close it before they remove the last of its inputs. */
      if (errno != EBADF)
        g_warning ("a descriptor cannot be watched: %s", g_strerror (errno));
      watch->events = 0;
      return;
    }
  watch->events = wanted;
}

guint
eventloop_add_input (int fd, EventloopCondition condition, EventloopInput func, gpointer data)
{
  Watch *watch = get_watch (fd, TRUE);
  Thing *thing;

  if (watch == NULL)
    return 0;
  thing = g_new0 (Thing, 1);
  thing->kind = THING_INPUT;
  thing->input = (Input) { .id = new_id (), .fd = fd, .condition = condition, .func = func, .data = data, .account = doing_account () };
  g_hash_table_insert (things, GUINT_TO_POINTER (thing->input.id), thing);
  thing->input.next = watch->inputs;
  watch->inputs = &thing->input;
  update_watch (watch, fd);
  return thing->input.id;
}

static void
run_inputs (int fd, guint32 generation, guint32 events)
{
  Watch *watch = get_watch (fd, FALSE);
  guint ids[8], n_ids = 0;

  if (watch == NULL || watch->generation != generation)
    return;
  /* Each callback may remove and add inputs, of this descriptor too. */
  for (Input *input = watch->inputs; input != NULL && n_ids < G_N_ELEMENTS (ids); input = input->next)
    ids[n_ids++] = input->id;
  for (guint i = 0; i < n_ids; i++)
    {
      Thing *thing = g_hash_table_lookup (things, GUINT_TO_POINTER (ids[i]));
      EventloopCondition condition = 0;

      if (thing == NULL || thing->kind != THING_INPUT || get_watch (fd, FALSE)->generation != generation)
        continue;
      if (events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP))
        condition |= EVENTLOOP_READ;
      if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        condition |= EVENTLOOP_WRITE;
      condition &= thing->input.condition;
      if (condition == 0)
        continue;
      doing_begin (thing->input.account, "data from the network");
      thing->input.func (thing->input.data, fd, condition);
      doing_end ();
    }
}

static void
run_ready (void)
{
  struct epoll_event events[EVENTS_PER_WAIT];

  for (int wait = 0; wait < WAITS_PER_TURN && !is_paused; wait++)
    {
      int n = epoll_wait (epoll_fd, events, G_N_ELEMENTS (events), 0);

      for (int i = 0; i < n; i++)
        run_inputs ((int) (events[i].data.u64 & 0xffffffff), (guint32) (events[i].data.u64 >> 32), events[i].events);
      if (n < EVENTS_PER_WAIT)
        break;
    }
}

void
eventloop_pause_inputs (gboolean paused)
{
  if (paused == is_paused)
    return;
  is_paused = paused;
  g_source_modify_unix_fd (source, epoll_tag, paused ? 0 : G_IO_IN);
}

void
eventloop_hold_account (gint64 account, gboolean hold)
{
  if (is_held (account) == hold)
    return;
  if (held == NULL)
    held = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  if (hold)
    g_hash_table_add (held, g_memdup2 (&account, sizeof account));
  else
    g_hash_table_remove (held, &account);
  for (guint fd = 0; fd < watches->len; fd++)
    {
      Watch *watch = get_watch ((int) fd, FALSE);

      for (Input *input = watch->inputs; input != NULL; input = input->next)
        if (input->account == account)
          {
            update_watch (watch, (int) fd);
            break;
          }
    }
}

gboolean
eventloop_reads_account (gint64 account)
{
  return !is_paused && !is_held (account);
}

gboolean
eventloop_remove (guint id)
{
  Thing *thing = g_hash_table_lookup (things, GUINT_TO_POINTER (id));

  if (thing == NULL)
    return FALSE;
  g_hash_table_remove (things, GUINT_TO_POINTER (id));
  if (thing->kind == THING_INPUT)
    {
      Watch *watch = get_watch (thing->input.fd, FALSE);

      for (Input **place = &watch->inputs; *place != NULL; place = &(*place)->next)
        if (*place == &thing->input)
          {
            *place = thing->input.next;
            break;
          }
      update_watch (watch, thing->input.fd);
    }
  else if (thing->timer.running)
    {
      thing->timer.removed = TRUE;
      return TRUE;
    }
  else
    heap_remove (thing);
  g_free (thing);
  return TRUE;
}

/* -- Tasks ---------------------------------------------------------------- */

void
eventloop_queue_task (EventloopTask *task)
{
  if (task->queued)
    return;
  task->queued = TRUE;
  task->link.data = task;
  g_queue_push_tail_link (&tasks, &task->link);
  }

void
eventloop_cancel_task (EventloopTask *task)
{
  if (!task->queued)
    return;
  task->queued = FALSE;
  g_queue_unlink (&tasks, &task->link);
}

void
eventloop_run_tasks (void)
{
  GList *link;

  while ((link = g_queue_pop_head_link (&tasks)) != NULL)
    {
      EventloopTask *task = link->data;

      task->queued = FALSE;
      task->run (task);
    }
}

/* -- The source ----------------------------------------------------------- */

/* Asked each turn for the time to sleep: cheaper than g_source_set_ready_time at
 * each change, which wakes the loop through a descriptor. */
static gboolean
prepare (GSource *self, int *timeout)
{
  gint64 wait;

  *timeout = -1;
  if (!g_queue_is_empty (&tasks))
    return TRUE;
  if (heap->len == 0)
    return FALSE;
  wait = HEAP_AT (0)->timer.due - g_source_get_time (self);
  *timeout = (int) CLAMP ((wait + 999) / 1000, 0, G_MAXINT);
  return wait <= 0;
}

static gboolean
check (GSource *self)
{
  return g_source_query_unix_fd (self, epoll_tag) != 0 || !g_queue_is_empty (&tasks)
         || (heap->len > 0 && HEAP_AT (0)->timer.due <= g_source_get_time (self));
}

static gboolean
dispatch (GSource *self, GSourceFunc func, gpointer data)
{
  run_ready ();
  run_timers ();
  eventloop_run_tasks ();
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { prepare, check, dispatch, NULL, NULL, NULL };

void
eventloop_init (void)
{
  g_assert (source == NULL);
  epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (epoll_fd < 0)
    g_error ("epoll_create1: %s", g_strerror (errno));
  things = g_hash_table_new (NULL, NULL);
  heap = g_ptr_array_new ();
  watches = g_array_new (FALSE, TRUE, sizeof (Watch));
  source = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_static_name (source, "eventloop");
  epoll_tag = g_source_add_unix_fd (source, epoll_fd, G_IO_IN);
  g_source_attach (source, NULL);
}
