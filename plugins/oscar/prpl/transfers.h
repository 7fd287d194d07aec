/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transfers.h - files to and from others, from program to program (oscar.md 10). */
#pragma once

#include <purple.h>

#include "rendezvous.h"
#include "session.h"

Transfers *transfers_new (Session *session);
void transfers_free (Transfers *transfers);

/* Somebody offers a file, or says something about one that is on its way. */
void transfers_take (Session *session, const char *from, const Rendezvous *rendezvous);
/* 04/0B on channel 2. */
void transfers_take_refusal (Session *session, const IcbmClientError *error);

/* Calls of libpurple. */
gboolean transfers_can_send (PurpleConnection *gc, const char *who);
void transfers_send (PurpleConnection *gc, const char *who, const char *path);
PurpleXfer *transfers_new_xfer (PurpleConnection *gc, const char *who);
