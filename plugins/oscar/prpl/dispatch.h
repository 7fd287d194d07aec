/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dispatch.h - which function handles a SNAC that answers no question.
 *
 * Each file that handles some ends in its table; dispatch.c only lists the tables.  */
#pragma once

#include "session.h"

typedef struct {
  guint16 family, subtype;
  void (*handle) (Session *session, Service *service, const Snac *snac);
} SnacHandler;

void dispatch_snac (Session *session, Service *service, const Snac *snac);
