/* SPDX-License-Identifier: GPL-2.0-or-later */
/* suspects.c - accounts for which something was being done when their worker died. */
#include "config.h"

#include "suspects.h"

#define WINDOW (600 * G_USEC_PER_SEC)

/* How often within the window. */
static guint
count_of (const Session *session)
{
  gint64 since = g_get_monotonic_time () - WINDOW;
  guint count = 0;

  for (guint i = 0; i < G_N_ELEMENTS (session->accused); i++)
    count += session->accused[i] != 0 && session->accused[i] > since;
  return count;
}

void
suspects_accuse (Session *session, const char *kind)
{
  g_autofree char *label = session_dup_label (session);
  guint last = G_N_ELEMENTS (session->accused) - 1, count;

  for (guint i = 0; i < last; i++)
    session->accused[i] = session->accused[i + 1];
  session->accused[last] = g_get_monotonic_time ();
  count = count_of (session);
  if (count <= last || session->account->quarantined || !session->saved)
    {
      g_warning ("%s: its worker died over %s of this account (%u of %u times within ten minutes); it gets a worker of its own", label, kind, count,
                 last + 1);
      return;
    }
  g_warning ("%s: quarantined: its worker died over %s of this account, for the third time within ten minutes. "
             "“passerellectl release %s %s%s%s” lets it sign in again", label, kind, session->user->jid, session_gateway (session)->domain,
             *session->account->tag == '\0' ? "" : " ", session->account->tag);
  session->account->quarantined = TRUE;
  store_save_account (hub_store (session_gateway (session)->hub), session->account, NULL, NULL);
}

gboolean
suspects_include (Session *session)
{
  return count_of (session) > 0;
}

gboolean
suspects_release (Session *session)
{
  if (!session->account->quarantined)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (session->accused); i++)
    session->accused[i] = 0;
  session->account->quarantined = FALSE;
  store_save_account (hub_store (session_gateway (session)->hub), session->account, NULL, NULL);
  session_unwant (session);
  if (session->user->show != WIRE_SHOW_OFFLINE || session_stays (session))
    session_want (session);
  return TRUE;
}
