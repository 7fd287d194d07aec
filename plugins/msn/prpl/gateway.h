/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gateway.h - a connection that is carried by HTTP requests, one after the other (msnp.md 12). */
#pragma once

#include "session.h"

typedef struct Gateway Gateway;

typedef struct {
  /* Either may free the gateway. */
  void (*on_bytes) (gpointer data, const void *bytes, gsize length);
  /* The last call; never from inside of gateway_send. */
  void (*on_end) (gpointer data, gboolean closed, const char *why);
} GatewayEvents;

/* KIND is "NS" or "SB", HOST where the gateway is to go on to. */
Gateway *gateway_new (Session *session, const char *kind, const char *host, const GatewayEvents *events, gpointer data);
void gateway_free (Gateway *gateway);
/* Whole commands only. */
void gateway_send (Gateway *gateway, const GByteArray *bytes);
