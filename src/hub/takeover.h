/* SPDX-License-Identifier: GPL-2.0-or-later */
/* takeover.h - how a new hub goes on with the accounts that workers kept signed in for the former one.
 *
 * A worker that was found (worker_files_find) connects, and says all anew (hello in wire.def).  Until all of a gateway's have, or were
 * given up, nothing that the XMPP server sends is read and nobody is signed in elsewhere. */
#pragma once

#include "worker.h"

/* FALSE with an error: the worker lies. */
gboolean takeover_held_account (Worker *worker, const WireHeldAccount *event, GError **error);
/* It has told all, or is gone. */
void takeover_end (Worker *worker);
