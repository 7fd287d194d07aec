/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stream.h - one connection that carries FLAP frames, plain or in TLS; nothing of it blocks. */
#pragma once

#include <purple.h>

#include "flap.h"

typedef struct Stream Stream;

typedef enum {
  STREAM_UNREACHABLE,    /* it never came to be */
  STREAM_UNTRUSTED,      /* its certificate was refused */
  STREAM_ENDED,          /* the other side closed */
  STREAM_SIGNED_OFF,     /* ... after a sign-off without a length */
  STREAM_FAILED,         /* an error, or no FLAP */
} StreamEnd;

typedef struct {
  /* What the frame points to is gone after the call.  Either function may free the stream. */
  void (*on_frame) (Stream *stream, const FlapFrame *frame, gpointer data);
  /* Called once at most, never from inside a call to the stream; nothing comes after it. */
  void (*on_end) (Stream *stream, StreamEnd end, const char *why, gpointer data);
} StreamEvents;

Stream *stream_connect (PurpleConnection *gc, const char *host, int port, gboolean tls, const StreamEvents *events, gpointer data);
void stream_send (Stream *stream, FlapChannel channel, const GByteArray *body);
/* Says good-bye if that is possible at once, and frees. */
void stream_sign_off (Stream *stream);
void stream_free (Stream *stream);

gboolean stream_is_tls (const Stream *stream);
/* Our address as the other side sees it at best, host byte order; 0: unknown. */
guint32 stream_get_own_ip (const Stream *stream);
/* Seconds since anything was received, and sent. */
guint stream_get_silence (const Stream *stream);
guint stream_get_idleness (const Stream *stream);
