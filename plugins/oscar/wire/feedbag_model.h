/* SPDX-License-Identifier: GPL-2.0-or-later */
/* feedbag_model.h - our copy of the list that the server keeps. */
#pragma once

#include "feedbag.h"

typedef struct Feedbag Feedbag;

Feedbag *feedbag_new (void);
void feedbag_free (Feedbag *feedbag);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Feedbag, feedbag_free)

guint feedbag_count (const Feedbag *feedbag);
/* Takes the item, and puts it in the place of the one with the same ids. */
void feedbag_put (Feedbag *feedbag, FeedbagItem *item);
gboolean feedbag_remove (Feedbag *feedbag, guint16 gid, guint16 iid);
/* All items, lent, in no order; free the list. */
GList *feedbag_list (const Feedbag *feedbag);

/* What is lent lives until the next change. */
FeedbagItem *feedbag_get (const Feedbag *feedbag, guint16 gid, guint16 iid);
/* By name in any form; of a group by its exact name. */
FeedbagItem *feedbag_find (const Feedbag *feedbag, guint16 class, const char *name);
FeedbagItem *feedbag_find_in (const Feedbag *feedbag, const FeedbagItem *group, const char *name);
FeedbagItem *feedbag_find_group (const Feedbag *feedbag, const char *name);
/* The first of a class that is there once at most. */
FeedbagItem *feedbag_find_class (const Feedbag *feedbag, guint16 class);
gboolean feedbag_has_members (const Feedbag *feedbag, guint16 gid);

/* Ids that nobody has: of a group, and of an item in a group. */
guint16 feedbag_new_gid (const Feedbag *feedbag);
guint16 feedbag_new_iid (const Feedbag *feedbag, guint16 gid);
