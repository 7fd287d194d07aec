/* SPDX-License-Identifier: GPL-2.0-or-later */
/* authorizations.h - others who want us on their list. */
#pragma once

/* Sets libpurple's account operations. */
void authorizations_init (void);
