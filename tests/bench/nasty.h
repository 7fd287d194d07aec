/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nasty.h - the largest stanzas that an XMPP server lets through, filled with what costs parsers most. */
#pragma once

#include <glib.h>

/* prosody's limit for what a component gets. */
#define NASTY_SIZE (512 * 1024)

typedef enum { NASTY_CHILDREN, NASTY_DEPTH, NASTY_NEWLINES, NASTY_ENTITIES, NASTY_ATTRIBUTES } NastyKind;

const char *nasty_name (NastyKind kind);

/* A well-formed message of exactly NASTY_SIZE bytes. */
char *nasty_dup_stanza (NastyKind kind, const char *from, const char *to);
