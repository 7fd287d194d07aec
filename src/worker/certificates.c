/* SPDX-License-Identifier: GPL-2.0-or-later */
/* certificates.c - servers that cannot prove who they are.
 *
 * libpurple's verifier asks with a request that names no account, from inside
 * purple_certificate_verify: so what is being verified is kept in `doubt` during
 * that call.  Certificates that users accepted it would keep in files; here they
 * are kept in memory, by account, host and fingerprint. */
#include "config.h"

#include "certificates.h"

#include "text.h"

static WireVerify policy = WIRE_VERIFY_STRICT;
static CertificateDoubt doubt;
static gboolean verifying;
static GHashTable *accepted;  /* key: a set */
static GHashTable *owners;    /* PurpleSslConnection to PurpleAccount, both lent */
static PurpleAccount *beginning;  /* whose connection is being made at this moment */

void
certificates_init (WireVerify verify)
{
  policy = verify;
  accepted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  owners = g_hash_table_new (NULL, NULL);
}

/* "9f:86:d0:..." */
static char *
dup_fingerprint (GList *chain)
{
  GByteArray *print = chain != NULL ? purple_certificate_get_fingerprint_sha1 (chain->data) : NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; print != NULL && i < print->len; i++)
    g_string_append_printf (text, i > 0 ? ":%02x" : "%02x", print->data[i]);
  if (print != NULL)
    g_byte_array_free (print, TRUE);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* -- Whose a connection is ------------------------------------------------ */

void
certificates_begin (PurpleAccount *account)
{
  beginning = account;
}

void
certificates_note (PurpleSslConnection *tls)
{
  if (tls != NULL)
    g_hash_table_insert (owners, tls, beginning);
  beginning = NULL;
}

void
certificates_forget (PurpleSslConnection *tls)
{
  g_hash_table_remove (owners, tls);
}

/* -- Verifying ------------------------------------------------------------ */

/* Verification is for a PurpleSslConnection, which does not know its account. */
static Account *
account_of (gpointer tls)
{
  gpointer owner;

  if (tls == NULL || !g_hash_table_lookup_extended (owners, tls, NULL, &owner))
    owner = beginning;
  return owner != NULL ? accounts_of (owner) : NULL;
}

void
certificates_verify (CertificatesVerify verify, PurpleCertificateVerifier *verifier, const char *subject, GList *chain,
                     PurpleCertificateVerifiedCallback callback, gpointer data)
{
  Account *account = account_of (data);
  g_autofree char *key = NULL, *fingerprint = NULL;

  if (policy == WIRE_VERIFY_OFF)
    {
      callback (PURPLE_CERTIFICATE_VALID, data);
      return;
    }
  fingerprint = dup_fingerprint (chain);
  key = g_strdup_printf ("%" G_GINT64_FORMAT " %s %s", account != NULL ? account->number : 0,
                         subject != NULL ? subject : "", fingerprint);
  if (account != NULL && g_hash_table_contains (accepted, key))
    {
      callback (PURPLE_CERTIFICATE_VALID, data);
      return;
    }
  doubt = (CertificateDoubt) { .account = account, .ask_user = policy == WIRE_VERIFY_ASK && account != NULL,
                                .key = key, .fingerprint = fingerprint };
  verifying = TRUE;
  verify (verifier, subject, chain, callback, data);
  verifying = FALSE;
  doubt.key = doubt.fingerprint = NULL;
}

const CertificateDoubt *
certificates_get_doubt (void)
{
  return verifying ? &doubt : NULL;
}

void
certificates_accept (const char *key)
{
  g_hash_table_add (accepted, g_strdup (key));
}

void
certificates_refuse (Account *account, const char *words)
{
  g_autofree char *text = g_strdup_printf ("The server's certificate is not trusted: %s", words);

  accounts_set_reason (account, WIRE_CAUSE_CERTIFICATE, text);
}
