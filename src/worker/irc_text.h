/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_text.h - IRC's lines, cut and read; knows no libpurple. */
#pragma once

#include <glib.h>

/* The most bytes of text in a message from `nick` to `target`, so that it still
 * fits in the 512 bytes of a line with the prefix that the server puts before it. */
gsize irc_text_limit (const char *nick, const char *target, gboolean is_action);

/* A text as the bodies of lines of at most irc_text_limit bytes: one or more for each
 * of its own lines, empty ones left out.  A text that begins with "/me " is
 * CTCP actions.  NULL-terminated, for g_strfreev. */
char **irc_text_split (const char *text, const char *nick, const char *target);

/* Without colours and the like; what remains is fit for XMPP. */
char *irc_text_dup_plain (const char *text);

/* ":server 401 me bob :No such nick/channel" */
typedef struct {
  int number;                 /* 0: the line is no numeric reply */
  char *target;               /* the third parameter; owned */
  char *text;                 /* the last; owned */
} IrcReply;

void irc_text_parse_reply (const char *line, IrcReply *reply);
void irc_reply_clear (IrcReply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IrcReply, irc_reply_clear)

/* ":nick!user@host KICK #room somebody :the reason" */
typedef struct {
  char *nick;                 /* who it comes from; owned, as all of it */
  char *command;
  char *params[3];            /* NULL: not there */
} IrcLine;

/* FALSE, with nothing in it, for all but the lines about who is where: JOIN, PART, QUIT, KICK, NICK, MODE, TOPIC. */
gboolean irc_text_parse_line (const char *line, IrcLine *parsed);
void irc_line_clear (IrcLine *line);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IrcLine, irc_line_clear)

/* Whether a line is what programs say to each other (CTCP), other than "/me". */
gboolean irc_text_is_ctcp (const char *line);

/* In ":server PONG server :17" the "17", up to the end of the line; NULL: it is another line. */
const char *irc_text_find_pong (const char *line);

/* Whether a numeric says that a message to one person did not arrive. */
gboolean irc_text_is_undelivered (int number);
