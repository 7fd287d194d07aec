/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flap.h - FLAP, the frames on a connection (oscar.md 1.1 calls the numbers). */
#pragma once

#include "bytes.h"

typedef enum {
  FLAP_SIGNON = 1,
  FLAP_DATA = 2,
  FLAP_ERROR = 3,
  FLAP_SIGNOFF = 4,
  FLAP_KEEPALIVE = 5,
} FlapChannel;

typedef enum {
  FLAP_MORE,     /* not a whole frame yet */
  FLAP_FRAME,
  FLAP_BROKEN,   /* no frame begins here: the connection is of no use any more */
} FlapResult;

typedef struct {
  guint8 channel;
  guint16 sequence;
  Reader data;
} FlapFrame;

#define FLAP_VERSION 1
#define FLAP_MOST_BYTES (6 + 0xffff)

/* Looks for one frame at the beginning of the bytes received; *used is what it takes of them. */
FlapResult flap_parse (const guint8 *bytes, gsize length, FlapFrame *frame, gsize *used);

/* Whether the stream's last bytes, too few for a frame, are a sign-off without a length. */
gboolean flap_is_short_signoff (const guint8 *bytes, gsize length);

/* DATA of at most 0xffff bytes, which the caller makes sure of. */
void flap_add_frame (GByteArray *out, FlapChannel channel, guint16 sequence, const GByteArray *data);
