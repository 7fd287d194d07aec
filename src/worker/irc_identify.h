/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_identify.h - what an IRC account's password is for: an option of ours; and who waits for NickServ. */
#pragma once

#include "accounts.h"

void irc_identify_tell_option (void);
gboolean irc_identify_owns_option (const char *key);
gboolean irc_identify_check_option (const char *key, const char *value, GError **error);

/* Before the sign-in: sets the plugin's options.  The password, when it is NickServ's
 * and must not go to the server; end it with irc_identify_forget. */
char *irc_identify_prepare (PurpleAccount *account, const char *nick, const char *password, const char *const *options);
void irc_identify_forget (char **password);

/* A login at NickServ that was not answered yet. */
typedef struct IrcLogin IrcLogin;

/* Tells NickServ; `nick` is the one that the server gave.  `answered` runs once, when services have answered or had their
 * time; by then the login is to be freed. */
IrcLogin *irc_identify (Account *account, const char *password, const char *wanted, const char *nick, void (*answered) (Account *account));
void irc_login_free (IrcLogin *login);
/* A line came, while `nick` is ours.  It may run `answered`. */
void irc_login_line (IrcLogin *login, const char *line, const char *nick);
