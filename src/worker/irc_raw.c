/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_raw.c - an IRC server's own commands, and what it answers.
 *
 * The command goes between two PINGs (irc_barrier.h). The numbers and notices of the server's that come between their
 * PONGs are its answer, and nobody else's: the plugin does not see them, since to it they would be the answer to
 * something of its own (who is in a channel, who is on line). Some commands are passed on to another server, whose
 * answer comes later: those are waited for, by the number that ends it. */
#include "config.h"

#include "irc_raw.h"

#include <string.h>

#include "eventloop.h"
#include "hub.h"
#include "irc.h"
#include "irc_barrier.h"
#include "irc_text.h"
#include "text.h"

#define LINE_BYTES 510
/* Of one account, that wait for their answer. */
#define MOST_COMMANDS 10
/* Of one answer; the lines beyond are counted. */
#define MOST_LINES 100
#define MOST_BYTES 8192
/* The server does not answer at all; another one does not, to which the command went. */
#define ANSWER_SECONDS 60
#define LATE_SECONDS 10

typedef struct {
  const char *name;
  guint params;               /* that it needs: some would ask for the whole network without */
  int last;                   /* the number that ends its answer; 0: not known */
  gboolean is_text;           /* ... and it says something */
} Command;

/* What changes nothing behind the plugin's back, and cannot flood. */
static const Command commands[] = {
  { "ADMIN", 0, 259, TRUE },
  { "HELP", 0, 0, FALSE },
  { "INFO", 0, 374, FALSE },
  { "INVITE", 2, 0, FALSE },
  { "ISON", 1, 303, TRUE },
  { "KICK", 2, 0, FALSE },
  { "KNOCK", 1, 0, FALSE },
  { "LINKS", 0, 365, FALSE },
  { "LIST", 0, 323, FALSE },
  { "LUSERS", 0, 0, FALSE },
  { "MODE", 1, 0, FALSE },
  { "MOTD", 0, 376, FALSE },
  { "NAMES", 1, 366, FALSE },
  { "NICK", 1, 0, FALSE },
  { "STATS", 1, 219, FALSE },
  { "TIME", 0, 391, TRUE },
  { "TOPIC", 1, 0, FALSE },
  { "USERHOST", 1, 302, TRUE },
  { "VERSION", 0, 351, TRUE },
  { "WHO", 1, 315, FALSE },
  { "WHOIS", 1, 318, FALSE },
  { "WHOWAS", 1, 369, FALSE },
};

/* What is done otherwise here. */
static const struct {
  const char *name, *how;
} others[] = {
  { "JOIN", "A channel is joined as a room: see your client's “join a room”." },
  { "PART", "A channel is left as a room is, in your client." },
  { "PRIVMSG", "Write to the person's or the room's own address." },
  { "NOTICE", "Write to the person's or the room's own address." },
  { "AWAY", "Your status in your client says whether you are away." },
  { "QUIT", "Say “logout” to the gateway." },
};

typedef struct {
  Account *account;
  gint64 request;
  const Command *command;
  GString *text;              /* the answer so far */
  guint lines, more;          /* in it; and beyond */
  gboolean open;              /* what comes now is the answer */
  gboolean closed;            /* all has come but what another server says */
  gboolean ended;             /* the last number has come */
  gboolean refused;           /* ... or an error */
  guint timer;
} Raw;

static void
tell (Account *account, gint64 request, gboolean failed, const char *text)
{
  hub_tell (server_answer, SERVER_ANSWER, .account = account->number, .request = request, .failed = failed, .text = text);
}

static void
raw_free (gpointer data)
{
  Raw *raw = data;

  if (raw->timer != 0)
    eventloop_remove (raw->timer);
  g_string_free (raw->text, TRUE);
  g_free (raw);
}

/* -- The answer ----------------------------------------------------------- */

static void
finish (Raw *raw)
{
  gboolean in_time = raw->closed || raw->lines > 0;

  if (raw->more > 0)
    g_string_append_printf (raw->text, "\n… and %u more lines", raw->more);
  if (raw->lines == 0)
    g_string_assign (raw->text, in_time ? raw->ended ? "The server knows of none." : "Done." : "The server does not answer.");
  tell (raw->account, raw->request, !in_time || (raw->refused && raw->lines == 1), raw->text->str);
  g_queue_remove (raw->account->raws, raw);
  raw_free (raw);
}

static void
add_text (Raw *raw, char *words)
{
  g_autofree char *plain = irc_text_dup_plain (words);

  if (*g_strchomp (plain) == '\0')
    return;
  if (raw->lines >= MOST_LINES || raw->text->len + strlen (plain) > MOST_BYTES)
    {
      raw->more++;
      return;
    }
  if (raw->lines++ > 0)
    g_string_append_c (raw->text, '\n');
  g_string_append (raw->text, plain);
}

/* "juliet ~u host * :Juliet Capulet": what is to be read begins behind a colon, where there is one. */
static char *
dup_params (const Account *account, const char *params)
{
  g_autofree char *decoded = irc_dup_decoded (account, params);
  char *colon = *decoded == ':' ? decoded : strstr (decoded, " :");

  if (colon == decoded)
    memmove (decoded, decoded + 1, strlen (decoded));
  else if (colon != NULL)
    memmove (colon + 1, colon + 2, strlen (colon + 2) + 1);
  return g_steal_pointer (&decoded);
}

/* A number of the server's, with who it is for and the parameters behind; 0: it is none. */
static int
number_of (const char *word, const char **params)
{
  const char *target;

  if (!g_ascii_isdigit (word[0]) || !g_ascii_isdigit (word[1]) || !g_ascii_isdigit (word[2]) || word[3] != ' ')
    return 0;
  target = strchr (word + 4, ' ');
  *params = target != NULL ? target + 1 : "";
  return (int) g_ascii_strtoll (word, NULL, 10);
}

/* What the plugin may have asked itself, once our own command's turn is over. */
static gboolean
is_the_plugins (int number)
{
  return number == 303 || number == 324 || number == 329 || (number >= 331 && number <= 333) || number == 353 || number == 366;
}

static void
take_number (Raw *raw, int number, const char *params)
{
  g_autofree char *words = NULL;

  if (number >= 400 && number < 600)
    raw->refused = TRUE;
  if (number == raw->command->last)
    raw->ended = TRUE;
  if (number == raw->command->last && !raw->command->is_text)
    return;
  words = dup_params (raw->account, params);
  add_text (raw, words);
}

/* From the server itself: no person has a dot in the nick, and no server an exclamation mark. */
static gboolean
is_server_notice (const char *line, const char *word)
{
  gsize length = (gsize) (word - line);

  return strncmp (word, "NOTICE ", 7) == 0 && memchr (line, '!', length) == NULL && memchr (line, '.', length) != NULL;
}

static gboolean
is_over (const Raw *raw)
{
  return raw->closed && (raw->ended || raw->refused || raw->command->last == 0);
}

/* Between the PONGs. */
static gboolean
take_answer (Raw *raw, const char *line, const char *word)
{
  const char *params = NULL;
  int number = number_of (word, &params);

  if (number != 0)
    {
      take_number (raw, number, params);
      return TRUE;
    }
  params = is_server_notice (line, word) ? strchr (word + 7, ' ') : NULL;
  if (params != NULL)
    {
      g_autofree char *words = dup_params (raw->account, params + 1);

      add_text (raw, words);
    }
  return params != NULL;
}

/* Behind them, where it may be about anything else, too: the plugin reads it as well, unless it ends the answer. */
static gboolean
take_late_answer (Raw *raw, const char *word)
{
  const char *params = NULL;
  int number = number_of (word, &params);

  if (number == 0 || (number >= 400 && number < 600) || (number != raw->command->last && is_the_plugins (number)))
    return FALSE;
  take_number (raw, number, params);
  if (!is_over (raw))
    return FALSE;
  finish (raw);
  return TRUE;
}

gboolean
irc_raw_line (Account *account, const char *line)
{
  const char *word = line[0] == ':' ? strchr (line, ' ') : NULL;

  if (account->raws == NULL || account->raws->length == 0 || word == NULL)
    return FALSE;
  word++;
  for (GList *l = account->raws->head; l != NULL; l = l->next)
    if (((Raw *) l->data)->open)
      return take_answer (l->data, line, word);
  for (GList *l = account->raws->head; l != NULL; l = l->next)
    if (((Raw *) l->data)->closed)
      return take_late_answer (l->data, word);
  return FALSE;
}

/* -- Sending -------------------------------------------------------------- */

static gboolean
on_time (gpointer data)
{
  Raw *raw = data;

  raw->timer = 0;
  finish (raw);
  return G_SOURCE_REMOVE;
}

/* NULL: it took too long, and is over. */
static Raw *
find (Account *account, const gint64 *request)
{
  for (GList *l = account->raws != NULL ? account->raws->head : NULL; l != NULL; l = l->next)
    if (((Raw *) l->data)->request == *request)
      return l->data;
  return NULL;
}

static void
on_open (Account *account, gpointer data)
{
  Raw *raw = find (account, data);

  if (raw != NULL)
    raw->open = TRUE;
}

static void
on_closed (Account *account, gpointer data)
{
  Raw *raw = find (account, data);

  if (raw == NULL)
    return;
  raw->open = FALSE;
  raw->closed = TRUE;
  if (is_over (raw))
    {
      finish (raw);
      return;
    }
  eventloop_remove (raw->timer);
  raw->timer = eventloop_add_timer_seconds (LATE_SECONDS, on_time, raw);
}

static void
send_command (Account *account, gint64 request, const Command *command, const char *line)
{
  Raw *raw = g_new0 (Raw, 1);

  if (account->raws == NULL)
    account->raws = g_queue_new ();
  raw->account = account;
  raw->request = request;
  raw->command = command;
  raw->text = g_string_new (NULL);
  raw->timer = eventloop_add_timer_seconds (ANSWER_SECONDS, on_time, raw);
  g_queue_push_tail (account->raws, raw);
  irc_barrier_add (account, on_open, g_memdup2 (&request, sizeof request), g_free);
  irc_send_line (account, line);
  irc_barrier_add (account, on_closed, g_memdup2 (&request, sizeof request), g_free);
}

static const Command *
find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_ascii_strcasecmp (commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

static char *
dup_refusal (const char *name)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_ascii_strcasecmp (others[i].name, name) == 0)
      return g_string_free (g_string_assign (text, others[i].how), FALSE);
  g_string_printf (text, "This command is not passed on. The server gets these:");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (text, "%s %s", i > 0 ? "," : "", commands[i].name);
  return g_string_free (g_string_append_c (text, '.'), FALSE);
}

static guint
count_words (const char *text)
{
  guint n = 0;

  for (; *text != '\0'; text++)
    if (*text != ' ' && (text[1] == ' ' || text[1] == '\0'))
      n++;
  return n;
}

/* What is wrong with it; NULL: nothing. */
static char *
dup_problem (Account *account, const char *line, const Command *command, const char *name)
{
  g_autofree char *encoded = irc_dup_encoded (account, line);

  if (command == NULL)
    return dup_refusal (name);
  if (strpbrk (line, "\r\n") != NULL)
    return g_strdup ("A command is one line.");
  if (count_words (line) <= command->params)
    return g_strdup_printf ("%s needs more to be said.", command->name);
  if (strlen (encoded) > LINE_BYTES)
    return g_strdup_printf ("The command is too long: %d bytes are allowed.", LINE_BYTES);
  if ((account->raws != NULL && account->raws->length >= MOST_COMMANDS) || !irc_sender_has_room (irc_get_sender (account), 3)
      || !irc_barrier_has_room (account, 2))
    return g_strdup ("Too much is waiting for this server; please try again later.");
  return NULL;
}

void
irc_raw_run (Account *account, const WireServerCommand *message)
{
  g_autofree char *line = text_dup_clean (message->text, -1);
  g_autofree char *name = NULL;
  g_autofree char *problem = NULL;
  const Command *command;

  g_strstrip (line);
  /* As IRC clients want it. */
  if (*line == '/')
    memmove (line, line + 1, strlen (line));
  name = g_strndup (line, strcspn (line, " \r\n"));
  command = find_command (name);
  problem = account->irc == NULL ? g_strdup ("This network has no such commands.") : dup_problem (account, line, command, name);
  if (problem != NULL)
    tell (account, message->request, TRUE, problem);
  else
    send_command (account, message->request, command, line);
}

void
irc_raw_forget (Account *account)
{
  if (account->raws != NULL)
    g_queue_free_full (g_steal_pointer (&account->raws), raw_free);
}
