/* SPDX-License-Identifier: GPL-2.0-or-later */
/* said.h - what the rest of the store asks of the archive, in its thread. */
#pragma once

#include "job.h"

/* Before an account goes: what nobody else may read goes too. */
gboolean said_forget_account (Store *store, gint64 account, GError **error);
/* The greatest id that there is; 0: there is none. */
gboolean said_last (Store *store, gint64 *last, GError **error);
