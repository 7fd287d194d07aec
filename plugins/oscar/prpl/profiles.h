/* SPDX-License-Identifier: GPL-2.0-or-later */
/* profiles.h - what there is to know about a user: profile and away message, ICQ's details (oscar.md 6). */
#pragma once

#include <purple.h>

/* Call of libpurple: always ends in purple_notify_userinfo. */
void profiles_get (PurpleConnection *gc, const char *who);
