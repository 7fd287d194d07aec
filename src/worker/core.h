/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core.h - libpurple, started so that it touches nothing but the network. */
#pragma once

#include <glib.h>

/* Starts libpurple with no plugin loaded (protocol.h does that). */
gboolean core_init (GError **error);
