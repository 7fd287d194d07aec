/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proof.c - when a server that confirms nothing has surely taken what it was sent. */
#include "config.h"

#include "proof.h"

#include "eventloop.h"
#include "irc.h"
#include "protocol.h"
#include "sent.h"
#include "xmpp.h"

/* For an answer; twice, in which the worker has listened to its networks. */
#define PATIENCE_SECONDS 30

struct Proof {
  Account *account;
  guint64 number;             /* of the ping that is on its way; 0: none is */
  guint64 place;              /* what the last one proves */
  guint64 proven;
  guint timer;                /* until the next, or until this one is given up */
  gboolean is_late;
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

/* Up to where a proof is wanted; 0: nothing is to be proven. */
static guint64
wanted_place (Account *account)
{
  return accounts_is_online (account) ? sent_last_unproven (account) : 0;
}

static gboolean
on_second (gpointer data)
{
  Proof *proof = data;
  guint64 place = wanted_place (proof->account);

  proof->timer = 0;
  if (place == 0 || !ping (proof, place))
    return G_SOURCE_REMOVE;
  proof->number = ++last_number;
  proof->place = place;
  proof->is_late = FALSE;
  proof->timer = eventloop_add_timer_seconds (PATIENCE_SECONDS, on_patience_over, proof);
  return G_SOURCE_REMOVE;
}

void
proof_look (Account *account)
{
  Proof *proof = account->proof;

  if ((proof != NULL && proof->timer != 0) || wanted_place (account) == 0)
    return;
  if (proof == NULL)
    {
      proof = account->proof = g_new0 (Proof, 1);
      proof->account = account;
    }
  proof->timer = eventloop_add_timer_seconds (0, on_second, proof);
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
  g_free (proof);
}
