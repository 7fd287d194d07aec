/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rundir.h - the folder where a daemon has its sockets: its own alone, and one daemon's at a time. */
#pragma once

#include <glib.h>

/* Makes the folder (mode 0700) if there is none, and locks it until the
 * descriptor that is returned is closed, by the process's end at the latest.
 * -1 with a GError that names the folder: G_IO_ERROR_BUSY if another process has
 * it, G_IO_ERROR_PERMISSION_DENIED if others than we may write into it. */
int rundir_take (const char *path, GError **error);
