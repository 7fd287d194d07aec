/* SPDX-License-Identifier: GPL-2.0-or-later */
/* questions.c - the questions that wait for an answer of the hub's user. */
#include "config.h"

#include "questions.h"

#include "hub.h"
#include "link.h"

struct Question {
  gint64 number;
  gint64 account;
  GString *told;              /* frames */
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
  question->told = g_string_new (NULL);
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

void
questions_tell (Question *question, const WireMessage *event)
{
  hub_send (event);
  wire_encode (question->told, event, 0, 0);
}

static void
question_free (Question *question)
{
  if (question->destroy != NULL)
    question->destroy (question->data);
  g_string_free (question->told, TRUE);
  g_free (question);
}

static void
question_end (Question *question)
{
  g_hash_table_remove (questions, &question->number);
  question_free (question);
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
  question_free (question);
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

/* -- A new hub ------------------------------------------------------------ */

static void
tell_again (const WireMessage *event, gpointer data)
{
  gboolean again = *(const gboolean *) data;
  WireMessage copy = *event;

  if (copy.type == WIRE_QUESTION)
    copy.u.question.again = again;
  else if (copy.type == WIRE_AUTHORIZATION_REQUEST)
    copy.u.authorization_request.again = again;
  hub_send (&copy);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = ((const Question *) a)->number, y = ((const Question *) b)->number;

  return (x > y) - (x < y);
}

void
questions_tell_again (Account *account, const Unheard *unheard)
{
  GList *sorted = g_list_sort (g_hash_table_get_values (questions), compare);

  for (GList *l = sorted; l != NULL; l = l->next)
    {
      const Question *question = l->data;
      gboolean again = !unheard_has_question (unheard, question->number);
      g_autoptr (GBytes) frames = question->account != account->number ? NULL : g_bytes_new (question->told->str, question->told->len);

      if (frames != NULL)
        link_foreach_frame (frames, WIRE_EVENT, tell_again, &again);
    }
  g_list_free (sorted);
}

void
questions_init (void)
{
  questions = g_hash_table_new (g_int64_hash, g_int64_equal);
}
