/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stream.h - a non-blocking TCP stream on the loop, with a buffer before it. */
#pragma once

#include <glib.h>

typedef struct Stream Stream;

/* Called with what was read; with length 0 once, when the other side is gone.  May call stream_free. */
typedef void (*StreamFunc) (Stream *stream, const char *data, gsize length, gpointer user_data);
typedef void (*StreamAcceptFunc) (int fd, gpointer user_data);

/* Takes fd, makes it non-blocking and without delay (TCP_NODELAY). */
Stream *stream_new (int fd, StreamFunc func, gpointer user_data);
void stream_free (Stream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stream, stream_free)

/* Collects; the loop writes it at the end of its turn, as much as the kernel takes. */
void stream_write (Stream *stream, const char *data, gsize length);
void stream_printf (Stream *stream, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Ends our direction when all is written; the other side's end is told as ever. */
void stream_finish (Stream *stream);

/* A listener on a free port of 127.0.0.1. */
typedef struct Listener Listener;

Listener *listener_new (StreamAcceptFunc func, gpointer user_data, GError **error);
guint16 listener_port (const Listener *listener);
void listener_free (Listener *listener);
