/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notes.h - what the hub wants to be told again, should another one take its place.
 *
 * Notes go with their account, and stay until the hub knows that it is gone. */
#pragma once

#include "accounts.h"

void notes_keep (const WireKeepNote *message);

/* The account is gone, as the event of this number says. */
void notes_depart (Account *account, gint64 number);
/* It was told again, by this number. */
void notes_departed_again (gint64 account, gint64 number);

/* Tells a new hub that it has this account. */
void notes_tell (const Account *account);
/* The same for those whose end the former hub may not have heard of; `func` follows each.  Gives how many there were. */
guint notes_tell_departed (void (*func) (gint64 account, gboolean was_signed_in, gpointer data), gpointer data);
