/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_channels.c - how the channels are set up that an account is in.
 *
 * The server is asked for a channel's modes when the account comes in (MODE #channel, answered by 324), and says by itself
 * what changes (MODE).  A request of the hub's is a line or none, and is answered when the server has dealt with it
 * (irc_barrier.h): by what the modes are then, or by the error that came meanwhile. */
#include "config.h"

#include "irc_channels.h"

#include <string.h>

#include "hub.h"
#include "irc.h"
#include "irc_barrier.h"
#include "irc_settings.h"
#include "room_requests.h"
#include "rooms.h"
#include "text.h"

/* Nobody reads more. */
#define MOST_BANS 1000

typedef struct {
  char *name;                 /* as rooms.c has it */
  IrcModes modes;
} Channel;

struct IrcChannels {
  IrcSupport support;
  GHashTable *channels;       /* folded name to Channel, owned */
  GQueue asks;                /* Ask, the oldest first; owned by their barriers */
};

typedef enum { ASK_MODES, ASK_CHANGE, ASK_BANS, ASK_BAN, ASK_UNBAN } AskKind;

/* A request of the hub's that the server has to deal with. */
typedef struct {
  Account *account;
  AskKind kind;
  RoomRequest request;
  char *key;
  IrcModes before, wanted;    /* CHANGE */
  char *mask;                 /* BAN; UNBAN: the one that is looked for */
  char *found;                /* UNBAN: it, as the server has it */
  guint n_bans;
  gboolean is_refused;
  WireRoomOutcome outcome;
  char *words;
} Ask;

/* -- Channels ------------------------------------------------------------- */

static void
channel_free (gpointer data)
{
  Channel *channel = data;

  irc_modes_clear (&channel->modes);
  g_free (channel->name);
  g_free (channel);
}

static IrcChannels *
channels_of (Account *account)
{
  IrcChannels *all = account->irc_channels;

  if (all == NULL)
    {
      all = account->irc_channels = g_new0 (IrcChannels, 1);
      irc_support_init (&all->support);
      all->channels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, channel_free);
      g_queue_init (&all->asks);
    }
  return all;
}

static Channel *
find (Account *account, const char *name)
{
  g_autofree char *key = account->irc_channels != NULL ? g_utf8_casefold (name, -1) : NULL;

  return key != NULL ? g_hash_table_lookup (account->irc_channels->channels, key) : NULL;
}

void
irc_channels_joined (Account *account, const char *name)
{
  Channel *channel;
  g_autofree char *line = g_strdup_printf ("MODE %s", name);

  if (account->irc == NULL || find (account, name) != NULL)
    return;
  channel = g_new0 (Channel, 1);
  channel->name = g_strdup (name);
  g_hash_table_insert (channels_of (account)->channels, g_utf8_casefold (name, -1), channel);
  irc_send_line (account, line);
}

void
irc_channels_left (Account *account, const char *name)
{
  g_autofree char *key = g_utf8_casefold (name, -1);

  if (account->irc_channels != NULL)
    g_hash_table_remove (account->irc_channels->channels, key);
}

gboolean
irc_channels_is_moderated (Account *account, const char *name)
{
  Channel *channel = find (account, name);

  return channel != NULL && irc_modes_has (&channel->modes, 'm');
}

void
irc_channels_forget (Account *account)
{
  IrcChannels *all = g_steal_pointer (&account->irc_channels);

  if (all == NULL)
    return;
  g_queue_clear (&all->asks);
  g_hash_table_unref (all->channels);
  irc_support_clear (&all->support);
  g_free (all);
}

static void
tell_traits (Account *account, const Channel *channel, gboolean changed)
{
  const IrcModes *modes = &channel->modes;
  const char *traits[] = {
    "muc_nonanonymous",
    irc_modes_has (modes, 'k') ? "muc_passwordprotected" : "muc_unsecured",
    irc_modes_has (modes, 'i') ? "muc_membersonly" : "muc_open",
    irc_modes_has (modes, 'm') ? "muc_moderated" : "muc_unmoderated",
    irc_modes_has (modes, 's') || irc_modes_has (modes, 'p') ? "muc_hidden" : "muc_public",
    irc_modes_has (modes, 't') ? "muc#roominfo_changesubject=0" : "muc#roominfo_changesubject=1",
    /* The services keep a channel that is registered (+r), in one way or another. */
    irc_modes_has (modes, 'P') ? "muc_persistent" : irc_modes_has (modes, 'r') ? NULL : "muc_temporary",
    NULL };

  hub_tell (room_traits, ROOM_TRAITS, .account = account->number, .room = channel->name, .traits = traits, .changed = changed);
}

void
irc_channels_tell_again (Account *account, const char *name)
{
  const Channel *channel = find (account, name);

  if (channel != NULL && channel->modes.known)
    tell_traits (account, channel, FALSE);
}

/* -- Requests ------------------------------------------------------------- */

static void
ask_free (gpointer data)
{
  Ask *ask = data;

  if (ask->account->irc_channels != NULL)
    g_queue_remove (&ask->account->irc_channels->asks, ask);
  irc_modes_clear (&ask->before);
  irc_modes_clear (&ask->wanted);
  g_free (ask->request.room);
  g_free (ask->key);
  g_free (ask->mask);
  g_free (ask->found);
  g_free (ask->words);
  g_free (ask);
}

static Ask *
ask_new (Account *account, AskKind kind, const char *room, gint64 number)
{
  Ask *ask = g_new0 (Ask, 1);

  ask->account = account;
  ask->kind = kind;
  ask->request = (RoomRequest) { account->number, number, g_strdup (room) };
  ask->key = g_utf8_casefold (room, -1);
  return ask;
}

static void on_dealt_with (Account *account, gpointer data);

/* Takes the ask. */
static void
begin (Ask *ask, const char *line)
{
  Account *account = ask->account;
  g_autofree char *room = g_strdup (ask->request.room);
  const RoomRequest request = { ask->request.account, ask->request.number, room };

  if (!irc_sender_has_room (irc_get_sender (account), 2))
    {
      room_request_answer (&request, WIRE_ROOM_OUTCOME_LATER, "Too much waits to be sent to this server.");
      ask_free (ask);
      return;
    }
  irc_send_line (account, line);
  irc_note_order (account);
  g_queue_push_tail (&channels_of (account)->asks, ask);
  /* Bans may be many at a time. */
  if (!(ask->kind == ASK_BAN ? irc_barrier_add_shared : irc_barrier_add) (account, on_dealt_with, ask, ask_free))
    room_request_answer (&request, WIRE_ROOM_OUTCOME_LATER, "Too much waits for this server's answer.");
}

static void
tell_setting (const IrcSetting *setting, gpointer data)
{
  const RoomRequest *request = data;
  const char *const values[] = { setting->value, NULL };

  hub_tell (room_setting, ROOM_SETTING, .account = request->account, .room = request->room, .request = request->number,
            .key = setting->key, .kind = setting->kind, .label = setting->label, .values = setting->value != NULL ? values : NULL);
}

static void
finish_modes (Ask *ask, const Channel *channel)
{
  if (!channel->modes.known)
    {
      room_request_answer (&ask->request, WIRE_ROOM_OUTCOME_LATER, "The server does not tell how the channel is set up.");
      return;
    }
  irc_settings_foreach (&channel->modes, tell_setting, &ask->request);
  room_request_answer (&ask->request, WIRE_ROOM_OUTCOME_DONE, NULL);
}

static void
finish_change (Ask *ask, const Channel *channel)
{
  gboolean done = irc_modes_are_as_wanted (&channel->modes, &ask->before, &ask->wanted);

  room_request_answer (&ask->request, done ? WIRE_ROOM_OUTCOME_DONE : WIRE_ROOM_OUTCOME_FORBIDDEN,
                       done ? NULL : "The server did not do all of it, and does not say why.");
}

/* It is to be said as the server wrote it. */
static void
finish_search (Ask *ask)
{
  Ask *next;
  g_autofree char *line = NULL;

  if (ask->found == NULL)
    {
      room_request_answer (&ask->request, WIRE_ROOM_OUTCOME_UNKNOWN, "This is not in the channel's list of bans.");
      return;
    }
  next = ask_new (ask->account, ASK_BAN, ask->request.room, ask->request.number);
  line = g_strdup_printf ("MODE %s -b %s", ask->request.room, ask->found);
  begin (next, line);
}

static void
on_dealt_with (Account *account, gpointer data)
{
  Ask *ask = data;
  const Channel *channel = find (account, ask->request.room);

  if (ask->is_refused)
    room_request_answer (&ask->request, ask->outcome, ask->words);
  else if (channel == NULL)
    room_request_answer (&ask->request, WIRE_ROOM_OUTCOME_LATER, "You are not in this room any more.");
  else if (ask->kind == ASK_MODES)
    finish_modes (ask, channel);
  else if (ask->kind == ASK_CHANGE)
    finish_change (ask, channel);
  else if (ask->kind == ASK_UNBAN)
    finish_search (ask);
  else
    /* What changed nothing, was so already. */
    room_request_answer (&ask->request, WIRE_ROOM_OUTCOME_DONE, NULL);
}

/* -- What the server says ------------------------------------------------- */

static void
on_modes (Account *account, Channel *channel, const char *text, gboolean (*take) (IrcModes *modes, const IrcSupport *support, const char *text))
{
  gboolean was_known = channel->modes.known;
  gboolean was_moderated = irc_modes_has (&channel->modes, 'm');

  if (!take (&channel->modes, &channels_of (account)->support, text) || !channel->modes.known)
    return;
  tell_traits (account, channel, was_known);
  if (was_moderated != irc_modes_has (&channel->modes, 'm'))
    rooms_tell_ranks (account, channel->name);
}

static const char *
skip_word (const char *text)
{
  text += strcspn (text, " ");
  return text + strspn (text, " ");
}

/* The channel that the text begins with, and what follows its name. */
static Channel *
read_channel (Account *account, const char *text, const char **rest)
{
  g_autofree char *name = g_strndup (text, strcspn (text, " \r\n"));

  *rest = skip_word (text);
  return find (account, name);
}

/* A line is made anew, which stays until the next. */
static void
mend (Account *account, char **line, const char *modes)
{
  static char *mended_line;
  g_autofree char *mended = irc_modes_dup_mended (&channels_of (account)->support, modes);

  if (mended == NULL)
    return;
  g_free (mended_line);
  mended_line = g_strdup_printf ("%.*s%s", (int) (modes - *line), *line, mended);
  *line = mended_line;
}

static void
on_mode_line (Account *account, char **line, const char *text)
{
  g_autofree char *decoded = irc_dup_decoded (account, text);
  const char *rest;
  Channel *channel = read_channel (account, decoded, &rest);

  if (channel == NULL)
    return;
  on_modes (account, channel, rest, irc_modes_apply);
  mend (account, line, skip_word (text));
}

static Ask *
find_ask (Account *account, const Channel *channel, gboolean (*fits) (const Ask *ask))
{
  g_autofree char *key = g_utf8_casefold (channel->name, -1);

  for (GList *l = account->irc_channels->asks.head; l != NULL; l = l->next)
    {
      Ask *ask = l->data;

      if (g_str_equal (ask->key, key) && fits (ask))
        return ask;
    }
  return NULL;
}

static gboolean
wants_bans (const Ask *ask)
{
  return ask->kind == ASK_BANS || ask->kind == ASK_UNBAN;
}

/* "juliet!*@*" is juliet, anything else a pattern. */
static void
tell_ban (const Ask *ask, const char *mask, const char *setter)
{
  g_autofree char *who = text_dup_clean (mask, -1);
  gboolean is_nick = g_str_has_suffix (who, "!*@*");
  g_autofree char *text = NULL;

  if (is_nick)
    {
      g_autofree char *nick = g_strndup (who, strlen (who) - strlen ("!*@*"));

      is_nick = irc_is_nick (nick);
      if (is_nick)
        who[strlen (nick)] = '\0';
    }
  if (!is_nick)
    text = setter != NULL ? g_strdup_printf ("Everybody whom %s fits; banned by %s", mask, setter) : g_strdup_printf ("Everybody whom %s fits", mask);
  else if (setter != NULL)
    text = g_strdup_printf ("Banned by %s", setter);
  if (*who != '\0')
    hub_tell (room_ban, ROOM_BAN, .account = ask->request.account, .room = ask->request.room, .request = ask->request.number, .who = who,
              .text = text);
}

/* "#channel mask setter time", the last two not everywhere. */
static void
on_ban (Account *account, const char *text)
{
  g_autofree char *decoded = irc_dup_decoded (account, text);
  g_auto (GStrv) words = g_strsplit_set (g_strchomp (decoded), " ", 5);
  Channel *channel = words[0] != NULL && words[1] != NULL ? find (account, words[0]) : NULL;
  Ask *ask = channel != NULL ? find_ask (account, channel, wants_bans) : NULL;
  const char *mask;

  if (ask == NULL)
    return;
  mask = *words[1] == ':' ? words[1] + 1 : words[1];
  if (ask->kind == ASK_UNBAN)
    {
      if (ask->found == NULL && purple_utf8_strcasecmp (mask, ask->mask) == 0 && irc_modes_is_mask (mask))
        ask->found = g_strdup (mask);
      return;
    }
  if (ask->n_bans++ >= MOST_BANS)
    return;
  if (words[2] != NULL)
    words[2][strcspn (words[2], "!")] = '\0';
  tell_ban (ask, mask, words[2]);
}

void
irc_channels_line (Account *account, char **line)
{
  const char *command = **line == ':' ? skip_word (*line) : *line;
  const char *text = skip_word (command);

  if (strncmp (command, "MODE ", 5) == 0)
    {
      on_mode_line (account, line, text);
      return;
    }
  if (strncmp (command, "005 ", 4) == 0)
    irc_support_read (&channels_of (account)->support, text);
  else if (strncmp (command, "324 ", 4) == 0)
    {
      g_autofree char *decoded = irc_dup_decoded (account, skip_word (text));
      const char *rest;
      Channel *channel = read_channel (account, decoded, &rest);

      if (channel != NULL)
        on_modes (account, channel, rest, irc_modes_replace);
    }
  else if (strncmp (command, "367 ", 4) == 0)
    on_ban (account, skip_word (text));
}

/* What an error means for a request; FALSE: nothing. */
static gboolean
find_outcome (int number, WireRoomOutcome *outcome)
{
  switch (number)
    {
    case 403: /* no such channel */
    case 442: /* not on it */
    case 478: /* the list of bans is full */
      *outcome = WIRE_ROOM_OUTCOME_LATER;
      return TRUE;
    case 472: /* no such mode */
      *outcome = WIRE_ROOM_OUTCOME_IMPOSSIBLE;
      return TRUE;
    case 525: /* not a password */
    case 696: /* not a mode's word */
      *outcome = WIRE_ROOM_OUTCOME_UNFIT;
      return TRUE;
    case 467: /* the key is set already */
    case 482: /* not an operator */
    case 484: /* a restricted connection */
    case 485: /* not its creator */
    case 499: /* not its owner */
    case 972: /* not an operator of enough weight */
      *outcome = WIRE_ROOM_OUTCOME_FORBIDDEN;
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
is_open (const Ask *ask)
{
  return !ask->is_refused;
}

gboolean
irc_channels_error (Account *account, const IrcReply *reply)
{
  Channel *channel = reply->target != NULL ? find (account, reply->target) : NULL;
  Ask *ask = account->irc_channels != NULL ? g_queue_peek_head (&account->irc_channels->asks) : NULL;
  WireRoomOutcome outcome;

  if (ask == NULL || !find_outcome (reply->number, &outcome))
    return FALSE;
  /* Of a mode that it does not know the server tells no channel. */
  if (reply->number != 472)
    ask = channel != NULL ? find_ask (account, channel, is_open) : NULL;
  if (ask == NULL)
    return FALSE;
  ask->is_refused = TRUE;
  ask->outcome = outcome;
  g_free (ask->words);
  ask->words = g_strdup (reply->text);
  return TRUE;
}

/* -- Commands ------------------------------------------------------------- */

void
irc_channels_get_settings (Account *account, const WireGetSettings *command)
{
  g_autofree char *line = g_strdup_printf ("MODE %s", command->room);

  begin (ask_new (account, ASK_MODES, command->room, command->request), line);
}

void
irc_channels_set_settings (Account *account, const WireSetSettings *command)
{
  const RoomRequest request = { command->account, command->request, (char *) command->room };
  Channel *channel = find (account, command->room);
  g_auto (IrcModes) wanted = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *change = NULL;
  g_autofree char *line = NULL;
  Ask *ask;

  if (channel == NULL || !channel->modes.known)
    {
      room_request_answer (&request, WIRE_ROOM_OUTCOME_LATER, "The server has not told yet how the channel is set up.");
      return;
    }
  irc_modes_copy (&wanted, &channel->modes);
  if (!irc_settings_take (&wanted, &channels_of (account)->support, command->values, &error))
    {
      room_request_answer (&request, WIRE_ROOM_OUTCOME_UNFIT, error->message);
      return;
    }
  change = irc_modes_dup_change (&channel->modes, &wanted);
  if (change == NULL)
    {
      room_request_answer (&request, WIRE_ROOM_OUTCOME_DONE, NULL);
      return;
    }
  ask = ask_new (account, ASK_CHANGE, command->room, command->request);
  irc_modes_copy (&ask->before, &channel->modes);
  irc_modes_copy (&ask->wanted, &wanted);
  line = g_strdup_printf ("MODE %s %s", command->room, change);
  begin (ask, line);
}

void
irc_channels_list_bans (Account *account, const WireListBans *command)
{
  g_autofree char *line = g_strdup_printf ("MODE %s +b", command->room);

  begin (ask_new (account, ASK_BANS, command->room, command->request), line);
}

/* A nick, or a pattern as it is; NULL: neither. */
static char *
dup_mask (const char *who)
{
  if (irc_is_nick (who))
    return g_strconcat (who, "!*@*", NULL);
  return irc_modes_is_mask (who) && strpbrk (who, "!@*?$~") != NULL ? g_strdup (who) : NULL;
}

void
irc_channels_set_ban (Account *account, const WireSetBan *command)
{
  g_autofree char *mask = dup_mask (command->who);
  g_autofree char *line = NULL;
  Ask *ask;

  if (mask == NULL)
    {
      room_request_answer (&(RoomRequest) { command->account, command->request, (char *) command->room }, WIRE_ROOM_OUTCOME_UNFIT,
                           "This is neither a nick on IRC nor a pattern like *!*@host.");
      return;
    }
  ask = ask_new (account, command->banned ? ASK_BAN : ASK_UNBAN, command->room, command->request);
  line = command->banned ? g_strdup_printf ("MODE %s +b %s", command->room, mask) : g_strdup_printf ("MODE %s +b", command->room);
  ask->mask = g_steal_pointer (&mask);
  begin (ask, line);
}
