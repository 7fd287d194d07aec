/* SPDX-License-Identifier: GPL-2.0-or-later */
/* searches.c - finding users: by e-mail, by name, by number. */
#include "searches.h"

#include "charset.h"
#include "directory.h"
#include "icq_meta.h"
#include "screen_names.h"
#include "service.h"
#include "services.h"

#define MOST_RESULTS 200
/* Of what a user types. */
#define FIELD_MOST 200

static void
on_add (PurpleConnection *gc, GList *row, gpointer data)
{
  purple_blist_request_add_buddy (purple_connection_get_account (gc), row->data, NULL, NULL);
}

static PurpleNotifySearchResults *
results_new (const char *const *columns)
{
  PurpleNotifySearchResults *results = purple_notify_searchresults_new ();

  for (; *columns != NULL; columns++)
    purple_notify_searchresults_column_add (results, purple_notify_searchresults_column_new (*columns));
  purple_notify_searchresults_button_add (results, PURPLE_NOTIFY_BUTTON_ADD, on_add);
  return results;
}

/* Takes the strings of the row. */
static void
results_add (PurpleNotifySearchResults *results, GList *row)
{
  if (g_list_length (results->rows) < MOST_RESULTS)
    purple_notify_searchresults_row_add (results, row);
  else
    g_list_free_full (row, g_free);
}

/* For hosts that cannot show a table. */
static void
results_show_as_text (Session *session, PurpleNotifySearchResults *results)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (GList *row = results->rows; row != NULL; row = row->next)
    {
      for (GList *cell = row->data; cell != NULL; cell = cell->next)
        if (*(const char *) cell->data != '\0')
          g_string_append_printf (text, "%s%s", cell == row->data ? "" : ", ", (const char *) cell->data);
      g_string_append_c (text, '\n');
    }
  purple_notify_info (session->gc, NULL, "Users that were found", text->str);
  purple_notify_searchresults_free (results);
}

static void
results_show (Session *session, PurpleNotifySearchResults *results)
{
  PurpleNotifyUiOps *ops = purple_notify_get_ui_ops ();

  if (session->ending || results->rows == NULL)
    {
      if (!session->ending)
        purple_notify_info (session->gc, NULL, "Nobody was found.", NULL);
      purple_notify_searchresults_free (results);
    }
  else if (ops == NULL || ops->notify_searchresults == NULL)
    results_show_as_text (session, results);
  else
    purple_notify_searchresults (session->gc, "Search", "Users that were found", NULL, results, NULL, NULL);
}

static void
tell_failure (Session *session, const Snac *reply)
{
  g_auto (SnacError) error = { 0 };

  if (session->ending)
    return;
  if (reply != NULL && reply->subtype == SNAC_ERROR)
    snac_error_parse (reply, &error);
  if (error.code == SNAC_ERROR_NO_MATCH)
    purple_notify_info (session->gc, NULL, "Nobody was found.", NULL);
  else
    purple_notify_error (session->gc, NULL, "The search failed.", session_explain (reply));
}

/* -- AIM ------------------------------------------------------------------ */

static void
on_lookup (Session *session, const Snac *reply, gpointer data)
{
  static const char *const columns[] = { "Screen name", NULL };
  PurpleNotifySearchResults *results;
  Reader body;
  char *name;

  if (reply == NULL || reply->subtype != 0x03)
    {
      tell_failure (session, reply);
      return;
    }
  results = results_new (columns);
  body = reply->body;
  while (lookup_next_name (&body, &name))
    results_add (results, g_list_append (NULL, name));
  results_show (session, results);
}

static void
on_directory (Session *session, const Snac *reply, gpointer data)
{
  static const char *const columns[] = { "Screen name", "First name", "Last name", "Nick", "City", "Country", NULL };
  static const DirectoryField fields[] = { DIRECTORY_SCREEN_NAME, DIRECTORY_FIRST, DIRECTORY_LAST, DIRECTORY_NICK, DIRECTORY_CITY, DIRECTORY_COUNTRY };
  PurpleNotifySearchResults *results;
  Reader body, record;
  guint count;

  if (reply == NULL || reply->subtype != 0x03)
    {
      tell_failure (session, reply);
      return;
    }
  results = results_new (columns);
  body = reply->body;
  if (directory_parse_results (&body, &count))
    while (count-- > 0 && directory_next_result (&body, &record))
      {
        GList *row = NULL;

        for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
          row = g_list_append (row, directory_dup_field (record, fields[i], session_get_encoding (session)));
        if (*(char *) row->data != '\0')
          results_add (results, row);
        else
          g_list_free_full (row, g_free);
      }
  results_show (session, results);
}

/* -- ICQ ------------------------------------------------------------------ */

static void
add_found (PurpleNotifySearchResults *results, const IcqFound *found)
{
  static const char *const states[] = { "off line", "on line", "unknown" };
  GList *row = NULL;

  row = g_list_append (row, g_strdup_printf ("%u", found->uin));
  row = g_list_append (row, g_strdup (found->nick));
  row = g_list_append (row, g_strdup (found->first));
  row = g_list_append (row, g_strdup (found->last));
  row = g_list_append (row, g_strdup (found->email));
  row = g_list_append (row, g_strdup (states[MIN (found->status, 2)]));
  row = g_list_append (row, g_strdup (found->needs_authorization ? "must be asked" : "no"));
  results_add (results, row);
}

static void
on_icq (Session *session, const Snac *reply, gpointer data)
{
  static const char *const columns[] = { "UIN", "Nick", "First name", "Last name", "E-mail", "Status", "Authorization", NULL };
  PurpleNotifySearchResults **results = data;
  gboolean last = TRUE;
  g_auto (IcqFound) found = { 0 };
  guint32 left_out = 0;
  IcqReply parsed;

  if (reply == NULL || reply->subtype != 0x03 || !icq_meta_parse_reply (reply->body, &parsed))
    {
      tell_failure (session, reply);
      return;
    }
  if (*results == NULL)
    *results = results_new (columns);
  if (icq_meta_parse_found (&parsed, session_get_encoding (session), &found, &left_out))
    add_found (*results, &found);
  last = parsed.subtype == ICQ_FOUND_LAST || !(reply->flags & SNAC_FLAG_MORE);
  if (!last)
    return;
  results_show (session, g_steal_pointer (results));
}

static void
free_results (gpointer data)
{
  PurpleNotifySearchResults **results = data;

  if (*results != NULL)
    purple_notify_searchresults_free (*results);
  g_free (results);
}

static void
ask_icq (Session *session, GByteArray *body)
{
  session_ask (session, FAMILY_ICQ, 0x02, body, SEND_USER, on_icq, g_new0 (PurpleNotifySearchResults *, 1), free_results);
}

/* ------------------------------------------------------------------------- */

void
searches_by_email (PurpleConnection *gc, const char *typed)
{
  Session *session = session_of (gc);
  g_autofree char *email = charset_dup_cut (typed, FIELD_MOST);

  if (!session_is_ready (session) || *email == '\0')
    return;
  if (session->icq)
    ask_icq (session, icq_meta_build_search_email (session->uin, session_next_icq_sequence (session), email));
  else
    services_ask (session, FAMILY_LOOKUP, 0x02, lookup_build_email (email), SEND_USER, on_lookup, NULL, NULL);
}

void
searches_by_name (PurpleConnection *gc, const char *typed_first, const char *typed_last, const char *typed_nick)
{
  Session *session = session_of (gc);
  g_autofree char *first = charset_dup_cut (typed_first, FIELD_MOST);
  g_autofree char *last = charset_dup_cut (typed_last, FIELD_MOST);
  g_autofree char *nick = charset_dup_cut (typed_nick, FIELD_MOST);
  GByteArray *body;

  if (!session_is_ready (session))
    return;
  if (session->icq)
    {
      ask_icq (session, icq_meta_build_search_names (session->uin, session_next_icq_sequence (session), first, last, nick));
      return;
    }
  body = directory_build_search (FALSE);
  directory_add_field (body, DIRECTORY_FIRST, first);
  directory_add_field (body, DIRECTORY_LAST, last);
  directory_add_field (body, DIRECTORY_NICK, nick);
  services_ask (session, FAMILY_DIRECTORY, 0x02, body, SEND_USER, on_directory, NULL, NULL);
}

void
searches_by_uin (PurpleConnection *gc, const char *text)
{
  Session *session = session_of (gc);
  g_autofree char *normal = screen_name_dup_normal (text);
  guint32 uin = screen_name_get_uin (normal);

  if (!session_is_ready (session))
    return;
  if (uin == 0)
    purple_notify_error (gc, NULL, "The search failed.", "This is no ICQ number.");
  else
    ask_icq (session, icq_meta_build_about (session->uin, session_next_icq_sequence (session), ICQ_META_SEARCH_UIN, uin));
}

static void
on_own_entry (Session *session, const Snac *reply, gpointer data)
{
  if (session->ending)
    return;
  if (reply != NULL && reply->subtype == 0x0a)
    purple_notify_info (session->gc, NULL, "The entry in the directory was changed.", NULL);
  else
    purple_notify_error (session->gc, NULL, "The entry in the directory was not changed.", session_explain (reply));
}

static void
add_typed (GByteArray *body, DirectoryField field, const char *typed)
{
  g_autofree char *text = charset_dup_cut (typed, FIELD_MOST);

  directory_add_field (body, field, text);
}

void
searches_set_own_entry (PurpleConnection *gc, const char *first, const char *last, const char *nick, const char *city,
                        const char *country, gboolean searchable)
{
  Session *session = session_of (gc);
  GByteArray *body;

  if (!session_is_ready (session))
    return;
  body = directory_build_own (searchable);
  add_typed (body, DIRECTORY_FIRST, first);
  add_typed (body, DIRECTORY_LAST, last);
  add_typed (body, DIRECTORY_NICK, nick);
  add_typed (body, DIRECTORY_CITY, city);
  add_typed (body, DIRECTORY_COUNTRY, country);
  session_ask (session, FAMILY_LOCATE, 0x09, body, SEND_USER, on_own_entry, NULL, NULL);
}
