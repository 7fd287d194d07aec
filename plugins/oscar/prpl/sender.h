/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sender.h - SNACs wait here until the server's rate limits permit them (oscar.md 2.8).
 *
 * One queue for each class and urgency; a class that must wait does not hold up the others.  Order is kept within a queue.  */
#pragma once

#include <purple.h>

#include "rates.h"

typedef struct Sender Sender;

typedef enum {
  SEND_NOW,          /* bringing the connection up, and answers without which it ends; counted, never queued */
  SEND_USER,         /* somebody waits for it */
  SEND_BACKGROUND,
} Urgency;

/* SEND is given each SNAC when its time has come; it may be called from inside sender_queue. */
typedef void (*SenderFunc) (guint32 id, GByteArray *snac, gpointer data);

Sender *sender_new (SenderFunc send, gpointer data);
void sender_free (Sender *sender);

/* Without rates everything is sent at once. Owned from now on. */
void sender_set_rates (Sender *sender, Rates *rates);
Rates *sender_get_rates (Sender *sender);
/* While paused, only SEND_NOW goes out. */
void sender_set_paused (Sender *sender, gboolean paused);
/* FALSE: too much is queued already. The SNAC is owned from now on, in any case. */
gboolean sender_queue (Sender *sender, guint32 id, guint16 family, guint16 subtype, GByteArray *snac, Urgency urgency);
/* Looks again at what waits: the rates have changed. */
void sender_run (Sender *sender);
guint sender_count_waiting (const Sender *sender);
