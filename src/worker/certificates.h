/* SPDX-License-Identifier: GPL-2.0-or-later */
/* certificates.h - servers that cannot prove who they are: the gateway's `verify`.
 *
 * strict: refused, and the user told why.  ask: the user decides, and the worker
 * remembers it.  off: trusted. */
#pragma once

#include <purple.h>

#include "accounts.h"

void certificates_init (WireVerify verify);

/* Around libpurple's functions that make a connection for an account, and before the one that frees it. */
void certificates_begin (PurpleAccount *account);
void certificates_note (PurpleSslConnection *tls);
void certificates_forget (PurpleSslConnection *tls);

/* In place of purple_certificate_verify; `verify` is libpurple's own. */
typedef void (*CertificatesVerify) (PurpleCertificateVerifier *verifier, const char *subject, GList *chain,
                                    PurpleCertificateVerifiedCallback callback, gpointer data);
void certificates_verify (CertificatesVerify verify, PurpleCertificateVerifier *verifier, const char *subject, GList *chain,
                          PurpleCertificateVerifiedCallback callback, gpointer data);

/* For requests.c: what libpurple asks about just now, or NULL when it does not
 * ask about a certificate.  Valid until the next verification. */
typedef struct {
  Account *account;           /* may be NULL */
  gboolean ask_user;          /* if not, the answer is no */
  const char *key;            /* for certificates_accept */
  const char *fingerprint;    /* SHA-1, as libpurple has it */
} CertificateDoubt;

const CertificateDoubt *certificates_get_doubt (void);

/* The user trusts it from now on. */
void certificates_accept (const char *key);
/* It is refused, because of what libpurple says in `words`. */
void certificates_refuse (Account *account, const char *words);
