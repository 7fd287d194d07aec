/* SPDX-License-Identifier: GPL-2.0-or-later */
/* menu.h - what else a network offers, such as a search: its plugin's own menu. */
#pragma once

#include "feature.h"

extern const Feature menu_feature;

void menu_told (Session *session, const WireMenu *event);

/* The entry number `n`, from 1, over all of the user's accounts: its label, lent, and
 * whose it is.  NULL: there are not so many. */
const char *menu_nth (User *user, guint n, Session **session);

/* Has the network do it.  FALSE: that account has too much to do. */
gboolean menu_choose (Session *session, const char *entry);
