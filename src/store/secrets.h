/* SPDX-License-Identifier: GPL-2.0-or-later */
/* secrets.h - passwords at rest: XChaCha20-Poly1305 (libsodium) under one key
 * that is kept outside the database.
 *
 * The key's memory is locked and left out of core dumps.  A sealed password is
 * bound to its account by `context`: moved to another row it does not open. */
#pragma once

#include <glib.h>

typedef struct Secrets Secrets;

/* The key comes from the systemd credential "passerelle.key"
 * ($CREDENTIALS_DIRECTORY) if there is one, else from `key_file`, which is made
 * (mode 0600) if it does not exist.  Refused: a file that others can read, or of another length. */
Secrets *secrets_open (const char *key_file, GError **error);
void secrets_free (Secrets *secrets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Secrets, secrets_free)

GBytes *secrets_seal (Secrets *secrets, const char *plain, const char *context);
/* Free with secrets_wipe.  NULL with G_IO_ERROR_INVALID_DATA if the key or the context is another. */
char *secrets_unseal (Secrets *secrets, GBytes *sealed, const char *context, GError **error);

/* A name for `text` that says nothing of it to who has not the key, and is always the same. */
#define SECRETS_PSEUDONYM_LENGTH 22
char *secrets_dup_pseudonym (Secrets *secrets, const char *text);

/* Overwrites a string and frees it; NULL is fine. */
void secrets_wipe (char *secret);
