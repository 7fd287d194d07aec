/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transactions.c - questions on one connection and their answers. */
#include "transactions.h"

#define SECONDS_TO_ANSWER 30
#define SECONDS_BETWEEN_LOOKS 5

typedef struct {
  guint32 id;
  char name[4];
  gint64 asked;
  AnswerFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Question;

struct Transactions {
  Session *session;
  guint32 last_id;
  GQueue questions;     /* Question, the oldest first */
  guint timer;
  int busy;             /* calls that are being made */
  gboolean dead;
};

static void
answer (Transactions *transactions, Question *question, const Command *command)
{
  if (question->func != NULL)
    question->func (transactions->session, command, question->data);
  if (question->destroy != NULL)
    question->destroy (question->data);
  g_free (question);
}

static void
free_if_unused (Transactions *transactions)
{
  if (transactions->dead && transactions->busy == 0)
    g_free (transactions);
}

Transactions *
transactions_new (Session *session)
{
  Transactions *transactions = g_new0 (Transactions, 1);

  transactions->session = session;
  return transactions;
}

void
transactions_free (Transactions *transactions)
{
  if (transactions->timer > 0)
    purple_timeout_remove (transactions->timer);
  transactions->timer = 0;
  transactions->dead = TRUE;
  transactions->busy++;
  while (transactions->questions.head != NULL)
    answer (transactions, g_queue_pop_head (&transactions->questions), NULL);
  transactions->busy--;
  free_if_unused (transactions);
}

static gboolean
on_look (gpointer data)
{
  Transactions *transactions = data;
  gint64 now = g_get_monotonic_time ();
  gboolean more;

  transactions->busy++;
  while (transactions->questions.head != NULL
         && ((Question *) transactions->questions.head->data)->asked + SECONDS_TO_ANSWER * G_USEC_PER_SEC < now)
    answer (transactions, g_queue_pop_head (&transactions->questions), NULL);
  transactions->busy--;
  more = !transactions->dead && transactions->questions.head != NULL;
  if (!more && !transactions->dead)
    transactions->timer = 0;
  free_if_unused (transactions);
  return more;
}

guint32
transactions_add (Transactions *transactions, const char *name, AnswerFunc func, gpointer data, GDestroyNotify destroy)
{
  Question *question = g_new0 (Question, 1);

  transactions->last_id = transactions->last_id % G_MAXINT32 + 1;
  question->id = transactions->last_id;
  g_strlcpy (question->name, name, sizeof question->name);
  question->asked = g_get_monotonic_time ();
  question->func = func;
  question->data = data;
  question->destroy = destroy;
  g_queue_push_tail (&transactions->questions, question);
  if (transactions->timer == 0 && !transactions->dead)
    transactions->timer = purple_timeout_add_seconds (SECONDS_BETWEEN_LOOKS, on_look, transactions);
  return question->id;
}

static gboolean
fits (const Question *question, const Command *command)
{
  if (question->id != command->id)
    return FALSE;
  if (command->error > 0 || command_is (command, question->name))
    return TRUE;
  if (g_str_equal (question->name, "MSG"))
    return command_is (command, "ACK") || command_is (command, "NAK");
  /* A move to another server may be the answer to anything (4.1). */
  return command_is (command, "XFR") && g_str_equal (command_arg (command, 0), "NS");
}

gboolean
transactions_take (Transactions *transactions, const Command *command)
{
  if (!command->has_id || command->id == 0)
    return FALSE;
  for (GList *l = transactions->questions.head; l != NULL; l = l->next)
    {
      Question *question = l->data;

      if (!fits (question, command))
        continue;
      g_queue_delete_link (&transactions->questions, l);
      if (transactions->questions.head == NULL && transactions->timer > 0)
        {
          purple_timeout_remove (transactions->timer);
          transactions->timer = 0;
        }
      transactions->busy++;
      answer (transactions, question, command);
      transactions->busy--;
      free_if_unused (transactions);
      return TRUE;
    }
  return FALSE;
}
