/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contacts.c - the people that a session knows on its network. */
#include "config.h"

#include "contacts.h"

#include <string.h>

#include "caps.h"
#include "jid.h"

static void
contact_free (gpointer data)
{
  Contact *contact = data;

  g_free (contact->peer);
  g_free (contact->jid);
  g_free (contact->name);
  g_free (contact->group);
  g_free (contact->status);
  g_strfreev (contact->tune);
  if (contact->stored != NULL)
    store_contact_free (contact->stored);
  g_free (contact);
}

GHashTable *
contacts_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, NULL, contact_free);
}

char *
session_dup_contact_jid (Session *session, const char *peer)
{
  g_autofree char *local = jid_dup_escaped (peer);
  g_autofree char *tag = NULL;

  if (local == NULL)
    return NULL;
  if (*session->account->tag == '\0')
    return g_strconcat (local, "@", session_gateway (session)->domain, NULL);
  tag = jid_dup_escaped (session->account->tag);
  return tag == NULL ? NULL : g_strconcat (local, "%", tag, "@", session_gateway (session)->domain, NULL);
}

char *
session_dup_peer_of (Session *session, const char *jid)
{
  g_autofree char *local = jid_dup_local (jid);
  g_autofree char *peer = NULL;
  g_autofree char *back = NULL;
  char *percent = local == NULL || *session->account->tag == '\0' ? NULL : strrchr (local, '%');

  if (local == NULL)
    return NULL;
  if (percent != NULL)
    *percent = '\0';
  peer = jid_dup_unescaped (local);
  back = session_dup_contact_jid (session, peer);
  return g_strcmp0 (back, jid) == 0 ? g_steal_pointer (&peer) : NULL;
}

Contact *
session_find_contact (Session *session, const char *peer)
{
  return g_hash_table_lookup (session->contacts, peer);
}

Contact *
session_contact (Session *session, const char *peer)
{
  Contact *contact = session_find_contact (session, peer);
  char *jid;

  if (contact != NULL)
    return contact;
  jid = session_dup_contact_jid (session, peer);
  if (jid == NULL)
    return NULL;
  contact = g_new0 (Contact, 1);
  contact->peer = g_strdup (peer);
  contact->jid = jid;
  g_hash_table_insert (session->contacts, contact->peer, contact);
  return contact;
}

void
session_drop_contact (Session *session, const char *peer)
{
  g_hash_table_remove (session->contacts, peer);
}

void
session_send_contact_presence (Session *session, Contact *contact, const char *to)
{
  gboolean online = contact->show != WIRE_SHOW_OFFLINE;
  xmpp_stanza_t *presence;

  /* Who is not in the roster yet would only puzzle the user. */
  if (to == NULL && (contact->stored == NULL || contact->stored->roster != STORE_ROSTER_IN))
    return;
  if (to == NULL)
    contact->shown = stream_is_up (session_gateway (session)->stream);
  presence = stanza_new_full ("presence", online ? NULL : "unavailable", contact->jid, to == NULL ? session->user->jid : to);
  if (online && contact->show != WIRE_SHOW_ONLINE)
    stanza_add_text (presence, "show", wire_name_of_Show (contact->show));
  if (contact->status != NULL && *contact->status != '\0')
    stanza_add_text (presence, "status", contact->status);
  if (online)
    caps_add (session_gateway (session), AT_CONTACT, presence);
  gateway_send (session_gateway (session), presence);
}

void
session_show_contacts (Session *session)
{
  GHashTableIter iter;
  gpointer value;

  if (g_hash_table_size (session->user->resources) == 0 || !stream_is_up (session_gateway (session)->stream))
    return;
  g_hash_table_iter_init (&iter, session->contacts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Contact *) value)->listed && !((Contact *) value)->shown)
      session_send_contact_presence (session, value, NULL);
}

gboolean
contact_set_tune (Contact *contact, const char *title, const char *artist, const char *album)
{
  const char *const given[] = { title, artist == NULL ? "" : artist, album == NULL ? "" : album, NULL };
  const char *const *tune = title == NULL ? NULL : given;

  if (tune == NULL ? contact->tune == NULL : contact->tune != NULL && g_strv_equal (tune, (const char *const *) contact->tune))
    return FALSE;
  g_strfreev (contact->tune);
  contact->tune = g_strdupv ((char **) tune);
  return TRUE;
}

void
session_hide_contacts (Session *session)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, session->contacts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Contact *contact = value;

      if (contact->show == WIRE_SHOW_OFFLINE)
        continue;
      contact->show = WIRE_SHOW_OFFLINE;
      g_clear_pointer (&contact->status, g_free);
      g_clear_pointer (&contact->tune, g_strfreev);
      session_send_contact_presence (session, contact, NULL);
    }
}
