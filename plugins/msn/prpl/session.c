/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session.c - an account that is signed in, or on its way there. */
#include "session.h"

#include "address.h"
#include "authorizations.h"
#include "calls.h"
#include "contacts.h"
#include "edits.h"
#include "error_text.h"
#include "notification.h"
#include "offline.h"
#include "own_status.h"
#include "peers.h"
#include "pictures.h"
#include "presence.h"
#include "signon.h"
#include "switchboards.h"

Session *
session_new (PurpleAccount *account)
{
  Session *session = g_new0 (Session, 1);

  session->account = account;
  session->gc = purple_account_get_connection (account);
  session->name = g_strstrip (g_strdup (purple_account_get_username (account)));
  session->address = address_dup_normal (session->name);
  session->list = contact_list_new ();
  session->contacts = contacts_new (session);
  session->edits = edits_new (session);
  session->authorizations = authorizations_new (session);
  session->presence = presence_new (session);
  session->own = own_status_new (session);
  session->offline = offline_new (session);
  session->switchboards = switchboards_new (session);
  session->peers = peers_new (session);
  session->calls = calls_new (session);
  session->pictures = pictures_new (session);
  session->gc->proto_data = session;
  return session;
}

void
session_free (Session *session)
{
  session->ending = TRUE;
  session->ready = FALSE;
  g_clear_pointer (&session->signon, signon_free);
  /* What is still open fails now, and is told to those who wait: the parts must be there. */
  g_clear_pointer (&session->switchboards, switchboards_free);
  g_clear_pointer (&session->calls, calls_free);
  g_clear_pointer (&session->notification, notification_free);
  g_clear_pointer (&session->offline, offline_free);
  g_clear_pointer (&session->pictures, pictures_free);
  g_clear_pointer (&session->peers, peers_free);
  g_clear_pointer (&session->own, own_status_free);
  g_clear_pointer (&session->presence, presence_free);
  g_clear_pointer (&session->authorizations, authorizations_free);
  g_clear_pointer (&session->edits, edits_free);
  g_clear_pointer (&session->contacts, contacts_free);
  g_clear_pointer (&session->list, contact_list_free);
  session->gc->proto_data = NULL;
  g_free (session->ticket);
  g_free (session->policy);
  g_free (session->web_origin);
  g_free (session->address);
  g_free (session->name);
  g_free (session);
}

Session *
session_of (PurpleConnection *gc)
{
  return gc != NULL ? gc->proto_data : NULL;
}

Session *
session_of_ready (PurpleConnection *gc)
{
  Session *session = session_of (gc);

  return session != NULL && session->ready && !session->ending ? session : NULL;
}

void
session_fail (Session *session, PurpleConnectionError reason, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  if (session->ending)
    return;
  session->ending = TRUE;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  purple_connection_error_reason (session->gc, reason, text);
}

void
session_tell (Session *session, const char *who, const char *text)
{
  g_autofree char *title = NULL;

  if (session->ending || purple_conv_present_error (who, session->account, text))
    return;
  title = g_strdup_printf ("About %s", who);
  purple_notify_error (session->gc, NULL, title, text);
}

const char *
session_get_option (Session *session, const char *name)
{
  const char *value = purple_account_get_string (session->account, name, NULL);

  return value != NULL && *value != '\0' ? value : NULL;
}

const char *
session_explain (const Command *answer)
{
  if (answer == NULL)
    return "The server did not answer.";
  if (answer->error > 0)
    return error_text (answer->error);
  return "The server's answer cannot be read.";
}
