/* SPDX-License-Identifier: GPL-2.0-or-later */
/* error_text.h - numbers of errors as sentences (msnp.md 14). */
#pragma once

#include <glib.h>

/* Never NULL. */
const char *error_text (guint number);
/* Whether the server is overloaded, so that one should try again later. */
gboolean error_is_busy (guint number);
