/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session.c - an account that is signed in, or on its way there. */
#include "session.h"

#include <string.h>

#include "authorization.h"
#include "bos.h"
#include "charset.h"
#include "contacts.h"
#include "icons.h"
#include "list_edits.h"
#include "messages.h"
#include "presence.h"
#include "rooms.h"
#include "screen_names.h"
#include "service.h"
#include "services.h"
#include "signon.h"
#include "stored.h"
#include "transfers.h"

#define DEFAULT_PORT 5190

Session *
session_new (PurpleAccount *account)
{
  Session *session = g_new0 (Session, 1);

  session->account = account;
  session->gc = purple_account_get_connection (account);
  session->icq = g_str_equal (purple_account_get_protocol_id (account), "prpl-icq");
  session->category = session->icq ? "icq" : "aim";
  session->name = screen_name_dup_normal (purple_account_get_username (account));
  session->uin = session->icq ? screen_name_get_uin (session->name) : 0;
  session->contacts = contacts_new (session);
  session->edits = list_edits_new (session);
  session->authorizations = authorizations_new (session);
  session->messages = messages_new (session);
  session->stored = stored_new (session);
  session->presence = presence_new (session);
  session->services = services_new (session);
  session->icons = icons_new (session);
  session->rooms = rooms_new (session);
  session->transfers = transfers_new (session);
  session->gc->proto_data = session;
  return session;
}

void
session_free (Session *session)
{
  session->ending = TRUE;
  purple_request_close_with_handle (&session->commented);
  purple_request_close_with_handle (session->gc);
  g_clear_pointer (&session->signon, signon_free);
  g_clear_pointer (&session->transfers, transfers_free);
  g_clear_pointer (&session->rooms, rooms_free);
  g_clear_pointer (&session->services, services_free);
  /* Questions that are still open are answered now: the parts must be there. */
  g_clear_pointer (&session->bos, service_free);
  g_clear_pointer (&session->bos_state, bos_free);
  g_clear_pointer (&session->authorizations, authorizations_free);
  g_clear_pointer (&session->edits, list_edits_free);
  g_clear_pointer (&session->icons, icons_free);
  g_clear_pointer (&session->stored, stored_free);
  g_clear_pointer (&session->messages, messages_free);
  g_clear_pointer (&session->presence, presence_free);
  g_clear_pointer (&session->contacts, contacts_free);
  session->gc->proto_data = NULL;
  g_free (session->commented);
  g_free (session->name);
  g_free (session);
}

Session *
session_of (PurpleConnection *gc)
{
  return gc != NULL ? gc->proto_data : NULL;
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
session_get_encoding (Session *session)
{
  return purple_account_get_string (session->account, "encoding", "ISO-8859-1");
}

void
session_split_address (Session *session, const char *address, char **host, int *port)
{
  const char *colon = strrchr (address, ':');
  guint64 number;

  *port = purple_account_get_int (session->account, "port", DEFAULT_PORT);
  if (purple_account_get_bool (session->account, "bos_through_login", FALSE))
    {
      *host = g_strdup (purple_account_get_string (session->account, "server", ""));
      return;
    }
  if (colon != NULL && g_ascii_string_to_unsigned (colon + 1, 10, 1, 0xffff, &number, NULL))
    {
      *port = (int) number;
      *host = g_strndup (address, (gsize) (colon - address));
    }
  else
    *host = g_strdup (address);
}

guint16
session_next_icq_sequence (Session *session)
{
  session->icq_sequence = session->icq_sequence % 0x7fff + 1;
  return session->icq_sequence;
}

gboolean
session_is_ready (Session *session)
{
  return session != NULL && !session->ending && session->bos != NULL && session->bos->ready;
}

gboolean
session_send (Session *session, guint16 family, guint16 subtype, GByteArray *body, Urgency urgency)
{
  if (session->bos != NULL)
    return service_send (session->bos, family, subtype, body, urgency);
  if (body != NULL)
    g_byte_array_unref (body);
  return FALSE;
}

void
session_ask (Session *session, guint16 family, guint16 subtype, GByteArray *body, Urgency urgency,
             SessionReply func, gpointer data, GDestroyNotify destroy)
{
  if (session->bos != NULL)
    {
      service_ask (session->bos, family, subtype, body, urgency, func, data, destroy);
      return;
    }
  if (body != NULL)
    g_byte_array_unref (body);
  func (session, NULL, data);
  if (destroy != NULL)
    destroy (data);
}

const char *
session_explain (const Snac *reply)
{
  g_auto (SnacError) error = { 0 };

  if (reply == NULL)
    return "The server did not answer.";
  if (reply->subtype != SNAC_ERROR)
    return "The server's answer cannot be read.";
  snac_error_parse (reply, &error);
  return snac_error_text (error.code);
}
