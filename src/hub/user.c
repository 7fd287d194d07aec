/* SPDX-License-Identifier: GPL-2.0-or-later */
/* user.c - a user of the XMPP server at one gateway: resources and accounts. */
#include "config.h"

#include "user.h"

#include "caps.h"
#include "jid.h"
#include "outbox.h"
#include "worker.h"

#define LINGER_SECONDS 2

static void
resource_free (gpointer data)
{
  Resource *resource = data;

  g_free (resource->name);
  g_free (resource->status);
  g_free (resource);
}

User *
user_new (Gateway *gateway, const char *jid)
{
  User *user = g_new0 (User, 1);

  user->gateway = gateway;
  user->jid = g_strdup (jid);
  user->sessions = g_ptr_array_new_with_free_func ((GDestroyNotify) session_free);
  user->resources = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, resource_free);
  return user;
}

void
user_free (User *user)
{
  g_clear_handle_id (&user->doubt, g_source_remove);
  g_clear_handle_id (&user->leaving, g_source_remove);
  g_ptr_array_unref (user->sessions);
  g_hash_table_unref (user->resources);
  g_free (user->jid);
  g_free (user->status);
  g_free (user->said);
  g_strfreev (user->tune);
  g_free (user);
}

/* -- Resources ------------------------------------------------------------ */

/* How available a status is, the more the higher (RFC 6121, 4.7.2.1). */
static int
rank (WireShow show)
{
  static const int ranks[] = {
    [WIRE_SHOW_OFFLINE] = 0, [WIRE_SHOW_XA] = 1, [WIRE_SHOW_AWAY] = 2, [WIRE_SHOW_DND] = 3, [WIRE_SHOW_ONLINE] = 4, [WIRE_SHOW_CHAT] = 5,
  };

  return ranks[show];
}

static gboolean
is_ahead (const Resource *a, const Resource *b)
{
  if (a->priority != b->priority)
    return a->priority > b->priority;
  return rank (a->show) > rank (b->show);
}

static gboolean
on_left (gpointer data)
{
  User *user = data;

  user->leaving = 0;
  user->show = WIRE_SHOW_OFFLINE;
  g_clear_pointer (&user->status, g_free);
  g_clear_pointer (&user->tune, g_strfreev);
  for (guint i = 0; i < user->sessions->len; i++)
    {
      Session *session = user->sessions->pdata[i];

      if (session_stays (session))
        session_update_status (session);
      else
        session_unwant (session);
    }
  return G_SOURCE_REMOVE;
}

void
user_presume (User *user)
{
  user->presumed = g_hash_table_size (user->resources) == 0;
}

/* Nobody is there any more.  A server that is being restarted says so of all its
 * users and then closes the stream, and a client may just be changing networks:
 * the accounts stay signed in for a moment. */
static void
linger (User *user)
{
  if (user->show != WIRE_SHOW_OFFLINE && user->leaving == 0)
    user->leaving = g_timeout_add_seconds (LINGER_SECONDS, on_left, user);
}

/* Makes the sessions follow what the resources now come to. */
static void
follow_resources (User *user)
{
  const Resource *best = NULL;
  WireShow was = user->show;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, user->resources);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (best == NULL || is_ahead (value, best))
      best = value;
  if (best == NULL)
    {
      linger (user);
      return;
    }
  g_clear_handle_id (&user->leaving, g_source_remove);
  user->presumed = FALSE;
  if (user->show == best->show && g_strcmp0 (user->status, best->status) == 0)
    return;
  user->show = best->show;
  g_free (user->status);
  user->status = g_strdup (best->status);
  for (guint i = 0; i < user->sessions->len; i++)
    {
      Session *session = user->sessions->pdata[i];

      if (was == WIRE_SHOW_OFFLINE || !session->wanted)
        session_want (session);
      session_update_status (session);
    }
}

void
user_want_staying (User *user)
{
  for (guint i = 0; i < user->sessions->len; i++)
    {
      Session *session = user->sessions->pdata[i];

      if (session->saved && !session->wanted && session_stays (session))
        session_want (session);
    }
}

char *
user_dup_client (Gateway *gateway, const char *address)
{
  g_autofree char *bare = jid_dup_bare (address);
  const char *wanted = jid_resource (address);
  User *user = gateway_find_user (gateway, bare, FALSE);
  const Resource *best = NULL;
  GHashTableIter iter;
  gpointer value;

  if (user == NULL)
    return NULL;
  g_hash_table_iter_init (&iter, user->resources);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Resource *resource = value;

      if (resource->mute || resource->doubtful)
        continue;
      if (wanted == NULL ? resource->priority >= 0 && (best == NULL || is_ahead (resource, best)) : g_str_equal (resource->name, wanted))
        best = resource;
    }
  return best == NULL ? NULL : g_strconcat (bare, "/", best->name, NULL);
}

void
user_resource_is_mute (Gateway *gateway, const char *jid)
{
  g_autofree char *bare = jid_dup_bare (jid);
  User *user = gateway_find_user (gateway, bare, FALSE);
  Resource *resource = user == NULL ? NULL : user_find_resource (user, jid_resource (jid));

  if (resource != NULL)
    resource->mute = TRUE;
}

gboolean
user_doubts_client (Gateway *gateway, const char *jid)
{
  g_autofree char *bare = jid_dup_bare (jid);
  User *user = gateway_find_user (gateway, bare, FALSE);
  const char *name = jid_resource (jid);
  const Resource *resource = user == NULL || name == NULL ? NULL : user_find_resource (user, name);

  return resource != NULL && resource->doubtful;
}

void
user_follow_hold (Gateway *gateway, const char *jid)
{
  User *user = gateway_find_user (gateway, jid, FALSE);

  for (guint i = 0; user != NULL && i < user->sessions->len; i++)
    session_follow_hold (user->sessions->pdata[i]);
}

/* No timer without a reason: there may be thousands of users. */
static void
forget_doubt (User *user)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, user->resources);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Resource *) value)->doubtful)
      return;
  g_clear_handle_id (&user->doubt, g_source_remove);
}

Resource *
user_find_resource (User *user, const char *resource)
{
  return g_hash_table_lookup (user->resources, resource);
}

void
user_set_resource (User *user, const char *name, WireShow show, const char *status, int priority)
{
  Resource *resource = user_find_resource (user, name);

  if (show == WIRE_SHOW_OFFLINE)
    {
      g_autofree char *jid = g_strconcat (user->jid, "/", name, NULL);

      if (!g_hash_table_remove (user->resources, name))
        return;
      outbox_resource_gone (user->gateway->outbox, jid);
      forget_doubt (user);
    }
  else
    {
      if (resource == NULL)
        {
          resource = g_new0 (Resource, 1);
          resource->name = g_strdup (name);
          g_hash_table_insert (user->resources, resource->name, resource);
        }
      resource->show = show;
      resource->priority = priority;
      if (resource->doubtful)
        {
          resource->doubtful = FALSE;
          forget_doubt (user);
        }
      if (g_strcmp0 (resource->status, status) != 0)
        {
          g_free (resource->status);
          resource->status = g_strdup (status);
        }
    }
  follow_resources (user);
}

static gboolean
on_doubt_over (gpointer data)
{
  User *user = data;

  user->doubt = 0;
  user_drop_doubtful (user);
  return G_SOURCE_REMOVE;
}

void
user_doubt_resource (User *user, const char *name, guint seconds)
{
  user_find_resource (user, name)->doubtful = TRUE;
  g_clear_handle_id (&user->doubt, g_source_remove);
  user->doubt = g_timeout_add_seconds (seconds, on_doubt_over, user);
}

void
user_presume_resource (User *user, const char *name, guint seconds)
{
  user_set_resource (user, name, WIRE_SHOW_ONLINE, NULL, 0);
  user_doubt_resource (user, name, seconds);
}

void
user_doubt_resources (User *user)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, user->resources);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Resource *resource = value;

      resource->doubtful = TRUE;
      /* It has missed what was told meanwhile. */
      resource->caps = 0;
      resource->tunes = TUNES_UNASKED;
    }
  g_clear_handle_id (&user->leaving, g_source_remove);
}

void
user_drop_doubtful (User *user)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, user->resources);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Resource *) value)->doubtful)
      {
        g_autofree char *jid = g_strconcat (user->jid, "/", ((Resource *) value)->name, NULL);

        g_hash_table_iter_remove (&iter);
        outbox_resource_gone (user->gateway->outbox, jid);
      }
  if (user->presumed)
    {
      user->presumed = FALSE;
      on_left (user);
      return;
    }
  follow_resources (user);
}

/* -- Sessions ------------------------------------------------------------- */

Session *
user_find_session (User *user, const char *tag)
{
  for (guint i = 0; i < user->sessions->len; i++)
    {
      Session *session = user->sessions->pdata[i];

      if (g_ascii_strcasecmp (session->account->tag, tag == NULL ? "" : tag) == 0)
        return session;
    }
  return NULL;
}

gboolean
user_is_registered (User *user)
{
  for (guint i = 0; i < user->sessions->len; i++)
    if (((Session *) user->sessions->pdata[i])->saved)
      return TRUE;
  return FALSE;
}

void
user_add_session (User *user, Session *session)
{
  gint64 *number = g_new (gint64, 1);

  *number = session_number (session);
  g_ptr_array_add (user->sessions, session);
  g_hash_table_insert (user->gateway->sessions, number, session);
}

void
user_remove_session (User *user, Session *session)
{
  gint64 number = session_number (session);

  g_hash_table_remove (user->gateway->sessions, &number);
  g_ptr_array_remove (user->sessions, session);
}

/* -- The gateway's presence ----------------------------------------------- */

/* The session that says most about how things are. */
static Session *
foremost (User *user)
{
  static const int ranks[] = {
    [SESSION_OUT] = 0, [SESSION_LEAVING] = 0, [SESSION_STOPPED] = 1, [SESSION_WAITING] = 2,
    [SESSION_QUEUED] = 3, [SESSION_CONNECTING] = 3, [SESSION_IN] = 4,
  };
  Session *best = NULL;

  for (guint i = 0; i < user->sessions->len; i++)
    {
      Session *session = user->sessions->pdata[i];

      if (session->saved && (best == NULL || ranks[session->state] > ranks[best->state]))
        best = session;
    }
  return best;
}

/* Whether this says anything that the last one to all resources did not. */
static gboolean
is_news (User *user, xmpp_stanza_t *presence)
{
  g_autofree char *show = stanza_dup_child_text (presence, "show", NULL);
  g_autofree char *status = stanza_dup_child_text (presence, "status", NULL);
  const char *type = stanza_get (presence, "type");
  g_autofree char *said = g_strdup_printf ("%s %s %s", type == NULL ? "" : type, show == NULL ? "" : show, status == NULL ? "" : status);

  if (g_strcmp0 (user->said, said) == 0)
    return FALSE;
  g_free (user->said);
  user->said = g_steal_pointer (&said);
  return TRUE;
}

void
user_send_gateway_presence (User *user, const char *to)
{
  Session *session = foremost (user);
  SessionState state = session == NULL ? SESSION_OUT : session->state;
  gboolean online = state == SESSION_IN || state == SESSION_QUEUED || state == SESSION_CONNECTING || state == SESSION_WAITING;
  xmpp_stanza_t *presence = stanza_new_full ("presence", online ? NULL : "unavailable", user->gateway->domain,
                                             to == NULL ? user->jid : to);

  if (state == SESSION_QUEUED || state == SESSION_CONNECTING)
    {
      stanza_add_text (presence, "show", "xa");
      stanza_add_text (presence, "status", "Signing in…");
    }
  else if (state == SESSION_WAITING || state == SESSION_STOPPED)
    {
      if (online)
        stanza_add_text (presence, "show", "xa");
      if (session->trouble != NULL)
        stanza_add_text (presence, "status", session->trouble);
    }
  if (online)
    caps_add (user->gateway, AT_GATEWAY, presence);
  /* While it is found out how things are, clients see what they saw before. */
  if (to != NULL || (!workers_are_returning (user->gateway->workers) && is_news (user, presence)))
    gateway_send (user->gateway, presence);
  else
    xmpp_stanza_release (presence);
}
