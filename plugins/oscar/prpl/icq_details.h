/* SPDX-License-Identifier: GPL-2.0-or-later */
/* icq_details.h - what a user of ICQ tells about himself (oscar.md 6.3). */
#pragma once

#include "session.h"

/* Asks the server for what it has, then the user for what it is to have; both are told what became of it. */
void icq_details_edit (Session *session);
