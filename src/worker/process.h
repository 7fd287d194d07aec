/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process.h - what the operating system lets this process do and see. */
#pragma once

/* First thing in main, while there is one thread. */
void process_init (void);
/* Locks the file, so that a hub that did not start us knows that we live, and as which process. */
void process_lock (const char *path);
