/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_sender.c - how the lines of libpurple's IRC plugin leave.
 *
 * The plugin puts a line in a queue (irc_line_queued), and from a timer takes
 * lines out (irc_may_pop, irc_line_popped) and writes them to the socket; where the
 * socket is full it aborts.  Here the timer never runs: its function is called at
 * the end of the turn in which a line was queued.  What it writes (irc_take_line)
 * is gathered in `out` and written as one; when it would have more than the rate
 * limit allows or `out` holds, the queue looks empty to it.
 *
 * The queue keeps its order, so that a line is known by its number: how many were
 * queued before it, and how many have left, is all that is kept of them. */
#include "config.h"

#include "irc_sender.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "eventloop.h"
#include "interpose.h"
#include "irc.h"
#include "proof.h"

/* Lines of one account that wait; more are refused. */
#define MOST_LINES 1000
/* Bytes gathered for one write, and those that the kernel may hold unsent. */
#define MOST_OUT (16 * 1024)
#define MOST_UNSENT (64 * 1024)
/* A server that takes nothing for so long is gone. */
#define STALL_SECONDS 60
/* Numbers that neither GLib's sources nor eventloop.c reach. */
#define FIRST_TIMER_ID 0x20000000u

struct IrcSender {
  Account *account;
  guint timer_id;             /* 0: the connection is not there */
  GSourceFunc flush;          /* the plugin's timer function */
  gpointer flush_data;
  GQueue *queue;              /* the plugin's, known from the first flush on */
  guint64 queued, popped;     /* lines so far, from then on */

  int fd;
  PurpleSslConnection *tls;   /* NULL: plain */
  GString *out;
  gboolean is_set_up;         /* the socket's options */

  EventloopTask task;
  guint wait;                 /* input: for the socket to be writable */
  guint stall;                /* timer: until it is given up */
  guint pause;                /* timer: until the rate limit has room */

  gint64 interval;            /* microseconds between lines; 0: no limit */
  gint64 burst;               /* in microseconds, too */
  gint64 credit;
  gint64 credit_time;
  gboolean is_empty;          /* the flush saw the end of the queue */
  gboolean is_limited;        /* the flush was stopped by the rate limit */
};

__thread IrcSender *irc_writing;
__thread IrcSender *irc_flushing;

static GHashTable *timers;    /* timer_id -> IrcSender */
static GHashTable *queues;    /* the plugin's GQueue -> IrcSender */
static guint last_timer_id = FIRST_TIMER_ID;

/* -- The rate limit ------------------------------------------------------- */

static void
fill_credit (IrcSender *sender)
{
  gint64 now = g_get_monotonic_time ();

  sender->credit = MIN (sender->credit + now - sender->credit_time, sender->burst);
  sender->credit_time = now;
}

/* Where there is no limit, `interval` is 0 and every check passes. */
static gboolean
has_credit (IrcSender *sender)
{
  if (sender->interval == 0)
    return TRUE;
  fill_credit (sender);
  return sender->credit >= sender->interval;
}

static gboolean
on_credit (gpointer data)
{
  IrcSender *sender = data;

  sender->pause = 0;
  eventloop_queue_task (&sender->task);
  return G_SOURCE_REMOVE;
}

static void
pause_for_credit (IrcSender *sender)
{
  fill_credit (sender);
  if (sender->pause == 0)
    sender->pause = eventloop_add_timer ((guint) ((sender->interval - sender->credit) / 1000 + 1), on_credit, sender);
}

/* -- Writing -------------------------------------------------------------- */

static void write_out (IrcSender *sender);

static void
stop (guint *id)
{
  if (*id != 0)
    eventloop_remove (*id);
  *id = 0;
}

static gboolean
on_stall (gpointer data)
{
  IrcSender *sender = data;

  sender->stall = 0;
  accounts_fail (sender->account, WIRE_CAUSE_NETWORK, "The server does not take what is sent to it.");
  return G_SOURCE_REMOVE;
}

static void
on_writable (gpointer data, int fd, EventloopCondition condition)
{
  IrcSender *sender = data;

  stop (&sender->wait);
  eventloop_queue_task (&sender->task);
}

static void
wait_for_socket (IrcSender *sender)
{
  if (sender->wait == 0)
    sender->wait = eventloop_add_input (sender->fd, EVENTLOOP_WRITE, on_writable, sender);
  if (sender->stall == 0)
    sender->stall = eventloop_add_timer_seconds (STALL_SECONDS, on_stall, sender);
}

/* What the kernel holds would be lost unnoticed when the connection breaks. */
static void
set_up_socket (IrcSender *sender)
{
  int one = 1, most = MOST_UNSENT;

  sender->is_set_up = TRUE;
  setsockopt (sender->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt (sender->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most);
}

static gssize
write_some (IrcSender *sender)
{
  if (sender->tls != NULL)
    return (gssize) interpose_real_ssl_write (sender->tls, sender->out->str, sender->out->len);
  return send (sender->fd, sender->out->str, sender->out->len, MSG_NOSIGNAL);
}

static void
write_out (IrcSender *sender)
{
  if (sender->out->len == 0 || sender->fd < 0)
    return;
  if (!sender->is_set_up)
    set_up_socket (sender);
  while (sender->out->len > 0)
    {
      gssize n = write_some (sender);

      if (n < 0 && errno == EINTR)
        continue;
      if (n > 0)
        {
          stop (&sender->stall);
          g_string_erase (sender->out, 0, n);
          continue;
        }
      if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
        {
          g_autofree char *text = g_strdup_printf ("Lost connection with server: %s", g_strerror (errno));

          sender->fd = -1;
          accounts_fail (sender->account, WIRE_CAUSE_NETWORK, text);
          return;
        }
      wait_for_socket (sender);
      return;
    }
}

/* Lets the plugin move lines from its queue to `out`, as many as may go. */
static void
run_flush (IrcSender *sender)
{
  sender->is_empty = sender->is_limited = FALSE;
  irc_flushing = sender;
  /* It wants to go on, always: it only ends when a write fails. */
  sender->flush (sender->flush_data);
  irc_flushing = NULL;
}

static void
on_task (EventloopTask *task)
{
  IrcSender *sender = (IrcSender *) ((char *) task - G_STRUCT_OFFSET (IrcSender, task));

  for (;;)
    {
      write_out (sender);
      if (sender->out->len > 0 || sender->timer_id == 0 || sender->account->has_failed)
        return;
      run_flush (sender);
      if (sender->out->len == 0 || sender->is_empty)
        break;
    }
  proof_look (sender->account);
  if (sender->is_limited)
    pause_for_credit (sender);
}

void
irc_take_line (int fd, PurpleSslConnection *tls, const char *line, gsize length)
{
  IrcSender *sender = irc_writing;

  irc_writing = NULL;
  sender->fd = tls != NULL ? tls->fd : fd;
  sender->tls = tls;
  g_string_append_len (sender->out, line, length);
  /* The plugin closes the socket behind this one. */
  if (length >= 4 && strncmp (line, "QUIT", 4) == 0)
    write_out (sender);
  else
    eventloop_queue_task (&sender->task);
}

/* -- The plugin's queue --------------------------------------------------- */

void
irc_line_queued (GQueue *queue)
{
  IrcSender *sender = queues != NULL ? g_hash_table_lookup (queues, queue) : NULL;

  if (sender == NULL)
    return;
  sender->queued++;
  eventloop_queue_task (&sender->task);
}

gboolean
irc_may_pop (GQueue *queue)
{
  IrcSender *sender = irc_flushing;

  if (sender->queue == NULL)
    {
      sender->queue = queue;
      sender->queued = g_queue_get_length (queue);
      g_hash_table_insert (queues, queue, sender);
    }
  if (g_queue_is_empty (queue))
    {
      sender->is_empty = TRUE;
      return FALSE;
    }
  if (sender->out->len >= MOST_OUT)
    return FALSE;
  if (!has_credit (sender))
    {
      sender->is_limited = TRUE;
      return FALSE;
    }
  return TRUE;
}

void
irc_line_popped (void)
{
  irc_flushing->credit -= irc_flushing->interval;
  irc_flushing->popped++;
}

guint
irc_take_timer (guint seconds, GSourceFunc func, gpointer data)
{
  if (timers == NULL || seconds != 1)
    return 0;
  for (GList *l = purple_connections_get_connecting (); l != NULL; l = l->next)
    {
      PurpleConnection *connection = l->data;
      Account *account = accounts_of_connection (connection);
      IrcSender *sender = account != NULL ? irc_get_sender (account) : NULL;

      if (sender == NULL || connection->proto_data != data || sender->timer_id != 0)
        continue;
      do
        if (++last_timer_id < FIRST_TIMER_ID || last_timer_id >= EVENTLOOP_FIRST_ID)
          last_timer_id = FIRST_TIMER_ID;
      while (g_hash_table_contains (timers, GUINT_TO_POINTER (last_timer_id)));
      sender->timer_id = last_timer_id;
      sender->flush = func;
      sender->flush_data = data;
      g_hash_table_insert (timers, GUINT_TO_POINTER (sender->timer_id), sender);
      eventloop_queue_task (&sender->task);
      return sender->timer_id;
    }
  return 0;
}

/* Nothing of the plugin's is touched any more. */
static void
let_go (IrcSender *sender)
{
  stop (&sender->wait);
  stop (&sender->stall);
  stop (&sender->pause);
  eventloop_cancel_task (&sender->task);
  if (sender->timer_id != 0)
    g_hash_table_remove (timers, GUINT_TO_POINTER (sender->timer_id));
  if (sender->queue != NULL)
    g_hash_table_remove (queues, sender->queue);
  sender->timer_id = 0;
  sender->queue = NULL;
  sender->tls = NULL;
  sender->fd = -1;
}

gboolean
irc_remove_timer (guint id)
{
  IrcSender *sender = timers != NULL ? g_hash_table_lookup (timers, GUINT_TO_POINTER (id)) : NULL;

  if (sender == NULL)
    return FALSE;
  let_go (sender);
  return TRUE;
}

/* -- For others ----------------------------------------------------------- */

guint
irc_sender_count (const IrcSender *sender)
{
  return (guint) (sender->queued - sender->popped);
}

guint64
irc_sender_count_queued (const IrcSender *sender)
{
  return sender->queued;
}

guint64
irc_sender_count_written (const IrcSender *sender)
{
  return sender->popped;
}

gboolean
irc_sender_has_room (IrcSender *sender, guint lines)
{
  /* Some may be able to leave by now. */
  if (irc_sender_count (sender) + lines > MOST_LINES && sender->pause == 0 && sender->wait == 0)
    on_task (&sender->task);
  return irc_sender_count (sender) + lines <= MOST_LINES;
}

gboolean
irc_sender_write (IrcSender *sender, const char *line, gboolean may_wait)
{
  if (sender->fd < 0 || sender->timer_id == 0)
    return FALSE;
  if (may_wait && irc_sender_count (sender) > 0)
    return FALSE;
  if (may_wait && !has_credit (sender))
    {
      pause_for_credit (sender);
      return FALSE;
    }
  sender->credit -= sender->interval;
  g_string_append (sender->out, line);
  eventloop_queue_task (&sender->task);
  return TRUE;
}

/* -- A sender's life ------------------------------------------------------ */

void
irc_sender_end (IrcSender *sender)
{
  let_go (sender);
  if (irc_writing == sender)
    irc_writing = NULL;
}

/* The plugin starts its rate limit anew with each line; ours lets a few go at
 * once, and then each as soon as it may. */
IrcSender *
irc_sender_new (Account *account, int interval, int burst)
{
  IrcSender *sender = g_new0 (IrcSender, 1);

  if (timers == NULL)
    {
      timers = g_hash_table_new (NULL, NULL);
      queues = g_hash_table_new (NULL, NULL);
    }
  sender->account = account;
  sender->fd = -1;
  sender->out = g_string_new (NULL);
  sender->task.run = on_task;
  sender->interval = (gint64) interval * G_USEC_PER_SEC;
  sender->burst = sender->interval * MAX (1, burst);
  sender->credit = sender->burst;
  sender->credit_time = g_get_monotonic_time ();
  return sender;
}

void
irc_sender_free (IrcSender *sender)
{
  irc_sender_end (sender);
  g_string_free (sender->out, TRUE);
  g_free (sender);
}
