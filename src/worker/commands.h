/* SPDX-License-Identifier: GPL-2.0-or-later */
/* commands.h - the hub's commands, each to the module that does it. */
#pragma once

#include "wire.h"

void commands_run (const WireMessage *message);
