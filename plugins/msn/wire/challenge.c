/* SPDX-License-Identifier: GPL-2.0-or-later */
/* challenge.c - proofs of knowing a password, or of being a known program. */
#include "challenge.h"

#include <string.h>

#define MODULUS 0x7fffffffu
#define FACTOR 0x0e79a9c1u

static guint32
read_word (const guint8 *bytes)
{
  return (guint32) bytes[0] | (guint32) bytes[1] << 8 | (guint32) bytes[2] << 16 | (guint32) bytes[3] << 24;
}

static char *
dup_md5 (const char *one, const char *other)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_MD5);

  g_checksum_update (checksum, (const guchar *) one, (gssize) strlen (one));
  g_checksum_update (checksum, (const guchar *) other, (gssize) strlen (other));
  return g_strdup (g_checksum_get_string (checksum));
}

char *
challenge_compute_old (const char *challenge, const char *key)
{
  return dup_md5 (challenge, key);
}

char *
challenge_compute_password (const char *salt, const char *password)
{
  return dup_md5 (salt, password);
}

char *
challenge_compute (const char *challenge, const char *product, const char *key)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_MD5);
  g_autoptr (GString) filled = g_string_new (challenge);
  guint8 digest[16];
  gsize size = sizeof digest;
  guint64 k[4], high = 0, low = 0;
  GString *out = g_string_new (NULL);

  g_checksum_update (checksum, (const guchar *) challenge, (gssize) strlen (challenge));
  g_checksum_update (checksum, (const guchar *) key, (gssize) strlen (key));
  g_checksum_get_digest (checksum, digest, &size);
  for (guint i = 0; i < 4; i++)
    k[i] = read_word (digest + 4 * i) & MODULUS;
  g_string_append (filled, product);
  do
    g_string_append_c (filled, '0');
  while (filled->len % 8 != 0);
  for (gsize i = 0; i < filled->len; i += 8)
    {
      guint64 a = read_word ((const guint8 *) filled->str + i);
      guint64 b = read_word ((const guint8 *) filled->str + i + 4);
      guint64 t = FACTOR * a % MODULUS;

      t = ((t + high) * k[0] + k[1]) % MODULUS;
      high = ((b + t) % MODULUS * k[2] + k[3]) % MODULUS;
      low += high + t;
    }
  high = (high + k[1]) % MODULUS;
  low = (low + k[3]) % MODULUS;
  for (guint i = 0; i < 16; i++)
    {
      guint64 other = i / 4 % 2 == 0 ? high : low;

      g_string_append_printf (out, "%02x", (guint) (digest[i] ^ (other >> 8 * (i % 4) & 0xff)));
    }
  return g_string_free (out, FALSE);
}
