/* SPDX-License-Identifier: GPL-2.0-or-later */
/* menu.h - what a plugin offers to do for an account, besides what all networks have. */
#pragma once

#include "accounts.h"

/* Tells the hub, after the sign-in. */
void menu_tell (Account *account);
/* Does the one of this label. */
void menu_choose (Account *account, const char *entry);
