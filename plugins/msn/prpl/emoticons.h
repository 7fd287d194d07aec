/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emoticons.h - custom emoticons that others use (msnp.md 10.8). */
#pragma once

#include "mime.h"
#include "switchboard.h"

/* Announced for the next text: given to the conversation, and fetched, where it wants them. */
void emoticons_take (Switchboard *switchboard, const char *sender, const MimeMessage *message);
