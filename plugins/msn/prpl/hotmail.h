/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hotmail.h - messages from the notification server itself (msnp.md 4.4, 9.5, 11.1). */
#pragma once

#include "session.h"

extern const CommandHandler hotmail_handlers[];
