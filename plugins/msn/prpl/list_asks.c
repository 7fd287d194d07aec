/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list_asks.c - single changes of the server's lists. */
#include "list_asks.h"

#include "contacts.h"
#include "notification.h"
#include "privacy_lists.h"

#define ERROR_IS_THERE 215
#define ERROR_IS_NOT_THERE 216

typedef struct {
  gboolean adding;
  ListBit list;
  char *address, *group;
  ListFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Ask;

static void
ask_free (gpointer data)
{
  Ask *ask = data;

  if (ask->destroy != NULL)
    ask->destroy (ask->data);
  g_free (ask->address);
  g_free (ask->group);
  g_free (ask);
}

static void
follow (Session *session, const Ask *ask, const Command *answer)
{
  g_auto (ChangeLine) line = { 0 };
  const ListContact *contact;

  if (answer->error > 0 || !change_line_parse (session->dialect, answer, &line))
    {
      line.list = ask->list;
      g_free (line.address);
      line.address = g_strdup (ask->address);
      g_free (line.group);
      line.group = g_strdup (ask->group);
    }
  contacts_forget_copy (session);
  contact = contact_list_change (session->list, &line, ask->adding);
  if (contact != NULL)
    privacy_lists_follow (session, contact);
}

static void
on_answer (Session *session, const Command *answer, gpointer data)
{
  Ask *ask = data;
  gboolean ok = answer != NULL && (answer->error == 0 || answer->error == (ask->adding ? ERROR_IS_THERE : ERROR_IS_NOT_THERE));

  if (ok)
    follow (session, ask, answer);
  if (ask->func != NULL)
    ask->func (session, ok, answer, ask->data);
  else if (!ok && !session->ending)
    {
      g_autofree char *text = g_strdup_printf ("The list on the server was not changed. %s", session_explain (answer));

      session_tell (session, ask->address, text);
    }
}

static Ask *
ask_new (gboolean adding, ListBit list, const char *address, const char *group, ListFunc func, gpointer data, GDestroyNotify destroy)
{
  Ask *ask = g_new0 (Ask, 1);

  ask->adding = adding;
  ask->list = list;
  ask->address = g_strdup (address);
  ask->group = g_strdup (group);
  ask->func = func;
  ask->data = data;
  ask->destroy = destroy;
  return ask;
}

void
list_ask_add (Session *session, ListBit list, const char *address, const char *group, ListFunc func, gpointer data, GDestroyNotify destroy)
{
  const ListContact *contact = contact_list_get (session->list, address);
  const char *command;
  g_autofree char *args = list_lines_build_add (session->dialect, list, contact_list_get_exact (session->list, address), contact != NULL ? contact->name : NULL,
                                                contact != NULL ? contact->guid : NULL, group, &command);

  notification_ask (session, command, args, NULL, on_answer, ask_new (TRUE, list, address, group, func, data, destroy), ask_free);
}

void
list_ask_remove (Session *session, ListBit list, const char *address, const char *group, ListFunc func, gpointer data, GDestroyNotify destroy)
{
  const ListContact *contact = contact_list_get (session->list, address);
  g_autofree char *args = list_lines_build_remove (session->dialect, list, contact_list_get_exact (session->list, address),
                                                   contact != NULL ? contact->guid : NULL, group);

  notification_ask (session, "REM", args, NULL, on_answer, ask_new (FALSE, list, address, group, func, data, destroy), ask_free);
}

void
list_ask_be_on (Session *session, ListBit list, const char *address)
{
  const ListContact *contact = contact_list_get (session->list, address);

  if (contact == NULL || !(contact->lists & list))
    list_ask_add (session, list, address, NULL, NULL, NULL, NULL);
}

void
list_ask_be_off (Session *session, ListBit list, const char *address)
{
  const ListContact *contact = contact_list_get (session->list, address);

  if (contact != NULL && contact->lists & list)
    list_ask_remove (session, list, address, NULL, NULL, NULL, NULL);
}
