/* SPDX-License-Identifier: GPL-2.0-or-later */
/* icq_permissions.c - whether others of ICQ must ask before they add us, and whether the web may know. */
#include "icq_permissions.h"

#include "icq_meta.h"

/* What the server was told last, kept with the account: bits as below. */
#define TOLD "permissions_told"
#define AUTHORIZATION 1
#define WEB_AWARE 2
#define DEFAULT AUTHORIZATION

static int
get_wanted (Session *session)
{
  return (purple_account_get_bool (session->account, "authorization", TRUE) ? AUTHORIZATION : 0)
         | (purple_account_get_bool (session->account, "web_aware", FALSE) ? WEB_AWARE : 0);
}

static void
on_answer (Session *session, const Snac *reply, gpointer silent)
{
  IcqReply parsed = { 0 };

  if (session->ending)
    return;
  if (reply == NULL || reply->subtype != 0x03 || !icq_meta_parse_reply (reply->body, &parsed))
    purple_notify_error (session->gc, NULL, "The privacy options were not changed.", session_explain (reply));
  else if (parsed.result != ICQ_RESULT_OK)
    purple_notify_error (session->gc, NULL, "The privacy options were not changed.", "The server refused it.");
  else
    {
      purple_account_set_int (session->account, TOLD, get_wanted (session));
      if (silent == NULL)
        purple_notify_info (session->gc, NULL, "The privacy options were changed.", NULL);
    }
}

static void
tell (Session *session, gboolean silent)
{
  int wanted = get_wanted (session);

  session_ask (session, FAMILY_ICQ, 0x02,
               icq_meta_build_permissions (session->uin, session_next_icq_sequence (session), wanted & AUTHORIZATION, wanted & WEB_AWARE),
               SEND_USER, on_answer, GINT_TO_POINTER (silent), NULL);
}

void
icq_permissions_signed_on (Session *session)
{
  if (session->icq && purple_account_get_int (session->account, TOLD, DEFAULT) != get_wanted (session))
    tell (session, TRUE);
}

void
icq_permissions_set (Session *session, gboolean authorization, gboolean web_aware)
{
  purple_account_set_bool (session->account, "authorization", authorization);
  purple_account_set_bool (session->account, "web_aware", web_aware);
  tell (session, FALSE);
}
