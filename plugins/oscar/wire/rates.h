/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rates.h - how fast a server lets us send (oscar.md 2.8).
 *
 * Each SNAC belongs to a class; each class has a level in milliseconds, a moving average of the time between two
 * sendings.  All functions take the time, so that tests need no clock.  */
#pragma once

#include "bytes.h"

typedef struct {
  guint16 id;
  guint32 window, clear, alert, limit, disconnect, level, max;
  gint64 last;       /* ms: when the level was last counted */
  gboolean limited;  /* the server drops what we send, until the level is at clear */
} RateClass;

typedef struct Rates Rates;

/* Of 01/07; NULL if it cannot be read.  NOW in milliseconds of any clock that goes on steadily. */
Rates *rates_parse (Reader body, gint64 now);
void rates_free (Rates *rates);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rates, rates_free)

/* 01/0A; FALSE if it cannot be read.  *code: 1 changed, 2 alert, 3 limited, 4 cleared. */
gboolean rates_parse_change (Rates *rates, Reader body, gint64 now, guint16 *code);
/* The body of 01/08: all classes. */
GByteArray *rates_build_ack (const Rates *rates);

guint rates_count (const Rates *rates);
RateClass *rates_get (Rates *rates, guint index);
/* The index of the class that a SNAC belongs to. */
guint rates_find (const Rates *rates, guint16 family, guint16 subtype);

/* How long until a SNAC may be sent without risk, in ms; 0: now.  background: it may wait longer than what a user
 * is waiting for. */
guint32 rate_class_wait (const RateClass *class, gboolean background, gint64 now);
/* Counts a SNAC as sent. */
void rate_class_charge (RateClass *class, gint64 now);
