/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bos.h - the main connection: signed on step by step, watched, moved, lost (oscar.md 2.7, 2.9). */
#pragma once

#include "dispatch.h"

/* COOKIE is copied. */
void bos_begin (Session *session, const char *address, const GByteArray *cookie, gboolean tls);
void bos_free (Bos *bos);
/* libpurple's half-minute. */
void bos_keep_alive (Session *session);

extern const SnacHandler bos_handlers[];
