/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transfers.h - files that others want to send: refused, and the user told. */
#pragma once

void transfers_init (void);
