/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_barrier.c - when an IRC server has dealt with all that it was sent. */
#include "config.h"

#include "irc_barrier.h"

#include <string.h>

#include "irc.h"

/* One account's barriers that wait. */
#define MOST_WAITING 100
/* Not a number alone: that would be the plugin's own PING, whose lag it tells. */
#define TOKEN "passerelle-"

typedef struct {
  guint64 number;             /* of its PING; 0: not sent yet */
  void (*func) (Account *account, gpointer data);
  gpointer data;
  GDestroyNotify destroy;
} Barrier;

static guint64 last_number;

static void
barrier_free (gpointer data)
{
  Barrier *barrier = data;

  if (barrier->destroy != NULL)
    barrier->destroy (barrier->data);
  g_free (barrier);
}

/* Those that have no number yet get this one's. */
static void
send_ping (Account *account)
{
  char line[64];

  last_number++;
  for (GList *l = account->barriers->tail; l != NULL && ((Barrier *) l->data)->number == 0; l = l->prev)
    ((Barrier *) l->data)->number = last_number;
  g_snprintf (line, sizeof line, "PING :" TOKEN "%" G_GUINT64_FORMAT, last_number);
  irc_send_line (account, line);
}

static gboolean
add (Account *account, Barrier *barrier, gboolean shared)
{
  gboolean is_first;

  if (account->barriers == NULL)
    account->barriers = g_queue_new ();
  if (account->irc == NULL || !accounts_is_online (account) || account->barriers->length >= MOST_WAITING)
    {
      barrier_free (barrier);
      return FALSE;
    }
  is_first = account->barriers->length == 0;
  g_queue_push_tail (account->barriers, barrier);
  if (is_first || !shared)
    send_ping (account);
  return TRUE;
}

static Barrier *
barrier_new (void (*func) (Account *account, gpointer data), gpointer data, GDestroyNotify destroy)
{
  Barrier *barrier = g_new (Barrier, 1);

  *barrier = (Barrier) { 0, func, data, destroy };
  return barrier;
}

gboolean
irc_barrier_add (Account *account, void (*func) (Account *account, gpointer data), gpointer data, GDestroyNotify destroy)
{
  return add (account, barrier_new (func, data, destroy), FALSE);
}

gboolean
irc_barrier_add_shared (Account *account, void (*func) (Account *account, gpointer data), gpointer data, GDestroyNotify destroy)
{
  return add (account, barrier_new (func, data, destroy), TRUE);
}

gboolean
irc_barrier_has_room (Account *account, guint count)
{
  return (account->barriers != NULL ? account->barriers->length : 0) + count <= MOST_WAITING;
}

static Barrier *
first (Account *account)
{
  return account->barriers != NULL ? g_queue_peek_head (account->barriers) : NULL;
}

void
irc_barrier_pong (Account *account, const char *token)
{
  guint64 number = g_str_has_prefix (token, TOKEN) ? g_ascii_strtoull (token + strlen (TOKEN), NULL, 10) : 0;
  Barrier *barrier;

  if (number == 0 || first (account) == NULL)
    return;
  /* What a PONG says of its PING holds for those before it, too. */
  while ((barrier = first (account)) != NULL && barrier->number != 0 && barrier->number <= number)
    {
      g_queue_pop_head (account->barriers);
      barrier->func (account, barrier->data);
      barrier_free (barrier);
    }
  if (barrier != NULL && barrier->number == 0)
    send_ping (account);
}

void
irc_barrier_forget (Account *account)
{
  if (account->barriers != NULL)
    g_queue_free_full (g_steal_pointer (&account->barriers), barrier_free);
}
