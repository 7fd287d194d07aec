/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc.h - an IRC server as far as a gateway needs one (RFC 2812): sign-in, private messages, channels. */
#pragma once

#include <glib.h>

typedef struct IrcServer IrcServer;
typedef struct IrcClient IrcClient;

typedef struct {
  void (*signed_on) (IrcClient *client, gpointer user_data);
  /* target: a nick or a channel. */
  void (*message) (IrcClient *client, const char *target, const char *text, gpointer user_data);
  /* It is in the channel from now on, and was told of so many there, itself among them. */
  void (*joined) (IrcClient *client, const char *channel, guint n_there, gpointer user_data);
  /* It is there no more. */
  void (*parted) (IrcClient *client, const char *channel, gpointer user_data);
  /* A client that had signed on is gone; freed after the call. */
  void (*gone) (IrcClient *client, gpointer user_data);
} IrcHandlers;

IrcServer *irc_server_new (const IrcHandlers *handlers, gpointer user_data, GError **error);
void irc_server_free (IrcServer *server);
guint16 irc_server_port (const IrcServer *server);

/* Connections, signed on or not. */
guint irc_server_n_connections (const IrcServer *server);

/* People who do nothing but be in a channel. */
void irc_server_fill_channel (IrcServer *server, const char *channel, const char *topic, guint n_people);

/* Somebody who has no client says something in a channel. */
void irc_server_say (IrcServer *server, const char *from, const char *channel, const char *text);

const char *irc_client_nick (const IrcClient *client);

/* Sends `text` as a private message from the user called `from`. */
void irc_client_say (IrcClient *client, const char *from, const char *text);

/* For channels.c: whole lines, and a numeric reply, to which the server's and the client's names are added. */
void irc_client_send (IrcClient *client, const char *lines, gsize length);
void irc_client_reply (IrcClient *client, const char *numeric, const char *format, ...) G_GNUC_PRINTF (3, 4);
