/* SPDX-License-Identifier: GPL-2.0-or-later */
/* channels.h - the channels of the IRC server: who is there, and who is told. */
#pragma once

#include "irc.h"

#include <glib.h>

typedef struct Channels Channels;

Channels *channels_new (void);
void channels_free (Channels *channels);

/* People who are in a channel from now on, and never say or do anything. */
void channels_fill (Channels *channels, const char *name, const char *topic, guint n_people);

/* Tells everybody, and the client what a server tells who joins.  Returns how many it was told of, itself among them. */
guint channels_join (Channels *channels, IrcClient *client, const char *name);
void channels_part (Channels *channels, IrcClient *client, const char *name);

/* The client is gone: those who were in a channel with it hear so. */
void channels_quit (Channels *channels, IrcClient *client);

/* To all who are there but the one who says it; that may be NULL, a nick that is nobody's. */
void channels_say (Channels *channels, const char *name, const char *nick, const IrcClient *speaker, const char *text);

/* The lines of the answer to WHO, but for the last one. */
void channels_tell_who (Channels *channels, IrcClient *client, const char *name);
