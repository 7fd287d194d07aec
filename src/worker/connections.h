/* SPDX-License-Identifier: GPL-2.0-or-later */
/* connections.h - what becomes of libpurple's connections: signed in, signed out and why. */
#pragma once

/* Sets libpurple's connection operations. */
void connections_init (void);
