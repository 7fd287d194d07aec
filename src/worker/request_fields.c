/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request_fields.c - libpurple's forms, both ways.
 *
 * What has no place in an XMPP form (pictures, a choice among accounts) keeps the
 * value that the plugin gave it. */
#include "config.h"

#include "request_fields.h"

#include <gio/gio.h>
#include <string.h>

#include "option_values.h"
#include "text.h"

#define MOST_FIELDS 100

/* Calls `func` with each field that a user can see. */
static void
foreach_field (PurpleRequestFields *fields, void (*func) (PurpleRequestField *field, gpointer data), gpointer data)
{
  guint n = 0;

  for (GList *group = purple_request_fields_get_groups (fields); group != NULL; group = group->next)
    for (GList *l = purple_request_field_group_get_fields (group->data); l != NULL; l = l->next)
      if (purple_request_field_is_visible (l->data) && n++ < MOST_FIELDS)
        func (l->data, data);
}

/* -- To the hub ----------------------------------------------------------- */

static char **
dup_choices (PurpleRequestField *field)
{
  GPtrArray *choices = g_ptr_array_new ();
  GList *labels = purple_request_field_get_type (field) == PURPLE_REQUEST_FIELD_CHOICE
                  ? purple_request_field_choice_get_labels (field) : purple_request_field_list_get_items (field);

  for (; labels != NULL; labels = labels->next)
    g_ptr_array_add (choices, text_dup_clean (labels->data, -1));
  g_ptr_array_add (choices, NULL);
  return (char **) g_ptr_array_free (choices, FALSE);
}

static const char *
nth_or_null (char **list, int n)
{
  return n >= 0 && (guint) n < g_strv_length (list) ? list[n] : NULL;
}

typedef struct {
  gint64 account;
  Question *question;
} Target;

static void
tell_field (PurpleRequestField *field, gpointer data)
{
  const Target *target = data;
  g_autofree char *label = text_dup_from_html (purple_request_field_get_label (field) != NULL ? purple_request_field_get_label (field) : "");
  g_autofree char *number = NULL;
  g_auto (GStrv) choices = NULL;
  WireQuestionField event = {
    .account = target->account, .request = questions_get_number (target->question), .key = purple_request_field_get_id (field),
    .label = *label != '\0' ? label : purple_request_field_get_id (field), .needed = purple_request_field_is_required (field) };

  switch (purple_request_field_get_type (field))
    {
    case PURPLE_REQUEST_FIELD_STRING:
      event.kind = purple_request_field_string_is_multiline (field) ? WIRE_FIELD_LINES : WIRE_FIELD_TEXT;
      event.secret = purple_request_field_string_is_masked (field);
      event.value = event.secret ? NULL : purple_request_field_string_get_default_value (field);
      break;
    case PURPLE_REQUEST_FIELD_INTEGER:
      event.kind = WIRE_FIELD_INT;
      event.value = number = g_strdup_printf ("%d", purple_request_field_int_get_default_value (field));
      break;
    case PURPLE_REQUEST_FIELD_BOOLEAN:
      event.kind = WIRE_FIELD_BOOL;
      event.value = purple_request_field_bool_get_default_value (field) ? "true" : "false";
      break;
    case PURPLE_REQUEST_FIELD_CHOICE:
      event.kind = WIRE_FIELD_LIST;
      choices = dup_choices (field);
      event.choices = (const char *const *) choices;
      event.value = nth_or_null (choices, purple_request_field_choice_get_default_value (field));
      break;
    case PURPLE_REQUEST_FIELD_LIST:
      event.kind = WIRE_FIELD_LIST;
      choices = dup_choices (field);
      event.choices = (const char *const *) choices;
      event.value = purple_request_field_list_get_selected (field) != NULL
                    ? purple_request_field_list_get_selected (field)->data : NULL;
      break;
    case PURPLE_REQUEST_FIELD_LABEL:
      event.kind = WIRE_FIELD_NOTE;
      break;
    case PURPLE_REQUEST_FIELD_NONE:
    case PURPLE_REQUEST_FIELD_IMAGE:
    case PURPLE_REQUEST_FIELD_ACCOUNT:
    default:
      return;
    }
  questions_tell (target->question, &(WireMessage) { .type = WIRE_QUESTION_FIELD, .u.question_field = event });
}

void
request_fields_tell (PurpleRequestFields *fields, gint64 account, Question *question)
{
  foreach_field (fields, tell_field, &(Target) { account, question });
}

/* -- From the hub --------------------------------------------------------- */

#define refuse(error, ...) (g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, __VA_ARGS__), FALSE)

static int
find_choice (PurpleRequestField *field, const char *value)
{
  g_auto (GStrv) choices = dup_choices (field);

  for (guint i = 0; choices[i] != NULL; i++)
    if (g_str_equal (choices[i], value))
      return (int) i;
  return -1;
}

static gboolean
take_value (PurpleRequestField *field, const char *value, GError **error)
{
  const char *label = purple_request_field_get_label (field);
  gint64 number;
  int choice;

  switch (purple_request_field_get_type (field))
    {
    case PURPLE_REQUEST_FIELD_STRING:
      purple_request_field_string_set_value (field, *value != '\0' ? value : NULL);
      return TRUE;
    case PURPLE_REQUEST_FIELD_INTEGER:
      if (!g_ascii_string_to_signed (value, 10, G_MININT, G_MAXINT, &number, NULL))
        return refuse (error, "“%s” must be a number.", label);
      purple_request_field_int_set_value (field, (int) number);
      return TRUE;
    case PURPLE_REQUEST_FIELD_BOOLEAN:
      purple_request_field_bool_set_value (field, g_str_equal (value, "true") || g_str_equal (value, "1"));
      return TRUE;
    case PURPLE_REQUEST_FIELD_CHOICE:
    case PURPLE_REQUEST_FIELD_LIST:
      choice = find_choice (field, value);
      if (choice < 0)
        return refuse (error, "“%s” cannot be “%s”.", label, value);
      if (purple_request_field_get_type (field) == PURPLE_REQUEST_FIELD_CHOICE)
        purple_request_field_choice_set_value (field, choice);
      else
        {
          purple_request_field_list_clear_selected (field);
          purple_request_field_list_add_selected (field, g_list_nth_data (purple_request_field_list_get_items (field), (guint) choice));
        }
      return TRUE;
    case PURPLE_REQUEST_FIELD_NONE:
    case PURPLE_REQUEST_FIELD_IMAGE:
    case PURPLE_REQUEST_FIELD_ACCOUNT:
    case PURPLE_REQUEST_FIELD_LABEL:
    default:
      return TRUE;
    }
}

typedef struct {
  const char *const *answer;
  GError *error;
} Taking;

static void
take_field (PurpleRequestField *field, gpointer data)
{
  Taking *taking = data;
  const char *value = option_values_get (taking->answer, purple_request_field_get_id (field));

  if (taking->error == NULL && value != NULL)
    take_value (field, value, &taking->error);
}

gboolean
request_fields_take (PurpleRequestFields *fields, const char *const *answer, GError **error)
{
  Taking taking = { .answer = answer };

  foreach_field (fields, take_field, &taking);
  if (taking.error != NULL)
    {
      g_propagate_error (error, taking.error);
      return FALSE;
    }
  /* The hub sees to this first, and names the field. */
  return purple_request_fields_all_required_filled (fields) || refuse (error, "Something that is needed is missing.");
}
