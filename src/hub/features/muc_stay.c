/* SPDX-License-Identifier: GPL-2.0-or-later */
/* muc_stay.c - rooms that a user stays in while no client of theirs is there, and coming back to rooms after a reconnect
 * or a restart. */
#include "config.h"

#include "jid.h"
#include "muc.h"

/* How many joins of one account may be under way by themselves. */
#define JOINS_AT_ONCE 4
/* When a client goes off line, its server says so to the rooms and to us, in any order; and a server that is being restarted says it
 * of everybody. */
#define LEAVE_SECONDS 2

static Store *
store_of (Session *session)
{
  return hub_store (session_gateway (session)->hub);
}

static char *
dup_seal_context (Session *session, const char *room)
{
  g_autofree char *account = session_dup_seal_context (session->account);

  return g_strjoin ("\n", account, "room", room, NULL);
}

/* -- What the store knows ------------------------------------------------- */

void
muc_remember (Room *room)
{
  Session *session = room->session;
  StoreStay stay = { .room = room->name, .nick = room->nick };

  if (!session_stays (session))
    return;
  if (room->password != NULL)
    {
      g_autofree char *context = dup_seal_context (session, room->name);

      stay.sealed_password = secrets_seal (hub_secrets (session_gateway (session)->hub), room->password, context);
    }
  room->stored = TRUE;
  store_save_stay (store_of (session), session_number (session), &stay, NULL, NULL);
  g_clear_pointer (&stay.sealed_password, g_bytes_unref);
}

void
muc_forget (Room *room)
{
  if (room->stored)
    store_remove_stay (store_of (room->session), session_number (room->session), room->name, NULL, NULL);
  room->stored = FALSE;
}

/* -- Coming back ---------------------------------------------------------- */

/* The rooms where somebody waits come first. */
static Room *
find_waiting (Session *session)
{
  GHashTableIter iter;
  gpointer value;
  Room *found = NULL;

  g_hash_table_iter_init (&iter, session->rooms);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Room *room = value;

      if (room->state == ROOM_WAITING && (found == NULL || g_hash_table_size (room->participants) > 0))
        found = room;
    }
  return found;
}

static guint
count_joining (Session *session)
{
  GHashTableIter iter;
  gpointer room;
  guint n = 0;

  g_hash_table_iter_init (&iter, session->rooms);
  while (g_hash_table_iter_next (&iter, NULL, &room))
    n += ((Room *) room)->state == ROOM_JOINING;
  return n;
}

void
muc_join_next (Session *session)
{
  Room *room;

  while (session->rooms != NULL && session->state == SESSION_IN && count_joining (session) < JOINS_AT_ONCE
         && (room = find_waiting (session)) != NULL)
    muc_ask_to_join (room);
}

typedef struct {
  Gateway *gateway;
  gint64 account;
} Loading;

static void
add_stay (Session *session, const StoreStay *stay)
{
  g_autofree char *context = dup_seal_context (session, stay->room);
  g_autoptr (GError) error = NULL;
  char *password = NULL;
  Room *room = rooms_find (session, stay->room);

  if (room != NULL)
    {
      room->stored = TRUE;
      return;
    }
  if (stay->sealed_password != NULL)
    {
      password = secrets_unseal (hub_secrets (session_gateway (session)->hub), stay->sealed_password, context, &error);
      if (password == NULL)
        g_warning ("%s: the password of a room of %s: %s", session_gateway (session)->domain, session->user->jid, error->message);
    }
  room = rooms_make (session, stay->room, stay->nick, password);
  if (room != NULL)
    room->stored = TRUE;
  secrets_wipe (password);
}

static void
on_loaded (GPtrArray *items, const GError *error, gpointer data)
{
  g_autofree Loading *loading = data;
  Session *session = gateway_find_session (loading->gateway, loading->account);

  if (error != NULL)
    g_warning ("%s: %s", loading->gateway->domain, error->message);
  if (session == NULL || !session_stays (session))
    return;
  for (guint i = 0; items != NULL && i < items->len; i++)
    add_stay (session, items->pdata[i]);
  muc_join_next (session);
}

void
muc_rejoin (Session *session)
{
  Loading *loading;

  if (session->saved && session_stays (session) && session_gateway (session)->protocol->rooms)
    {
      loading = g_new (Loading, 1);
      *loading = (Loading) { session_gateway (session), session_number (session) };
      store_load_stays (store_of (session), loading->account, on_loaded, loading);
    }
  muc_join_next (session);
}

/* -- Staying, or leaving -------------------------------------------------- */

/* Whether the last participant has left it for good, and not only gone off line where the user stays in rooms then. */
static gboolean
is_left (Room *room)
{
  const char *resource = room->leaving == NULL ? NULL : jid_resource (xmpp_stanza_get_from (room->leaving));

  return !session_stays (room->session) || (resource != NULL && user_find_resource (room->session->user, resource) != NULL);
}

static gboolean
on_clear (gpointer data)
{
  Room *room = data;
  Gateway *gateway = session_gateway (room->session);
  g_autofree char *word = NULL;

  /* It was the server that went, as it seems: people have time to come back with it. */
  if (gateway->up_since == 0 || (gateway->up_since > room->leaving_since && gateway->grace != 0))
    return G_SOURCE_CONTINUE;
  room->leaving_timer = 0;
  word = room->leaving == NULL ? NULL : stanza_dup_child_text (room->leaving, "status", NULL);
  if (is_left (room))
    muc_leave_network (room, word);
  else
    g_clear_pointer (&room->leaving, xmpp_stanza_release);
  return G_SOURCE_REMOVE;
}

void
muc_linger (Room *room, xmpp_stanza_t *presence)
{
  g_clear_handle_id (&room->leaving_timer, g_source_remove);
  g_clear_pointer (&room->leaving, xmpp_stanza_release);
  room->leaving = presence == NULL ? NULL : xmpp_stanza_clone (presence);
  room->leaving_since = g_get_monotonic_time ();
  room->leaving_timer = g_timeout_add_seconds (LEAVE_SECONDS, on_clear, room);
}

void
muc_stay_changed (Session *session)
{
  g_autoptr (GList) rooms = session->rooms == NULL ? NULL : g_hash_table_get_values (session->rooms);
  gboolean stays = session_stays (session);

  for (GList *l = rooms; l != NULL; l = l->next)
    {
      Room *room = l->data;

      if (stays && room->state == ROOM_IN)
        muc_remember (room);
      else if (!stays && g_hash_table_size (room->participants) == 0)
        muc_leave_network (room, NULL);
      else if (!stays)
        room->stored = FALSE;
    }
  if (!stays)
    store_remove_stay (store_of (session), session_number (session), NULL, NULL, NULL);
}
