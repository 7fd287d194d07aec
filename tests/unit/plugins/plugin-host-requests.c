/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugin-host-requests.c - what libpurple asks or tells the user, as events and answers. */
#include "plugin-host.h"

#include <string.h>

#define MOST_CHOICES 8

typedef enum { INPUT, ACTION, FIELDS, FILE_NAME, AUTHORIZE } Kind;

typedef struct {
  Kind kind;
  GCallback yes, no;
  GCallback choices[MOST_CHOICES];
  PurpleAccountRequestAuthorizationCb grant, deny;
  PurpleRequestFields *fields;
  void *data;
} Request;

static GHashTable *requests;   /* id -> Request */
static guint last_id;

static Request *
add (Kind kind, void *data, char **id)
{
  Request *request = g_new0 (Request, 1);

  request->kind = kind;
  request->data = data;
  *id = g_strdup_printf ("%u", ++last_id);
  g_hash_table_insert (requests, *id, request);
  return request;
}

/* -- Questions ------------------------------------------------------------- */

static void *
on_input (const char *title, const char *primary, const char *secondary, const char *value, gboolean multiline, gboolean masked,
          gchar *hint, const char *ok, GCallback ok_call, const char *cancel, GCallback cancel_call, PurpleAccount *account,
          const char *who, PurpleConversation *conversation, void *data)
{
  char *id;
  Request *request = add (INPUT, data, &id);

  request->yes = ok_call;
  request->no = cancel_call;
  host_tell ("request", "kind", "input", "id", id, "title", title, "primary", primary, "secondary", secondary, "who", who, NULL);
  return request;
}

static void *
on_action (const char *title, const char *primary, const char *secondary, int preset, PurpleAccount *account, const char *who,
           PurpleConversation *conversation, void *data, size_t count, va_list choices)
{
  char *id;
  Request *request = add (ACTION, data, &id);
  g_autoptr (GString) labels = g_string_new (NULL);

  for (size_t i = 0; i < count && i < MOST_CHOICES; i++)
    {
      g_string_append_printf (labels, "%s|", va_arg (choices, const char *));
      request->choices[i] = va_arg (choices, GCallback);
    }
  host_tell ("request", "kind", "action", "id", id, "title", title, "primary", primary, "secondary", secondary, "who", who,
             "choices", labels->str, NULL);
  return request;
}

/* What a form holds now, as the tests write it: {"id": value}. */
static char *
dup_values (PurpleRequestFields *fields)
{
  struct json_object *values = json_object_new_object ();
  char *text;

  for (GList *l = purple_request_fields_get_groups (fields); l != NULL; l = l->next)
    for (GList *f = purple_request_field_group_get_fields (l->data); f != NULL; f = f->next)
      {
        PurpleRequestField *field = f->data;
        PurpleRequestFieldType type = purple_request_field_get_type (field);
        struct json_object *value = NULL;

        if (type == PURPLE_REQUEST_FIELD_STRING && purple_request_field_string_get_value (field) != NULL)
          value = json_object_new_string (purple_request_field_string_get_value (field));
        else if (type == PURPLE_REQUEST_FIELD_BOOLEAN)
          value = json_object_new_boolean (purple_request_field_bool_get_value (field));
        else if (type == PURPLE_REQUEST_FIELD_CHOICE)
          value = json_object_new_int (purple_request_field_choice_get_value (field));
        json_object_object_add (values, purple_request_field_get_id (field), value);
      }
  text = g_strdup (json_object_to_json_string (values));
  json_object_put (values);
  return text;
}

static void *
on_fields (const char *title, const char *primary, const char *secondary, PurpleRequestFields *fields, const char *ok, GCallback ok_call,
           const char *cancel, GCallback cancel_call, PurpleAccount *account, const char *who, PurpleConversation *conversation, void *data)
{
  char *id;
  Request *request = add (FIELDS, data, &id);
  g_autofree char *values = dup_values (fields);

  request->yes = ok_call;
  request->no = cancel_call;
  request->fields = fields;
  host_tell ("request", "kind", "fields", "id", id, "title", title, "primary", primary, "who", who, "fields", values, NULL);
  return request;
}

static void *
on_file (const char *title, const char *name, gboolean save, GCallback ok_call, GCallback cancel_call, PurpleAccount *account,
         const char *who, PurpleConversation *conversation, void *data)
{
  char *id;
  Request *request = add (FILE_NAME, data, &id);

  request->yes = ok_call;
  request->no = cancel_call;
  host_tell ("request", "kind", "file", "id", id, "title", title, "primary", name, "who", who, NULL);
  return request;
}

static gboolean
is_same (gpointer key, gpointer value, gpointer data)
{
  return value == data;
}

static void
on_close (PurpleRequestType type, void *request)
{
  if (g_hash_table_foreach_remove (requests, is_same, request) > 0)
    host_tell ("request-closed", NULL);
}

static PurpleRequestUiOps request_ops = {
  .request_input = on_input,
  .request_action = on_action,
  .request_fields = on_fields,
  .request_file = on_file,
  .close_request = on_close,
};

/* -- Accounts -------------------------------------------------------------- */

static void
on_added (PurpleAccount *account, const char *who, const char *id, const char *alias, const char *message)
{
  host_tell ("added", "who", who, NULL);
}

static void *
on_authorize (PurpleAccount *account, const char *who, const char *user_id, const char *alias, const char *message, gboolean on_list,
              PurpleAccountRequestAuthorizationCb grant, PurpleAccountRequestAuthorizationCb deny, void *data)
{
  char *id;
  Request *request = add (AUTHORIZE, data, &id);

  request->grant = grant;
  request->deny = deny;
  host_tell ("authorize", "id", id, "who", who, "text", message, NULL);
  return request;
}

static void
on_authorize_close (void *request)
{
  g_hash_table_foreach_remove (requests, is_same, request);
}

static PurpleAccountUiOps account_ops = {
  .notify_added = on_added,
  .request_add = on_added,
  .request_authorize = on_authorize,
  .close_account_request = on_authorize_close,
};

/* -- Notices --------------------------------------------------------------- */

static void *
on_message (PurpleNotifyMsgType type, const char *title, const char *primary, const char *secondary)
{
  host_tell ("notify", "title", title, "primary", primary, "secondary", secondary, NULL);
  return GINT_TO_POINTER (1);
}

static void *
on_user_info (PurpleConnection *gc, const char *who, PurpleNotifyUserInfo *info)
{
  g_autofree char *text = purple_notify_user_info_get_text_with_newline (info, "\n");

  host_tell ("info", "who", who, "text", text, NULL);
  return GINT_TO_POINTER (1);
}

static void *
on_found (PurpleConnection *gc, const char *title, const char *primary, const char *secondary, PurpleNotifySearchResults *results, gpointer data)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (GList *row = results->rows; row != NULL; row = row->next)
    {
      for (GList *cell = row->data; cell != NULL; cell = cell->next)
        g_string_append_printf (text, "%s|", (char *) cell->data);
      g_string_append_c (text, '\n');
    }
  host_tell ("search", "primary", primary, "text", text->str, NULL);
  purple_notify_searchresults_free (results);
  return NULL;
}

static PurpleNotifyUiOps notify_ops = {
  .notify_message = on_message,
  .notify_searchresults = on_found,
  .notify_userinfo = on_user_info,
};

/* -- Answers --------------------------------------------------------------- */

static void
fill (PurpleRequestFields *form, struct json_object *values)
{
  json_object_object_foreach (values, id, value)
    {
      PurpleRequestField *field = purple_request_fields_get_field (form, id);

      if (field == NULL)
        host_tell ("no-field", "name", id, NULL);
      else if (purple_request_field_get_type (field) == PURPLE_REQUEST_FIELD_STRING)
        purple_request_field_string_set_value (field, json_object_get_string (value));
      else if (purple_request_field_get_type (field) == PURPLE_REQUEST_FIELD_BOOLEAN)
        purple_request_field_bool_set_value (field, json_object_get_boolean (value));
      else if (purple_request_field_get_type (field) == PURPLE_REQUEST_FIELD_CHOICE)
        purple_request_field_choice_set_value (field, json_object_get_int (value));
    }
}

static PurpleRequestType
type_of (Kind kind)
{
  return kind == INPUT ? PURPLE_REQUEST_INPUT : kind == ACTION ? PURPLE_REQUEST_ACTION : kind == FIELDS ? PURPLE_REQUEST_FIELDS : PURPLE_REQUEST_FILE;
}

static void
answer_authorization (Request *request, gboolean yes)
{
  PurpleAccountRequestAuthorizationCb call = yes ? request->grant : request->deny;

  if (call != NULL)
    call (request->data);
  /* libpurple forgets it without telling us. */
  purple_account_request_close (request);
}

void
host_requests_answer (const char *id, gboolean yes, const char *text, struct json_object *fields)
{
  Request *request = id != NULL ? g_hash_table_lookup (requests, id) : NULL;
  Request copy;
  GCallback call;

  if (request == NULL)
    {
      host_tell ("no-request", NULL);
      return;
    }
  if (request->kind == AUTHORIZE)
    {
      answer_authorization (request, yes);
      return;
    }
  copy = *request;
  call = copy.kind == ACTION ? copy.choices[yes ? 0 : 1] : yes ? copy.yes : copy.no;
  if (copy.kind == FIELDS && fields != NULL)
    fill (copy.fields, fields);
  if (call != NULL && copy.kind == ACTION)
    ((PurpleRequestActionCb) call) (copy.data, yes ? 0 : 1);
  else if (call != NULL && copy.kind == FIELDS)
    ((PurpleRequestFieldsCb) call) (copy.data, copy.fields);
  else if (call != NULL)
    ((PurpleRequestInputCb) call) (copy.data, text != NULL ? text : "");
  /* It may have been closed by the call. */
  if (g_hash_table_lookup (requests, id) == request)
    purple_request_close (type_of (copy.kind), request);
}

void
host_requests_init (void)
{
  requests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  purple_notify_set_ui_ops (&notify_ops);
  purple_request_set_ui_ops (&request_ops);
  purple_accounts_set_ui_ops (&account_ops);
}

void
host_requests_quit (void)
{
  g_hash_table_unref (requests);
}
