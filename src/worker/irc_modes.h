/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_modes.h - the modes of a channel; knows no libpurple.
 *
 * "+kl-s secret 10": which letters take a word of those that follow, the server says in its ISUPPORT (005). */
#pragma once

#include <glib.h>

/* What a server says of its modes. */
typedef struct {
  char *lists;                /* letters with a word always, that are lists: "beI"; owned, as all of them */
  char *always;               /* with a word, set and unset: "k" */
  char *when_set;             /* with a word where they are set: "l" */
  char *ranks;                /* those of occupants: "ov" */
  guint key_length;           /* the longest password */
} IrcSupport;

/* As RFC 1459 has it. */
void irc_support_init (IrcSupport *support);
/* Reads a line of 005, whatever is in it. */
void irc_support_read (IrcSupport *support, const char *line);
void irc_support_clear (IrcSupport *support);

typedef struct {
  gboolean known;
  guint64 letters;            /* a bit for each that is set; ranks and lists are not among them */
  char *key;                  /* the word of +k; NULL: none, or not told; owned */
  guint limit;                /* of +l */
} IrcModes;

/* A change of one mode; `word` NULL: it takes none. */
typedef void (*IrcModeFunc) (char letter, gboolean set, const char *word, gpointer data);
/* Goes through "+o-k juliet secret". */
void irc_modes_foreach (const IrcSupport *support, const char *text, IrcModeFunc func, gpointer data);

gboolean irc_modes_has (const IrcModes *modes, char letter);
void irc_modes_set (IrcModes *modes, char letter, gboolean set);
void irc_modes_set_key (IrcModes *modes, const char *key);
/* Makes the changes; FALSE: nothing is another than before. */
gboolean irc_modes_apply (IrcModes *modes, const IrcSupport *support, const char *text);
/* They are these and no others, as 324 tells; FALSE: and were before. */
gboolean irc_modes_replace (IrcModes *modes, const IrcSupport *support, const char *text);
void irc_modes_copy (IrcModes *modes, const IrcModes *other);
void irc_modes_clear (IrcModes *modes);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IrcModes, irc_modes_clear)

/* What makes the one of the other: "-s+kl secret 10"; NULL: nothing is to be done. */
char *irc_modes_dup_change (const IrcModes *from, const IrcModes *to);
/* Whether all is so now that irc_modes_dup_change was to change. */
gboolean irc_modes_are_as_wanted (const IrcModes *modes, const IrcModes *from, const IrcModes *to);

/* libpurple's plugin believes that each letter has a word.  The same change, written so that it reads the ranks right; NULL: it
 * does so already. */
char *irc_modes_dup_mended (const IrcSupport *support, const char *text);

/* Whether it may be the word of +b: no way to write another line or to set another mode. */
gboolean irc_modes_is_mask (const char *mask);
