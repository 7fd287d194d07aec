/* SPDX-License-Identifier: GPL-2.0-or-later */
/* channels.c - the channels of the IRC server: who is there, and who is told. */
#include "config.h"

#include "channels.h"

#define NAMES_BYTES 440         /* of nicks in a line, which may have 512 in all */

/* Of the people who are there without a client: every so many. */
#define OPERATOR_EVERY 100
#define VOICE_EVERY 10
#define AWAY_EVERY 5

typedef struct {
  char *name;
  char *topic;                  /* NULL: none */
  guint n_people;
  GPtrArray *clients;           /* IrcClient, lent; the first one is the operator */
} Channel;

struct Channels {
  GHashTable *by_name;          /* Channel, owned */
};

static void
channel_free (gpointer data)
{
  Channel *channel = data;

  g_ptr_array_unref (channel->clients);
  g_free (channel->name);
  g_free (channel->topic);
  g_free (channel);
}

Channels *
channels_new (void)
{
  Channels *channels = g_new0 (Channels, 1);

  channels->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, channel_free);
  return channels;
}

void
channels_free (Channels *channels)
{
  g_hash_table_unref (channels->by_name);
  g_free (channels);
}

static Channel *
find (Channels *channels, const char *name)
{
  return g_hash_table_lookup (channels->by_name, name);
}

static Channel *
find_or_make (Channels *channels, const char *name)
{
  Channel *channel = find (channels, name);

  if (channel != NULL)
    return channel;
  channel = g_new0 (Channel, 1);
  channel->name = g_strdup (name);
  channel->clients = g_ptr_array_new ();
  g_hash_table_insert (channels->by_name, channel->name, channel);
  return channel;
}

static void
drop_if_empty (Channels *channels, Channel *channel)
{
  if (channel->clients->len == 0 && channel->n_people == 0)
    g_hash_table_remove (channels->by_name, channel->name);
}

void
channels_fill (Channels *channels, const char *name, const char *topic, guint n_people)
{
  Channel *channel = find_or_make (channels, name);

  g_free (channel->topic);
  channel->topic = g_strdup (topic);
  channel->n_people = n_people;
}

static void
tell_all (const Channel *channel, const IrcClient *but, const GString *line)
{
  for (guint i = 0; i < channel->clients->len; i++)
    if (channel->clients->pdata[i] != but)
      irc_client_send (channel->clients->pdata[i], line->str, line->len);
}

static const char *
prefix_of (guint index)
{
  return index % OPERATOR_EVERY == 0 ? "@" : index % VOICE_EVERY == 0 ? "+" : "";
}

static void
add_name (GString *names, IrcClient *client, const Channel *channel, const char *prefix, const char *nick)
{
  if (names->len > NAMES_BYTES)
    {
      irc_client_reply (client, "353", "= %s :%s", channel->name, names->str);
      g_string_truncate (names, 0);
    }
  if (names->len > 0)
    g_string_append_c (names, ' ');
  g_string_append (names, prefix);
  g_string_append (names, nick);
}

static void
tell_names (IrcClient *client, const Channel *channel)
{
  g_autoptr (GString) names = g_string_new (NULL);
  char nick[32];

  for (guint i = 0; i < channel->clients->len; i++)
    add_name (names, client, channel, i == 0 && channel->n_people == 0 ? "@" : "", irc_client_nick (channel->clients->pdata[i]));
  for (guint i = 0; i < channel->n_people; i++)
    {
      g_snprintf (nick, sizeof nick, "guest%u", i);
      add_name (names, client, channel, prefix_of (i), nick);
    }
  irc_client_reply (client, "353", "= %s :%s", channel->name, names->str);
  irc_client_reply (client, "366", "%s :End of /NAMES list", channel->name);
}

guint
channels_join (Channels *channels, IrcClient *client, const char *name)
{
  Channel *channel = find_or_make (channels, name);
  g_autoptr (GString) line = g_string_new (NULL);

  if (!g_ptr_array_find (channel->clients, client, NULL))
    {
      g_ptr_array_add (channel->clients, client);
      g_string_printf (line, ":%s!user@bench JOIN :%s\r\n", irc_client_nick (client), name);
      tell_all (channel, NULL, line);
      if (channel->topic != NULL)
        {
          irc_client_reply (client, "332", "%s :%s", name, channel->topic);
          irc_client_reply (client, "333", "%s guest0 1700000000", name);
        }
      tell_names (client, channel);
    }
  return channel->clients->len + channel->n_people;
}

void
channels_part (Channels *channels, IrcClient *client, const char *name)
{
  Channel *channel = find (channels, name);
  g_autoptr (GString) line = g_string_new (NULL);

  if (channel == NULL || !g_ptr_array_find (channel->clients, client, NULL))
    return;
  g_string_printf (line, ":%s!user@bench PART %s :\r\n", irc_client_nick (client), name);
  tell_all (channel, NULL, line);
  g_ptr_array_remove (channel->clients, client);
  drop_if_empty (channels, channel);
}

void
channels_quit (Channels *channels, IrcClient *client)
{
  g_autoptr (GList) all = g_hash_table_get_values (channels->by_name);
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_printf (line, ":%s!user@bench QUIT :gone\r\n", irc_client_nick (client));
  for (GList *l = all; l != NULL; l = l->next)
    {
      Channel *channel = l->data;

      if (!g_ptr_array_remove (channel->clients, client))
        continue;
      tell_all (channel, NULL, line);
      drop_if_empty (channels, channel);
    }
}

void
channels_say (Channels *channels, const char *name, const char *nick, const IrcClient *speaker, const char *text)
{
  Channel *channel = find (channels, name);
  g_autoptr (GString) line = g_string_new (NULL);

  if (channel == NULL)
    return;
  g_string_printf (line, ":%s!user@bench PRIVMSG %s :%s\r\n", nick, name, text);
  tell_all (channel, speaker, line);
}

void
channels_tell_who (Channels *channels, IrcClient *client, const char *name)
{
  Channel *channel = find (channels, name);

  if (channel == NULL)
    return;
  for (guint i = 0; i < channel->clients->len; i++)
    {
      const char *nick = irc_client_nick (channel->clients->pdata[i]);

      irc_client_reply (client, "352", "%s user bench irc.bench %s H :0 A number", name, nick);
    }
  for (guint i = 0; i < channel->n_people; i++)
    irc_client_reply (client, "352", "%s guest host%u.example irc.bench guest%u %s%s :0 Guest number %u", name, i, i,
                      i % AWAY_EVERY == 1 ? "G" : "H", prefix_of (i), i);
}
