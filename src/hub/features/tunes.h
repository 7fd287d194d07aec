/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tunes.h - what is played, both ways (XEP-0118). */
#pragma once

#include "feature.h"

extern const Feature tunes_feature;

void tunes_peer_plays (Session *session, const WirePeerTune *event);
