/* SPDX-License-Identifier: GPL-2.0-or-later */
/* small.h - the features that nobody but the list in features.c knows. */
#pragma once

#include "feature.h"

extern const Feature bookmarks_feature;
extern const Feature disco_feature;
extern const Feature gateway_prompt_feature;
extern const Feature last_activity_feature;
extern const Feature ping_feature;
extern const Feature privilege_feature;
extern const Feature version_feature;
