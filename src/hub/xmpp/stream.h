/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stream.h - a component's connection to its XMPP server (XEP-0114).
 *
 * A stream connects, and connects again with back-off and jitter, until it is
 * stopped.  What comes in is limited in size, depth and number of nodes: a
 * stanza beyond that is answered with an error here and seen by nobody.  What
 * goes out passes one sanitiser, since one illegal character would end the
 * stream for every user, and leaves in one write per turn of the main loop. */
#pragma once

#include "intake.h"
#include "settings.h"
#include "stanza.h"

typedef struct Stream Stream;

typedef struct {
  /* The server accepted the handshake.  It remembers nothing of an earlier
   * connection: who is online has to be asked again. */
  void (*on_up) (Stream *stream, gpointer data);
  /* The connection is gone, or the first attempt failed; another one follows. */
  void (*on_down) (Stream *stream, const GError *error, gpointer data);
  /* A stanza with a valid `from` and `to`; lent. */
  void (*on_stanza) (Stream *stream, xmpp_stanza_t *stanza, gpointer data);
} StreamCallbacks;

/* No callback runs from inside a call of this interface. */
Stream *stream_new (const char *domain, const StreamCallbacks *callbacks, gpointer data);
/* Closes at once; no callback runs afterwards. */
void stream_free (Stream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stream, stream_free)

/* Where to and with what secret, from the next connection on. */
void stream_configure (Stream *stream, const char *host, guint port, SettingsTls tls, const char *secret);
/* Lent: where is kept what was read and not handed on, which is handed on by the next connection. */
void stream_set_intake (Stream *stream, Intake *intake);
void stream_start (Stream *stream);
/* Writes what is waiting, says good-bye, takes what the server still has to say until it does so too, and closes; `done` runs once
 * it is closed, at the latest after two seconds.  `ended`: the server has closed it, and has dealt with all that it was sent. */
typedef void (*StreamStopped) (gboolean ended, gpointer data);
void stream_stop (Stream *stream, StreamStopped done, gpointer data);

/* While paused nothing that the server sends is taken; it has to wait.  A new connection is not paused. */
void stream_pause (Stream *stream, gboolean paused);

/* Bytes that wait for the server to take them. */
gsize stream_get_backlog (Stream *stream);
gboolean stream_is_up (Stream *stream);

/* Sends a stanza (lent).  What is sent while the stream is down is dropped: on_up makes it anew, and messages have outbox.h. */
void stream_send (Stream *stream, xmpp_stanza_t *stanza);

/* The same in two steps.  The stanza as text that no server can take offence at; NULL, and a line in the log, if it is
 * too large to be sent at all. */
char *stream_dup_text (Stream *stream, xmpp_stanza_t *stanza, gsize *length);
/* Only while the stream is up.  `text` is a whole stanza, made by stream_dup_text at any time. */
void stream_write (Stream *stream, const char *text, gsize length);
