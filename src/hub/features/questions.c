/* SPDX-License-Identifier: GPL-2.0-or-later */
/* questions.c - what libpurple asks the user, as a chat with the gateway.
 *
 * Every client can chat, so that is how questions are asked; the next message
 * that fits is the answer: one of the choices or its number, or, for a free
 * answer, "answer" and the text.  With several open the oldest is meant. */
#include "config.h"

#include "questions.h"

#include <string.h>

#define OPEN_MAX 8

typedef struct {
  gint64 request;
  char **choices;             /* NULL: a free text */
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_strfreev (question->choices);
  g_free (question);
}

static void
send_answer (Session *session, const Question *question, int choice, const char *text)
{
  session_tell_worker (session, &(WireMessage) {
    .type = WIRE_ANSWER,
    .u.answer = { .account = session_number (session), .request = question->request, .choice = choice, .text = text } });
}

void
questions_ask (Session *session, const WireQuestion *event)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *title = session_dup_title (session);
  Question *question = g_new0 (Question, 1);

  question->request = event->request;
  question->choices = event->choices == NULL || event->choices[0] == NULL ? NULL : g_strdupv ((char **) event->choices);
  if (session->questions == NULL)
    session->questions = g_ptr_array_new_with_free_func (question_free);
  if (session->questions->len == OPEN_MAX)
    {
      send_answer (session, question, -1, NULL);
      question_free (question);
      return;
    }
  g_ptr_array_add (session->questions, question);
  g_string_append_printf (text, "%s: ", title);
  if (event->title != NULL && *event->title != '\0')
    g_string_append_printf (text, "%s\n", event->title);
  g_string_append (text, event->text);
  for (guint i = 0; question->choices != NULL && question->choices[i] != NULL; i++)
    g_string_append_printf (text, "\n%u – %s", i + 1, question->choices[i]);
  g_string_append (text, question->choices != NULL ? "\nAnswer with a number." : "\nAnswer with “answer” and your text, or “cancel”.");
  gateway_tell (session_gateway (session), session->user->jid, text->str);
}

void
questions_close (Session *session, const WireQuestionClosed *event)
{
  for (guint i = 0; session->questions != NULL && i < session->questions->len; i++)
    if (((Question *) session->questions->pdata[i])->request == event->request)
      {
        g_ptr_array_remove_index (session->questions, i);
        return;
      }
}

/* FALSE: this is no answer to it. */
static gboolean
try_answer (Session *session, const Question *question, char *body)
{
  gint64 number;

  g_strstrip (body);
  if (g_ascii_strcasecmp (body, "cancel") == 0)
    {
      send_answer (session, question, -1, NULL);
      return TRUE;
    }
  if (question->choices == NULL)
    {
      if (g_ascii_strncasecmp (body, "answer ", strlen ("answer ")) != 0)
        return FALSE;
      send_answer (session, question, 0, body + strlen ("answer "));
      return TRUE;
    }
  if (g_ascii_string_to_signed (body, 10, 1, g_strv_length (question->choices), &number, NULL))
    {
      send_answer (session, question, number - 1, NULL);
      return TRUE;
    }
  for (guint i = 0; question->choices[i] != NULL; i++)
    if (g_ascii_strcasecmp (body, question->choices[i]) == 0)
      {
        send_answer (session, question, i, NULL);
        return TRUE;
      }
  return FALSE;
}

static gboolean
on_message (const Stanza *message, GError **error)
{
  g_autofree char *body = NULL;

  if (message->session != NULL || message->user == NULL)
    return FALSE;
  body = stanza_dup_child_text (message->stanza, "body", NULL);
  if (body == NULL)
    return FALSE;
  for (guint i = 0; i < message->user->sessions->len; i++)
    {
      Session *session = message->user->sessions->pdata[i];

      if (session->questions == NULL || session->questions->len == 0)
        continue;
      if (!try_answer (session, session->questions->pdata[0], body))
        continue;
      g_ptr_array_remove_index (session->questions, 0);
      gateway_tell (message->gateway, message->from, "Thank you.");
      return TRUE;
    }
  return FALSE;
}

static void
session_removed (Session *session)
{
  g_clear_pointer (&session->questions, g_ptr_array_unref);
}

const Feature questions_feature = {
  .name = "questions",
  .message = on_message,
  .session_removed = session_removed,
};
