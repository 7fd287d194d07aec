/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outcomes.h - what became of messages, where the plugin tells of each.
 *
 * Our own plugins do: send_im and chat_send return a number, and signals of the plugin name it
 * (plugins/NAME/README.md, "Signals for hosts"). */
#pragma once

#include "sent.h"

/* After the plugin is loaded. */
void outcomes_init (void);

/* Whether the plugin has told of just this failure, and repeats it now in libpurple's own way. */
gboolean outcomes_have_told (const char *why);

/* The plugin has taken a message, or a piece of it, under this number; nothing where it does not tell, or gave none. */
void outcomes_expect (SentMessage *sent, int number);
