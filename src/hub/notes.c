/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notes.c - what a worker keeps of a session for the next hub. */
#include "config.h"

#include "notes.h"

#include <string.h>

#include "worker.h"

static char *
dup_seal (Worker *worker, gint64 account, const char *key, const char *text)
{
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, account);
  char *all = g_strjoin ("\n", "note", worker->life, worker->gateway->domain, number, key, text, NULL);
  char *seal = secrets_dup_pseudonym (hub_secrets (worker->gateway->hub), all);

  secrets_wipe (all);
  return seal;
}

static void
keep (Session *session, const char *key, const char *text, gboolean begins)
{
  g_autofree char *seal = session->worker == NULL || text == NULL ? NULL : dup_seal (session->worker, session_number (session), key, text);
  char *sealed = seal == NULL ? NULL : g_strconcat (seal, text, NULL);

  session_tell_worker (session, &(WireMessage) {
    .type = WIRE_KEEP_NOTE, .u.keep_note = { .account = session_number (session), .key = key, .text = sealed, .begins = begins } });
  secrets_wipe (sealed);
}

void
notes_keep (Session *session, const char *key, const char *text)
{
  keep (session, key, text, FALSE);
}

void
notes_begin (Session *session, const char *key, const char *text)
{
  keep (session, key, text, TRUE);
}

char *
notes_dup_open (Worker *worker, gint64 account, const char *key, const char *sealed)
{
  gsize length = strlen (sealed);

  if (length < SECRETS_PSEUDONYM_LENGTH)
    return NULL;
  else
    {
      const char *text = sealed + SECRETS_PSEUDONYM_LENGTH;
      g_autofree char *seal = dup_seal (worker, account, key, text);

      return memcmp (seal, sealed, SECRETS_PSEUDONYM_LENGTH) == 0 ? g_strdup (text) : NULL;
    }
}
