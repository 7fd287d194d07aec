/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http_client.h - one request over HTTP or HTTPS; nothing of it blocks, and redirects are the caller's. */
#pragma once

#include "http_message.h"
#include "session.h"

typedef struct HttpRequest HttpRequest;

/* Called once, never from inside of http_request_send; the request is gone then.  RESPONSE is NULL when none came, and WHY
 * says what happened; UNTRUSTED: the certificate was refused. */
typedef void (*HttpFunc) (Session *session, const HttpResponse *response, const char *why, gboolean untrusted, gpointer data);

/* BYTES is owned from now on. */
HttpRequest *http_request_send (Session *session, const HttpAddress *address, GByteArray *bytes, HttpFunc func, gpointer data);
/* Nothing is called any more. */
void http_request_cancel (HttpRequest *request);
