/* SPDX-License-Identifier: GPL-2.0-or-later */
/* commands.h - the actions as ad-hoc commands (XEP-0050). */
#pragma once

#include "feature.h"

extern const Feature commands_feature;

/* For service discovery. */
gboolean commands_is_node (const char *node);
void commands_fill_info (const char *node, xmpp_stanza_t *query);
void commands_fill_items (Gateway *gateway, const char *node, xmpp_stanza_t *query);
