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
  guint64 number;
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

gboolean
irc_barrier_add (Account *account, void (*func) (Account *account, gpointer data), gpointer data, GDestroyNotify destroy)
{
  Barrier *barrier = g_new (Barrier, 1);
  char line[64];

  *barrier = (Barrier) { ++last_number, func, data, destroy };
  if (account->barriers == NULL)
    account->barriers = g_queue_new ();
  if (account->irc == NULL || !accounts_is_online (account) || account->barriers->length >= MOST_WAITING)
    {
      barrier_free (barrier);
      return FALSE;
    }
  g_queue_push_tail (account->barriers, barrier);
  g_snprintf (line, sizeof line, "PING :" TOKEN "%" G_GUINT64_FORMAT, barrier->number);
  irc_send_line (account, line);
  return TRUE;
}

/* The number in ":server PONG server :passerelle-17"; 0: it is another line. */
static guint64
number_of (const char *line)
{
  const char *word = line[0] == ':' ? strchr (line, ' ') : NULL;
  const char *token;

  word = word != NULL ? word + 1 : line;
  if (strncmp (word, "PONG ", 5) != 0)
    return 0;
  token = strrchr (word, ' ') + 1;
  if (*token == ':')
    token++;
  return g_str_has_prefix (token, TOKEN) ? g_ascii_strtoull (token + strlen (TOKEN), NULL, 10) : 0;
}

void
irc_barrier_line (Account *account, const char *line)
{
  guint64 number = account->barriers == NULL || account->barriers->length == 0 ? 0 : number_of (line);
  Barrier *barrier;

  /* What a PONG says of its PING holds for those before it, too. */
  while (account->barriers != NULL && (barrier = g_queue_peek_head (account->barriers)) != NULL && barrier->number <= number)
    {
      g_queue_pop_head (account->barriers);
      barrier->func (account, barrier->data);
      barrier_free (barrier);
    }
}

void
irc_barrier_forget (Account *account)
{
  if (account->barriers != NULL)
    g_queue_free_full (g_steal_pointer (&account->barriers), barrier_free);
}
