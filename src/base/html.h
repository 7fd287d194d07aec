/* SPDX-License-Identifier: GPL-2.0-or-later */
/* html.h - libpurple's HTML to plain text with XEP-0393 styling. */
#pragma once

#include <glib.h>

/* What text_dup_from_html promises, for `html` that is clean (text_is_clean). */
char *html_dup_styled (const char *html);
