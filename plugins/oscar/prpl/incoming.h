/* SPDX-License-Identifier: GPL-2.0-or-later */
/* incoming.h - messages from others, on all channels (oscar.md 5). */
#pragma once

#include "dispatch.h"
#include "icq_message.h"

/* A message of ICQ's own form, from a channel or from the store; sent: Unix time, 0: now. */
void incoming_take_icq (Session *session, const char *from, const IcqMessage *message, gint64 sent);
/* Shows it. html: as libpurple wants it. */
void incoming_show (Session *session, const char *from, const char *html, gboolean auto_response, gint64 sent);

extern const SnacHandler incoming_handlers[];
