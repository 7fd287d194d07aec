/* SPDX-License-Identifier: GPL-2.0-or-later */
/* screen_names.h - AIM screen names and ICQ numbers (oscar.md 1.6). */
#pragma once

#include <glib.h>

/* Longer ones do not exist: e-mail addresses as names had up to 97 characters. */
#define SCREEN_NAME_MOST 97

/* The form in which names are compared: no blanks, lower case; of a number typed with dashes only the digits. */
char *screen_name_dup_normal (const char *name);
gboolean screen_name_equal (const char *a, const char *b);
/* Nothing is left of it but blanks: nobody is called so. */
gboolean screen_name_is_empty (const char *name);
/* Digits only: an ICQ user. */
gboolean screen_name_is_uin (const char *name);
/* 0 if it is none, or too big. */
guint32 screen_name_get_uin (const char *name);
/* Whether the network could know it. */
gboolean screen_name_is_valid (const char *name);
