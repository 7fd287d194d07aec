/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mam.h - the archive of a room, for those who were there (XEP-0313). */
#pragma once

#include "feature.h"

#define NS_MAM "urn:xmpp:mam:2"

extern const Feature mam_feature;
