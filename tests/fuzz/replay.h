/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replay.h - what the inputs are made of that a fuzz target gets as a test: of a dictionary, or of packets and lines. */
#pragma once

#include <glib.h>

/* How many of them, less one, one input has at most. */
extern const guint replay_words_most;

/* Of GByteArray, owned. */
GPtrArray *replay_read_words (void);
