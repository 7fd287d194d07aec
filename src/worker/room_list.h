/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room_list.h - which rooms a network has. */
#pragma once

#include <glib.h>

#include "accounts.h"

/* Sets libpurple's operations for lists of rooms. */
void room_list_init (void);
/* Whether the network tells, without asking the user something first. */
gboolean room_list_is_there (void);
/* Ends in room-list-end, once. */
void room_list_fetch (gint64 account);
/* The account is gone. */
void room_list_forget (Account *account);
