/* SPDX-License-Identifier: GPL-2.0-or-later */
/* directory.c - families 0F and 0A, and 02/09: who is who. */
#include "directory.h"

#include <string.h>

#include "charset.h"

#define STATUS_OK 5

GByteArray *
directory_build_search (gboolean by_email)
{
  GByteArray *out = g_byte_array_new ();

  tlv_add_string (out, 0x1c, "us-ascii");
  tlv_add_u16 (out, 0x0a, by_email ? 1 : 0);
  return out;
}

GByteArray *
directory_build_own (gboolean searchable)
{
  GByteArray *out = g_byte_array_new ();

  tlv_add_u16 (out, 0x0a, searchable ? 1 : 0);
  return out;
}

void
directory_add_field (GByteArray *out, DirectoryField field, const char *value)
{
  if (value != NULL && *value != '\0')
    tlv_add_string (out, field, value);
}

gboolean
directory_parse_results (Reader *body, guint *count)
{
  guint16 status = reader_u16 (body);

  reader_u16 (body);
  *count = reader_u16 (body);
  return status == STATUS_OK && !body->bad;
}

gboolean
directory_next_result (Reader *body, Reader *record)
{
  guint count;

  if (body->left == 0)
    return FALSE;
  count = reader_u16 (body);
  *record = tlv_take_counted (body, count);
  return !body->bad;
}

char *
directory_dup_field (Reader record, DirectoryField field, const char *fallback)
{
  Tlv tlv;

  return tlv_find (record, field, &tlv) ? charset_decode_any (tlv_reader (&tlv), fallback) : g_strdup ("");
}

GByteArray *
lookup_build_email (const char *email)
{
  GByteArray *out = g_byte_array_new ();

  bytes_add (out, email, strlen (email));
  return out;
}

gboolean
lookup_next_name (Reader *body, char **name)
{
  Tlv tlv;

  while (tlv_next (body, &tlv))
    if (tlv.type == 0x01)
      {
        *name = charset_decode_any (tlv_reader (&tlv), NULL);
        return TRUE;
      }
  return FALSE;
}
