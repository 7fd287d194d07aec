/* SPDX-License-Identifier: GPL-2.0-or-later */
/* presence_line.h - states of contacts, and capabilities (msnp.md 6). */
#pragma once

#include "command.h"

/* What we say of ourselves: generation 5, text in several parts. */
#define CAPABILITIES_OWN 1342177312u

#define CAPABILITY_MOBILE 0x1
#define CAPABILITY_PARTS 0x20
#define CAPABILITY_BOT 0x20000

typedef struct {
  gboolean online;
  char code[4];              /* NLN and so on */
  char *address, *name;      /* the name is NULL of those who leave */
  guint32 capabilities;
  char *object;              /* the picture's; NULL: none */
} PresenceLine;

/* ILN, NLN or FLN; FALSE: not to be understood. */
gboolean presence_line_parse (const Command *command, PresenceLine *line);
void presence_line_clear (PresenceLine *line);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PresenceLine, presence_line_clear)

/* A capability number, also as newer clients write it; 0: none. */
guint32 capabilities_parse (const char *text);
/* 0: no peer-to-peer at all. */
guint capabilities_get_generation (guint32 capabilities);
/* The program of that generation: "MSN Messenger 7.5". */
const char *capabilities_describe (guint32 capabilities);

/* libpurple's status id of a code, "available" for an unknown one; and the other way, NULL for an unknown id. */
const char *presence_code_to_status (const char *code);
const char *presence_status_to_code (const char *status);
