/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tlv.c - the type-length-value groups of OSCAR, read in place. */
#include "tlv.h"

#include <string.h>

gboolean
tlv_next (Reader *group, Tlv *tlv)
{
  if (group->bad || group->left == 0)
    return FALSE;
  tlv->type = reader_u16 (group);
  tlv->length = reader_u16 (group);
  tlv->value = reader_take (group, tlv->length);
  return !group->bad;
}

gboolean
tlv_find (Reader group, guint16 type, Tlv *tlv)
{
  while (tlv_next (&group, tlv))
    if (tlv->type == type)
      return TRUE;
  return FALSE;
}

gboolean
tlv_has (Reader group, guint16 type)
{
  Tlv tlv;

  return tlv_find (group, type, &tlv);
}

Reader
tlv_take_counted (Reader *reader, guint count)
{
  const guint8 *start = reader->data;
  const guint8 *end = start;
  Tlv tlv;

  while (count-- > 0 && tlv_next (reader, &tlv))
    end = reader->data;
  return reader_of (start, (gsize) (end - start));
}

Reader
tlv_reader (const Tlv *tlv)
{
  return reader_of (tlv->value, tlv->length);
}

guint32
tlv_uint (const Tlv *tlv)
{
  Reader reader = tlv_reader (tlv);

  if (tlv->length >= 4)
    return reader_u32 (&reader);
  if (tlv->length >= 2)
    return reader_u16 (&reader);
  return reader_u8 (&reader);
}

char *
tlv_dup_string (const Tlv *tlv)
{
  return tlv->length > 0 ? g_strndup ((const char *) tlv->value, tlv->length) : g_strdup ("");
}

void
tlv_add (GByteArray *out, guint16 type, gconstpointer value, gsize length)
{
  length = MIN (length, 0xffff);
  bytes_add_u16 (out, type);
  bytes_add_u16 (out, (guint) length);
  bytes_add (out, value, length);
}

void
tlv_add_empty (GByteArray *out, guint16 type)
{
  tlv_add (out, type, NULL, 0);
}

void
tlv_add_string (GByteArray *out, guint16 type, const char *value)
{
  tlv_add (out, type, value, strlen (value));
}

void
tlv_add_u8 (GByteArray *out, guint16 type, guint value)
{
  guint8 b = (guint8) value;

  tlv_add (out, type, &b, 1);
}

void
tlv_add_u16 (GByteArray *out, guint16 type, guint value)
{
  guint16 b = GUINT16_TO_BE ((guint16) value);

  tlv_add (out, type, &b, 2);
}

void
tlv_add_u32 (GByteArray *out, guint16 type, guint32 value)
{
  guint32 b = GUINT32_TO_BE (value);

  tlv_add (out, type, &b, 4);
}

void
tlv_add_array (GByteArray *out, guint16 type, const GByteArray *value)
{
  tlv_add (out, type, value->data, value->len);
}
