/* SPDX-License-Identifier: GPL-2.0-or-later */
/* authorization.c - asking ICQ users whether they may be watched, and being asked. */
#include "authorization.h"

#include "charset.h"
#include "contact_edits.h"
#include "contacts.h"
#include "feedbag.h"
#include "screen_names.h"

#define DEFAULT_REASON "Please authorize me so that I can add you to my contact list."
/* Questions of others that the user has not answered. */
#define MOST_ASKED 200
#define REASON_MOST 1000

typedef struct {
  PurpleAccount *account;
  char *who;
  char *group;     /* ours only */
} Asked;

struct Authorizations {
  Session *session;
  GPtrArray *asked;    /* Asked, owned: data of open questions to the user */
};

static void
asked_free (Asked *asked)
{
  g_free (asked->who);
  g_free (asked->group);
  g_free (asked);
}

Authorizations *
authorizations_new (Session *session)
{
  Authorizations *authorizations = g_new0 (Authorizations, 1);

  authorizations->session = session;
  authorizations->asked = g_ptr_array_new_with_free_func ((GDestroyNotify) asked_free);
  return authorizations;
}

void
authorizations_free (Authorizations *authorizations)
{
  Session *session = authorizations->session;

  /* The data of their questions go now. */
  purple_account_request_close_with_account (session->account);
  purple_request_close_with_handle (authorizations);
  g_ptr_array_unref (authorizations->asked);
  g_free (authorizations);
}

static Asked *
remember (Session *session, const char *who, const char *group)
{
  Asked *asked = g_new0 (Asked, 1);

  asked->account = session->account;
  asked->who = g_strdup (who);
  asked->group = g_strdup (group);
  g_ptr_array_add (session->authorizations->asked, asked);
  return asked;
}

static Session *
session_of_asked (const Asked *asked)
{
  return session_of (purple_account_get_connection (asked->account));
}

/* -- We ask --------------------------------------------------------------- */

void
authorization_send (Session *session, const char *who, const char *reason)
{
  g_autofree char *text = charset_dup_cut (reason != NULL && *reason != '\0' ? reason : DEFAULT_REASON, REASON_MOST);

  session_send (session, FAMILY_FEEDBAG, 0x18, feedbag_build_auth_request (who, text), SEND_USER);
}

static void
on_reason (Asked *asked, const char *reason)
{
  Session *session = session_of_asked (asked);

  if (session == NULL)
    return;
  contact_edits_add_awaiting (session->gc, asked->who, asked->group, reason);
  g_ptr_array_remove (session->authorizations->asked, asked);
}

static void
on_no_reason (Asked *asked, const char *reason)
{
  Session *session = session_of_asked (asked);
  PurpleGroup *group = purple_find_group (asked->group);
  PurpleBuddy *buddy = group != NULL ? purple_find_buddy_in_group (asked->account, asked->who, group) : NULL;

  if (session == NULL)
    return;
  contacts_begin_changing (session);
  if (buddy != NULL)
    purple_blist_remove_buddy (buddy);
  contacts_end_changing (session);
  g_ptr_array_remove (session->authorizations->asked, asked);
}

void
authorization_is_needed (Session *session, const char *who, const char *group, const char *message)
{
  g_autofree char *question = g_strdup_printf ("%s wants to be asked before being added. What do you write?", who);
  Asked *asked;

  if (message != NULL && *message != '\0')
    {
      contact_edits_add_awaiting (session->gc, who, group, message);
      return;
    }
  asked = remember (session, who, group);
  if (purple_request_input (session->authorizations, NULL, question, NULL, DEFAULT_REASON, TRUE, FALSE, NULL,
                            "_Send", G_CALLBACK (on_reason), "_Do not add", G_CALLBACK (on_no_reason),
                            session->account, who, NULL, asked) != NULL)
    return;
  /* There is nobody who could be asked. */
  contact_edits_add_awaiting (session->gc, who, group, NULL);
  g_ptr_array_remove (session->authorizations->asked, asked);
}

/* -- We are asked --------------------------------------------------------- */

static void
answer (Asked *asked, gboolean granted)
{
  Session *session = session_of_asked (asked);

  if (session == NULL)
    return;
  session_send (session, FAMILY_FEEDBAG, 0x1a, feedbag_build_auth_answer (asked->who, granted, ""), SEND_USER);
  g_ptr_array_remove (session->authorizations->asked, asked);
}

static void
on_granted (void *data)
{
  answer (data, TRUE);
}

static void
on_denied (void *data)
{
  answer (data, FALSE);
}

void
authorization_asked (Session *session, const char *who, const char *reason)
{
  Asked *asked;

  if (screen_name_is_empty (who) || session->authorizations->asked->len >= MOST_ASKED || contacts_is_listed (session, FEEDBAG_IGNORE, who))
    return;
  asked = remember (session, who, NULL);
  purple_account_request_authorization (session->account, who, NULL, NULL, reason,
                                        purple_find_buddy (session->account, who) != NULL, on_granted, on_denied, asked);
}

void
authorization_answered (Session *session, const char *who, gboolean granted, const char *reason)
{
  g_autofree char *title = g_strdup_printf (granted ? "%s has authorized you." : "%s has refused to authorize you.", who);

  if (granted)
    purple_notify_info (session->gc, NULL, title, *reason != '\0' ? reason : NULL);
  else
    purple_notify_error (session->gc, NULL, title, *reason != '\0' ? reason : NULL);
}

void
authorization_added (Session *session, const char *who)
{
  purple_account_notify_added (session->account, who, NULL, NULL, NULL);
}

/* -- What the server says ------------------------------------------------- */

static void
on_asked (Session *session, Service *service, const Snac *snac)
{
  g_auto (FeedbagAuth) auth = { 0 };

  if (feedbag_parse_auth (snac->body, FALSE, session_get_encoding (session), &auth))
    authorization_asked (session, auth.name, auth.reason);
}

static void
on_answered (Session *session, Service *service, const Snac *snac)
{
  g_auto (FeedbagAuth) auth = { 0 };

  if (feedbag_parse_auth (snac->body, TRUE, session_get_encoding (session), &auth))
    authorization_answered (session, auth.name, auth.granted, auth.reason);
}

static void
on_granted_before (Session *session, Service *service, const Snac *snac)
{
  g_auto (FeedbagAuth) auth = { 0 };

  if (feedbag_parse_auth (snac->body, FALSE, session_get_encoding (session), &auth))
    authorization_answered (session, auth.name, TRUE, auth.reason);
}

static void
on_added (Session *session, Service *service, const Snac *snac)
{
  g_auto (FeedbagAuth) auth = { 0 };

  if (feedbag_parse_auth (snac->body, FALSE, session_get_encoding (session), &auth))
    authorization_added (session, auth.name);
}

const SnacHandler authorization_handlers[] = {
  { FAMILY_FEEDBAG, 0x15, on_granted_before },
  { FAMILY_FEEDBAG, 0x19, on_asked },
  { FAMILY_FEEDBAG, 0x1b, on_answered },
  { FAMILY_FEEDBAG, 0x1c, on_added },
  { 0 },
};
