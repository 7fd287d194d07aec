/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slp.h - MSNSLP, by which two programs agree on what they will send (msnp.md 10.3). */
#pragma once

#include <glib.h>

#define SLP_TYPE_REQUEST "application/x-msnmsgr-sessionreqbody"
#define SLP_TYPE_CLOSE "application/x-msnmsgr-sessionclosebody"
#define SLP_TYPE_DIRECT_REQUEST "application/x-msnmsgr-transreqbody"
#define SLP_TYPE_DIRECT_ANSWER "application/x-msnmsgr-transrespbody"

#define SLP_GUID_OBJECT "{A4268EEC-FEC5-49E5-95C3-F126696BDBF6}"
#define SLP_GUID_FILE "{5D3E02AB-6190-11D3-BBBB-00C04F795683}"

typedef enum { SLP_INVITE, SLP_BYE, SLP_ANSWER } SlpKind;

typedef struct {
  SlpKind kind;
  guint status;              /* of an answer: 200, 603 ... */
  char *to, *from;           /* addresses, normal form */
  char *branch, *call;       /* with their braces */
  guint sequence;            /* CSeq */
  char *type;                /* of the content, lower case */
  /* What the body says; NULL or 0 where it says nothing. */
  char *guid;                /* upper case */
  guint32 session, application;
  char *context;             /* base64, or the whole of it */
} SlpMessage;

/* TEXT need not end in a zero byte. */
gboolean slp_parse (const void *text, gsize length, SlpMessage *message);
void slp_clear (SlpMessage *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlpMessage, slp_clear)

/* The message with its body and the zero byte; BODY is lines ended by CR LF, without the empty one and the zero byte. */
GByteArray *slp_build_request (const char *method, const char *to, const char *from, const char *branch, const char *call,
                               const char *type, const char *body);
/* Answers REQUEST. */
GByteArray *slp_build_answer (const SlpMessage *request, guint status, const char *type, const char *body);
/* The body of an invitation. */
char *slp_build_invitation (const char *guid, guint32 session, guint32 application, const void *context, gsize length);
/* A random GUID with braces. */
char *slp_dup_guid (void);
