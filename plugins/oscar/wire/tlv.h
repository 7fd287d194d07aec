/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tlv.h - the type-length-value groups of OSCAR, read in place. */
#pragma once

#include "bytes.h"

typedef struct {
  guint16 type;
  guint16 length;
  const guint8 *value;   /* lent by the Reader it came from */
} Tlv;

/* Steps to the next TLV; FALSE at the end, and where one claims more than there is. */
gboolean tlv_next (Reader *group, Tlv *tlv);
/* The first of TYPE in GROUP, which is not moved. */
gboolean tlv_find (Reader group, guint16 type, Tlv *tlv);
gboolean tlv_has (Reader group, guint16 type);
/* Takes COUNT TLVs from the reader as a group of their own; fewer if there are fewer. */
Reader tlv_take_counted (Reader *reader, guint count);

Reader tlv_reader (const Tlv *tlv);
/* The big-endian number of up to four bytes that the value begins with; servers differ in the widths. */
guint32 tlv_uint (const Tlv *tlv);
/* The bytes up to the first NUL; free it. */
char *tlv_dup_string (const Tlv *tlv);

void tlv_add (GByteArray *out, guint16 type, gconstpointer value, gsize length);
void tlv_add_empty (GByteArray *out, guint16 type);
void tlv_add_string (GByteArray *out, guint16 type, const char *value);
void tlv_add_u8 (GByteArray *out, guint16 type, guint value);
void tlv_add_u16 (GByteArray *out, guint16 type, guint value);
void tlv_add_u32 (GByteArray *out, guint16 type, guint32 value);
void tlv_add_array (GByteArray *out, guint16 type, const GByteArray *value);
