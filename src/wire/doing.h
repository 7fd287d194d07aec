/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doing.h - what a worker is doing, where the hub can read it when the worker is dead.
 *
 * The worker writes it into a file that both have mapped; what it leaves there is a hint, not a fact: it may have been
 * made to write anything. */
#pragma once

#include <glib.h>

/* -- The worker's side ---------------------------------------------------- */

/* From now on it is written to this file, which the hub has made.  FALSE if that cannot be: then it is not seen. */
gboolean doing_open (const char *path);

/* Something is done for an account (0: for none), of this kind (a short text that stays); and it is done. */
void doing_begin (gint64 account, const char *kind);
void doing_end (void);

/* For whom something is being done at this moment; 0: nobody. */
gint64 doing_account (void);

/* -- The hub's side ------------------------------------------------------- */

/* Makes the file. */
gboolean doing_make (const char *path, GError **error);
/* What was being done; free `kind`, which is safe to log.  0: nothing for an account. */
gint64 doing_read (const char *path, char **kind);
