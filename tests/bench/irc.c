/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc.c - an IRC server as far as a gateway needs one (RFC 2812).
 *
 * Nicks are not unique here: whether a gateway closes its first connection
 * before it opens the next is its tests' business, not the benchmark's.  */
#include "config.h"

#include "irc.h"
#include "channels.h"
#include "stream.h"

#include <string.h>

#define SERVER_NAME "irc.bench"
#define MAX_ARGUMENTS 15

struct IrcServer {
  Listener *listener;
  const IrcHandlers *handlers;
  gpointer user_data;
  GHashTable *clients;          /* set of IrcClient, owned */
  Channels *channels;
};

struct IrcClient {
  IrcServer *server;
  Stream *stream;
  GString *in;                  /* an incomplete line */
  char *nick;
  gboolean has_user;
  gboolean negotiating;         /* between CAP LS or REQ and CAP END */
  gboolean welcomed;
};

typedef void (*CommandFunc) (IrcClient *client, char **arguments, guint n);

static void
irc_client_free (gpointer data)
{
  IrcClient *client = data;

  stream_free (client->stream);
  g_string_free (client->in, TRUE);
  g_free (client->nick);
  g_free (client);
}

void
irc_client_send (IrcClient *client, const char *lines, gsize length)
{
  stream_write (client->stream, lines, length);
}

void
irc_client_reply (IrcClient *client, const char *numeric, const char *format, ...)
{
  g_autofree char *rest = NULL;
  va_list arguments;

  va_start (arguments, format);
  rest = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  stream_printf (client->stream, ":" SERVER_NAME " %s %s %s\r\n", numeric, client->nick != NULL ? client->nick : "*", rest);
}

static void
welcome_when_complete (IrcClient *client)
{
  if (client->welcomed || client->nick == NULL || !client->has_user || client->negotiating)
    return;
  client->welcomed = TRUE;
  irc_client_reply (client, "001", ":Welcome to the benchmark");
  irc_client_reply (client, "002", ":Your host is " SERVER_NAME);
  irc_client_reply (client, "003", ":This server was created just now");
  irc_client_reply (client, "004", SERVER_NAME " bench-1 iow nt");
  irc_client_reply (client, "005", "CHANTYPES=# PREFIX=(ov)@+ CHANMODES=b,k,l,nt NICKLEN=30 CASEMAPPING=rfc1459 NETWORK=Bench :are supported");
  irc_client_reply (client, "375", ":- Message of the day");
  irc_client_reply (client, "372", ":- Numbers follow.");
  irc_client_reply (client, "376", ":End of /MOTD command");
  client->server->handlers->signed_on (client, client->server->user_data);
}

static void
on_nick (IrcClient *client, char **arguments, guint n)
{
  if (n < 1)
    return;
  if (client->welcomed)
    stream_printf (client->stream, ":%s!user@bench NICK :%s\r\n", client->nick, arguments[0]);
  g_free (client->nick);
  client->nick = g_strdup (arguments[0]);
  welcome_when_complete (client);
}

static void
on_user (IrcClient *client, char **arguments, guint n)
{
  client->has_user = TRUE;
  welcome_when_complete (client);
}

static void
on_cap (IrcClient *client, char **arguments, guint n)
{
  if (n < 1)
    return;
  client->negotiating = !g_str_equal (arguments[0], "END");
  if (g_str_equal (arguments[0], "LS"))
    irc_client_reply (client, "CAP", "LS :");
  else if (g_str_equal (arguments[0], "REQ"))
    stream_printf (client->stream, ":" SERVER_NAME " CAP * NAK :%s\r\n", n > 1 ? arguments[1] : "");
  welcome_when_complete (client);
}

static void
on_ping (IrcClient *client, char **arguments, guint n)
{
  stream_printf (client->stream, ":" SERVER_NAME " PONG " SERVER_NAME " :%s\r\n", n > 0 ? arguments[0] : "");
}

static void
on_privmsg (IrcClient *client, char **arguments, guint n)
{
  IrcServer *server = client->server;

  if (n < 2)
    return;
  if (arguments[0][0] == '#')
    channels_say (server->channels, arguments[0], client->nick, client, arguments[1]);
  server->handlers->message (client, arguments[0], arguments[1], server->user_data);
}

static void
on_join (IrcClient *client, char **arguments, guint n)
{
  IrcServer *server = client->server;
  guint n_there;

  if (n < 1)
    return;
  n_there = channels_join (server->channels, client, arguments[0]);
  server->handlers->joined (client, arguments[0], n_there, server->user_data);
}

static void
on_part (IrcClient *client, char **arguments, guint n)
{
  IrcServer *server = client->server;

  if (n < 1)
    return;
  channels_part (server->channels, client, arguments[0]);
  server->handlers->parted (client, arguments[0], server->user_data);
}

static void
on_mode (IrcClient *client, char **arguments, guint n)
{
  if (n != 1)
    return;
  if (arguments[0][0] != '#')
    {
      irc_client_reply (client, "221", "+i");
      return;
    }
  irc_client_reply (client, "324", "%s +nt", arguments[0]);
}

/* Nobody is ever on, so the list that answers is empty. */
static void
on_ison (IrcClient *client, char **arguments, guint n)
{
  irc_client_reply (client, "303", ":");
}

static void
on_userhost (IrcClient *client, char **arguments, guint n)
{
  irc_client_reply (client, "302", ":%s=+user@127.0.0.1", client->nick);
}

static void
on_who (IrcClient *client, char **arguments, guint n)
{
  const char *mask = n > 0 ? arguments[0] : "*";

  channels_tell_who (client->server->channels, client, mask);
  irc_client_reply (client, "315", "%s :End of WHO list", mask);
}

static void
on_whois (IrcClient *client, char **arguments, guint n)
{
  const char *nick = n > 0 ? arguments[n - 1] : "*";

  stream_printf (client->stream, ":" SERVER_NAME " 311 %s %s user bench * :A number\r\n", client->nick, nick);
  stream_printf (client->stream, ":" SERVER_NAME " 318 %s %s :End of WHOIS\r\n", client->nick, nick);
}

static void
on_quit (IrcClient *client, char **arguments, guint n)
{
  stream_printf (client->stream, "ERROR :Closing link\r\n");
  stream_finish (client->stream);
}

static const struct {
  const char *name;
  CommandFunc func;
  gboolean only_welcomed;
} commands[] = {
  { "PRIVMSG", on_privmsg, TRUE },
  { "PING", on_ping, FALSE },
  { "ISON", on_ison, TRUE },
  { "NICK", on_nick, FALSE },
  { "USER", on_user, FALSE },
  { "CAP", on_cap, FALSE },
  { "JOIN", on_join, TRUE },
  { "PART", on_part, TRUE },
  { "MODE", on_mode, TRUE },
  { "USERHOST", on_userhost, TRUE },
  { "WHO", on_who, TRUE },
  { "WHOIS", on_whois, TRUE },
  { "QUIT", on_quit, FALSE },
};

/* Commands that are not in the table (PASS, PONG, AWAY, NOTICE) need no answer. */
static void
handle_line (IrcClient *client, char *line)
{
  char *arguments[MAX_ARGUMENTS];
  guint n = 0;
  char *next = strchr (line, ' ');

  while (next != NULL && n < MAX_ARGUMENTS)
    {
      *next++ = '\0';
      if (*next == ':')
        {
          arguments[n++] = next + 1;
          break;
        }
      arguments[n++] = next;
      next = strchr (next, ' ');
    }
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, line))
      {
        if (client->welcomed || !commands[i].only_welcomed)
          commands[i].func (client, arguments, n);
        return;
      }
}

static void
on_data (Stream *stream, const char *data, gsize length, gpointer user_data)
{
  IrcClient *client = user_data;
  char *line, *end;

  if (length == 0)
    {
      if (client->welcomed)
        {
          channels_quit (client->server->channels, client);
          client->server->handlers->gone (client, client->server->user_data);
        }
      g_hash_table_remove (client->server->clients, client);
      return;
    }
  g_string_append_len (client->in, data, (gssize) length);
  for (line = client->in->str; (end = strchr (line, '\n')) != NULL; line = end + 1)
    {
      *end = '\0';
      if (end > line && end[-1] == '\r')
        end[-1] = '\0';
      handle_line (client, line);
    }
  g_string_erase (client->in, 0, line - client->in->str);
}

static void
on_accept (int fd, gpointer user_data)
{
  IrcServer *server = user_data;
  IrcClient *client = g_new0 (IrcClient, 1);

  client->server = server;
  client->in = g_string_new (NULL);
  client->stream = stream_new (fd, on_data, client);
  g_hash_table_add (server->clients, client);
}

IrcServer *
irc_server_new (const IrcHandlers *handlers, gpointer user_data, GError **error)
{
  IrcServer *server = g_new0 (IrcServer, 1);

  server->handlers = handlers;
  server->user_data = user_data;
  server->clients = g_hash_table_new_full (NULL, NULL, irc_client_free, NULL);
  server->channels = channels_new ();
  server->listener = listener_new (on_accept, server, error);
  if (server->listener == NULL)
    g_clear_pointer (&server, irc_server_free);
  return server;
}

void
irc_server_free (IrcServer *server)
{
  if (server->listener != NULL)
    listener_free (server->listener);
  g_hash_table_unref (server->clients);
  channels_free (server->channels);
  g_free (server);
}

guint16
irc_server_port (const IrcServer *server)
{
  return listener_port (server->listener);
}

guint
irc_server_n_connections (const IrcServer *server)
{
  return g_hash_table_size (server->clients);
}

void
irc_server_fill_channel (IrcServer *server, const char *channel, const char *topic, guint n_people)
{
  channels_fill (server->channels, channel, topic, n_people);
}

void
irc_server_say (IrcServer *server, const char *from, const char *channel, const char *text)
{
  channels_say (server->channels, channel, from, NULL, text);
}

const char *
irc_client_nick (const IrcClient *client)
{
  return client->nick;
}

void
irc_client_say (IrcClient *client, const char *from, const char *text)
{
  stream_printf (client->stream, ":%s!user@bench PRIVMSG %s :%s\r\n", from, client->nick, text);
}
