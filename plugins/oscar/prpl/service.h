/* SPDX-License-Identifier: GPL-2.0-or-later */
/* service.h - a connection to a server that speaks SNACs: the main one (BOS), and those for rooms and other services.
 *
 * It brings itself up to the point where the rates are known (oscar.md 2.7, 7.1), keeps the rates, and matches answers
 * with questions by their ids.  What the SNACs mean it does not know: dispatch.h does.  */
#pragma once

#include "oservice.h"
#include "sender.h"
#include "session.h"
#include "stream.h"

struct Service {
  Session *session;
  guint16 family;          /* what it is for: FAMILY_OSERVICE is the main connection */
  Families offered, known;
  guint32 own_ip;
  gboolean ready;          /* 01/02 was sent */
};

typedef struct {
  /* The rates are known: what belongs to the service may be asked for, then comes service_set_ready. */
  void (*on_up) (Service *service, gpointer data);
  /* The connection is gone; the service is freed after the call. reason: of channel 4, or 0. */
  void (*on_down) (Service *service, StreamEnd end, guint16 reason, const char *why, gpointer data);
} ServiceEvents;

/* ADDRESS is HOST or HOST:PORT; the data live as long as the service. */
Service *service_connect (Session *session, guint16 family, const char *address, const GByteArray *cookie, gboolean tls,
                          const ServiceEvents *events, gpointer data);
/* Signs it off; the functions of its open questions are called with no answer, on_down is not. */
void service_free (Service *service);
gpointer service_get_data (const Service *service);

/* Sends 01/02. */
void service_set_ready (Service *service);

/* The body is owned from now on. FALSE: too much waits already. */
gboolean service_send (Service *service, guint16 family, guint16 subtype, GByteArray *body, Urgency urgency);

/* REPLY is a SNAC of the same family, perhaps its error; NULL: there is none, and there will be none.  More than one call
 * while SNAC_FLAG_MORE is set.  The data are freed by `destroy` after the last. */
typedef void (*ReplyFunc) (Session *session, const Snac *reply, gpointer data);
void service_ask (Service *service, guint16 family, guint16 subtype, GByteArray *body, Urgency urgency,
                  ReplyFunc func, gpointer data, GDestroyNotify destroy);

/* What the foodgroup 01 of any connection does. */
void service_set_paused (Service *service, gboolean paused);
Rates *service_get_rates (Service *service);
void service_run (Service *service);

/* Every half minute: sends a sign of life, asks for one, gives up questions without an answer.
 * FALSE: the connection is dead. */
gboolean service_keep_alive (Service *service);
gboolean service_is_tls (const Service *service);
