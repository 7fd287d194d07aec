/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tunes.h - what contacts and the user play. */
#pragma once

#include <purple.h>

#include "accounts.h"

/* Plain text, clean and in one line; without a title nothing is played. */
typedef struct {
  char *title, *artist, *album;
} Tune;

void tune_clear (Tune *tune);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Tune, tune_clear)

/* Whether the network tells of it at all. */
gboolean tunes_are_known (void);

void tunes_of_buddy (PurpleBuddy *buddy, Tune *tune);
/* In one line for a status text, or NULL: also the games and documents that some networks tell of. */
char *tunes_dup_line (PurpleBuddy *buddy);

void tunes_set (Account *account, const WireSetTune *message);
