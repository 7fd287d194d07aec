/* SPDX-License-Identifier: GPL-2.0-or-later */
/* login.h - signing in: family 17 (BUCP) and the old sign-on frame of channel 1 (oscar.md 2). */
#pragma once

#include "snac.h"

/* What a program says about itself when it signs in. */
typedef struct {
  const char *name;       /* under 100 bytes: some servers put it into a cookie of limited size */
  guint16 id;
  guint16 major, minor, lesser, build;
  guint32 distribution;
} LoginClient;

#define LOGIN_DIGEST_BYTES 16
/* T(4A): whether other sign-ons of the account may live on. */
typedef enum {
  LOGIN_MULTI_UNSAID = 0,
  LOGIN_MULTI_ALLOW = 1,
  LOGIN_MULTI_END_OTHERS = 3,
} LoginMulti;

/* MD5 over the key and the password; strong: over the MD5 of the password. */
void login_compute_digest (Reader key, const char *password, gboolean strong, guint8 digest[LOGIN_DIGEST_BYTES]);
/* The password as the channel-1 sign-on hides it. */
GByteArray *login_roast (const char *password);

/* Bodies of 17/06 and 17/02. */
GByteArray *login_build_challenge_request (const char *name);
GByteArray *login_build_request (const char *name, const guint8 digest[LOGIN_DIGEST_BYTES], gboolean strong,
                                 const LoginClient *client, LoginMulti multi);
/* 17/07; *cut: the password is to be cut to eight bytes. */
gboolean login_parse_challenge (Reader body, Reader *key, gboolean *cut);

/* Frames of channel 1: with name and password, with a cookie, with nothing. */
GByteArray *login_build_hello (void);
GByteArray *login_build_signon (const char *name, const char *password, const LoginClient *client, LoginMulti multi);
GByteArray *login_build_cookie_hello (const GByteArray *cookie);

/* How the server's answer ends: 17/03, or channel 4 with the same TLVs. */
typedef struct {
  char *name;           /* as the server writes it, or NULL; this and the others are owned */
  char *host;           /* of the next server, HOST or HOST:PORT, or NULL */
  GByteArray *cookie;   /* or NULL */
  guint8 ssl;           /* 0 no, 1 offered, 2 required */
  gboolean refused;
  guint16 error;        /* if refused */
  char *url;            /* where to read more, or NULL */
} LoginReply;

void login_parse_reply (Reader tlvs, LoginReply *reply);
void login_reply_clear (LoginReply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LoginReply, login_reply_clear)

typedef enum {
  LOGIN_FAILS_FOR_NAME,       /* no such account */
  LOGIN_FAILS_FOR_PASSWORD,
  LOGIN_FAILS_FOR_ACCOUNT,    /* suspended, expired */
  LOGIN_FAILS_FOR_NOW,        /* trying again may help */
  LOGIN_FAILS_FOR_CLIENT,     /* trying again never helps */
} LoginFailure;

/* A sentence, and what kind of failure it is. */
const char *login_error_text (guint16 error, LoginFailure *failure);
