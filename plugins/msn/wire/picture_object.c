/* SPDX-License-Identifier: GPL-2.0-or-later */
/* picture_object.c - what describes a picture, or a file, that can be asked for. */
#include "picture_object.h"

#include <string.h>

#include "address.h"
#include "markup_scan.h"
#include "percent.h"

#define MOST_EMOTICONS 40
#define LONGEST_SHORTCUT 32

/* -- Objects ---------------------------------------------------------------- */

gboolean
picture_object_parse (const char *text, PictureObject *object)
{
  g_autofree char *size = NULL;
  g_autofree char *type = NULL;
  g_autofree char *creator = NULL;
  MarkupElement element;
  guint64 number = 0;

  memset (object, 0, sizeof *object);
  if (!markup_find (text, strlen (text), "msnobj", &element))
    return FALSE;
  creator = markup_dup_attribute (&element, "Creator");
  size = markup_dup_attribute (&element, "Size");
  type = markup_dup_attribute (&element, "Type");
  object->creator = address_dup_normal (creator != NULL ? creator : "");
  object->location = markup_dup_attribute (&element, "Location");
  object->sha1 = markup_dup_attribute (&element, "SHA1D");
  if (size == NULL || !g_ascii_string_to_unsigned (size, 10, 1, G_MAXINT64, &object->size, NULL))
    return FALSE;
  if (type == NULL || !g_ascii_string_to_unsigned (type, 10, 0, 1000, &number, NULL))
    return FALSE;
  object->type = (guint) number;
  return object->sha1 != NULL && *object->sha1 != '\0' && strlen (object->sha1) <= 64;
}

void
picture_object_clear (PictureObject *object)
{
  g_clear_pointer (&object->creator, g_free);
  g_clear_pointer (&object->location, g_free);
  g_clear_pointer (&object->sha1, g_free);
}

char *
picture_object_dup_sha1 (const void *data, gsize length)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[20];
  gsize size = sizeof digest;

  g_checksum_update (checksum, data, (gssize) length);
  g_checksum_get_digest (checksum, digest, &size);
  return g_base64_encode (digest, size);
}

char *
picture_object_build (const char *creator, ObjectType type, const char *location, const void *data, gsize length)
{
  g_autofree char *sha1d = picture_object_dup_sha1 (data, length);
  g_autofree char *joined = g_strdup_printf ("Creator%sSize%" G_GSIZE_FORMAT "Type%uLocation%sFriendlyAAA=SHA1D%s", creator, length, type, location, sha1d);
  g_autofree char *sha1c = picture_object_dup_sha1 (joined, strlen (joined));

  return g_strdup_printf ("<msnobj Creator=\"%s\" Size=\"%" G_GSIZE_FORMAT "\" Type=\"%u\" Location=\"%s\" Friendly=\"AAA=\" SHA1D=\"%s\" SHA1C=\"%s\"/>",
                          creator, length, type, location, sha1d, sha1c);
}

/* -- Emoticons --------------------------------------------------------------- */

static void
emoticon_free (gpointer data)
{
  Emoticon *emoticon = data;

  g_free (emoticon->shortcut);
  g_free (emoticon->object);
  g_free (emoticon);
}

GPtrArray *
emoticons_parse (const char *body)
{
  GPtrArray *emoticons = g_ptr_array_new_with_free_func (emoticon_free);
  g_autofree char *clean = percent_dup_clean (body, -1);
  g_auto (GStrv) parts = g_strsplit (clean, "\t", 2 * MOST_EMOTICONS + 1);

  for (guint i = 0; parts[i] != NULL && parts[i + 1] != NULL; i += 2)
    {
      g_auto (PictureObject) object = { 0 };
      Emoticon *emoticon;

      g_strstrip (parts[i]);
      if (*parts[i] == '\0' || strlen (parts[i]) > LONGEST_SHORTCUT || !picture_object_parse (parts[i + 1], &object))
        continue;
      emoticon = g_new0 (Emoticon, 1);
      emoticon->shortcut = g_strdup (parts[i]);
      emoticon->object = g_strdup (g_strstrip (parts[i + 1]));
      g_ptr_array_add (emoticons, emoticon);
    }
  return emoticons;
}

/* -- Files ------------------------------------------------------------------- */

#define CONTEXT_SIZE 574
#define CONTEXT_NAME 20
#define CONTEXT_NAME_SIZE 520
/* The name, and what stands before it. */
#define CONTEXT_LEAST (CONTEXT_NAME + 2)

static char *
dup_file_name (const guint8 *bytes, gsize length)
{
  GString *name = g_string_new (NULL);

  for (gsize i = 0; i + 1 < length; i += 2)
    {
      gunichar c = (gunichar) (bytes[i] | bytes[i + 1] << 8);

      if (c == 0)
        break;
      if (c >= 0xd800 && c < 0xdc00 && i + 3 < length)
        {
          gunichar low = (gunichar) (bytes[i + 2] | bytes[i + 3] << 8);

          if (low >= 0xdc00 && low < 0xe000)
            {
              c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
              i += 2;
            }
        }
      if (c < 0x20 || c == 0x7f || c == '/' || c == '\\' || !g_unichar_validate (c))
        c = '_';
      g_string_append_unichar (name, c);
    }
  if (name->str[0] == '.')
    name->str[0] = '_';
  if (name->len == 0)
    g_string_append (name, "file");
  return g_string_free (name, FALSE);
}

gboolean
file_context_parse (const guint8 *bytes, gsize length, FileContext *context)
{
  context->size = 0;
  context->name = NULL;
  if (length < CONTEXT_LEAST)
    return FALSE;
  for (guint i = 0; i < 8; i++)
    context->size |= (guint64) bytes[8 + i] << 8 * i;
  if (context->size > G_MAXINT64)
    return FALSE;
  context->name = dup_file_name (bytes + CONTEXT_NAME, MIN (length - CONTEXT_NAME, CONTEXT_NAME_SIZE));
  return TRUE;
}

GByteArray *
file_context_build (guint64 size, const char *name)
{
  GByteArray *bytes = g_byte_array_new ();
  glong units = 0;
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  g_autofree gunichar2 *wide = g_utf8_to_utf16 (valid, -1, NULL, &units, NULL);

  g_byte_array_set_size (bytes, CONTEXT_SIZE);
  memset (bytes->data, 0, CONTEXT_SIZE);
  bytes->data[0] = CONTEXT_SIZE & 0xff;
  bytes->data[1] = CONTEXT_SIZE >> 8;
  bytes->data[4] = 2;
  for (guint i = 0; i < 8; i++)
    bytes->data[8 + i] = (guint8) (size >> 8 * i);
  bytes->data[16] = 1;
  for (glong i = 0; i < units && 2 * i + 2 < CONTEXT_NAME_SIZE; i++)
    {
      bytes->data[CONTEXT_NAME + 2 * i] = (guint8) (wide[i] & 0xff);
      bytes->data[CONTEXT_NAME + 2 * i + 1] = (guint8) (wide[i] >> 8);
    }
  memset (bytes->data + CONTEXT_SIZE - 4, 0xff, 4);
  return bytes;
}
