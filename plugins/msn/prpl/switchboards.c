/* SPDX-License-Identifier: GPL-2.0-or-later */
/* switchboards.c - all conversations of a session. */
#include "switchboards.h"

#include "address.h"
#include "privacy_lists.h"
#include "switchboard_lines.h"

#define MOST_OPEN 200
#define SECONDS_BETWEEN_SWEEPS 60
#define SECONDS_UNUSED 300

struct Switchboards {
  Session *session;
  GPtrArray *all;        /* lent: each removes itself when it closes */
  guint sweep;
};

Switchboards *
switchboards_new (Session *session)
{
  Switchboards *switchboards = g_new0 (Switchboards, 1);

  switchboards->session = session;
  switchboards->all = g_ptr_array_new ();
  return switchboards;
}

static void
stop_sweeping (Switchboards *switchboards)
{
  if (switchboards->sweep > 0)
    purple_timeout_remove (switchboards->sweep);
  switchboards->sweep = 0;
}

void
switchboards_free (Switchboards *switchboards)
{
  /* g_clear_pointer has set the session's pointer to NULL: what they lead to must find no list. */
  while (switchboards->all->len > 0)
    {
      Switchboard *switchboard = switchboards->all->pdata[switchboards->all->len - 1];

      g_ptr_array_set_size (switchboards->all, (int) switchboards->all->len - 1);
      switchboard_close (switchboard, OUTCOME_ENDED, 0);
    }
  stop_sweeping (switchboards);
  g_ptr_array_unref (switchboards->all);
  g_free (switchboards);
}

/* Those that nobody has used for a while; the server would keep them for ever. */
static gboolean
on_sweep (gpointer data)
{
  Switchboards *switchboards = data;
  gint64 oldest = g_get_monotonic_time () - SECONDS_UNUSED * G_USEC_PER_SEC;

  for (guint i = switchboards->all->len; i-- > 0;)
    {
      Switchboard *switchboard = switchboards->all->pdata[i];

      if (switchboard->room == 0 && switchboard->state == SWITCHBOARD_READY && switchboard->unanswered == 0 && switchboard->holds == 0
          && switchboard->last_used < oldest)
        switchboard_close (switchboard, OUTCOME_ENDED, 0);
    }
  return switchboards->sweep > 0;
}

void
switchboards_remember (Switchboard *switchboard)
{
  Switchboards *switchboards = switchboard->session->switchboards;

  g_ptr_array_add (switchboards->all, switchboard);
  if (switchboards->sweep == 0)
    switchboards->sweep = purple_timeout_add_seconds (SECONDS_BETWEEN_SWEEPS, on_sweep, switchboards);
}

void
switchboards_forget (Switchboard *switchboard)
{
  Switchboards *switchboards = switchboard->session->switchboards;

  if (switchboards == NULL)
    return;
  g_ptr_array_remove (switchboards->all, switchboard);
  if (switchboards->all->len == 0)
    stop_sweeping (switchboards);
}

static gboolean
is_between_us (const Switchboard *switchboard, const char *address)
{
  const char *partner = switchboard_get_partner (switchboard);

  if (switchboard->room != 0 || switchboard->wants_room || switchboard->leaving)
    return FALSE;
  if (switchboard->state == SWITCHBOARD_READY)
    return partner != NULL && g_str_equal (partner, address);
  return switchboard->members->len <= 1 && g_str_equal (partner != NULL ? partner : switchboard->target, address);
}

Switchboard *
switchboards_find (Session *session, const char *who)
{
  g_autofree char *address = address_dup_normal (who);
  Switchboard *found = NULL;

  /* The newest that is ready, otherwise the newest. */
  for (guint i = session->switchboards != NULL ? session->switchboards->all->len : 0; i-- > 0;)
    {
      Switchboard *switchboard = session->switchboards->all->pdata[i];

      if (!is_between_us (switchboard, address))
        continue;
      if (switchboard->state == SWITCHBOARD_READY)
        return switchboard;
      if (found == NULL)
        found = switchboard;
    }
  return found;
}

Switchboard *
switchboards_need (Session *session, const char *who)
{
  Switchboard *switchboard = switchboards_find (session, who);

  if (switchboard != NULL || session->switchboards == NULL || session->switchboards->all->len >= MOST_OPEN)
    return switchboard;
  return switchboard_open (session, who);
}

Switchboard *
switchboards_find_room (Session *session, int room)
{
  for (guint i = 0; room != 0 && session->switchboards != NULL && i < session->switchboards->all->len; i++)
    {
      Switchboard *switchboard = session->switchboards->all->pdata[i];

      if (switchboard->room == room)
        return switchboard;
    }
  return NULL;
}

Switchboard *
switchboards_open_room (Session *session, const char *who)
{
  Switchboard *switchboard;

  if (session->switchboards->all->len >= MOST_OPEN)
    return NULL;
  switchboard = switchboard_open (session, who);
  switchboard->wants_room = TRUE;
  return switchboard;
}

/* Answered at once, before anybody is asked anything (16.19). */
static void
on_ring (Session *session, const Command *command)
{
  g_auto (TransferLine) line = { 0 };

  if (!transfer_line_parse (command, &line) || session->switchboards->all->len >= MOST_OPEN)
    return;
  if (!privacy_lists_is_blocked (session, line.address))
    switchboard_answer (session, line.address, line.host, line.port, line.token, line.session);
}

const CommandHandler switchboards_handlers[] = {
  { "RNG", on_ring },
  { NULL },
};
