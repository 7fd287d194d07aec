/* SPDX-License-Identifier: GPL-2.0-or-later */
/* challenge.h - proofs of knowing a password, or of being a known program (msnp.md 6.6, 15.3). */
#pragma once

#include <glib.h>

/* What we say we are from MSNP11 on, and before. */
#define CHALLENGE_PRODUCT "PROD0101{0RM?UBW"
#define CHALLENGE_KEY "CFHUR$52U_{VIX5T"
#define CHALLENGE_OLD_PRODUCT "msmsgs@msnmsgr.com"
#define CHALLENGE_OLD_KEY "Q1P7W2E4J9R8U3S5"

/* 32 hexadecimal digits; free them. */
char *challenge_compute (const char *challenge, const char *product, const char *key);
char *challenge_compute_old (const char *challenge, const char *key);
/* The answer to the salt of MSNP7. */
char *challenge_compute_password (const char *salt, const char *password);
