/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http_message.h - HTTP/1.1 as the web services and the gateway speak it (msnp.md 4.2, 12). */
#pragma once

#include <glib.h>

typedef struct {
  gboolean tls;
  char *host;      /* as it stands in the address, without the port */
  int port;
  char *path;      /* with the query; never empty */
} HttpAddress;

/* "https://" is assumed where there is no scheme; FALSE: no address. */
gboolean http_address_parse (const char *url, HttpAddress *address);
void http_address_clear (HttpAddress *address);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HttpAddress, http_address_clear)
/* SCHEME://HOST:PORT of it. */
char *http_address_dup_origin (const HttpAddress *address);

/* METHOD is GET or POST; HEADERS are lines ended by CR LF, or NULL. */
GByteArray *http_build_request (const char *method, const HttpAddress *address, const char *headers, gboolean keep_alive,
                                const void *body, gsize length);

typedef struct {
  guint status;
  GPtrArray *headers;     /* "Name: value" */
  GByteArray *body;       /* a zero byte stands behind it */
  gboolean keeps_alive;
} HttpResponse;

typedef struct HttpReader HttpReader;

typedef enum { HTTP_MORE, HTTP_DONE, HTTP_BROKEN } HttpResult;

/* Reads one answer after the other; none may be larger than MOST bytes. */
HttpReader *http_reader_new (gsize most);
void http_reader_free (HttpReader *reader);
HttpResult http_reader_feed (HttpReader *reader, const void *data, gsize length);
/* The other side closed: an answer without a length is complete by that. */
HttpResult http_reader_end (HttpReader *reader);
/* After HTTP_DONE; lent until the next call of feed. */
const HttpResponse *http_reader_get (const HttpReader *reader);

/* The value of the first header of this name, or NULL. */
const char *http_response_get (const HttpResponse *response, const char *name);
