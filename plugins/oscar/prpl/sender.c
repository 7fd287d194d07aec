/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sender.c - SNACs wait here until the server's rate limits permit them. */
#include "sender.h"

#define TICK_MS 500
#define MOST_WAITING 5000

typedef struct {
  guint32 id;
  guint class;
  GByteArray *snac;   /* owned */
} Waiting;

struct Sender {
  SenderFunc send;
  gpointer data;
  Rates *rates;              /* owned, or NULL */
  GQueue waiting[2];         /* Waiting: by urgency, user and background */
  guint timer;
  gboolean paused, running;
};

static void
waiting_free (Waiting *waiting)
{
  g_byte_array_unref (waiting->snac);
  g_free (waiting);
}

Sender *
sender_new (SenderFunc send, gpointer data)
{
  Sender *sender = g_new0 (Sender, 1);

  sender->send = send;
  sender->data = data;
  return sender;
}

void
sender_free (Sender *sender)
{
  if (sender->timer > 0)
    purple_timeout_remove (sender->timer);
  g_clear_pointer (&sender->rates, rates_free);
  for (guint i = 0; i < G_N_ELEMENTS (sender->waiting); i++)
    g_queue_clear_full (&sender->waiting[i], (GDestroyNotify) waiting_free);
  g_free (sender);
}

void
sender_set_rates (Sender *sender, Rates *rates)
{
  /* Members of classes may differ: what waits is few at this time, and goes by the first class then. */
  g_clear_pointer (&sender->rates, rates_free);
  sender->rates = rates;
  for (guint i = 0; i < G_N_ELEMENTS (sender->waiting); i++)
    for (GList *l = sender->waiting[i].head; l != NULL; l = l->next)
      ((Waiting *) l->data)->class = MIN (((Waiting *) l->data)->class, rates_count (rates) - 1);
}

Rates *
sender_get_rates (Sender *sender)
{
  return sender->rates;
}

static gint64
now_ms (void)
{
  return g_get_monotonic_time () / 1000;
}

/* Sends what may be sent of one queue; classes that must wait are noted in BLOCKED. */
static void
run_queue (Sender *sender, GQueue *queue, gboolean background, guint64 *blocked)
{
  GList *next;

  for (GList *l = queue->head; l != NULL; l = next)
    {
      Waiting *waiting = l->data;
      guint64 bit = G_GUINT64_CONSTANT (1) << waiting->class % 64;

      next = l->next;
      if (*blocked & bit)
        continue;
      if (sender->rates != NULL)
        {
          RateClass *class = rates_get (sender->rates, waiting->class);

          if (rate_class_wait (class, background, now_ms ()) > 0)
            {
              *blocked |= bit;
              continue;
            }
          rate_class_charge (class, now_ms ());
        }
      g_queue_delete_link (queue, l);
      sender->send (waiting->id, waiting->snac, sender->data);
      waiting_free (waiting);
    }
}

static gboolean
on_tick (gpointer data)
{
  Sender *sender = data;

  sender_run (sender);
  if (sender_count_waiting (sender) > 0)
    return G_SOURCE_CONTINUE;
  sender->timer = 0;
  return G_SOURCE_REMOVE;
}

void
sender_run (Sender *sender)
{
  guint64 blocked = 0;

  if (sender->paused || sender->running)
    return;
  sender->running = TRUE;
  run_queue (sender, &sender->waiting[0], FALSE, &blocked);
  run_queue (sender, &sender->waiting[1], TRUE, &blocked);
  sender->running = FALSE;
}

void
sender_set_paused (Sender *sender, gboolean paused)
{
  sender->paused = paused;
  if (!paused)
    sender_run (sender);
}

gboolean
sender_queue (Sender *sender, guint32 id, guint16 family, guint16 subtype, GByteArray *snac, Urgency urgency)
{
  Waiting *waiting;
  guint class = sender->rates != NULL ? rates_find (sender->rates, family, subtype) : 0;

  if (urgency == SEND_NOW)
    {
      if (sender->rates != NULL)
        rate_class_charge (rates_get (sender->rates, class), now_ms ());
      sender->send (id, snac, sender->data);
      g_byte_array_unref (snac);
      return TRUE;
    }
  if (sender_count_waiting (sender) >= MOST_WAITING)
    {
      g_byte_array_unref (snac);
      return FALSE;
    }
  waiting = g_new0 (Waiting, 1);
  waiting->id = id;
  waiting->class = class;
  waiting->snac = snac;
  g_queue_push_tail (&sender->waiting[urgency == SEND_USER ? 0 : 1], waiting);
  sender_run (sender);
  if (sender_count_waiting (sender) > 0 && sender->timer == 0)
    sender->timer = purple_timeout_add (TICK_MS, on_tick, sender);
  return TRUE;
}

guint
sender_count_waiting (const Sender *sender)
{
  return sender->waiting[0].length + sender->waiting[1].length;
}
