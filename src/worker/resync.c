/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resync.c - all that a new hub has to be told of our accounts.
 *
 * First what the former one knew, as far as it is still to be had; then what it has not heard of, as it happened.  For
 * what only counts as it is now, such as the contacts' statuses, the first is all. */
#include "config.h"

#include "resync.h"

#include "accounts.h"
#include "contacts.h"
#include "eventloop.h"
#include "hub.h"
#include "menu.h"
#include "notes.h"
#include "questions.h"
#include "rooms.h"
#include "unheard.h"

typedef struct {
  const Unheard *unheard;
  gint64 count;
} Telling;

static void
tell_account (Account *account, gpointer data)
{
  Telling *telling = data;
  PurpleConnection *connection = accounts_get_connection (account);

  telling->count++;
  /* It will say again whom there is too much for. */
  eventloop_hold_account (account->number, FALSE);
  notes_tell (account);
  if (account->was_signed_in && !unheard_has_sign_in (telling->unheard, account->number))
    hub_tell (signed_in, SIGNED_IN, .account = account->number,
              .name = connection != NULL ? purple_connection_get_display_name (connection) : NULL);
  contacts_tell_again (account);
  if (account->was_signed_in)
    menu_tell (account);
  questions_tell_again (account, telling->unheard);
  rooms_tell_again (account, telling->unheard);
}

static void
tell_departed (gint64 account, gboolean was_signed_in, gpointer data)
{
  Telling *telling = data;

  if (was_signed_in && !unheard_has_sign_in (telling->unheard, account))
    hub_tell (signed_in, SIGNED_IN, .account = account);
}

/* An end that a new beginning has overtaken. */
static gboolean
is_over (const WireMessage *event)
{
  return event->type == WIRE_SIGNED_OUT && accounts_find (event->u.signed_out.account, FALSE) != NULL;
}

/* A contact that was removed is there again. */
static gboolean
is_undone (const WireMessage *event)
{
  const WireContactRemoved *removed = &event->u.contact_removed;
  Account *account = event->type == WIRE_CONTACT_REMOVED ? accounts_find (removed->account, FALSE) : NULL;

  return account != NULL && contacts_are_told (account, removed->peer);
}

static void
tell_unheard (const WireMessage *event, gpointer data)
{
  gint64 number;

  switch ((int) event->type)
    {
    /* Told anew, as things are now. */
    case WIRE_PROTOCOL_OPTION:
    case WIRE_PROTOCOL_READY:
    case WIRE_RESYNCED:
    case WIRE_HELD_ACCOUNT:
    case WIRE_CONTACT:
    case WIRE_CONTACT_STATUS:
    case WIRE_PEER_TUNE:
    case WIRE_MENU:
    case WIRE_QUESTION_FIELD:
    case WIRE_QUESTION:
    case WIRE_QUESTION_CLOSED:
    case WIRE_AUTHORIZATION_REQUEST:
      return;
    default:
      break;
    }
  if (is_over (event) || is_undone (event))
    return;
  number = hub_send (event);
  if (event->type == WIRE_SIGNED_OUT)
    notes_departed_again (event->u.signed_out.account, number);
}

void
resync_tell (GBytes *frames)
{
  g_autoptr (Unheard) unheard = unheard_new (frames);
  Telling telling = { unheard, 0 };

  accounts_drop_unused ();
  accounts_foreach (tell_account, &telling);
  telling.count += notes_tell_departed (tell_departed, &telling);
  unheard_foreach (unheard, tell_unheard, NULL);
  hub_tell (resynced, RESYNCED, .accounts = telling.count);
  g_message ("told another hub of %" G_GINT64_FORMAT " accounts", telling.count);
}
