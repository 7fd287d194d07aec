/* SPDX-License-Identifier: GPL-2.0-or-later */
/* said.h - what the rest of the store asks of the archive, in its thread. */
#pragma once

#include "job.h"

/* Before an account goes: what nobody else may read goes too. */
gboolean said_forget_account (Store *store, gint64 account, GError **error);
/* Visits that a killed hub left open end at the greatest id that there is, which is given. */
gboolean said_resume (Store *store, gint64 *last, GError **error);
