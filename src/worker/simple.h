/* SPDX-License-Identifier: GPL-2.0-or-later */
/* simple.h - what libpurple's SIMPLE plugin needs to be helped with.
 *
 * It calls its contacts "sip:juliet@example.net", where people write no "sip:", and
 * takes no notice of what becomes of a message: here the replies are read.  They are
 * known by their Call-ID, of which each request has its own. */
#pragma once

#include <glib.h>

/* "SIP/2.0 404 Not Found" and the headers below it, as far as they matter. */
typedef struct {
  int status;                 /* 0: no reply */
  char *reason;
  char *method, *call_id;     /* of the request that it answers */
} SipReply;

void simple_parse_reply (const char *head, SipReply *reply);
void sip_reply_clear (SipReply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SipReply, sip_reply_clear)

/* Of a request or a reply; NULL: it has none. */
char *simple_dup_call_id (const char *head);

/* "juliet@example.net" for "sip:juliet@example.net": a part of the string, or itself. */
const char *simple_skip_scheme (const char *address);
