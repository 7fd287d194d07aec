/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proof.c - when a server that confirms nothing has surely taken what it was sent. */
#include "config.h"

#include "proof.h"

#include "eventloop.h"
#include "irc.h"
#include "protocol.h"
#include "sent.h"
#include "xmpp.h"

#define PAUSE_MS 1000
/* For an answer; twice, in which the worker has listened to its networks. */
#define PATIENCE_SECONDS 30

struct Proof {
  Account *account;
  guint64 number;             /* of the ping that is on its way; 0: none is */
  guint64 place;              /* what the last one proves */
  guint64 proven;
  gint64 time;                /* when it was sent, monotonic; 0: never */
  guint timer;                /* until the next, or until this one is given up */
  gboolean is_late;
  EventloopTask task;
};

static guint64 last_number;

gboolean
proof_is_by_order (void)
{
  return protocol_is_irc () || protocol_is_xmpp ();
}

static void
stop (Proof *proof)
{
  if (proof->timer != 0)
    eventloop_remove (proof->timer);
  proof->timer = 0;
}

static void
on_task (EventloopTask *task)
{
  proof_look (((Proof *) ((char *) task - G_STRUCT_OFFSET (Proof, task)))->account);
}

static Proof *
proof_of (Account *account)
{
  if (account->proof == NULL)
    {
      account->proof = g_new0 (Proof, 1);
      account->proof->account = account;
      account->proof->task.run = on_task;
    }
  return account->proof;
}

static gboolean
on_pause_over (gpointer data)
{
  Proof *proof = data;

  proof->timer = 0;
  proof_look (proof->account);
  return G_SOURCE_REMOVE;
}

static gboolean
on_patience_over (gpointer data)
{
  Proof *proof = data;

  if (!proof->is_late || !eventloop_reads_account (proof->account->number))
    {
      proof->is_late = eventloop_reads_account (proof->account->number);
      return G_SOURCE_CONTINUE;
    }
  proof->timer = 0;
  accounts_fail (proof->account, WIRE_CAUSE_NETWORK, "The server does not answer any more.");
  return G_SOURCE_REMOVE;
}

/* FALSE: not now; whoever says so looks again when that has changed. */
static gboolean
ping (Proof *proof, guint64 place)
{
  if (protocol_is_irc ())
    return irc_ping (proof->account, last_number + 1, place - proof->place);
  return xmpp_ping (proof->account, last_number + 1);
}

void
proof_look (Account *account)
{
  Proof *proof = account->proof;
  guint64 place = accounts_is_online (account) ? sent_last_unproven (account) : 0;
  gint64 pause;

  if (place == 0)
    return;
  if (proof == NULL)
    proof = proof_of (account);
  if (proof->timer != 0)
    return;
  pause = proof->time != 0 ? PAUSE_MS - (g_get_monotonic_time () - proof->time) / 1000 : 0;
  if (pause > 0)
    {
      proof->timer = eventloop_add_timer ((guint) pause, on_pause_over, proof);
      return;
    }
  if (!ping (proof, place))
    return;
  proof->number = ++last_number;
  proof->place = place;
  proof->time = g_get_monotonic_time ();
  proof->is_late = FALSE;
  proof->timer = eventloop_add_timer_seconds (PATIENCE_SECONDS, on_patience_over, proof);
}

void
proof_look_soon (Account *account)
{
  eventloop_queue_task (&proof_of (account)->task);
}

void
proof_answered (Account *account, guint64 number)
{
  Proof *proof = account->proof;

  if (proof == NULL || number == 0 || proof->number != number)
    return;
  proof->number = 0;
  stop (proof);
  proof->proven = proof->place;
  sent_prove (account, proof->proven);
  proof_look (account);
}

guint64
proof_get_place (const Account *account)
{
  return account->proof != NULL ? account->proof->proven : 0;
}

void
proof_forget (Account *account)
{
  Proof *proof = g_steal_pointer (&account->proof);

  if (proof == NULL)
    return;
  stop (proof);
  eventloop_cancel_task (&proof->task);
  g_free (proof);
}
