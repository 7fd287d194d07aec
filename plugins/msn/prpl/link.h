/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link.h - one connection that carries commands, over TCP or through the HTTP gateway; nothing of it blocks. */
#pragma once

#include "command.h"
#include "session.h"

typedef struct Link Link;

typedef enum {
  LINK_UNREACHABLE,    /* it never came to be */
  LINK_ENDED,          /* the other side closed */
  LINK_FAILED,         /* an error, or no MSNP */
} LinkEnd;

typedef struct {
  void (*on_up) (Link *link, gpointer data);
  /* The command is gone after the call.  It may free the link. */
  void (*on_command) (Link *link, const Command *command, gpointer data);
  /* Called once at most, never from inside of a call to the link; nothing comes after it. */
  void (*on_end) (Link *link, LinkEnd end, const char *why, gpointer data);
} LinkEvents;

/* KIND is "NS" or "SB". */
Link *link_connect (Session *session, const char *kind, const char *host, int port, const LinkEvents *events, gpointer data);
void link_free (Link *link);
/* Takes the bytes. */
void link_send (Link *link, GByteArray *bytes);
/* Seconds since anything was received, and sent. */
guint link_get_silence (const Link *link);
guint link_get_idleness (const Link *link);
gboolean link_is_polled (const Link *link);
