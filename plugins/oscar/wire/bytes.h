/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bytes.h - reading and writing the integers and strings of OSCAR.
 *
 * A Reader is a window on memory that somebody else owns.  It never passes its end: what is missing reads as 0 or
 * NULL and sets `bad`, so that a parser may read a whole record and ask once.  Readers are copied by value to look
 * ahead.  Writers append to a GByteArray.  */
#pragma once

#include <glib.h>

typedef struct {
  const guint8 *data;
  gsize left;
  gboolean bad;
} Reader;

Reader reader_of (gconstpointer data, gsize length);

guint8 reader_u8 (Reader *reader);
guint16 reader_u16 (Reader *reader);
guint32 reader_u32 (Reader *reader);
guint16 reader_le16 (Reader *reader);
guint32 reader_le32 (Reader *reader);

/* The next LENGTH bytes, or NULL; lent. */
const guint8 *reader_take (Reader *reader, gsize length);
/* A window on the next LENGTH bytes; an empty bad one if they are not there. */
Reader reader_sub (Reader *reader, gsize length);
/* What follows up to the end. */
Reader reader_rest (Reader *reader);

/* Strings with a length before them, as bytes up to the first NUL; "" if there is none.  Free them.
 * lestr: the little-endian length counts a NUL at the end (family 15). */
char *reader_dup_str8 (Reader *reader);
char *reader_dup_str16 (Reader *reader);
char *reader_dup_lestr (Reader *reader);

void bytes_add_u8 (GByteArray *out, guint value);
void bytes_add_u16 (GByteArray *out, guint value);
void bytes_add_u32 (GByteArray *out, guint32 value);
void bytes_add_le16 (GByteArray *out, guint value);
void bytes_add_le32 (GByteArray *out, guint32 value);
void bytes_add (GByteArray *out, gconstpointer data, gsize length);
void bytes_add_array (GByteArray *out, const GByteArray *more);
void bytes_add_zeros (GByteArray *out, gsize length);
/* A longer string than the length can say is cut. */
void bytes_add_str8 (GByteArray *out, const char *string);
void bytes_add_str16 (GByteArray *out, const char *string);
void bytes_add_lestr (GByteArray *out, const char *string);
