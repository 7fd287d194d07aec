/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_settings.h - a channel's modes as settings that a user understands; knows no libpurple. */
#pragma once

#include "irc_modes.h"
#include "wire.h"

typedef struct {
  const char *key, *label;
  WireSettingKind kind;
  const char *value;          /* NULL: none, or it is not to be known */
} IrcSetting;

/* All that can be set, and how it is. */
void irc_settings_foreach (const IrcModes *modes, void (*func) (const IrcSetting *setting, gpointer data), gpointer data);

/* Changes `modes` to what was wanted: key, value, ..., NULL; what is not named stays.  FALSE with a G_IO_ERROR_INVALID_ARGUMENT and
 * a sentence for the user: something cannot be, and nothing is to be done. */
gboolean irc_settings_take (IrcModes *modes, const IrcSupport *support, const char *const *values, GError **error);
