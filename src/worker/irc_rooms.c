/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_rooms.c - channels: what the IRC plugin does not tell of them. */
#include "config.h"

#include "irc_rooms.h"

#include <string.h>

#include "hub.h"
#include "irc.h"
#include "irc_barrier.h"
#include "rooms.h"
#include "text.h"

/* RFC 1459 says 200, servers say less. */
#define NAME_MAX_BYTES 200

/* The line that is read now, where it is of interest here. */
static Account *reader;
static IrcLine line;

gboolean
irc_rooms_is_name (Account *account, const char *name)
{
  if (account->irc == NULL)
    return TRUE;
  if (strchr ("#&+!", *name) == NULL || strlen (name) < 2 || strlen (name) > NAME_MAX_BYTES)
    return FALSE;
  for (const char *c = name; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c) || *c == ' ' || *c == ',')
      return FALSE;
  return TRUE;
}

static gboolean
is_line (const Account *account, const char *command)
{
  return account == reader && g_str_equal (line.command, command);
}

/* The plugin takes the colon before the last parameter for a part of a nick. */
static void
mend_mode (char *text)
{
  char *colon = strstr (text, " :");

  if (colon != NULL)
    memmove (colon + 1, colon + 2, strlen (colon + 2) + 1);
}

static char *
dup_words (const Account *account, const char *text)
{
  g_autofree char *decoded = text != NULL && *text != '\0' ? irc_dup_decoded (account, text) : NULL;

  return decoded != NULL ? irc_text_dup_plain (decoded) : NULL;
}

void
irc_rooms_line (Account *account, char *text)
{
  irc_line_clear (&line);
  reader = irc_text_parse_line (text, &line) ? account : NULL;
  if (is_line (account, "MODE"))
    mend_mode (text);
  if (is_line (account, "KICK"))
    rooms_expect_leave (account, line.params[1], (RoomLeave) { WIRE_ROOM_END_KICKED, text_dup_clean (line.nick, -1), dup_words (account, line.params[2]) });
  else if (is_line (account, "PART"))
    rooms_expect_leave (account, line.nick, (RoomLeave) { WIRE_ROOM_END_LEFT, NULL, dup_words (account, line.params[1]) });
  else if (is_line (account, "QUIT"))
    rooms_expect_leave (account, line.nick, (RoomLeave) { WIRE_ROOM_END_LEFT, NULL, dup_words (account, line.params[0]) });
  else
    rooms_expect_leave (NULL, NULL, (RoomLeave) { 0 });
}

/* A server gives everybody their rank again when it has found another one back: hundreds of lines, of which each shows. */
static gboolean
is_rank_from_server (void)
{
  return strchr (line.nick, '.') != NULL && line.params[1] != NULL && strspn (line.params[1], "+-ohvaq") == strlen (line.params[1])
         && (line.params[2] == NULL || strpbrk (line.params[2], "!@*") == NULL);
}

gboolean
irc_rooms_is_told (Account *account)
{
  return account->irc != NULL && (!is_line (account, "MODE") || is_rank_from_server ());
}

/* -- Errors --------------------------------------------------------------- */

static gboolean
find_end (int number, WireRoomEnd *end)
{
  static const struct {
    int number;
    WireRoomEnd end;
  } ends[] = {
    { 403, WIRE_ROOM_END_NO_ROOM },       /* no such channel */
    { 405, WIRE_ROOM_END_LATER },         /* in too many channels */
    { 407, WIRE_ROOM_END_LATER },         /* too many targets */
    { 437, WIRE_ROOM_END_LATER },         /* temporarily unavailable */
    { 471, WIRE_ROOM_END_FULL },
    { 473, WIRE_ROOM_END_MEMBERS_ONLY },  /* invitation only */
    { 474, WIRE_ROOM_END_BANNED },
    { 475, WIRE_ROOM_END_PASSWORD },      /* wrong key */
    { 476, WIRE_ROOM_END_NO_ROOM },       /* bad name */
    { 477, WIRE_ROOM_END_MEMBERS_ONLY },  /* a registered nick is needed */
    { 479, WIRE_ROOM_END_NO_ROOM },       /* bad name, or juped */
    { 480, WIRE_ROOM_END_LATER },         /* throttled */
    { 489, WIRE_ROOM_END_REFUSED },       /* TLS only */
    { 495, WIRE_ROOM_END_LATER },         /* too soon after a kick */
    { 500, WIRE_ROOM_END_LATER },         /* too many joins */
    { 520, WIRE_ROOM_END_REFUSED },       /* operators only */
    { 609, WIRE_ROOM_END_LATER },         /* throttled */
  };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    if (ends[i].number == number)
      {
        *end = ends[i].end;
        return TRUE;
      }
  return FALSE;
}

/* A topic, a kick or a mode is refused. */
static gboolean
is_refused_order (int number)
{
  switch (number)
    {
    case 441: /* they are not in that channel */
    case 442: /* you are not */
    case 467: /* the key is set already */
    case 472: /* no such mode */
    case 478: /* the list of bans is full */
    case 482: /* not an operator */
    case 484: /* may not be kicked, or a restricted connection */
    case 485: /* not its creator */
    case 499: /* not its owner */
    case 696: /* not a mode's parameter */
    case 972: /* not an operator of enough weight */
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
is_refused_nick (int number)
{
  switch (number)
    {
    case 431: /* none given */
    case 432: /* erroneous */
    case 433: /* in use */
    case 436: /* collision */
    case 437: /* temporarily unavailable */
    case 438: /* too fast */
    case 447: /* not while in that channel */
      return TRUE;
    default:
      return FALSE;
    }
}

gboolean
irc_rooms_error (Account *account, const IrcReply *reply)
{
  WireRoomEnd end;

  if (account->state != ACCOUNT_SIGNED_IN || reply->target == NULL)
    return FALSE;
  if (find_end (reply->number, &end) && rooms_join_failed (account, reply->target, end, reply->text))
    return TRUE;
  if (is_refused_order (reply->number))
    {
      rooms_refused (account, irc_rooms_is_name (account, reply->target) ? reply->target : NULL, WIRE_ROOM_DEED_ORDER, WIRE_CAUSE_REFUSED,
                     reply->text);
      return TRUE;
    }
  if (is_refused_nick (reply->number) && !irc_rooms_is_name (account, reply->target))
    {
      rooms_refused (account, NULL, WIRE_ROOM_DEED_NICK, reply->number == 433 || reply->number == 436 ? WIRE_CAUSE_NAME_IN_USE : WIRE_CAUSE_REFUSED,
                     reply->text);
      return TRUE;
    }
  return FALSE;
}

/* -- Commands ------------------------------------------------------------- */

typedef struct {
  gint64 request;
  char room[];
} Order;

static void
on_obeyed (Account *account, gpointer data)
{
  const Order *order = data;

  hub_tell (room_done, ROOM_DONE, .account = account->number, .room = order->room, .request = order->request);
}

/* A server says nothing to an order that changes nothing. */
static void
tell_when_done (Account *account, const WireModerate *command)
{
  Order *order;

  if (command->request == 0)
    return;
  order = g_malloc (sizeof *order + strlen (command->room) + 1);
  order->request = command->request;
  strcpy (order->room, command->room);
  irc_barrier_add_shared (account, on_obeyed, order, g_free);
}

/* What may follow the last colon of a line. */
static char *
dup_last (const char *text)
{
  char *clean = text_dup_clean (text != NULL ? text : "", -1);

  g_strdelimit (clean, "\r\n", ' ');
  clean[text_split_length (clean, NAME_MAX_BYTES)] = '\0';
  return clean;
}

void
irc_rooms_moderate (Account *account, const WireModerate *command)
{
  g_autofree char *reason = dup_last (command->text);
  g_autofree char *kick = g_strdup_printf ("KICK %s %s :%s", command->room, command->nick, reason);
  g_autofree char *mode = NULL;

  if (!irc_is_nick (command->nick))
    {
      rooms_refused (account, command->room, WIRE_ROOM_DEED_MODERATION, WIRE_CAUSE_NO_PEER, "This is no nick on IRC.");
      return;
    }
  switch (command->what)
    {
    case WIRE_MODERATION_BAN:
      mode = g_strdup_printf ("MODE %s +b %s!*@*", command->room, command->nick);
      break;
    case WIRE_MODERATION_MODERATOR:
    case WIRE_MODERATION_ADMIN:
      mode = g_strdup_printf ("MODE %s +o %s", command->room, command->nick);
      break;
    case WIRE_MODERATION_PARTICIPANT:
    case WIRE_MODERATION_MEMBER:
      mode = g_strdup_printf ("MODE %s -o+v %s %s", command->room, command->nick, command->nick);
      break;
    case WIRE_MODERATION_VISITOR:
    case WIRE_MODERATION_NO_AFFILIATION:
      mode = g_strdup_printf ("MODE %s -ov %s %s", command->room, command->nick, command->nick);
      break;
    case WIRE_MODERATION_KICK:
    default:
      break;
    }
  if (mode != NULL)
    irc_send_line (account, mode);
  if (command->what == WIRE_MODERATION_KICK || command->what == WIRE_MODERATION_BAN)
    irc_send_line (account, kick);
  tell_when_done (account, command);
}

gboolean
irc_rooms_part (Account *account, const WireLeaveRoom *command)
{
  g_autofree char *word = NULL;
  g_autofree char *part = NULL;

  if (account->irc == NULL || command->text == NULL || !irc_rooms_is_name (account, command->room))
    return FALSE;
  word = dup_last (command->text);
  part = g_strdup_printf ("PART %s :%s", command->room, word);
  irc_send_line (account, part);
  return TRUE;
}

void
irc_rooms_forget (Account *account)
{
  if (reader == account)
    reader = NULL;
}
