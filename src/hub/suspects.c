/* SPDX-License-Identifier: GPL-2.0-or-later */
/* suspects.c - accounts for which something was being done when their worker died. */
#include "config.h"

#include "suspects.h"

#include <string.h>

#define WINDOW (600 * G_USEC_PER_SEC)

/* When, the latest last; monotonic, 0: not so often. */
typedef gint64 Times[SUSPECTS_MOST];

/* How often within the window. */
static guint
count (const gint64 *times)
{
  gint64 since = g_get_monotonic_time () - WINDOW;
  guint n = 0;

  for (guint i = 0; i < SUSPECTS_MOST; i++)
    n += times[i] != 0 && times[i] > since;
  return n;
}

static void
add (gint64 *times)
{
  memmove (times, times + 1, sizeof (Times) - sizeof *times);
  times[SUSPECTS_MOST - 1] = g_get_monotonic_time ();
}

static gboolean
is_over (gpointer owner, gpointer times, gpointer data)
{
  return count (times) == 0;
}

static void
add_to_owner (GHashTable *owners, const char *owner)
{
  gint64 *times = g_hash_table_lookup (owners, owner);

  if (times == NULL)
    {
      g_hash_table_foreach_remove (owners, is_over, NULL);
      times = g_malloc0 (sizeof (Times));
      g_hash_table_insert (owners, g_strdup (owner), times);
    }
  add (times);
}

static guint
count_of_owner (Gateway *gateway, const char *owner)
{
  const gint64 *times = g_hash_table_lookup (gateway->accused, owner);

  return times == NULL ? 0 : count (times);
}

/* One that is being registered has no past of its own. */
static guint
count_of (Session *session)
{
  return session->saved ? count (session->accused) : count_of_owner (session_gateway (session), session->user->jid);
}

void
suspects_accuse (Session *session, const char *kind)
{
  g_autofree char *label = session_dup_label (session);
  guint n;

  add (session->accused);
  add_to_owner (session_gateway (session)->accused, session->user->jid);
  n = count_of (session);
  if (!session->saved && n >= SUSPECTS_MOST)
    {
      g_warning ("%s: its worker died over %s of this account, which was being registered; the user has done that %u times within ten minutes, and "
                 "cannot register for a while", label, kind, n);
      return;
    }
  if (n < SUSPECTS_MOST || session->account->quarantined)
    {
      g_warning ("%s: its worker died over %s of this account (%u of %u times within ten minutes); it gets a worker of its own", label, kind, n,
                 SUSPECTS_MOST);
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
suspects_bar (Gateway *gateway, const char *owner)
{
  return count_of_owner (gateway, owner) >= SUSPECTS_MOST;
}

gboolean
suspects_release (Session *session)
{
  if (!session->account->quarantined)
    return FALSE;
  memset (session->accused, 0, sizeof session->accused);
  g_hash_table_remove (session_gateway (session)->accused, session->user->jid);
  session->account->quarantined = FALSE;
  store_save_account (hub_store (session_gateway (session)->hub), session->account, NULL, NULL);
  session_unwant (session);
  if (session->user->show != WIRE_SHOW_OFFLINE || session_stays (session))
    session_want (session);
  return TRUE;
}
