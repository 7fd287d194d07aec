/* SPDX-License-Identifier: GPL-2.0-or-later */
/* authorizations.c - others who want us on their list. */
#include "config.h"

#include "authorizations.h"

#include <purple.h>

#include "contacts.h"
#include "hub.h"
#include "questions.h"
#include "text.h"

/* Strangers may ask without end. */
#define MOST_OPEN 500

typedef struct {
  Question *question;         /* NULL once answered */
  PurpleAccountRequestAuthorizationCb yes, no;
  gpointer user_data;
} Authorization;

static void
on_answer (gpointer data, const WireAnswer *answer)
{
  Authorization *authorization = data;

  authorization->question = NULL;
  if (answer->choice == 0)
    authorization->yes (authorization->user_data);
  else
    authorization->no (authorization->user_data);
}

static gpointer
request_authorize (PurpleAccount *purple, const char *who, const char *id, const char *alias, const char *message,
                   gboolean on_list, PurpleAccountRequestAuthorizationCb yes, PurpleAccountRequestAuthorizationCb no,
                   gpointer user_data)
{
  Account *account = accounts_of (purple);
  Authorization *authorization;
  g_autofree char *peer = NULL, *text = NULL;

  /* Beyond the limit they stay unanswered, and may be asked again. */
  if (account == NULL || account->state == ACCOUNT_LEAVING || questions_count (account) >= MOST_OPEN)
    return NULL;
  authorization = g_new0 (Authorization, 1);
  authorization->yes = yes;
  authorization->no = no;
  authorization->user_data = user_data;
  authorization->question = questions_new (account, on_answer, authorization, g_free);
  peer = g_strdup (contacts_normalize (account, who));
  text = message != NULL ? text_dup_from_html (message) : NULL;
  questions_tell (authorization->question, &(WireMessage) {
    .type = WIRE_AUTHORIZATION_REQUEST,
    .u.authorization_request = { .account = account->number, .request = questions_get_number (authorization->question),
                                 .peer = peer, .name = alias, .text = text } });
  return authorization->question;
}

static void
close_request (gpointer handle)
{
  if (handle != NULL)
    questions_close (handle);
}

/* Somebody has us on their list now, and needed no permission. */
static void
notify_added (PurpleAccount *purple, const char *who, const char *id, const char *alias, const char *message)
{
  Account *account = accounts_of (purple);
  g_autofree char *text = NULL;

  if (account == NULL || who == NULL)
    return;
  text = g_strdup_printf ("%s has added you to their contact list.", who);
  hub_tell (notice, NOTICE, .account = account->number, .text = text);
}

void
authorizations_init (void)
{
  static PurpleAccountUiOps ops = {
    .notify_added = notify_added,
    .request_authorize = request_authorize,
    .close_account_request = close_request,
  };

  purple_accounts_set_ui_ops (&ops);
}
