/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room_list.c - which rooms the networks of a user have, page by page (XEP-0059).
 *
 * A list is fetched when somebody asks, and kept for a while: clients ask for page after page. */
#include "config.h"

#include "room_list.h"

#include <string.h>

#define NS_ITEMS "http://jabber.org/protocol/disco#items"
#define NS_RSM "http://jabber.org/protocol/rsm"
/* Networks dislike to be asked often. */
#define KEEP_SECONDS 120
/* What comes without the client having said how much it wants, and at most. */
#define PAGE 100
#define MOST_PAGE 500
#define FETCH_SECONDS 50
/* Workers tell of no more than 5000; one that does is not to be believed. */
#define MOST_ROOMS 10000

typedef struct {
  char *jid, *name;
  gint64 occupants;
} Listed;

struct RoomList {
  GPtrArray *rooms;           /* Listed; those with most occupants first, when complete */
  gboolean complete;
  gint64 fetched;             /* monotonic microseconds */
  GPtrArray *waiting;         /* requests, references */
  guint timer;
};

static void
listed_free (gpointer data)
{
  Listed *listed = data;

  g_free (listed->jid);
  g_free (listed->name);
  g_free (listed);
}

static void
release (gpointer data)
{
  xmpp_stanza_release (data);
}

static RoomList *
list_new (void)
{
  RoomList *list = g_new0 (RoomList, 1);

  list->rooms = g_ptr_array_new_with_free_func (listed_free);
  list->waiting = g_ptr_array_new_with_free_func (release);
  return list;
}

static void
list_free (RoomList *list)
{
  g_clear_handle_id (&list->timer, g_source_remove);
  g_ptr_array_unref (list->rooms);
  g_ptr_array_unref (list->waiting);
  g_free (list);
}

/* -- Pages (XEP-0059) ----------------------------------------------------- */

static gint64
number_of (xmpp_stanza_t *set, const char *name, gint64 otherwise)
{
  g_autofree char *text = set == NULL ? NULL : stanza_dup_child_text (set, name, NULL);
  gint64 number = otherwise;

  if (text != NULL)
    g_ascii_string_to_signed (text, 10, 0, G_MAXINT, &number, NULL);
  return number;
}

/* Where a room is in the list; -1: nowhere. */
static gint64
place_of (GPtrArray *rooms, const char *jid)
{
  for (guint i = 0; i < rooms->len; i++)
    if (g_str_equal (((Listed *) rooms->pdata[i])->jid, jid))
      return i;
  return -1;
}

/* The rooms of a page, from *first up to the result; FALSE if what it is to follow is not there. */
static gboolean
find_page (GPtrArray *rooms, xmpp_stanza_t *set, gint64 *first, gint64 *end)
{
  gint64 most = MIN (number_of (set, "max", PAGE), MOST_PAGE), place;
  g_autofree char *after = set == NULL ? NULL : stanza_dup_child_text (set, "after", NULL);
  g_autofree char *before = set == NULL ? NULL : stanza_dup_child_text (set, "before", NULL);

  *first = MIN (number_of (set, "index", 0), rooms->len);
  if (after != NULL)
    {
      place = place_of (rooms, after);
      if (place < 0)
        return FALSE;
      *first = place + 1;
    }
  else if (before != NULL)
    {
      place = *before == '\0' ? (gint64) rooms->len : place_of (rooms, before);
      if (place < 0)
        return FALSE;
      *first = MAX (0, place - most);
      most = place - *first;
    }
  *end = MIN (*first + most, rooms->len);
  return TRUE;
}

static void
add_set (xmpp_stanza_t *query, GPtrArray *rooms, gint64 first, gint64 end)
{
  xmpp_stanza_t *set = stanza_add (query, "set", NS_RSM);
  g_autofree char *count = g_strdup_printf ("%u", rooms->len);
  g_autofree char *index = g_strdup_printf ("%" G_GINT64_FORMAT, first);

  if (first < end)
    {
      stanza_set (stanza_add_text (set, "first", ((Listed *) rooms->pdata[first])->jid), "index", index);
      stanza_add_text (set, "last", ((Listed *) rooms->pdata[end - 1])->jid);
    }
  stanza_add_text (set, "count", count);
}

static void
send_page (Gateway *gateway, GPtrArray *rooms, xmpp_stanza_t *request)
{
  xmpp_stanza_t *set = stanza_child (stanza_first (request), "set", NS_RSM);
  xmpp_stanza_t *result, *query;
  gint64 first, end;

  if (!find_page (rooms, set, &first, &end))
    {
      g_autoptr (GError) error = g_error_new_literal (STANZA_ERROR, STANZA_ITEM_NOT_FOUND, "This room is not in the list any more.");

      gateway_send (gateway, stanza_new_error (request, error));
      return;
    }
  result = stanza_new_result (request);
  query = stanza_add (result, "query", NS_ITEMS);
  for (gint64 i = first; i < end; i++)
    {
      const Listed *room = rooms->pdata[i];
      xmpp_stanza_t *item = stanza_add (query, "item", NULL);

      stanza_set (item, "jid", room->jid);
      stanza_set (item, "name", room->name);
    }
  add_set (query, rooms, first, end);
  gateway_send (gateway, result);
}

/* -- Fetching ------------------------------------------------------------- */

/* The account whose network is asked: the first that is signed in. */
static Session *
find_session (User *user)
{
  for (guint i = 0; user != NULL && i < user->sessions->len; i++)
    {
      Session *session = user->sessions->pdata[i];

      if (session->state == SESSION_IN)
        return session;
    }
  return NULL;
}

/* Whoever waits for it gets an error. */
static void
drop (Session *session)
{
  g_autoptr (GError) error = g_error_new_literal (STANZA_ERROR, STANZA_REMOTE_SERVER_TIMEOUT, "The network did not tell its rooms.");
  RoomList *list = session->room_list;

  for (guint i = 0; list != NULL && i < list->waiting->len; i++)
    gateway_send (session_gateway (session), stanza_new_error (list->waiting->pdata[i], error));
  g_clear_pointer (&session->room_list, list_free);
}

static gboolean
on_late (gpointer data)
{
  Session *session = data;

  session->room_list->timer = 0;
  drop (session);
  return G_SOURCE_REMOVE;
}

static void
fetch (Session *session)
{
  drop (session);
  session->room_list = list_new ();
  session->room_list->fetched = g_get_monotonic_time ();
  session->room_list->timer = g_timeout_add_seconds (FETCH_SECONDS, on_late, session);
  session_tell_worker (session, &(WireMessage) { .type = WIRE_LIST_ROOMS, .u.list_rooms = { session_number (session) } });
}

gboolean
room_list_answer (const Stanza *iq)
{
  Session *session = find_session (iq->user);
  RoomList *list;

  if (session == NULL || !iq->gateway->protocol->lists_rooms)
    return FALSE;
  list = session->room_list;
  if (list == NULL || (list->complete && list->fetched < g_get_monotonic_time () - KEEP_SECONDS * G_USEC_PER_SEC))
    fetch (session);
  list = session->room_list;
  if (list->complete)
    send_page (iq->gateway, list->rooms, iq->stanza);
  else
    g_ptr_array_add (list->waiting, xmpp_stanza_clone (iq->stanza));
  return TRUE;
}

void
room_list_add (Session *session, const WireRoomListed *event)
{
  gboolean wanted = session->room_list != NULL && session->room_list->rooms->len < MOST_ROOMS;
  char *jid = !wanted ? NULL : session_dup_contact_jid (session, event->room);
  Listed *listed;

  if (jid == NULL)
    return;
  listed = g_new0 (Listed, 1);
  listed->jid = jid;
  listed->name = g_strdup_printf ("%s (%" G_GINT64_FORMAT ")", event->room, event->occupants);
  listed->occupants = event->occupants;
  g_ptr_array_add (session->room_list->rooms, listed);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const Listed *x = *(Listed *const *) a, *y = *(Listed *const *) b;

  return x->occupants != y->occupants ? (x->occupants < y->occupants) - (x->occupants > y->occupants) : strcmp (x->jid, y->jid);
}

void
room_list_end (Session *session, const WireRoomListEnd *event)
{
  RoomList *list = session->room_list;

  if (list == NULL)
    return;
  g_clear_handle_id (&list->timer, g_source_remove);
  g_ptr_array_sort (list->rooms, compare);
  list->complete = TRUE;
  for (guint i = 0; i < list->waiting->len; i++)
    send_page (session_gateway (session), list->rooms, list->waiting->pdata[i]);
  g_ptr_array_set_size (list->waiting, 0);
}

static gboolean
network_lists_rooms (Gateway *gateway)
{
  return gateway->protocol->lists_rooms;
}

static const char *const disco[] = { NS_RSM, NULL };

const Feature room_list_feature = {
  .name = "list of rooms",
  .disco_gateway = disco,
  .shown = network_lists_rooms,
  .session_out = drop,
  .session_removed = drop,
};
