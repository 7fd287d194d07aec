/* SPDX-License-Identifier: GPL-2.0-or-later */
/* questions.c - what libpurple asks the user, as a chat with the gateway and as a form.
 *
 * Every client can chat, and many show a data form that comes with a message
 * (XEP-0004): each question is asked in both ways at once.  In the chat the next
 * message that fits is the answer: one of the choices or its number; for a free
 * answer "answer" and the text; for a form "answer" and a line for each field.
 * With several open the oldest is meant.  A submitted form names its question. */
#include "config.h"

#include "questions.h"

#include <string.h>

#include "account_form.h"

#define OPEN_MAX 8
#define FIELDS_MAX 100
/* The hidden field that names the question, and the one that answers it where it is no form. */
#define VAR_QUESTION "passerelle#question"
#define VAR_ANSWER "answer"

typedef struct {
  char *key;
  WireFieldKind kind;
  char *label;
  char *value;                /* may be NULL */
  char **choices;             /* of LIST */
  gboolean needed, secret;
} Field;

typedef struct {
  gint64 request;
  gboolean asked;             /* all of its fields are there */
  gboolean secret;
  char **choices;             /* NULL: a free text, or a form */
  GPtrArray *fields;          /* Field; none: it is no form */
} Question;

static void
field_free (gpointer data)
{
  Field *field = data;

  g_free (field->key);
  g_free (field->label);
  g_free (field->value);
  g_strfreev (field->choices);
  g_free (field);
}

static void
question_free (gpointer data)
{
  Question *question = data;

  g_strfreev (question->choices);
  g_ptr_array_unref (question->fields);
  g_free (question);
}

static Question *
find (Session *session, gint64 request)
{
  for (guint i = 0; session->questions != NULL && i < session->questions->len; i++)
    if (((Question *) session->questions->pdata[i])->request == request)
      return session->questions->pdata[i];
  return NULL;
}

static Question *
find_or_add (Session *session, gint64 request)
{
  Question *question = find (session, request);

  if (question != NULL)
    return question;
  question = g_new0 (Question, 1);
  question->request = request;
  question->fields = g_ptr_array_new_with_free_func (field_free);
  if (session->questions == NULL)
    session->questions = g_ptr_array_new_with_free_func (question_free);
  g_ptr_array_add (session->questions, question);
  return question;
}

static gboolean
is_form (const Question *question)
{
  return question->fields->len > 0;
}

/* -- Asking --------------------------------------------------------------- */

void
questions_add_field (Session *session, const WireQuestionField *event)
{
  Question *question = find_or_add (session, event->request);
  Field *field;

  if (question->asked || question->fields->len >= FIELDS_MAX)
    return;
  field = g_new0 (Field, 1);
  field->key = g_strdup (event->key);
  field->kind = event->kind;
  field->label = g_strdup (event->label);
  field->value = g_strdup (event->value);
  field->choices = g_strdupv ((char **) event->choices);
  field->needed = event->needed;
  field->secret = event->secret;
  g_ptr_array_add (question->fields, field);
}

static void
add_options (xmpp_stanza_t *field, char **labels, gboolean numbered)
{
  for (guint i = 0; labels != NULL && labels[i] != NULL; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i + 1);
      xmpp_stanza_t *option = stanza_add (field, "option", NULL);

      stanza_set (option, "label", labels[i]);
      stanza_add_text (option, "value", numbered ? number : labels[i]);
    }
}

static void
add_form_field (xmpp_stanza_t *form, const Field *field)
{
  static const char *const types[] = {
    [WIRE_FIELD_TEXT] = "text-single", [WIRE_FIELD_LINES] = "text-multi", [WIRE_FIELD_INT] = "text-single",
    [WIRE_FIELD_BOOL] = "boolean", [WIRE_FIELD_LIST] = "list-single", [WIRE_FIELD_NOTE] = "fixed",
  };
  gboolean note = field->kind == WIRE_FIELD_NOTE;
  xmpp_stanza_t *added = form_add_field (form, field->secret ? "text-private" : types[field->kind], note ? NULL : field->key,
                                         note ? NULL : field->label, note ? field->label : field->value);

  add_options (added, field->choices, FALSE);
  if (field->needed)
    stanza_add (added, "required", NULL);
}

static void
add_form (Session *session, const Question *question, const WireQuestion *event, xmpp_stanza_t *message)
{
  xmpp_stanza_t *form = stanza_add (message, "x", NS_DATA_FORMS);
  g_autofree char *name = g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, session_number (session), question->request);
  xmpp_stanza_t *field;

  stanza_set (form, "type", "form");
  stanza_add_text (form, "title", event->title != NULL && *event->title != '\0' ? event->title : session_gateway (session)->settings->name);
  stanza_add_text (form, "instructions", event->text);
  form_add_field (form, "hidden", VAR_QUESTION, NULL, name);
  for (guint i = 0; i < question->fields->len; i++)
    add_form_field (form, question->fields->pdata[i]);
  if (is_form (question))
    return;
  field = form_add_field (form, question->choices != NULL ? "list-single" : question->secret ? "text-private" : "text-single",
                          VAR_ANSWER, "Answer", NULL);
  add_options (field, question->choices, TRUE);
  stanza_add (field, "required", NULL);
}

static void
append_field (GString *text, const Field *field)
{
  g_autofree char *choices = field->choices == NULL ? NULL : g_strjoinv (", ", field->choices);

  g_string_append_printf (text, "\n%s%s", field->kind == WIRE_FIELD_NOTE ? "" : "– ", field->label);
  if (field->needed)
    g_string_append (text, " (needed)");
  if (choices != NULL)
    g_string_append_printf (text, " [%s]", choices);
  else if (field->kind == WIRE_FIELD_BOOL)
    g_string_append (text, " [yes, no]");
  if (field->value != NULL && *field->value != '\0')
    g_string_append_printf (text, ": %s", field->kind != WIRE_FIELD_BOOL ? field->value : g_str_equal (field->value, "true") ? "yes" : "no");
}

static char *
dup_chat (Session *session, const Question *question, const WireQuestion *event)
{
  g_autofree char *title = session_dup_title (session);
  g_autoptr (GString) text = g_string_new (NULL);
  const Field *example = NULL;

  g_string_append_printf (text, "%s: ", title);
  if (event->title != NULL && *event->title != '\0')
    g_string_append_printf (text, "%s\n", event->title);
  g_string_append (text, event->text);
  for (guint i = 0; i < question->fields->len; i++)
    {
      const Field *field = question->fields->pdata[i];

      append_field (text, field);
      if (example == NULL && field->kind != WIRE_FIELD_NOTE)
        example = field;
    }
  for (guint i = 0; question->choices != NULL && question->choices[i] != NULL; i++)
    g_string_append_printf (text, "\n%u – %s", i + 1, question->choices[i]);
  if (example != NULL)
    g_string_append_printf (text, "\nFill in the form; or say “answer” and a line for each, like “%s: …”; or “cancel”.", example->label);
  else
    g_string_append (text, question->choices != NULL ? "\nAnswer with a number." : "\nAnswer with “answer” and your text, or “cancel”.");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
send_answer (Session *session, const Question *question, int choice, const char *text, const char *const *fields)
{
  session_tell_worker (session, &(WireMessage) {
    .type = WIRE_ANSWER,
    .u.answer = { .account = session_number (session), .request = question->request, .choice = choice, .text = text, .fields = fields } });
}

void
questions_ask (Session *session, const WireQuestion *event)
{
  Gateway *gateway = session_gateway (session);
  Question *question = find_or_add (session, event->request);
  g_autofree char *chat = NULL;
  xmpp_stanza_t *message;

  if (question->asked)
    return;
  question->asked = TRUE;
  question->secret = event->secret;
  question->choices = event->choices == NULL || event->choices[0] == NULL ? NULL : g_strdupv ((char **) event->choices);
  if (session->questions->len > OPEN_MAX)
    {
      send_answer (session, question, -1, NULL, NULL);
      g_ptr_array_remove (session->questions, question);
      return;
    }
  if (event->again)
    return;
  chat = dup_chat (session, question, event);
  message = stanza_new_full ("message", "chat", gateway->domain, session->user->jid);
  stanza_add_text (message, "body", chat);
  add_form (session, question, event, message);
  gateway_send (gateway, message);
}

void
questions_close (Session *session, const WireQuestionClosed *event)
{
  Question *question = find (session, event->request);

  if (question != NULL)
    g_ptr_array_remove (session->questions, question);
}

/* -- Answers -------------------------------------------------------------- */

static void
wipe_string (gpointer string)
{
  secrets_wipe (string);
}

/* What the user wrote for a field, as libpurple takes it; NULL with an error if it cannot be. */
static char *
dup_value (const Field *field, const char *written, GError **error)
{
  gint64 number;

  switch (field->kind)
    {
    case WIRE_FIELD_BOOL:
      return g_strdup (g_ascii_strcasecmp (written, "yes") == 0 || g_str_equal (written, "1") || g_ascii_strcasecmp (written, "true") == 0
                       ? "true" : "false");
    case WIRE_FIELD_INT:
      if (g_ascii_string_to_signed (written, 10, G_MININT, G_MAXINT, &number, NULL))
        return g_strdup (written);
      stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "“%s” must be a number.", field->label);
      return NULL;
    case WIRE_FIELD_LIST:
      for (guint i = 0; field->choices != NULL && field->choices[i] != NULL; i++)
        if (g_ascii_strcasecmp (field->choices[i], written) == 0)
          return g_strdup (field->choices[i]);
      stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "“%s” cannot be “%s”.", field->label, written);
      return NULL;
    case WIRE_FIELD_TEXT:
    case WIRE_FIELD_LINES:
    case WIRE_FIELD_NOTE:
    default:
      return g_strdup (written);
    }
}

/* Sends what was written for each field; `written` is by key.  FALSE with an error, and nothing is sent. */
static gboolean
answer_form (Session *session, const Question *question, GHashTable *written, GError **error)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (wipe_string);

  for (guint i = 0; i < question->fields->len; i++)
    {
      const Field *field = question->fields->pdata[i];
      const char *value = field->kind == WIRE_FIELD_NOTE ? NULL : g_hash_table_lookup (written, field->key);
      char *normal;

      if (field->needed && (value != NULL ? *value == '\0' : field->value == NULL || *field->value == '\0'))
        return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "“%s” is needed.", field->label);
      if (value == NULL || (*value == '\0' && field->kind != WIRE_FIELD_TEXT && field->kind != WIRE_FIELD_LINES))
        continue;
      normal = dup_value (field, value, error);
      if (normal == NULL)
        return FALSE;
      g_ptr_array_add (pairs, g_strdup (field->key));
      g_ptr_array_add (pairs, normal);
    }
  g_ptr_array_add (pairs, NULL);
  send_answer (session, question, 0, NULL, (const char *const *) pairs->pdata);
  return TRUE;
}

/* "answer" and lines "label: value".  FALSE with an error: a line names no field. */
static gboolean
read_lines (const Question *question, const char *text, GHashTable *written, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      char *colon = strchr (*line, ':');
      const Field *found = NULL;

      if (*g_strstrip (*line) == '\0')
        continue;
      colon = strchr (*line, ':');
      if (colon != NULL)
        *colon = '\0';
      for (guint i = 0; colon != NULL && i < question->fields->len && found == NULL; i++)
        {
          const Field *field = question->fields->pdata[i];
          g_autofree char *label = g_strdup (field->label);
          gsize length = strlen (label);

          if (length > 0 && label[length - 1] == ':')
            label[length - 1] = '\0';
          if (g_ascii_strcasecmp (label, g_strstrip (*line)) == 0 || g_ascii_strcasecmp (field->key, *line) == 0)
            found = field;
        }
      if (found == NULL)
        return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "The form has no “%s”.", *line);
      g_hash_table_insert (written, g_strdup (found->key), g_strdup (g_strstrip (colon + 1)));
    }
  return TRUE;
}

/* FALSE without an error: this is no answer to it. */
static gboolean
try_chat (Session *session, const Question *question, char *body, GError **error)
{
  const char *text = NULL;
  gint64 number;

  g_strstrip (body);
  if (g_ascii_strcasecmp (body, "cancel") == 0)
    {
      send_answer (session, question, -1, NULL, NULL);
      return TRUE;
    }
  if (g_ascii_strncasecmp (body, "answer", strlen ("answer")) == 0 && g_ascii_isspace (body[strlen ("answer")]))
    text = body + strlen ("answer") + 1;
  if (is_form (question))
    {
      g_autoptr (GHashTable) written = form_fields_new ();

      return text != NULL && read_lines (question, text, written, error) && answer_form (session, question, written, error);
    }
  if (question->choices == NULL)
    {
      if (text != NULL)
        send_answer (session, question, 0, text, NULL);
      return text != NULL;
    }
  if (g_ascii_string_to_signed (body, 10, 1, g_strv_length (question->choices), &number, NULL))
    {
      send_answer (session, question, number - 1, NULL, NULL);
      return TRUE;
    }
  for (guint i = 0; question->choices[i] != NULL; i++)
    if (g_ascii_strcasecmp (body, question->choices[i]) == 0)
      {
        send_answer (session, question, i, NULL, NULL);
        return TRUE;
      }
  return FALSE;
}

static gboolean
take_form (Session *session, const Question *question, xmpp_stanza_t *form, GError **error)
{
  g_autoptr (GHashTable) written = NULL;
  const char *answer;
  gint64 number;

  if (g_strcmp0 (stanza_get (form, "type"), "cancel") == 0)
    {
      send_answer (session, question, -1, NULL, NULL);
      return TRUE;
    }
  written = form_read (form, error);
  if (written == NULL)
    return FALSE;
  if (is_form (question))
    return answer_form (session, question, written, error);
  answer = g_hash_table_lookup (written, VAR_ANSWER);
  if (answer == NULL)
    return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "The form has no answer in it.");
  if (question->choices == NULL)
    send_answer (session, question, 0, answer, NULL);
  else if (g_ascii_string_to_signed (answer, 10, 1, g_strv_length (question->choices), &number, NULL))
    send_answer (session, question, number - 1, NULL, NULL);
  else
    return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "There is no such choice.");
  return TRUE;
}

/* The question that a form names: "account request". */
static Question *
find_named (User *user, xmpp_stanza_t *form, Session **session)
{
  for (xmpp_stanza_t *field = stanza_first (form); field != NULL; field = stanza_next (field))
    {
      g_autofree char *name = g_strcmp0 (stanza_get (field, "var"), VAR_QUESTION) == 0 ? stanza_dup_child_text (field, "value", NULL) : NULL;
      const char *blank = name == NULL ? NULL : strchr (name, ' ');

      for (guint i = 0; blank != NULL && i < user->sessions->len; i++)
        if (session_number (user->sessions->pdata[i]) == g_ascii_strtoll (name, NULL, 10))
          {
            *session = user->sessions->pdata[i];
            return find (*session, g_ascii_strtoll (blank, NULL, 10));
          }
    }
  return NULL;
}

static void
thank (const Stanza *message, Session *session, Question *question)
{
  g_ptr_array_remove (session->questions, question);
  gateway_tell (message->gateway, message->from, "Thank you.");
}

/* What is wrong is told in the chat: an error that answers a form is shown by no client. */
static void
on_form (const Stanza *message, xmpp_stanza_t *form)
{
  Session *session = NULL;
  Question *question = find_named (message->user, form, &session);
  g_autoptr (GError) refusal = NULL;

  if (question == NULL || !question->asked)
    gateway_tell (message->gateway, message->from, "This question is not open any more.");
  else if (take_form (session, question, form, &refusal))
    thank (message, session, question);
  else
    gateway_tell (message->gateway, message->from, refusal->message);
}

static gboolean
on_message (const Stanza *message, GError **error)
{
  xmpp_stanza_t *form = NULL;
  g_autofree char *body = NULL;

  if (message->session != NULL || message->server != NULL || message->user == NULL)
    return FALSE;
  form = stanza_child (message->stanza, "x", NS_DATA_FORMS);
  if (form != NULL)
    {
      on_form (message, form);
      return TRUE;
    }
  body = stanza_dup_child_text (message->stanza, "body", NULL);
  if (body == NULL)
    return FALSE;
  for (guint i = 0; i < message->user->sessions->len; i++)
    {
      Session *session = message->user->sessions->pdata[i];
      g_autoptr (GError) refusal = NULL;
      Question *question = session->questions == NULL || session->questions->len == 0 ? NULL : session->questions->pdata[0];

      if (question == NULL || !question->asked)
        continue;
      if (try_chat (session, question, body, &refusal))
        thank (message, session, question);
      else if (refusal != NULL)
        gateway_tell (message->gateway, message->from, refusal->message);
      else
        continue;
      return TRUE;
    }
  return FALSE;
}

static void
session_out (Session *session)
{
  g_clear_pointer (&session->questions, g_ptr_array_unref);
}

const Feature questions_feature = {
  .name = "questions",
  .message = on_message,
  .session_out = session_out,
};
