/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bot.h - talking to the gateway itself, for clients that know no commands. */
#pragma once

#include "feature.h"

extern const Feature bot_feature;
