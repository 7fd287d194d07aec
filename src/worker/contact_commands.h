/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contact_commands.h - what the hub wants of an account's contact list.
 *
 * Done as far as the network can, and answered as wire.def says: by a contact,
 * contact-removed or contact-failed event. */
#pragma once

#include "accounts.h"

void contact_commands_add (Account *account, const WireAddContact *message);
void contact_commands_remove (Account *account, const WireRemoveContact *message);
void contact_commands_rename (Account *account, const WireRenameContact *message);
void contact_commands_move (Account *account, const WireMoveContact *message);
