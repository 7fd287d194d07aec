/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notices.c - what libpurple notifies its user of, as notice events. */
#include "config.h"

#include "notices.h"

#include <string.h>

#include "hub.h"
#include "irc.h"
#include "text.h"

/* More would be no help. */
#define MOST_FOUND 50

static void
add (GString *all, const char *html)
{
  g_autofree char *text = html != NULL ? text_dup_from_html (html) : NULL;

  if (text == NULL || *g_strstrip (text) == '\0' || strstr (all->str, text) != NULL)
    return;
  if (all->len > 0)
    g_string_append_c (all, '\n');
  g_string_append (all, text);
}

void
notices_tell (Account *account, const char *title, const char *primary, const char *secondary)
{
  g_autoptr (GString) all = g_string_new (NULL);

  add (all, title);
  add (all, primary);
  add (all, secondary);
  if (all->len > 0 && account->state != ACCOUNT_LEAVING)
    hub_tell (notice, NOTICE, .account = account->number, .text = all->str);
}

void
notices_notify (gpointer handle, const char *title, const char *primary, const char *secondary, const char *text)
{
  Account *account = accounts_of_handle (handle);
  g_autofree char *body = NULL;

  if (account == NULL)
    {
      g_debug ("a notification of nobody's: %s", primary != NULL ? primary : "");
      return;
    }
  if (irc_knows_notice (account, secondary))
    return;
  body = text != NULL && secondary != NULL ? g_strconcat (secondary, "<br>", text, NULL) : NULL;
  notices_tell (account, title, primary, body != NULL ? body : text != NULL ? text : secondary);
}

/* "123456 (Nick: romeo, City: Verona)" */
static void
add_found (GString *all, GList *columns, GList *row)
{
  const char *separator = " (";

  g_string_append_printf (all, "\n%s", row->data != NULL ? (const char *) row->data : "");
  for (row = row->next, columns = columns != NULL ? columns->next : NULL; row != NULL && columns != NULL;
       row = row->next, columns = columns->next)
    {
      const char *value = row->data;

      if (value == NULL || *value == '\0')
        continue;
      g_string_append_printf (all, "%s%s: %s", separator, ((PurpleNotifySearchColumn *) columns->data)->title, value);
      separator = ", ";
    }
  if (*separator == ',')
    g_string_append_c (all, ')');
}

void
notices_found (PurpleConnection *connection, const char *title, const char *primary, const char *secondary,
               PurpleNotifySearchResults *results)
{
  Account *account = accounts_of_connection (connection);
  g_autoptr (GString) all = g_string_new (NULL);
  guint n = 0;

  if (account == NULL || account->state == ACCOUNT_LEAVING)
    return;
  add (all, title);
  add (all, primary);
  add (all, secondary);
  for (GList *row = results->rows; row != NULL && n < MOST_FOUND; row = row->next, n++)
    if (row->data != NULL)
      add_found (all, results->columns, row->data);
  if (g_list_length (results->rows) > n)
    g_string_append (all, "\n…");
  hub_tell (notice, NOTICE, .account = account->number, .text = all->str);
}
