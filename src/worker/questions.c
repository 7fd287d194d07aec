/* SPDX-License-Identifier: GPL-2.0-or-later */
/* questions.c - the questions that wait for an answer of the hub's user. */
#include "config.h"

#include "questions.h"

#include "hub.h"

struct Question {
  gint64 number;
  gint64 account;
  QuestionAnswer answer;
  gpointer data;
  GDestroyNotify destroy;
};

static GHashTable *questions; /* number -> Question */
static gint64 last_number;

Question *
questions_new (Account *account, QuestionAnswer answer, gpointer data, GDestroyNotify destroy)
{
  Question *question = g_new0 (Question, 1);

  question->number = ++last_number;
  question->account = account != NULL ? account->number : 0;
  question->answer = answer;
  question->data = data;
  question->destroy = destroy;
  g_hash_table_insert (questions, &question->number, question);
  if (account != NULL)
    accounts_wait_for_user (account);
  return question;
}

gint64
questions_get_number (Question *question)
{
  return question->number;
}

static void
question_end (Question *question)
{
  g_hash_table_remove (questions, &question->number);
  if (question->destroy != NULL)
    question->destroy (question->data);
  g_free (question);
}

void
questions_close (Question *question)
{
  if (question->account != 0)
    hub_tell (question_closed, QUESTION_CLOSED, .account = question->account, .request = question->number);
  question_end (question);
}

static void
answer (Question *question, const WireAnswer *message)
{
  /* From here on no answer finds it, nor is its close told to the hub. */
  g_hash_table_remove (questions, &question->number);
  question->account = 0;
  question->answer (question->data, message);
  if (question->destroy != NULL)
    question->destroy (question->data);
  g_free (question);
}

void
questions_answer (const WireAnswer *message)
{
  Question *question = g_hash_table_lookup (questions, &message->request);

  /* It may have closed while the answer was on its way. */
  if (question != NULL && question->account == message->account)
    answer (question, message);
}

guint
questions_count (Account *account)
{
  GHashTableIter iter;
  Question *question;
  guint n = 0;

  g_hash_table_iter_init (&iter, questions);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &question))
    n += question->account == account->number;
  return n;
}

void
questions_forget (Account *account)
{
  GHashTableIter iter;
  Question *question;

  /* The hub knows that they go with the account; libpurple closes its own. */
  g_hash_table_iter_init (&iter, questions);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &question))
    if (question->account == account->number)
      question->account = 0;
}

void
questions_init (void)
{
  questions = g_hash_table_new (g_int64_hash, g_int64_equal);
}
