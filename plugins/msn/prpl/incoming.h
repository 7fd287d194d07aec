/* SPDX-License-Identifier: GPL-2.0-or-later */
/* incoming.h - what others say in a conversation (msnp.md 9). */
#pragma once

#include "switchboard.h"

/* Takes a MSG.  May close the switchboard. */
void incoming_take (Switchboard *switchboard, const Command *command);
