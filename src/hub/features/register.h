/* SPDX-License-Identifier: GPL-2.0-or-later */
/* register.h - in-band registration (XEP-0077). */
#pragma once

#include "feature.h"

extern const Feature register_feature;
