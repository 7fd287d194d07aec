/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resync.h - all that a new hub has to be told of our accounts. */
#pragma once

#include <glib.h>

/* `unheard`: what the former one has not acknowledged (link.h). */
void resync_tell (GBytes *unheard);
