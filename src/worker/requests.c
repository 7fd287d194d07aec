/* SPDX-License-Identifier: GPL-2.0-or-later */
/* requests.c - libpurple's requests, as questions. */
#include "config.h"

#include "requests.h"

#include <purple.h>
#include <string.h>

#include "certificates.h"
#include "eventloop.h"
#include "hub.h"
#include "questions.h"
#include "request_fields.h"
#include "text.h"

/* A network that asks without end is cancelled. */
#define MOST_OPEN 32
#define MOST_CHOICES 32

typedef struct {
  Question *question;         /* NULL once answered */
  EventloopTask task;         /* cancels in a moment, where nobody is to be asked */
  PurpleRequestType type;
  int refused_choice;         /* what the task answers */
  GPtrArray *labels;          /* of choices: char * */
  GArray *values;             /* int: what each choice is to libpurple */
  GPtrArray *callbacks;       /* of actions: GCallback */
  GCallback ok, cancel;
  PurpleRequestFields *fields;
  char *certificate;          /* what an accepted certificate is remembered by */
  char *doubt;                /* what is wrong with it */
  gint64 account;
  gboolean running;           /* its callback */
  gboolean closed;            /* ... in which libpurple closed it */
  gpointer user_data;
} Request;

static Request *
request_new (PurpleRequestType type, GCallback ok, GCallback cancel, gpointer user_data)
{
  Request *request = g_new0 (Request, 1);

  request->type = type;
  request->ok = ok;
  request->cancel = cancel;
  request->user_data = user_data;
  request->labels = g_ptr_array_new_with_free_func (g_free);
  request->values = g_array_new (FALSE, FALSE, sizeof (int));
  request->callbacks = g_ptr_array_new ();
  request->refused_choice = -1;
  return request;
}

static void
request_free (Request *request)
{
  eventloop_cancel_task (&request->task);
  g_ptr_array_unref (request->labels);
  g_array_unref (request->values);
  g_ptr_array_unref (request->callbacks);
  if (request->fields != NULL)
    purple_request_fields_destroy (request->fields);
  g_free (request->certificate);
  g_free (request->doubt);
  g_free (request);
}

static void
settle_certificate (Request *request, gboolean accepted)
{
  Account *account = accounts_find (request->account, FALSE);

  if (accepted)
    certificates_accept (request->certificate);
  else if (account != NULL)
    certificates_refuse (account, request->doubt);
}

/* "_View Certificate..." without the mark of a keyboard shortcut. */
static void
add_choice (Request *request, const char *label, int value, GCallback callback)
{
  g_autofree char *plain = text_dup_clean (label != NULL ? label : "", -1);
  char *end = plain;

  for (const char *c = plain; *c != '\0'; c++)
    if (*c != '_')
      *end++ = *c;
  *end = '\0';
  g_ptr_array_add (request->labels, g_steal_pointer (&plain));
  g_array_append_val (request->values, value);
  g_ptr_array_add (request->callbacks, (gpointer) callback);
}

/* FALSE: the form cannot be taken as it was filled in, and the user knows. */
static gboolean
take_fields (Request *request, const WireAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (request_fields_take (request->fields, answer->fields, &error))
    return TRUE;
  text = g_strdup_printf ("%s Nothing was done; please begin again.", error->message);
  hub_tell (notice, NOTICE, .account = request->account, .text = text);
  return FALSE;
}

static void
call_back (Request *request, const WireAnswer *answer)
{
  int choice = (int) answer->choice;
  gboolean has_choice = choice >= 0 && (guint) choice < request->values->len;
  int value = has_choice ? g_array_index (request->values, int, choice) : -1;

  switch (request->type)
    {
    case PURPLE_REQUEST_ACTION:
      if (has_choice && request->callbacks->pdata[choice] != NULL)
        ((PurpleRequestActionCb) request->callbacks->pdata[choice]) (request->user_data, choice);
      break;
    case PURPLE_REQUEST_CHOICE:
      if (has_choice && request->ok != NULL)
        ((PurpleRequestChoiceCb) request->ok) (request->user_data, value);
      else if (request->cancel != NULL)
        ((PurpleRequestChoiceCb) request->cancel) (request->user_data, -1);
      break;
    case PURPLE_REQUEST_INPUT:
      if (choice >= 0 && answer->text != NULL && request->ok != NULL)
        ((PurpleRequestInputCb) request->ok) (request->user_data, answer->text);
      else if (request->cancel != NULL)
        ((PurpleRequestInputCb) request->cancel) (request->user_data, "");
      break;
    case PURPLE_REQUEST_FIELDS:
      if (choice >= 0 && request->ok != NULL && take_fields (request, answer))
        ((PurpleRequestFieldsCb) request->ok) (request->user_data, request->fields);
      else if (request->cancel != NULL)
        ((PurpleRequestFieldsCb) request->cancel) (request->user_data, request->fields);
      break;
    default:
      if (request->cancel != NULL)
        ((PurpleRequestFileCb) request->cancel) (request->user_data, NULL);
      break;
    }
}

static void
run_request (Request *request, const WireAnswer *answer)
{
  if (request->certificate != NULL)
    settle_certificate (request, answer->choice == 0);
  request->running = TRUE;
  call_back (request, answer);
  request->running = FALSE;
  /* A refused certificate, say, has ended the connection, and this with it. */
  if (request->closed)
    request_free (request);
  else
    purple_request_close (request->type, request);
}

static void
on_answer (gpointer data, const WireAnswer *answer)
{
  Request *request = data;

  request->question = NULL;
  run_request (request, answer);
}

static void
refuse_now (EventloopTask *task)
{
  Request *request = (Request *) ((char *) task - G_STRUCT_OFFSET (Request, task));

  run_request (request, &(WireAnswer) { .choice = request->refused_choice });
}

/* libpurple knows the request only when its operation has returned. */
static gpointer
refuse_soon (Request *request, int choice)
{
  request->refused_choice = choice;
  request->task.run = refuse_now;
  eventloop_queue_task (&request->task);
  return request;
}

/* The choice that says no: the one called so, else none. */
static int
find_no (Request *request)
{
  static const char *const no[] = { "Cancel", "Reject", "No", "Decline", "Deny", "Close", NULL };

  for (guint i = 0; i < request->labels->len; i++)
    if (g_strv_contains (no, request->labels->pdata[i]))
      return (int) i;
  return -1;
}

static char *
dup_words (const char *primary, const char *secondary)
{
  g_autofree char *first = primary != NULL ? text_dup_from_html (primary) : NULL;
  g_autofree char *second = secondary != NULL ? text_dup_from_html (secondary) : NULL;

  if (first != NULL && second != NULL && *first != '\0' && *second != '\0')
    return g_strconcat (first, "\n", second, NULL);
  return g_strdup (second != NULL && *second != '\0' ? second : first != NULL ? first : "");
}

static gpointer
ask (Request *request, Account *account, const char *title, const char *primary, const char *secondary, gboolean masked)
{
  g_autofree char *words = dup_words (primary, secondary);

  if (account == NULL || account->state == ACCOUNT_LEAVING || request->labels->len > MOST_CHOICES
      || questions_count (account) >= MOST_OPEN)
    return refuse_soon (request, find_no (request));
  request->question = questions_new (account, on_answer, request, NULL);
  request->account = account->number;
  if (request->type == PURPLE_REQUEST_INPUT)
    g_ptr_array_set_size (request->labels, 0);
  if (request->type == PURPLE_REQUEST_FIELDS)
    request_fields_tell (request->fields, account->number, request->question);
  g_ptr_array_add (request->labels, NULL);
  questions_tell (request->question, &(WireMessage) {
    .type = WIRE_QUESTION,
    .u.question = { .account = account->number, .request = questions_get_number (request->question),
                    .title = title, .text = *words != '\0' ? words : title != NULL ? title : "?",
                    .choices = request->labels->len > 1 ? (const char *const *) request->labels->pdata : NULL,
                    .secret = masked } });
  g_ptr_array_set_size (request->labels, request->labels->len - 1);
  return request;
}

static gpointer
request_input (const char *title, const char *primary, const char *secondary, const char *default_value,
               gboolean multiline, gboolean masked, char *hint, const char *ok_text, GCallback ok_cb,
               const char *cancel_text, GCallback cancel_cb, PurpleAccount *account, const char *who,
               PurpleConversation *conversation, gpointer user_data)
{
  Request *request = request_new (PURPLE_REQUEST_INPUT, ok_cb, cancel_cb, user_data);

  return ask (request, accounts_of (account), title, primary, secondary, masked);
}

static gpointer
request_choice (const char *title, const char *primary, const char *secondary, int default_value,
                const char *ok_text, GCallback ok_cb, const char *cancel_text, GCallback cancel_cb,
                PurpleAccount *account, const char *who, PurpleConversation *conversation, gpointer user_data, va_list choices)
{
  Request *request = request_new (PURPLE_REQUEST_CHOICE, ok_cb, cancel_cb, user_data);
  const char *label;

  while ((label = va_arg (choices, const char *)) != NULL)
    {
      int value = va_arg (choices, int);

      add_choice (request, label, value, NULL);
    }
  return ask (request, accounts_of (account), title, primary, secondary, FALSE);
}

static gpointer
request_action (const char *title, const char *primary, const char *secondary, int default_action,
                PurpleAccount *purple, const char *who, PurpleConversation *conversation, gpointer user_data,
                size_t action_count, va_list actions)
{
  Request *request = request_new (PURPLE_REQUEST_ACTION, NULL, NULL, user_data);
  const CertificateDoubt *doubt = certificates_get_doubt ();
  Account *account = accounts_of (purple);
  g_autofree char *asked = NULL;

  for (size_t i = 0; i < action_count; i++)
    {
      const char *label = va_arg (actions, const char *);
      GCallback callback = va_arg (actions, GCallback);

      add_choice (request, label, (int) i, callback);
    }
  if (doubt != NULL)
    {
      account = doubt->account;
      request->certificate = g_strdup (doubt->key);
      request->doubt = dup_words (secondary != NULL ? NULL : primary, secondary);
      request->account = account != NULL ? account->number : 0;
      /* Accept and reject; to view it is for graphical programs. */
      g_ptr_array_set_size (request->labels, MIN (request->labels->len, 2));
      g_array_set_size (request->values, request->labels->len);
      if (!doubt->ask_user)
        return refuse_soon (request, find_no (request));
      asked = g_strdup_printf ("%s<br>SHA-1 fingerprint: %s", secondary != NULL ? secondary : "", doubt->fingerprint);
      secondary = asked;
    }
  return ask (request, account, title, primary, secondary, FALSE);
}

static gpointer
request_action_with_icon (const char *title, const char *primary, const char *secondary, int default_action,
                          PurpleAccount *account, const char *who, PurpleConversation *conversation,
                          gconstpointer icon_data, gsize icon_size, gpointer user_data, size_t action_count, va_list actions)
{
  return request_action (title, primary, secondary, default_action, account, who, conversation, user_data, action_count, actions);
}

static gpointer
request_fields (const char *title, const char *primary, const char *secondary, PurpleRequestFields *fields,
                const char *ok_text, GCallback ok_cb, const char *cancel_text, GCallback cancel_cb,
                PurpleAccount *purple, const char *who, PurpleConversation *conversation, gpointer user_data)
{
  Request *request = request_new (PURPLE_REQUEST_FIELDS, ok_cb, cancel_cb, user_data);

  request->fields = fields;
  return ask (request, accounts_of (purple), title, primary, secondary, FALSE);
}

static gpointer
request_file (const char *title, const char *filename, gboolean save, GCallback ok_cb, GCallback cancel_cb,
              PurpleAccount *account, const char *who, PurpleConversation *conversation, gpointer user_data)
{
  return refuse_soon (request_new (PURPLE_REQUEST_FILE, ok_cb, cancel_cb, user_data), -1);
}

static gpointer
request_folder (const char *title, const char *folder, GCallback ok_cb, GCallback cancel_cb,
                PurpleAccount *account, const char *who, PurpleConversation *conversation, gpointer user_data)
{
  return refuse_soon (request_new (PURPLE_REQUEST_FOLDER, ok_cb, cancel_cb, user_data), -1);
}

static void
close_request (PurpleRequestType type, gpointer handle)
{
  Request *request = handle;

  if (request->question != NULL)
    questions_close (g_steal_pointer (&request->question));
  if (request->running)
    request->closed = TRUE;
  else
    request_free (request);
}

void
requests_init (void)
{
  static PurpleRequestUiOps ops = {
    .request_input = request_input,
    .request_choice = request_choice,
    .request_action = request_action,
    .request_fields = request_fields,
    .request_file = request_file,
    .close_request = close_request,
    .request_folder = request_folder,
    .request_action_with_icon = request_action_with_icon,
  };

  purple_request_set_ui_ops (&ops);
}
