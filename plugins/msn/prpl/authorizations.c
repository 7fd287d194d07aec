/* SPDX-License-Identifier: GPL-2.0-or-later */
/* authorizations.c - people who have added us, and the answer that the user gives them. */
#include "authorizations.h"

#include "contacts.h"
#include "list_asks.h"

/* Questions to the user that may be open. */
#define MOST_OPEN 200

/* libpurple has the number of a question, not its address: an answer may come late, or twice. */
typedef struct {
  Session *session;
  char *address;
} Question;

struct Authorizations {
  GHashTable *open;        /* number -> Question */
};

/* Of all sessions. */
static guint last_number;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_free (question->address);
  g_free (question);
}

Authorizations *
authorizations_new (Session *session)
{
  Authorizations *authorizations = g_new0 (Authorizations, 1);

  authorizations->open = g_hash_table_new_full (NULL, NULL, NULL, question_free);
  return authorizations;
}

void
authorizations_free (Authorizations *authorizations)
{
  g_hash_table_unref (authorizations->open);
  g_free (authorizations);
}

/* The question of an answer, taken off the list; NULL: it is of none that is open.  Free it. */
static Question *
take_question (gpointer number)
{
  for (GList *l = purple_connections_get_all (); l != NULL; l = l->next)
    {
      PurpleConnection *gc = l->data;
      Session *session = g_strcmp0 (purple_account_get_protocol_id (purple_connection_get_account (gc)), "prpl-msn") == 0 ? session_of_ready (gc) : NULL;
      gpointer question;

      if (session != NULL && g_hash_table_steal_extended (session->authorizations->open, number, NULL, &question))
        return question;
    }
  return NULL;
}

/* The mark of those who wait; ADC RL is allowed only where it is set (7). */
static void
clear_pending (Session *session, const char *address)
{
  const ListContact *contact = contact_list_get (session->list, address);

  if (contact != NULL && contact->lists & LIST_PENDING && session->dialect >= DIALECT_WITH_GUIDS)
    list_ask_add (session, LIST_REVERSE, address, NULL, NULL, NULL, NULL);
  if (session->dialect >= DIALECT_WITH_GUIDS)
    list_ask_remove (session, LIST_PENDING, address, NULL, NULL, NULL, NULL);
}

static void
on_accepted (void *data)
{
  Question *question = take_question (data);
  Session *session = question != NULL ? question->session : NULL;

  if (question == NULL)
    return;
  clear_pending (session, question->address);
  list_ask_be_off (session, LIST_BLOCK, question->address);
  list_ask_be_on (session, LIST_ALLOW, question->address);
  question_free (question);
}

static void
on_denied (void *data)
{
  Question *question = take_question (data);
  Session *session = question != NULL ? question->session : NULL;

  if (question == NULL)
    return;
  list_ask_be_off (session, LIST_ALLOW, question->address);
  list_ask_be_on (session, LIST_BLOCK, question->address);
  clear_pending (session, question->address);
  question_free (question);
}

static gboolean
is_about (gpointer number, gpointer question, gpointer address)
{
  return g_str_equal (((Question *) question)->address, address);
}

static void
ask_about (Session *session, const ListContact *contact)
{
  GHashTable *open = session->authorizations->open;
  Question *question;

  if (g_hash_table_find (open, is_about, contact->address) != NULL || g_hash_table_size (open) >= MOST_OPEN)
    return;
  question = g_new0 (Question, 1);
  question->session = session;
  question->address = g_strdup (contact->address);
  last_number++;
  g_hash_table_insert (open, GUINT_TO_POINTER (last_number), question);
  purple_account_request_authorization (session->account, contact->address, NULL, contact->name, NULL,
                                        purple_find_buddy (session->account, contact->address) != NULL, on_accepted, on_denied,
                                        GUINT_TO_POINTER (last_number));
}

static void
see_to (Session *session, const ListContact *contact)
{
  g_autofree char *address = g_strdup (contact->address);

  if (list_contact_must_be_asked (contact))
    ask_about (session, contact);
  else if (contact->lists & LIST_PENDING && contact->lists & (LIST_FORWARD | LIST_ALLOW))
    list_ask_remove (session, LIST_PENDING, address, NULL, NULL, NULL, NULL);
}

void
authorizations_ask_all (Session *session)
{
  GList *contacts = g_hash_table_get_values (session->list->contacts);

  /* An answer may come at once, and change the list. */
  for (GList *l = contacts; l != NULL && !session->ending; l = l->next)
    see_to (session, l->data);
  g_list_free (contacts);
}

/* -- Unasked changes --------------------------------------------------------------------- */

static void
on_added (Session *session, const Command *command)
{
  g_auto (ChangeLine) line = { 0 };
  ListContact *contact;

  if (!change_line_parse (session->dialect, command, &line))
    return;
  contacts_forget_copy (session);
  contact = contact_list_change (session->list, &line, TRUE);
  if (contact == NULL)
    return;
  if (line.list == LIST_REVERSE || line.list == LIST_PENDING)
    see_to (session, contact);
  else if (line.list == LIST_FORWARD && session->ready)
    contacts_show (session, contact);
}

static void
on_removed (Session *session, const Command *command)
{
  g_auto (ChangeLine) line = { 0 };
  ListContact *contact;

  if (!change_line_parse (session->dialect, command, &line))
    return;
  contacts_forget_copy (session);
  contact = contact_list_change (session->list, &line, FALSE);
  if (contact != NULL && line.list == LIST_FORWARD && session->ready)
    contacts_show (session, contact);
}

const CommandHandler authorizations_handlers[] = {
  { "ADC", on_added },
  { "ADD", on_added },
  { "REM", on_removed },
  { NULL },
};
