/* SPDX-License-Identifier: GPL-2.0-or-later */
/* icons.h - buddy icons, one's own and others' (oscar.md 8). */
#pragma once

#include <purple.h>

#include "dispatch.h"

Icons *icons_new (Session *session);
void icons_free (Icons *icons);

/* On line: one's own icon is made known. */
void icons_signed_on (Session *session);
/* Somebody's icon has this hash; length 0: there is none that could be fetched. */
void icons_noticed (Session *session, const char *name, const guint8 *hash, gsize length);

/* Call of libpurple. */
void icons_set (PurpleConnection *gc, PurpleStoredImage *image);

extern const SnacHandler icons_handlers[];
