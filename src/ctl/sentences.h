/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sentences.h - what one can say to the daemon. */
#pragma once

#include <glib.h>

/* The request for the words of a command line, as one line of JSON without its
 * newline; NULL with G_OPTION_ERROR if it is none. */
char *sentences_dup_request (int n_words, char **words, GError **error);

/* All of them with their help, for --help. */
char *sentences_dup_help (void);
