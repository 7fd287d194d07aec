/* SPDX-License-Identifier: GPL-2.0-or-later */
/* command.h - lines and payloads of MSNP (msnp.md 3). */
#pragma once

#include <glib.h>

/* What a server can make us hold for one command. */
#define COMMAND_LONGEST_LINE 8192
#define COMMAND_LARGEST_PAYLOAD (1024 * 1024)

typedef struct {
  char name[4];       /* three capital letters, or the digits of an error */
  guint error;        /* 0: none */
  gboolean has_id;
  guint32 id;
  char **args;        /* as on the wire; what stands behind the name and the id */
  guint count;        /* of args */
  guint8 *payload;    /* a zero byte stands behind it */
  gsize length;       /* of the payload */
} Command;

void command_clear (Command *command);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Command, command_clear)

/* The argument, or "" where there is none. */
const char *command_arg (const Command *command, guint index);
/* Decoded from percent encoding and fit to be shown; free it. */
char *command_dup_text (const Command *command, guint index);
gboolean command_is (const Command *command, const char *name);

/* One command to be sent.  ID 0: none.  ARGS is put in as it is, but for what would end the line; NULL: none.
 * PAYLOAD may be NULL. */
GByteArray *command_build (const char *name, guint32 id, const char *args, const void *payload, gsize length);

/* -- The stream ----------------------------------------------------------- */

typedef struct Framer Framer;

typedef enum {
  FRAMER_MORE,      /* nothing complete is there */
  FRAMER_COMMAND,
  FRAMER_BROKEN,    /* this is no MSNP, or exceeds our limits: close the connection */
} FramerResult;

Framer *framer_new (void);
void framer_free (Framer *framer);
void framer_feed (Framer *framer, const void *data, gsize length);
/* COMMAND is filled with FRAMER_COMMAND only, and must be cleared. */
FramerResult framer_next (Framer *framer, Command *command);
