/* SPDX-License-Identifier: GPL-2.0-or-later */
/* switchboard_lines.h - the way to conversations, and who is in them (msnp.md 8). */
#pragma once

#include "command.h"

/* XFR and RNG. */
typedef struct {
  gboolean to_switchboard;         /* XFR: otherwise to another notification server */
  char *host;
  int port;
  char *token;                     /* NULL: another notification server needs none */
  char *session;                   /* RNG */
  char *address, *name;            /* RNG: who calls */
} TransferLine;

/* IRO, JOI and BYE. */
typedef struct {
  char *address, *name;
  guint32 capabilities;
  guint index, total;              /* IRO */
} MemberLine;

/* FALSE: not to be understood. */
gboolean transfer_line_parse (const Command *command, TransferLine *line);
gboolean member_line_parse (const Command *command, MemberLine *line);
void transfer_line_clear (TransferLine *line);
void member_line_clear (MemberLine *line);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TransferLine, transfer_line_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MemberLine, member_line_clear)
