/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fanout.h - what rooms cost: one in which all hear what one says, and joining one with very many in it. */
#pragma once

#include "measure.h"

/* Sets figures->room, and adds what became of the messages to the figures' counts; on fresh gateways, as many as there are rounds,
 * and as many again without archive where the gateway can be without.  */
gboolean fanout_measure (const GatewayKind *kind, const BedOptions *options, const Plan *plan, Figures *figures, GError **error);
