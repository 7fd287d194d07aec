/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc.c - what libpurple's IRC plugin needs to be helped with. */
#include "config.h"

#include "irc.h"

#include <string.h>

#include "hub.h"
#include "irc_barrier.h"
#include "irc_channels.h"
#include "irc_identify.h"
#include "irc_raw.h"
#include "irc_rooms.h"
#include "irc_text.h"
#include "proof.h"
#include "protocol.h"
#include "rooms.h"
#include "text.h"

#define MOST_AWAYS 256

struct IrcAccount {
  IrcSender *sender;          /* owned */
  char *nick;                 /* the wanted one */
  char *password;             /* for NickServ; NULL: it is not */
  IrcLogin *login;            /* NickServ's answer is waited for; else NULL */
  GHashTable *aways;          /* peer -> away text */
  gboolean is_ctcp;           /* so is the line that is read now */
  char *told_of;              /* peer of the error in the line that is read now */
  guint64 ordered;            /* the last line that orders something, which may be refused as messages are */
};

IrcSender *
irc_get_sender (const Account *account)
{
  return account->irc != NULL ? account->irc->sender : NULL;
}

/* More than any network allows. */
#define NICK_MAX_BYTES 200

/* -- Lines of our own ----------------------------------------------------- */

static char **
list_encodings (const Account *account)
{
  return g_strsplit (purple_account_get_string (account->purple, "encoding", "UTF-8"), ",", -1);
}

/* What cannot be written goes as UTF-8, as the plugin does it for its own lines. */
char *
irc_dup_encoded (const Account *account, const char *text)
{
  g_auto (GStrv) encodings = list_encodings (account);
  char *encoded = encodings[0] != NULL ? g_convert (text, -1, g_strstrip (encodings[0]), "UTF-8", NULL, NULL, NULL) : NULL;

  return encoded != NULL ? encoded : g_strdup (text);
}

void
irc_send_line (Account *account, const char *text)
{
  g_autofree char *encoded = irc_dup_encoded (account, text);
  g_autofree char *line = g_strconcat (g_strdelimit (encoded, "\r\n", ' '), "\r\n", NULL);

  protocol_get_info ()->send_raw (accounts_get_connection (account), line, (int) strlen (line));
}

char *
irc_dup_decoded (const Account *account, const char *text)
{
  g_auto (GStrv) encodings = list_encodings (account);

  if (purple_account_get_bool (account->purple, "autodetect_utf8", FALSE) && g_utf8_validate (text, -1, NULL))
    return g_strdup (text);
  for (char **encoding = encodings; *encoding != NULL; encoding++)
    {
      char *decoded = g_convert (text, -1, "UTF-8", g_strstrip (*encoding), NULL, NULL, NULL);

      if (decoded != NULL)
        return decoded;
    }
  return text_dup_clean (text, -1);
}

/* -- Messages ------------------------------------------------------------- */

gboolean
irc_is_nick (const char *peer)
{
  /* Too long a line would end the connection. */
  if (*peer == '\0' || strlen (peer) > NICK_MAX_BYTES || strchr ("#&+!$:@%~", *peer) != NULL)
    return FALSE;
  for (const char *c = peer; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c) || strchr (" ,*?", *c) != NULL)
      return FALSE;
  return TRUE;
}

gboolean
irc_is_server (const char *name)
{
  return strchr (name, '.') != NULL;
}

/* FALSE: the plugin could not make a line of it. */
static gboolean
send_piece (Account *account, const char *peer, int chat, const char *piece)
{
  PurpleConnection *connection = accounts_get_connection (account);
  guint64 before = irc_sender_count_queued (account->irc->sender);
  g_autofree char *html = text_dup_to_html (piece);

  if (chat == IRC_PEER)
    serv_send_im (connection, peer, html, 0);
  else
    serv_chat_send (connection, chat, html, 0);
  return irc_sender_count_queued (account->irc->sender) > before;
}

static gboolean
send_pieces (Account *account, SentMessage *sent, int chat, char **pieces)
{
  guint64 before = irc_sender_count_queued (account->irc->sender);
  gboolean whole = TRUE;

  for (char **piece = pieces; *piece != NULL && whole; piece++, sent->pieces++)
    whole = send_piece (account, sent->peer, chat, *piece);
  if (!whole)
    sent_message_fail (sent, WIRE_CAUSE_REFUSED, "The message cannot be written in the server's encoding.");
  sent_add_lines (account, sent, before + 1, irc_sender_count_queued (account->irc->sender));
  return whole;
}

gboolean
irc_send (Account *account, SentMessage *sent, int chat, const char *text)
{
  const char *nick = purple_connection_get_display_name (accounts_get_connection (account));
  g_auto (GStrv) pieces = irc_text_split (text, nick != NULL ? nick : "", sent->peer);

  if (pieces[0] == NULL)
    sent_message_fail (sent, WIRE_CAUSE_REFUSED, "There is nothing in this message that IRC can carry.");
  else if (!irc_sender_has_room (account->irc->sender, g_strv_length (pieces)))
    sent_message_fail (sent, WIRE_CAUSE_BUSY, "Too many messages wait to be sent to this server.");
  else
    return send_pieces (account, sent, chat, pieces);
  return FALSE;
}

/* -- Proofs --------------------------------------------------------------- */

/* Not as those of irc_barrier.c, which wait their turn. */
#define PROOF_TOKEN "passerelle-taken-"
/* Where lines wait for the rate limit, every eighth or so may be a PING. */
#define LINES_FOR_A_PING 8

gboolean
irc_ping (Account *account, guint64 number, guint64 lines)
{
  char line[80];

  g_snprintf (line, sizeof line, "PING :" PROOF_TOKEN "%" G_GUINT64_FORMAT "\r\n", number);
  return irc_sender_write (account->irc->sender, line, lines < LINES_FOR_A_PING);
}

static void
on_pong (Account *account, const char *token)
{
  if (g_str_has_prefix (token, PROOF_TOKEN))
    proof_answered (account, g_ascii_strtoull (token + strlen (PROOF_TOKEN), NULL, 10));
  else
    irc_barrier_pong (account, token);
}

gboolean
irc_is_repeated_away (Account *account, const char *who, const char *text)
{
  IrcAccount *irc = account->irc;
  const char *known;

  if (irc == NULL)
    return FALSE;
  if (irc->aways == NULL)
    irc->aways = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  known = g_hash_table_lookup (irc->aways, who);
  if (known != NULL && g_str_equal (known, text))
    return TRUE;
  if (g_hash_table_size (irc->aways) >= MOST_AWAYS)
    g_hash_table_remove_all (irc->aways);
  g_hash_table_insert (irc->aways, g_strdup (who), g_strdup (text));
  return FALSE;
}

gboolean
irc_is_ctcp (const Account *account)
{
  return account->irc != NULL && account->irc->is_ctcp;
}

gboolean
irc_knows_notice (Account *account, const char *about)
{
  return account->irc != NULL && account->irc->told_of != NULL && about != NULL
         && purple_utf8_strcasecmp (account->irc->told_of, about) == 0;
}

/* -- What the server says ------------------------------------------------- */

/* Why it does not let us in, before it closes the connection. */
static gboolean
is_refusal (const IrcReply *reply)
{
  return reply->number == 464 || reply->number == 465 || reply->number == 463;
}

static void
on_closing (Account *account, const char *line)
{
  g_autofree char *text = text_dup_clean (line + strlen ("ERROR "), -1);
  g_autofree char *lower = g_utf8_strdown (text, -1);
  gboolean refused = account->state == ACCOUNT_SIGNING_IN
                     && (strstr (lower, "password") != NULL || strstr (lower, "bann") != NULL
                         || strstr (lower, "-line") != NULL || strstr (lower, "not authori") != NULL);

  g_strstrip (text);
  accounts_hint_reason (account, refused ? WIRE_CAUSE_AUTH : WIRE_CAUSE_NETWORK, *text == ':' ? text + 1 : text);
}

void
irc_note_order (Account *account)
{
  if (account->irc != NULL)
    account->irc->ordered = irc_sender_count_queued (account->irc->sender);
}

/* Not on the channel, or of too low a rank there: said of orders, but of messages where nothing was ordered that is not dealt with. */
static gboolean
means_a_message (Account *account, const IrcReply *reply)
{
  return (reply->number == 442 || reply->number == 482) && reply->target != NULL && proof_get_place (account) >= account->irc->ordered;
}

static void
on_reply (Account *account, const char *line)
{
  g_autofree char *decoded = irc_dup_decoded (account, line);
  g_auto (IrcReply) reply = { 0 };

  irc_text_parse_reply (decoded, &reply);
  if (means_a_message (account, &reply) && sent_fail_peer (account, reply.target, WIRE_CAUSE_REFUSED, reply.text))
    {
      account->irc->told_of = g_strdup (reply.target);
      return;
    }
  if (is_refusal (&reply) && account->state == ACCOUNT_SIGNING_IN)
    accounts_hint_reason (account, WIRE_CAUSE_AUTH, reply.text != NULL ? reply.text : "");
  else if (irc_channels_error (account, &reply) || irc_rooms_error (account, &reply))
    account->irc->told_of = g_strdup (reply.target);
  else if (irc_text_is_undelivered (reply.number) && reply.target != NULL
           && sent_fail_peer (account, reply.target, reply.number == 401 ? WIRE_CAUSE_NO_PEER : WIRE_CAUSE_REFUSED, reply.text))
    account->irc->told_of = g_strdup (reply.target);
}

static void
on_receiving (PurpleConnection *connection, char **line, gpointer data)
{
  Account *account = accounts_of_connection (connection);
  const char *word, *token;

  if (account == NULL || account->irc == NULL || line == NULL || *line == NULL)
    return;
  g_clear_pointer (&account->irc->told_of, g_free);
  account->irc->is_ctcp = irc_text_is_ctcp (*line);
  token = irc_text_find_pong (*line);
  if (token != NULL)
    on_pong (account, token);
  if (irc_raw_line (account, *line))
    {
      /* The plugin takes no notice of a line without anything. */
      **line = '\0';
      return;
    }
  if (account->irc->login != NULL)
    irc_login_line (account->irc->login, *line, purple_connection_get_display_name (connection));
  irc_channels_line (account, line);
  irc_rooms_line (account, *line);
  if (strncmp (*line, "ERROR ", 6) == 0)
    {
      on_closing (account, *line);
      return;
    }
  /* Errors are numbers from 400 on; most lines are none and go by at once. */
  word = strchr (*line, ' ');
  if (word != NULL && word[1] >= '4' && word[1] <= '9')
    on_reply (account, *line);
}

/* Just before the plugin writes a line. */
static void
on_sending (PurpleConnection *connection, char **line, gpointer data)
{
  Account *account = accounts_of_connection (connection);

  if (account != NULL && account->irc != NULL)
    irc_writing = account->irc->sender;
}

void
irc_init (void)
{
  static int handle;
  PurplePlugin *plugin = protocol_get_plugin ();

  if (!protocol_is_irc ())
    return;
  purple_signal_connect (plugin, "irc-sending-text", &handle, PURPLE_CALLBACK (on_sending), NULL);
  purple_signal_connect (plugin, "irc-receiving-text", &handle, PURPLE_CALLBACK (on_receiving), NULL);
}

/* -- An account's part ---------------------------------------------------- */

void
irc_attach (Account *account, const char *password, const char *const *options)
{
  const char *name = purple_account_get_username (account->purple);
  IrcAccount *irc;

  if (!protocol_is_irc ())
    return;
  irc = account->irc = g_new0 (IrcAccount, 1);
  irc->nick = g_strndup (name, strcspn (name, "@"));
  irc->sender = irc_sender_new (account, purple_account_get_int (account->purple, "ratelimit-interval", 2),
                                purple_account_get_int (account->purple, "ratelimit-burst", 5));
  purple_account_set_int (account->purple, "ratelimit-interval", 0);
  irc->password = irc_identify_prepare (account->purple, irc->nick, password, options);
}

static void
on_identified (Account *account)
{
  g_clear_pointer (&account->irc->login, irc_login_free);
  rooms_join_held (account);
}

gboolean
irc_holds_joins (const Account *account)
{
  return account->irc != NULL && account->irc->login != NULL;
}

void
irc_signed_in (Account *account)
{
  IrcAccount *irc = account->irc;
  PurpleConnection *connection = accounts_get_connection (account);
  const char *nick;

  if (irc == NULL)
    return;
  nick = purple_connection_get_display_name (connection);
  if (nick == NULL || !irc_is_nick (nick))
    nick = irc->nick;
  if (purple_utf8_strcasecmp (nick, irc->nick) != 0)
    {
      g_autofree char *text = g_strdup_printf ("The nick %s is in use: you are %s now.", irc->nick, nick);

      hub_tell (notice, NOTICE, .account = account->number, .text = text);
    }
  if (irc->password != NULL)
    irc->login = irc_identify (account, irc->password, irc->nick, nick, on_identified);
  irc_identify_forget (&irc->password);
}

void
irc_disconnected (Account *account)
{
  if (account->irc == NULL)
    return;
  g_clear_pointer (&account->irc->login, irc_login_free);
  irc_raw_forget (account);
  irc_barrier_forget (account);
  irc_sender_end (account->irc->sender);
}

void
irc_detach (Account *account)
{
  IrcAccount *irc = g_steal_pointer (&account->irc);

  if (irc == NULL)
    return;
  irc_login_free (irc->login);
  irc_raw_forget (account);
  irc_barrier_forget (account);
  irc_rooms_forget (account);
  irc_channels_forget (account);
  irc_sender_free (irc->sender);
  irc_identify_forget (&irc->password);
  g_clear_pointer (&irc->aways, g_hash_table_unref);
  g_free (irc->nick);
  g_free (irc->told_of);
  g_free (irc);
}
