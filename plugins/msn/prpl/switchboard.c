/* SPDX-License-Identifier: GPL-2.0-or-later */
/* switchboard.c - one conversation: who is in it, and what waits to be said.
 *
 * Nothing may be sent before the first other one is there: servers say that it was taken, and throw it away (8.1).  */
#include "switchboard.h"

#include <string.h>

#include "address.h"
#include "error_text.h"
#include "calls.h"
#include "incoming.h"
#include "notification.h"
#include "presence.h"
#include "rooms.h"
#include "switchboard_lines.h"
#include "switchboards.h"

#define SECONDS_TO_ENTER 60
#define SECONDS_TO_JOIN 30
#define MOST_WAITING 500
#define MOST_MEMBERS 100

typedef struct {
  Switchboard *switchboard;
  char flag;
  GByteArray *payload;
  OutcomeFunc func;
  gpointer data;
} Item;

static void
item_finish (Item *item, Outcome outcome, guint error)
{
  if (item->func != NULL)
    item->func (item->switchboard->session, outcome, error, item->data);
  if (item->payload != NULL)
    g_byte_array_unref (item->payload);
  g_free (item);
}

static void
member_free (gpointer data)
{
  Member *member = data;

  g_free (member->address);
  g_free (member->name);
  g_free (member);
}

static Switchboard *
switchboard_ref (Switchboard *switchboard)
{
  switchboard->refs++;
  return switchboard;
}

void
switchboard_unref (gpointer data)
{
  Switchboard *switchboard = data;

  if (--switchboard->refs > 0)
    return;
  g_ptr_array_unref (switchboard->members);
  text_parts_free (switchboard->parts);
  g_free (switchboard->target);
  g_free (switchboard->token);
  g_free (switchboard->id);
  g_free (switchboard);
}

static void
stop_timer (Switchboard *switchboard)
{
  if (switchboard->timer > 0)
    purple_timeout_remove (switchboard->timer);
  switchboard->timer = 0;
}

static void
say (Switchboard *switchboard, const char *name, const char *args, AnswerFunc func)
{
  guint32 id = transactions_add (switchboard->transactions, name, func, switchboard_ref (switchboard), switchboard_unref);

  link_send (switchboard->link, command_build (name, id, args, NULL, 0));
}

/* A chat that the user has begun, and that nobody came to. */
static void
tell_of_failure (Switchboard *switchboard, guint error)
{
  g_autofree char *text = g_strdup_printf ("The conversation could not be begun.%s%s", error > 0 ? " " : "", error > 0 ? error_text (error) : "");

  session_tell (switchboard->session, switchboard->target, text);
}

void
switchboard_close (Switchboard *switchboard, Outcome outcome, guint error)
{
  GQueue waiting = switchboard->waiting;
  /* What has not left us is surely not there. */
  Outcome unsent = outcome == OUTCOME_ENDED ? OUTCOME_NOT_SENT : outcome == OUTCOME_NO_ANSWER ? OUTCOME_UNREACHABLE : outcome;

  if (switchboard->closed)
    return;
  switchboard->closed = TRUE;
  stop_timer (switchboard);
  switchboards_forget (switchboard);
  if (switchboard->link != NULL && switchboard->state != SWITCHBOARD_ASKING)
    link_send (switchboard->link, command_build ("OUT", 0, NULL, NULL, 0));
  g_clear_pointer (&switchboard->link, link_free);
  g_queue_init (&switchboard->waiting);
  g_clear_pointer (&switchboard->transactions, transactions_free);
  while (waiting.head != NULL)
    item_finish (g_queue_pop_head (&waiting), unsent, error);
  calls_lost_switchboard (switchboard);
  if (switchboard->wants_room && switchboard->room == 0)
    tell_of_failure (switchboard, error);
  rooms_ended (switchboard);
  switchboard_unref (switchboard);
}

/* -- Sending -------------------------------------------------------------------------- */

static void
leave_if_done (Switchboard *switchboard)
{
  if (switchboard->leaving && switchboard->unanswered == 0 && switchboard->waiting.head == NULL && switchboard->holds == 0)
    switchboard_close (switchboard, OUTCOME_ENDED, 0);
}

static void
on_sent (Session *session, const Command *answer, gpointer data)
{
  Item *item = data;
  Switchboard *switchboard = switchboard_ref (item->switchboard);
  gboolean counted = item->flag == 'A' || item->flag == 'D';

  if (counted)
    switchboard->unanswered--;
  if (answer != NULL && command_is (answer, "ACK"))
    item_finish (item, OUTCOME_DELIVERED, 0);
  else if (answer != NULL)
    item_finish (item, OUTCOME_REFUSED, answer->error);
  else if (counted)
    item_finish (item, !switchboard->closed ? OUTCOME_NO_ANSWER : switchboard->deserted ? OUTCOME_NOT_SENT : OUTCOME_ENDED, 0);
  else
    /* No news is good news. */
    item_finish (item, OUTCOME_DELIVERED, 0);
  if (!switchboard->closed)
    leave_if_done (switchboard);
  switchboard_unref (switchboard);
}

static void
send_now (Switchboard *switchboard, Item *item)
{
  const char flag[2] = { item->flag, '\0' };
  guint32 id = transactions_add (switchboard->transactions, "MSG", on_sent, item, NULL);

  if (item->flag == 'A' || item->flag == 'D')
    switchboard->unanswered++;
  link_send (switchboard->link, command_build ("MSG", id, flag, item->payload->data, item->payload->len));
  g_clear_pointer (&item->payload, g_byte_array_unref);
}

void
switchboard_send (Switchboard *switchboard, char flag, GByteArray *payload, OutcomeFunc func, gpointer data)
{
  Item *item = g_new0 (Item, 1);

  item->switchboard = switchboard;
  item->flag = flag;
  item->payload = payload;
  item->func = func;
  item->data = data;
  switchboard->last_used = g_get_monotonic_time ();
  if (switchboard->closed)
    item_finish (item, OUTCOME_NOT_SENT, 0);
  else if (switchboard->state == SWITCHBOARD_READY)
    send_now (switchboard, item);
  else if (switchboard->waiting.length >= MOST_WAITING)
    item_finish (item, OUTCOME_BUSY, 0);
  else
    g_queue_push_tail (&switchboard->waiting, item);
}

void
switchboard_leave (Switchboard *switchboard)
{
  switchboard->leaving = TRUE;
  leave_if_done (switchboard);
}

/* -- Who is there ---------------------------------------------------------------------- */

const char *
switchboard_get_partner (const Switchboard *switchboard)
{
  return switchboard->members->len == 1 ? ((Member *) switchboard->members->pdata[0])->address : NULL;
}

static gboolean
find_member (const Switchboard *switchboard, const char *address, guint *index)
{
  for (guint i = 0; i < switchboard->members->len; i++)
    if (g_str_equal (((Member *) switchboard->members->pdata[i])->address, address))
      {
        *index = i;
        return TRUE;
      }
  return FALSE;
}

static void
become_ready (Switchboard *switchboard)
{
  stop_timer (switchboard);
  switchboard->state = SWITCHBOARD_READY;
  if (switchboard->room == 0 && (switchboard->wants_room || switchboard->members->len > 1))
    rooms_begin (switchboard);
  while (!switchboard->closed && switchboard->waiting.head != NULL)
    send_now (switchboard, g_queue_pop_head (&switchboard->waiting));
  leave_if_done (switchboard);
}

static void
add_member (Switchboard *switchboard, const Command *command)
{
  g_auto (MemberLine) line = { 0 };
  Member *member;
  guint index;

  if (!member_line_parse (command, &line) || g_str_equal (line.address, switchboard->session->address))
    return;
  presence_note_capabilities (switchboard->session, line.address, line.capabilities);
  if (find_member (switchboard, line.address, &index) || switchboard->members->len >= MOST_MEMBERS)
    return;
  member = g_new0 (Member, 1);
  member->address = g_steal_pointer (&line.address);
  member->name = g_steal_pointer (&line.name);
  g_ptr_array_add (switchboard->members, member);
  switchboard->last_used = g_get_monotonic_time ();
  if (switchboard->room != 0)
    rooms_member_joined (switchboard, member);
  else if (switchboard->state == SWITCHBOARD_READY && switchboard->members->len > 1)
    rooms_begin (switchboard);
}

static void
remove_member (Switchboard *switchboard, const Command *command)
{
  g_auto (MemberLine) line = { 0 };
  guint index;

  if (!member_line_parse (command, &line) || !find_member (switchboard, line.address, &index))
    return;
  g_ptr_array_remove_index (switchboard->members, index);
  if (switchboard->room != 0)
    {
      rooms_member_left (switchboard, line.address);
      return;
    }
  serv_got_typing_stopped (switchboard->session->gc, line.address);
  if (switchboard->members->len > 0)
    return;
  /* What was not acknowledged by now came into an empty room, and is lost (16.11). */
  switchboard->deserted = TRUE;
  switchboard_close (switchboard, OUTCOME_ENDED, 0);
}

static gboolean
on_nobody (gpointer data)
{
  Switchboard *switchboard = data;

  switchboard->timer = 0;
  switchboard_close (switchboard, OUTCOME_NO_ANSWER, 0);
  return G_SOURCE_REMOVE;
}

static void
wait_for (Switchboard *switchboard, guint seconds)
{
  stop_timer (switchboard);
  switchboard->timer = purple_timeout_add_seconds (seconds, on_nobody, switchboard);
}

/* -- Entering ---------------------------------------------------------------------------- */

static void
on_called (Session *session, const Command *answer, gpointer data)
{
  Switchboard *switchboard = data;

  if (switchboard->closed || switchboard->state == SWITCHBOARD_READY)
    return;
  if (answer != NULL && answer->error == 0)
    wait_for (switchboard, SECONDS_TO_JOIN);
  else
    switchboard_close (switchboard, answer != NULL ? OUTCOME_UNREACHABLE : OUTCOME_NO_ANSWER, answer != NULL ? answer->error : 0);
}

static void
on_entered (Session *session, const Command *answer, gpointer data)
{
  Switchboard *switchboard = data;

  if (switchboard->closed)
    return;
  if (answer == NULL || answer->error > 0)
    {
      switchboard_close (switchboard, OUTCOME_ENDED, answer != NULL ? answer->error : 0);
      return;
    }
  if (switchboard->id != NULL)
    {
      become_ready (switchboard);
      return;
    }
  switchboard->state = SWITCHBOARD_CALLING;
  say (switchboard, "CAL", contact_list_get_exact (session->list, switchboard->target), on_called);
}

static void
on_up (Link *link, gpointer data)
{
  Switchboard *switchboard = data;
  Session *session = switchboard->session;
  g_autofree char *args = switchboard->id != NULL ? g_strdup_printf ("%s %s %s", session->name, switchboard->token, switchboard->id)
                                                  : g_strdup_printf ("%s %s", session->name, switchboard->token);

  say (switchboard, switchboard->id != NULL ? "ANS" : "USR", args, on_entered);
}

static void
on_command (Link *link, const Command *command, gpointer data)
{
  Switchboard *switchboard = switchboard_ref (data);

  if (transactions_take (switchboard->transactions, command))
    ;
  else if (command_is (command, "MSG"))
    {
      switchboard->last_used = g_get_monotonic_time ();
      incoming_take (switchboard, command);
    }
  else if (command_is (command, "IRO") || command_is (command, "JOI"))
    {
      add_member (switchboard, command);
      if (switchboard->state == SWITCHBOARD_CALLING && switchboard->members->len > 0)
        become_ready (switchboard);
    }
  else if (command_is (command, "BYE"))
    remove_member (switchboard, command);
  else if (command_is (command, "OUT"))
    switchboard_close (switchboard, OUTCOME_ENDED, 0);
  else if (command->error > 0)
    purple_debug_info ("msn", "switchboard: error %u: %s\n", command->error, error_text (command->error));
  switchboard_unref (switchboard);
}

static void
on_end (Link *link, LinkEnd end, const char *why, gpointer data)
{
  Switchboard *switchboard = data;

  purple_debug_info ("msn", "switchboard: %s\n", why);
  switchboard_close (switchboard, OUTCOME_ENDED, 0);
}

static const LinkEvents events = { on_up, on_command, on_end };

static Switchboard *
switchboard_new (Session *session, const char *who)
{
  Switchboard *switchboard = g_new0 (Switchboard, 1);

  switchboard->session = session;
  switchboard->refs = 1;
  switchboard->target = address_dup_normal (who);
  switchboard->members = g_ptr_array_new_with_free_func (member_free);
  switchboard->parts = text_parts_new ();
  switchboard->transactions = transactions_new (session);
  switchboard->last_used = g_get_monotonic_time ();
  wait_for (switchboard, SECONDS_TO_ENTER);
  switchboards_remember (switchboard);
  return switchboard;
}

static void
enter (Switchboard *switchboard, const char *host, int port)
{
  switchboard->state = SWITCHBOARD_ENTERING;
  switchboard->link = link_connect (switchboard->session, "SB", host, port, &events, switchboard);
}

static void
on_transfer (Session *session, const Command *answer, gpointer data)
{
  Switchboard *switchboard = data;
  g_auto (TransferLine) line = { 0 };

  if (switchboard->closed)
    return;
  if (answer != NULL && answer->error == 0 && transfer_line_parse (answer, &line) && line.to_switchboard)
    {
      switchboard->token = g_steal_pointer (&line.token);
      enter (switchboard, line.host, line.port);
    }
  else if (answer != NULL)
    switchboard_close (switchboard, OUTCOME_UNREACHABLE, answer->error);
  else
    switchboard_close (switchboard, OUTCOME_NO_ANSWER, 0);
}

Switchboard *
switchboard_open (Session *session, const char *who)
{
  Switchboard *switchboard = switchboard_new (session, who);

  notification_ask (session, "XFR", "SB", NULL, on_transfer, switchboard_ref (switchboard), switchboard_unref);
  return switchboard;
}

Switchboard *
switchboard_answer (Session *session, const char *who, const char *host, int port, const char *token, const char *id)
{
  Switchboard *switchboard = switchboard_new (session, who);

  switchboard->token = g_strdup (token);
  switchboard->id = g_strdup (id);
  enter (switchboard, host, port);
  return switchboard;
}

/* -- Inviting ------------------------------------------------------------------------------- */

typedef struct {
  Switchboard *switchboard;
  char *who;
} Invitation;

static void
invitation_free (gpointer data)
{
  Invitation *invitation = data;

  switchboard_unref (invitation->switchboard);
  g_free (invitation->who);
  g_free (invitation);
}

static void
on_invited (Session *session, const Command *answer, gpointer data)
{
  Invitation *invitation = data;
  g_autofree char *text = NULL;

  if (invitation->switchboard->closed || (answer != NULL && answer->error == 0))
    return;
  text = g_strdup_printf ("%s could not be invited. %s", invitation->who, session_explain (answer));
  rooms_tell (invitation->switchboard, text);
}

void
switchboard_invite (Switchboard *switchboard, const char *who)
{
  Invitation *invitation = g_new0 (Invitation, 1);
  guint32 id;

  invitation->switchboard = switchboard_ref (switchboard);
  invitation->who = address_dup_normal (who);
  id = transactions_add (switchboard->transactions, "CAL", on_invited, invitation, invitation_free);
  link_send (switchboard->link, command_build ("CAL", id, contact_list_get_exact (switchboard->session->list, invitation->who), NULL, 0));
}
