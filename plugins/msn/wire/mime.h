/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mime.h - the header block and the body that payloads are made of (msnp.md 9). */
#pragma once

#include <glib.h>

typedef struct {
  char *name, *value;
} MimeField;

typedef struct {
  GArray *fields;       /* MimeField */
  const guint8 *body;   /* inside of what was parsed */
  gsize length;
} MimeMessage;

/* Never fails: what is no header is left out.  DATA must outlive the message.  Lines may be folded and may end in LF alone. */
void mime_parse (const void *data, gsize length, MimeMessage *message);
void mime_clear (MimeMessage *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MimeMessage, mime_clear)

/* The first of this name, compared without case; NULL: none.  Bytes, not always UTF-8. */
const char *mime_get (const MimeMessage *message, const char *name);
/* The content type without its parameters, lower case; "" if there is none. */
char *mime_dup_type (const MimeMessage *message);
/* The value of charset= there, or NULL. */
char *mime_dup_charset (const MimeMessage *message);
/* The body as UTF-8 that can be shown, whatever it says it is. */
char *mime_dup_text (const MimeMessage *message);
/* The same of bytes that a charset (or NULL) goes with. */
char *mime_dup_decoded (const void *data, gsize length, const char *charset);

/* "MIME-Version: 1.0", the content type, HEADERS (each ended by CR LF, or NULL), an empty line, and the body. */
GByteArray *mime_build (const char *type, const char *headers, const void *body, gsize length);
