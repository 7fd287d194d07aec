/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interpose.h - libpurple's and GLib's own functions, behind those that this
 * program has in their place (interpose.c). */
#pragma once

#include <purple.h>

size_t interpose_real_ssl_write (PurpleSslConnection *tls, const void *data, size_t length);

/* The thread that runs libpurple, from now on. */
void interpose_init (void);
