/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pictures.h - display pictures, ours and others'; objects in general (msnp.md 10.4, 10.5). */
#pragma once

#include "calls.h"

Pictures *pictures_new (Session *session);
void pictures_free (Pictures *pictures);

/* A contact has this object, or (NULL) none: its picture is shown, or fetched when its turn comes. */
void pictures_note_object (Session *session, const char *address, const char *object);
/* Ours, as CHG has it; NULL: none. */
const char *pictures_get_own_object (Session *session);
/* Somebody asks for an object: answers the call, and keeps it. */
void pictures_be_invited (Call *call, const SlpMessage *message);

/* DATA is NULL when it cannot be had; it is what the object says it is otherwise.  Called once, not from inside of this. */
typedef void (*PictureFunc) (Session *session, const guint8 *data, gsize length, gpointer user);
/* FALSE: it cannot even be asked for. */
gboolean pictures_fetch (Session *session, const char *who, const char *object, PictureFunc func, gpointer user);

/* For libpurple. */
void pictures_set_own (PurpleConnection *gc, PurpleStoredImage *image);
