/* SPDX-License-Identifier: GPL-2.0-or-later */
/* takeover.c - how a new hub goes on with the accounts that workers kept signed in for the former one. */
#include "config.h"

#include "takeover.h"

#include <gio/gio.h>

#include "delivery.h"
#include "drain.h"
#include "notes.h"
#include "room_note.h"

static char *
dup_note (Worker *worker, const WireHeldAccount *event, const char *key)
{
  for (const char *const *note = event->notes; note != NULL && note[0] != NULL && note[1] != NULL; note += 2)
    if (g_str_equal (note[0], key))
      return notes_dup_open (worker, event->account, key, note[1]);
  return NULL;
}

static void
take_rooms (Session *session, const WireHeldAccount *event)
{
  for (const char *const *note = event->notes; note[0] != NULL && note[1] != NULL; note += 2)
    {
      char *text = notes_dup_open (session->worker, event->account, note[0], note[1]);

      if (text != NULL)
        room_note_take (session, note[0], text);
      secrets_wipe (text);
    }
}

gboolean
takeover_held_account (Worker *worker, const WireHeldAccount *event, GError **error)
{
  Session *session = gateway_find_session (worker->gateway, event->account);
  g_autofree char *login = dup_note (worker, event, NOTE_ACCOUNT);

  if (!worker->returning || login == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "it claims account %" G_GINT64_FORMAT ", which it was not given", event->account);
      return FALSE;
    }
  /* Removed from the store meanwhile, never saved, or another worker has it. */
  if (session == NULL || !session_adopt (session, worker))
    {
      link_send (worker->link, &(WireMessage) { .type = WIRE_SIGN_OUT, .u.sign_out = { event->account } });
      return TRUE;
    }
  deliveries_inherit (session, event->last_message);
  if (session->account->stays_out || !session_has_login (session, login))
    session_sign_in_again (session);
  else
    take_rooms (session, event);
  return TRUE;
}

void
takeover_end (Worker *worker)
{
  GHashTableIter iter;
  gpointer session;

  if (!worker->returning)
    return;
  worker->returning = FALSE;
  g_hash_table_iter_init (&iter, worker->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    for (guint i = 0; features[i] != NULL; i++)
      if (features[i]->session_taken_over != NULL)
        features[i]->session_taken_over (session);
  drain_begin (worker);
  if (!workers_are_returning (worker->gateway->workers))
    gateway_taken_over (worker->gateway);
}
