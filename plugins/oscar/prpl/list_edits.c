/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list_edits.c - changes of the server's list, one after the other, in clusters.
 *
 * What an edit means is planned only when its turn comes, on the list as it is then.  An operation is true in our copy when
 * the server has said so; so nothing has to be taken back there when it says no.  */
#include "list_edits.h"

#include "contacts.h"

#define MOST_WAITING 2000

typedef struct {
  FeedbagEdit *edit;    /* owned */
  EditDone done;
} Waiting;

struct ListEdits {
  Session *session;
  GQueue waiting;       /* Waiting; the first is being worked at if there is a plan */
  GPtrArray *plan;      /* FeedbagOperation */
  guint next;           /* in the plan */
  gboolean open;        /* a cluster was begun */
  gboolean running;     /* what is queued meanwhile waits for its turn */
};

static void run (Session *session);

static void
waiting_free (Waiting *waiting)
{
  feedbag_edit_free (waiting->edit);
  g_free (waiting);
}

ListEdits *
list_edits_new (Session *session)
{
  ListEdits *edits = g_new0 (ListEdits, 1);

  edits->session = session;
  return edits;
}

void
list_edits_free (ListEdits *edits)
{
  g_queue_clear_full (&edits->waiting, (GDestroyNotify) waiting_free);
  g_clear_pointer (&edits->plan, g_ptr_array_unref);
  g_free (edits);
}

static void
finish (Session *session, guint16 result, const char *why)
{
  ListEdits *edits = session->edits;
  Waiting *waiting = g_queue_pop_head (&edits->waiting);

  g_clear_pointer (&edits->plan, g_ptr_array_unref);
  edits->running = TRUE;
  if (waiting->done != NULL && !session->ending)
    waiting->done (session, waiting->edit, result, why);
  edits->running = FALSE;
  waiting_free (waiting);
}

static void
on_result (Session *session, const Snac *reply, gpointer data)
{
  ListEdits *edits = session->edits;
  FeedbagOperation *operation;
  guint16 result = LIST_EDIT_FAILED;
  const char *why;

  if (edits == NULL || edits->plan == NULL)
    return;
  operation = edits->plan->pdata[edits->next];
  if (reply != NULL && reply->subtype == 0x0e)
    {
      Reader body = reply->body;

      result = reader_u16 (&body);
      why = feedbag_result_text (result);
      if (body.bad)
        result = LIST_EDIT_FAILED;
    }
  else
    why = session_explain (reply);
  /* It is gone already. */
  if (result == FEEDBAG_RESULT_MISSING && operation->subtype == FEEDBAG_DELETE)
    result = FEEDBAG_RESULT_OK;
  /* It is there already, by numbers that we do not know: nothing of the rest would fit. */
  if (result == FEEDBAG_RESULT_EXISTS && operation->subtype == FEEDBAG_INSERT && operation->item->class != FEEDBAG_GROUP)
    finish (session, FEEDBAG_RESULT_OK, NULL);
  else if (result == FEEDBAG_RESULT_OK)
    {
      feedbag_apply (contacts_get_feedbag (session), operation);
      edits->next++;
    }
  else
    {
      purple_debug_info (session->category, "change of the list refused: %04x\n", result);
      finish (session, result, why);
    }
  run (session);
}

static void
send_operation (Session *session, const FeedbagOperation *operation)
{
  GByteArray *body = g_byte_array_new ();

  feedbag_add_item (body, operation->item);
  session_ask (session, FAMILY_FEEDBAG, operation->subtype, body, SEND_USER, on_result, NULL, NULL);
}

/* Works until something must be waited for. */
static void
run (Session *session)
{
  ListEdits *edits = session->edits;

  while (edits->waiting.length > 0 && session->bos != NULL)
    {
      Waiting *waiting = edits->waiting.head->data;

      if (edits->plan == NULL)
        {
          edits->plan = feedbag_plan (contacts_get_feedbag (session), waiting->edit);
          edits->next = 0;
        }
      if (edits->next < edits->plan->len)
        {
          if (!edits->open)
            session_send (session, FAMILY_FEEDBAG, 0x11, NULL, SEND_USER);
          edits->open = TRUE;
          send_operation (session, edits->plan->pdata[edits->next]);
          return;
        }
      finish (session, FEEDBAG_RESULT_OK, NULL);
    }
  if (edits->open)
    session_send (session, FAMILY_FEEDBAG, 0x12, NULL, SEND_USER);
  edits->open = FALSE;
}

void
list_edits_queue (Session *session, FeedbagEdit *edit, EditDone done)
{
  ListEdits *edits = session->edits;
  Waiting *waiting;
  const char *why = NULL;

  if (!contacts_are_loaded (session))
    why = "The server has not sent its list of contacts.";
  else if (edits->waiting.length >= MOST_WAITING)
    why = "Too many changes of the list wait to be made.";
  if (why != NULL)
    {
      if (done != NULL && !session->ending)
        done (session, edit, LIST_EDIT_FAILED, why);
      feedbag_edit_free (edit);
      return;
    }
  waiting = g_new0 (Waiting, 1);
  waiting->edit = edit;
  waiting->done = done;
  g_queue_push_tail (&edits->waiting, waiting);
  if (edits->plan == NULL && !edits->running)
    run (session);
}

gboolean
list_edits_are_waiting (Session *session)
{
  return session->edits->waiting.length > 0;
}
