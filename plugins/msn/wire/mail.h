/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mail.h - offline messages as mail: what waits, and what one says (msnp.md 11.1, 11.2). */
#pragma once

#include <glib.h>

/* A word of RFC 2047, or several, or plain text; as UTF-8. */
char *mail_dup_decoded_words (const char *text);
/* One word of at most MOST bytes before it is encoded. */
char *mail_dup_encoded_word (const char *text, gsize most);

typedef struct {
  char *id, *from;
} WaitingMail;

/* The instant messages in Mail-Data, or in what GetMetadata gives; *too_many: they are not listed, GetMetadata must be asked.
 * An array of WaitingMail. */
GPtrArray *mail_parse_waiting (const char *text, gsize length, gboolean *too_many);

typedef struct {
  char *from;          /* normal form */
  char *name;          /* the sender's; may be empty */
  char *text, *run;    /* the run may be NULL */
  guint sequence;
  gint64 time;         /* seconds since 1970; 0: unknown */
} OfflineMail;

/* FALSE: no mail. */
gboolean offline_mail_parse (const char *mail, OfflineMail *out);
void offline_mail_clear (OfflineMail *mail);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OfflineMail, offline_mail_clear)
