/* SPDX-License-Identifier: GPL-2.0-or-later */
/* files.h - files sent through the switchboard (msnp.md 10.6). */
#pragma once

#include "calls.h"

/* Somebody offers a file: the user is asked. */
void files_be_invited (Call *call, const SlpMessage *message);

/* For libpurple. */
gboolean files_can_send (PurpleConnection *gc, const char *who);
PurpleXfer *files_new_xfer (PurpleConnection *gc, const char *who);
void files_send (PurpleConnection *gc, const char *who, const char *file);
