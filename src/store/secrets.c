/* SPDX-License-Identifier: GPL-2.0-or-later */
/* secrets.c - passwords at rest.
 *
 * Sealed: one byte that names this form, the nonce, and the password encrypted
 * with the context as additional data.  It is padded before, so that its length
 * does not show either. */
#include "config.h"

#include "secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CREDENTIAL "passerelle.key"

#define KEY_SIZE crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define MAC_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES

#define FORM 1
#define HEADER_SIZE (1 + NONCE_SIZE)
#define PADDING 64

#define PSEUDONYM_SIZE 16

struct Secrets {
  guchar names_key[crypto_kdf_KEYBYTES];  /* of pseudonyms, made from the other */
  guchar *key;                /* sodium_malloc: locked, not dumped, read-only */
};

static gboolean
fail_errno (const char *file, const char *doing, GError **error)
{
  int saved = errno;

  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (saved), "cannot %s the key %s: %s", doing, file, g_strerror (saved));
  return FALSE;
}

/* Reads up to `size` bytes; -1 with errno. */
static gssize
read_all (int fd, guchar *buffer, gsize size)
{
  gsize done = 0;

  while (done < size)
    {
      gssize n = read (fd, buffer + done, size - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      done += (gsize) n;
    }
  return (gssize) done;
}

/* G_IO_ERROR_NOT_FOUND if there is no such file. */
static gboolean
read_key (const char *file, gboolean must_be_private, guchar *key, GError **error)
{
  guchar buffer[KEY_SIZE + 1];
  struct stat status;
  gssize length;
  int fd = open (file, O_RDONLY | O_CLOEXEC);

  if (fd < 0 || fstat (fd, &status) < 0)
    {
      fail_errno (file, "open", error);
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  if (!S_ISREG (status.st_mode) || (must_be_private && (status.st_mode & 077) != 0))
    {
      close (fd);
      if (!S_ISREG (status.st_mode))
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "the key %s is not a regular file", file);
      else
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                     "the key %s is open to others (mode %04o); chmod 600 it", file, (guint) status.st_mode & 07777);
      return FALSE;
    }
  length = read_all (fd, buffer, sizeof buffer);
  if (length < 0)
    fail_errno (file, "read", error);
  close (fd);
  if (length < 0)
    return FALSE;
  if (length == KEY_SIZE)
    memcpy (key, buffer, KEY_SIZE);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 "the key %s is damaged: it has %s than %d bytes; put back a copy of it (without one, the stored passwords are lost)",
                 file, length < (gssize) KEY_SIZE ? "fewer" : "more", (int) KEY_SIZE);
  sodium_memzero (buffer, sizeof buffer);
  return length == KEY_SIZE;
}

/* A key is under its name whole or not at all, whenever the machine falls. */
static gboolean
make_key (const char *file, guchar *key, GError **error)
{
  g_autofree char *temporary = g_strconcat (file, ".XXXXXX", NULL);
  g_autofree char *folder = g_path_get_dirname (file);
  int fd = g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0600);
  int folder_fd;
  gboolean done;

  if (fd < 0)
    return fail_errno (file, "make", error);
  randombytes_buf (key, KEY_SIZE);
  done = write (fd, key, KEY_SIZE) == (gssize) KEY_SIZE && fsync (fd) == 0 && link (temporary, file) == 0;
  if (!done)
    fail_errno (file, "make", error);
  close (fd);
  unlink (temporary);
  if (!done)
    return FALSE;

  folder_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_fd >= 0)
    {
      fsync (folder_fd);
      close (folder_fd);
    }
  g_message ("made a new key for passwords, %s: keep a copy, away from the database's", file);
  return TRUE;
}

static gboolean
find_key (const char *key_file, guchar *key, GError **error)
{
  const char *credentials = g_getenv ("CREDENTIALS_DIRECTORY");
  g_autofree char *credential = credentials != NULL ? g_build_filename (credentials, CREDENTIAL, NULL) : NULL;
  g_autoptr (GError) problem = NULL;

  /* systemd guards a credential by other means than its mode. */
  if (credential != NULL && g_file_test (credential, G_FILE_TEST_EXISTS))
    return read_key (credential, FALSE, key, error);

  if (read_key (key_file, TRUE, key, &problem))
    return TRUE;
  if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return make_key (key_file, key, error);
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

Secrets *
secrets_open (const char *key_file, GError **error)
{
  g_autoptr (Secrets) secrets = NULL;

  if (sodium_init () < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "libsodium finds no source of randomness");
      return NULL;
    }
  secrets = g_new0 (Secrets, 1);
  secrets->key = sodium_malloc (KEY_SIZE);
  if (secrets->key == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot lock memory for the key: %s", g_strerror (errno));
      return NULL;
    }
  if (!find_key (key_file, secrets->key, error))
    return NULL;
  crypto_kdf_derive_from_key (secrets->names_key, sizeof secrets->names_key, 1, "pseudony", secrets->key);
  sodium_mprotect_readonly (secrets->key);
  return g_steal_pointer (&secrets);
}

void
secrets_free (Secrets *secrets)
{
  sodium_free (secrets->key);
  sodium_memzero (secrets->names_key, sizeof secrets->names_key);
  g_free (secrets);
}

GBytes *
secrets_seal (Secrets *secrets, const char *plain, const char *context)
{
  gsize length = strlen (plain);
  gsize padded = (length / PADDING + 1) * PADDING;
  g_autofree guchar *work = g_malloc0 (padded);
  const gsize size = HEADER_SIZE + padded + MAC_SIZE;
  guchar *sealed = g_malloc (size);
  int result;

  memcpy (work, plain, length);
  result = sodium_pad (NULL, work, length, PADDING, padded);
  g_assert (result == 0);
  sealed[0] = FORM;
  randombytes_buf (sealed + 1, NONCE_SIZE);
  crypto_aead_xchacha20poly1305_ietf_encrypt (sealed + HEADER_SIZE, NULL, work, padded,
                                              (const guchar *) context, strlen (context), NULL, sealed + 1, secrets->key);
  sodium_memzero (work, padded);
  return g_bytes_new_take (sealed, size);
}

char *
secrets_unseal (Secrets *secrets, GBytes *sealed, const char *context, GError **error)
{
  gsize size, length;
  const guchar *data = g_bytes_get_data (sealed, &size);
  char *plain;

  if (size <= HEADER_SIZE + MAC_SIZE || data[0] != FORM)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "a stored password is damaged");
      return NULL;
    }
  length = size - HEADER_SIZE - MAC_SIZE;
  plain = g_malloc0 (length + 1);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt ((guchar *) plain, NULL, NULL, data + HEADER_SIZE, size - HEADER_SIZE,
                                                  (const guchar *) context, strlen (context), data + 1, secrets->key) != 0
      || sodium_unpad (&length, (guchar *) plain, length, PADDING) != 0)
    {
      sodium_memzero (plain, size - HEADER_SIZE - MAC_SIZE);
      g_free (plain);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "a stored password does not open: the key is not the one that it was stored with");
      return NULL;
    }
  plain[length] = '\0';
  return plain;
}

char *
secrets_dup_pseudonym (Secrets *secrets, const char *text)
{
  guchar hash[PSEUDONYM_SIZE];
  char encoded[sodium_base64_ENCODED_LEN (PSEUDONYM_SIZE, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];

  crypto_generichash (hash, sizeof hash, (const guchar *) text, strlen (text), secrets->names_key, sizeof secrets->names_key);
  return g_strdup (sodium_bin2base64 (encoded, sizeof encoded, hash, sizeof hash, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
}

void
secrets_wipe (char *secret)
{
  if (secret == NULL)
    return;
  sodium_memzero (secret, strlen (secret));
  g_free (secret);
}
