/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mam.c - the archive of a room, for those who were there (XEP-0313, sections 4 and 5; pages: XEP-0059).
 *
 * A user may ask while in the room, or later: what was said when they were there. */
#include "config.h"

#include "mam.h"

#include <gio/gio.h>

#include "account_form.h"
#include "jid.h"
#include "muc.h"

#define NS_RSM "http://jabber.org/protocol/rsm"
/* What comes without the client having said how much it wants, and at most. */
#define PAGE 50
#define MOST_PAGE 200

typedef struct {
  Gateway *gateway;
  gint64 account;
  char *room;                 /* its JID */
  xmpp_stanza_t *request;     /* a reference */
} Asker;

static void
asker_free (Asker *asker)
{
  xmpp_stanza_release (asker->request);
  g_free (asker->room);
  g_free (asker);
}

/* -- The question --------------------------------------------------------- */

static gboolean
read_time (GHashTable *fields, const char *name, gint64 *time, GError **error)
{
  const char *text = g_hash_table_lookup (fields, name);

  *time = text == NULL ? 0 : stanza_parse_time (text);
  if (text != NULL && *time <= 0)
    return stanza_refuse (error, STANZA_BAD_REQUEST, "“%s” is no time: %s", name, text);
  return TRUE;
}

/* A field that we do not know would change what the answer means. */
static gboolean
check_fields (GHashTable *fields, GError **error)
{
  static const char *const known[] = { "FORM_TYPE", "start", "end", "with", NULL };
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, fields);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_strv_contains (known, name))
      return stanza_refuse (error, STANZA_FEATURE_NOT_IMPLEMENTED, "The archive cannot look for “%s”.", (char *) name);
  return TRUE;
}

static gboolean
read_form (const Stanza *iq, StoreSaidQuery *query, char **nick, GError **error)
{
  xmpp_stanza_t *form = stanza_child (iq->payload, "x", NS_DATA_FORMS);
  g_autoptr (GHashTable) fields = form == NULL ? NULL : form_read (form, error);
  const char *with;

  if (form == NULL)
    return TRUE;
  if (fields == NULL || !check_fields (fields, error) || !read_time (fields, "start", &query->start, error)
      || !read_time (fields, "end", &query->end, error))
    return FALSE;
  with = g_hash_table_lookup (fields, "with");
  *nick = with == NULL ? NULL : g_strdup (jid_resource (with));
  if (with != NULL && *nick == NULL)
    return stanza_refuse (error, STANZA_FEATURE_NOT_IMPLEMENTED, "The archive of a room knows people by their nick: room@…/nick");
  return TRUE;
}

/* An id as clients have got it; 0: none is given.  One that is none cannot be in the archive. */
static gboolean
read_id (xmpp_stanza_t *set, const char *name, gint64 *id, GError **error)
{
  g_autofree char *text = set == NULL ? NULL : stanza_dup_child_text (set, name, NULL);

  *id = 0;
  if (text != NULL && *text != '\0' && !g_ascii_string_to_signed (text, 10, 1, G_MAXINT64, id, NULL))
    return stanza_refuse (error, STANZA_ITEM_NOT_FOUND, "There is no message of this id in the archive.");
  return TRUE;
}

static gboolean
read_page (const Stanza *iq, StoreSaidQuery *query, GError **error)
{
  xmpp_stanza_t *set = stanza_child (iq->payload, "set", NS_RSM);
  g_autofree char *most = set == NULL ? NULL : stanza_dup_child_text (set, "max", NULL);
  guint64 number = PAGE;

  if (most != NULL && !g_ascii_string_to_unsigned (most, 10, 0, G_MAXUINT, &number, NULL))
    return stanza_refuse (error, STANZA_BAD_REQUEST, "“max” is no number: %s", most);
  query->most = (guint) MIN (number, MOST_PAGE);
  query->last = set != NULL && stanza_child (set, "before", NULL) != NULL;
  return read_id (set, "after", &query->after, error) && read_id (set, "before", &query->before, error);
}

/* -- The answer ----------------------------------------------------------- */

static void
send_result (const Asker *asker, Session *session, const StoreSaid *said)
{
  xmpp_stanza_t *message = stanza_new_full ("message", NULL, asker->room, xmpp_stanza_get_from (asker->request));
  xmpp_stanza_t *result = stanza_add (message, "result", NS_MAM);
  g_autoptr (xmpp_stanza_t) forwarded = muc_new_archived (session, asker->room, said);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, said->id);

  stanza_set (result, "queryid", stanza_get (stanza_first (asker->request), "queryid"));
  stanza_set (result, "id", id);
  xmpp_stanza_add_child (result, forwarded);
  gateway_send (asker->gateway, message);
}

static void
add_id (xmpp_stanza_t *set, const char *name, const StoreSaid *said)
{
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, said->id);

  stanza_add_text (set, name, id);
}

static void
send_page (const Asker *asker, Session *session, GPtrArray *items, gboolean more)
{
  xmpp_stanza_t *answer = stanza_new_result (asker->request);
  xmpp_stanza_t *fin = stanza_add (answer, "fin", NS_MAM);
  xmpp_stanza_t *set = stanza_add (fin, "set", NS_RSM);

  for (guint i = 0; i < items->len; i++)
    send_result (asker, session, items->pdata[i]);
  if (!more)
    stanza_set (fin, "complete", "true");
  if (items->len > 0)
    {
      add_id (set, "first", items->pdata[0]);
      add_id (set, "last", items->pdata[items->len - 1]);
    }
  gateway_send (asker->gateway, answer);
}

static void
on_loaded (GPtrArray *items, gboolean more, const GError *error, gpointer data)
{
  Asker *asker = data;
  Session *session = gateway_find_session (asker->gateway, asker->account);
  g_autoptr (GError) refusal = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    stanza_refuse (&refusal, STANZA_ITEM_NOT_FOUND, "There is no message of this id in the archive, or not any more.");
  else if (error != NULL)
    {
      g_warning ("%s: the archive of %s: %s", asker->gateway->domain, asker->room, error->message);
      stanza_refuse (&refusal, STANZA_INTERNAL_SERVER_ERROR, "The archive cannot be read at the moment.");
    }
  else if (session == NULL)
    stanza_refuse (&refusal, STANZA_REGISTRATION_REQUIRED, "You are not registered here any more.");
  if (refusal != NULL)
    gateway_send (asker->gateway, stanza_new_error (asker->request, refusal));
  else
    send_page (asker, session, items, more);
  asker_free (asker);
}

static gboolean
need_room (const Stanza *iq, GError **error)
{
  if (jid_resource (xmpp_stanza_get_to (iq->stanza)) != NULL)
    return stanza_refuse (error, STANZA_SERVICE_UNAVAILABLE, "The archive is the room's; nobody in it has one.");
  if (!archive_is_on (hub_archive (iq->gateway->hub)))
    return stanza_refuse (error, STANZA_SERVICE_UNAVAILABLE, "This gateway keeps nothing of what is said in rooms.");
  return TRUE;
}

static gboolean
on_query (const Stanza *iq, GError **error)
{
  StoreSaidQuery query = { .account = session_number (iq->session) };
  g_autofree char *nick = NULL;
  Asker *asker;

  if (!need_room (iq, error) || !read_form (iq, &query, &nick, error) || !read_page (iq, &query, error))
    return FALSE;
  query.nick = nick;
  asker = g_new (Asker, 1);
  *asker = (Asker) { iq->gateway, query.account, session_dup_contact_jid (iq->session, iq->peer), xmpp_stanza_clone (iq->stanza) };
  query.room = room_dup_archive_key (iq->session, asker->room);
  archive_load (hub_archive (iq->gateway->hub), &query, on_loaded, asker);
  g_free (query.room);
  return TRUE;
}

/* Which fields a query may have. */
static gboolean
on_form (const Stanza *iq, GError **error)
{
  xmpp_stanza_t *result, *form;

  if (!need_room (iq, error))
    return FALSE;
  result = stanza_new_result (iq->stanza);
  form = stanza_add (stanza_add (result, "query", NS_MAM), "x", NS_DATA_FORMS);
  stanza_set (form, "type", "form");
  form_add_field (form, "hidden", "FORM_TYPE", NULL, NS_MAM);
  form_add_field (form, "jid-single", "with", NULL, NULL);
  form_add_field (form, "text-single", "start", NULL, NULL);
  form_add_field (form, "text-single", "end", NULL, NULL);
  gateway_send (iq->gateway, result);
  return TRUE;
}

/* A room that the user is not in looks like a contact where names do not tell them apart. */
static const IqHandler iqs[] = {
  { AT_ROOM | AT_CONTACT, "set", "query", NS_MAM, on_query },
  { AT_ROOM | AT_CONTACT, "get", "query", NS_MAM, on_form },
  { 0 },
};

const Feature mam_feature = {
  .name = "archive of rooms",
  .iqs = iqs,
};
