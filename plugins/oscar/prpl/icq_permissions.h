/* SPDX-License-Identifier: GPL-2.0-or-later */
/* icq_permissions.h - whether others of ICQ must ask before they add us, and whether the web may know (oscar.md 6.3). */
#pragma once

#include "session.h"

/* On line: the account's options are told to the server if they are not what was told last. */
void icq_permissions_signed_on (Session *session);
/* Sets the options, tells the server, and the user what became of it. */
void icq_permissions_set (Session *session, gboolean authorization, gboolean web_aware);
