/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unit.h - what the test programs share. */
#pragma once

#include <glib.h>

/* Begins a program of tests: g_test_init, warnings fatal, and a fresh directory to work in. */
void unit_init (int *argc, char ***argv);

/* Runs the tests, removes the directory, and returns the exit status. */
int unit_run (void);

/* Writes a file into the working directory and returns its absolute path. */
char *unit_write_file (const char *name, const char *text, int mode);

/* Runs the default main context until *done. */
void unit_wait_for (const gboolean *done);

/* When run as root, becomes nobody until unit_become_root, so that modes of files mean something. */
void unit_become_nobody (void);
void unit_become_root (void);
