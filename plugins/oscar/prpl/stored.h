/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stored.h - messages that came while we were away, and the order in which all are shown (oscar.md 5.8). */
#pragma once

#include "dispatch.h"

Stored *stored_new (Session *session);
void stored_free (Stored *stored);

/* Just signed on: the server is asked for them. */
void stored_ask (Session *session);
/* A message, live (sent 0) or stored: shown in its turn. */
void stored_take (Session *session, const char *from, const char *html, gboolean auto_response, gint64 sent);

extern const SnacHandler stored_handlers[];
