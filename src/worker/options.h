/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options.h - a protocol's account options, as protocol-option events and back.
 *
 * libpurple composes an account's name of the user and "user splits", each with
 * its separator ("romeo@irc.example.net").  The splits are options of kind PART
 * here, with a key made of their label.  A few options are ours, not the
 * plugin's (irc_identify.h). */
#pragma once

#include <purple.h>

/* Tells the hub of every option of the protocol. */
void options_tell (const PurplePluginProtocolInfo *info);

/* The account's name for libpurple; see option_values.h for `options` and errors. */
char *options_dup_account_name (const PurplePluginProtocolInfo *info, const char *name,
                                const char *const *options, GError **error);

/* Sets all others.  What is unknown, mistyped or absurd is an error. */
gboolean options_apply (const PurplePluginProtocolInfo *info, PurpleAccount *account,
                        const char *const *options, GError **error);
