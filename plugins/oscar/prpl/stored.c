/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stored.c - messages that came while we were away, and the order in which all are shown.
 *
 * Between the question and the end of its answer everything that comes is kept, and then shown by its time, so that a live
 * message is not seen before those that it goes on from.  Servers may send stored messages of AIM even after the end: some
 * moments are waited then.  */
#include "stored.h"

#include "icq_meta.h"
#include "incoming.h"
#include "screen_names.h"
#include "service.h"

#define GRACE_MS 1500
#define GIVE_UP_MS 5000
#define MOST_KEPT 2000

typedef struct {
  char *from, *html;
  gboolean auto_response;
  gint64 sent, received;
} Kept;

struct Stored {
  Session *session;
  gboolean waiting;
  GQueue kept;       /* Kept, owned */
  guint timer;
};

static void
kept_free (Kept *kept)
{
  g_free (kept->from);
  g_free (kept->html);
  g_free (kept);
}

Stored *
stored_new (Session *session)
{
  Stored *stored = g_new0 (Stored, 1);

  stored->session = session;
  return stored;
}

void
stored_free (Stored *stored)
{
  if (stored->timer > 0)
    purple_timeout_remove (stored->timer);
  g_queue_clear_full (&stored->kept, (GDestroyNotify) kept_free);
  g_free (stored);
}

static int
compare_times (gconstpointer a, gconstpointer b, gpointer data)
{
  const Kept *first = a, *second = b;
  gint64 one = first->sent > 0 ? first->sent : first->received;
  gint64 other = second->sent > 0 ? second->sent : second->received;

  return one < other ? -1 : one > other;
}

static void
show_all (Session *session)
{
  Stored *stored = session->stored;
  Kept *kept;

  stored->waiting = FALSE;
  /* Stable: what has the same time stays as it came. */
  g_queue_sort (&stored->kept, compare_times, NULL);
  while ((kept = g_queue_pop_head (&stored->kept)) != NULL)
    {
      incoming_show (session, kept->from, kept->html, kept->auto_response, kept->sent);
      kept_free (kept);
    }
}

static gboolean
on_time (gpointer data)
{
  Session *session = data;

  session->stored->timer = 0;
  show_all (session);
  return G_SOURCE_REMOVE;
}

static void
show_in (Session *session, guint ms)
{
  Stored *stored = session->stored;

  if (stored->timer > 0)
    purple_timeout_remove (stored->timer);
  stored->timer = purple_timeout_add (ms, on_time, session);
}

void
stored_take (Session *session, const char *from, const char *html, gboolean auto_response, gint64 sent)
{
  Stored *stored = session->stored;
  Kept *kept;

  if (!stored->waiting || stored->kept.length >= MOST_KEPT)
    {
      incoming_show (session, from, html, auto_response, sent);
      return;
    }
  kept = g_new0 (Kept, 1);
  kept->from = g_strdup (from);
  kept->html = g_strdup (html);
  kept->auto_response = auto_response;
  kept->sent = sent;
  kept->received = time (NULL);
  g_queue_push_tail (&stored->kept, kept);
}

/* -- ICQ ------------------------------------------------------------------ */

static void
on_icq (Session *session, const Snac *snac, gpointer data)
{
  IcqReply reply;
  g_auto (IcqMessage) message = { 0 };
  gint64 sent;

  if (snac == NULL || snac->subtype != 0x03 || !icq_meta_parse_reply (snac->body, &reply))
    {
      if (!session->ending)
        show_in (session, 0);
      return;
    }
  if (reply.type == ICQ_REPLY_OFFLINE && icq_meta_parse_offline (reply.data, session_get_encoding (session), &message, &sent))
    {
      g_autofree char *from = g_strdup_printf ("%u", message.from);

      incoming_take_icq (session, from, &message, sent);
    }
  else if (reply.type == ICQ_REPLY_OFFLINE_END)
    {
      session_send (session, FAMILY_ICQ, 0x02,
                    icq_meta_build_request (session->uin, ICQ_REQUEST_DELETE_OFFLINE, session_next_icq_sequence (session)), SEND_USER);
      show_in (session, 0);
    }
}

/* -- AIM ------------------------------------------------------------------ */

static void
on_end (Session *session, const Snac *snac, gpointer data)
{
  if (!session->ending)
    show_in (session, snac != NULL && snac->subtype == 0x17 ? GRACE_MS : 0);
}

void
stored_ask (Session *session)
{
  session->stored->waiting = TRUE;
  show_in (session, GIVE_UP_MS);
  /* Never both: on some servers they are one store. */
  if (session->icq && families_has (&session->bos->known, FAMILY_ICQ))
    session_ask (session, FAMILY_ICQ, 0x02,
                 icq_meta_build_request (session->uin, ICQ_REQUEST_OFFLINE, session_next_icq_sequence (session)), SEND_USER,
                 on_icq, NULL, NULL);
  else
    session_ask (session, FAMILY_ICBM, 0x10, NULL, SEND_USER, on_end, NULL, NULL);
}

/* An end, or a message, that does not repeat the number of the question. */
static void
on_loose_end (Session *session, Service *service, const Snac *snac)
{
  if (session->stored->waiting)
    on_end (session, snac, NULL);
}

static void
on_loose_icq (Session *session, Service *service, const Snac *snac)
{
  on_icq (session, snac, NULL);
}

const SnacHandler stored_handlers[] = {
  { FAMILY_ICBM, 0x17, on_loose_end },
  { FAMILY_ICQ, 0x03, on_loose_icq },
  { 0 },
};
