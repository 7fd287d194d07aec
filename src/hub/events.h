/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events.h - the workers' messages, to the features that they concern. */
#pragma once

#include "worker.h"

/* FALSE with an error: the worker broke the rules, and has to go. */
gboolean events_dispatch (Worker *worker, const WireMessage *message, GError **error);
