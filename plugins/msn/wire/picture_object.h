/* SPDX-License-Identifier: GPL-2.0-or-later */
/* picture_object.h - what describes a picture that can be asked for (msnp.md 10.4, 10.8). */
#pragma once

#include <glib.h>

typedef enum { OBJECT_EMOTICON = 2, OBJECT_PICTURE = 3, OBJECT_BACKGROUND = 5, OBJECT_WINK = 8 } ObjectType;

typedef struct {
  char *creator;        /* normal form */
  guint64 size;
  guint type;
  char *location;
  char *sha1;           /* of the data, base64; never NULL */
} PictureObject;

/* FALSE: it says too little to be asked for. */
gboolean picture_object_parse (const char *text, PictureObject *object);
void picture_object_clear (PictureObject *object);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PictureObject, picture_object_clear)

char *picture_object_build (const char *creator, ObjectType type, const char *location, const void *data, gsize length);
/* Base64 of the SHA-1 of the data. */
char *picture_object_dup_sha1 (const void *data, gsize length);

typedef struct {
  char *shortcut, *object;
} Emoticon;

/* text/x-mms-emoticon: an array of Emoticon, of those whose object can be asked for. */
GPtrArray *emoticons_parse (const char *body);

/* The context of a file's invitation (10.6). */
typedef struct {
  guint64 size;
  char *name;           /* without what could be a path; never empty */
} FileContext;

gboolean file_context_parse (const guint8 *bytes, gsize length, FileContext *context);
GByteArray *file_context_build (guint64 size, const char *name);
