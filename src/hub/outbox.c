/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outbox.c - messages towards the XMPP server, kept until it certainly has them.
 *
 * A letter is a message in the journal.  Letters leave in the journal's order; on one connection each is first unsent, then
 * sent, then processed (the barrier behind it was answered), and struck off at last: a room's at once, since clients fetch
 * what they have missed from its archive; a chat message when the client has answered; what no client is being asked about,
 * some seconds later.  One timer drives all of it, and runs only while there are letters on a connection.
 *
 * Behind a break a room's letter is held until its client is known to be there, and to be the one that was in the room: who has
 * logged in anew is not in it any more, and gets it from the room's history. */
#include "config.h"

#include "outbox.h"

#include <string.h>

#include "jid.h"
#include "journal.h"
#include "user.h"

#define TICK_MS 200
/* A barrier follows so many letters at the latest, else the next tick. */
#define BARRIER_LETTERS 256
/* A client is asked so long after a message, about all that has come by then, and not sooner again. */
#define ASK_AFTER (3 * G_USEC_PER_SEC)
/* All who are to be asked are asked together. */
#define ASK_EVERY G_USEC_PER_SEC
/* What a server still has only in memory behind the barrier; ejabberd's mnesia takes up to three seconds. */
#define SETTLE (4 * G_USEC_PER_SEC)
/* Of one recipient's letters that the server has processed so many bytes wait for the client. */
#define UNPROVEN_MOST (1024 * 1024)
/* With more bytes than this waiting for one recipient that user's networks are not read, until it is less than that. */
#define WAITING_HIGH (1024 * 1024)
#define WAITING_LOW (256 * 1024)
/* What is sent again is not put into the stream all at once. */
#define STREAM_MOST (4 * 1024 * 1024)
/* Who is there again, and has not joined the room so long after, is believed to be in it still. */
#define HOLD_FOR_JOIN (3 * G_USEC_PER_SEC)
#define NS_PING "urn:xmpp:ping"

typedef enum {
  LETTER_ROOM,                /* for an occupant: groupchat */
  LETTER_CHAT,                /* for a bare JID: a client may be asked whether it has it */
  LETTER_OTHER,
} LetterKind;

typedef enum { UNSENT, HELD, SENT, PROCESSED } Stage;

/* A user whom letters are for; and for a moment after them. */
typedef struct {
  char *jid;                  /* bare */
  guint n_letters;
  gsize waiting;              /* bytes of those that are not processed */
  gboolean held;              /* they are too much: the user's networks wait */
  GQueue held_letters;        /* those that are HELD */
  GQueue chat;                /* those that are LETTER_CHAT */
  gint64 chat_since;          /* since when there are some */
  gsize unproven;             /* bytes of those of them that are processed */
  gint64 asked_at;            /* 0: never */
  gint64 asked_up_to;         /* number of the last letter before the question; 0: there is none under way */
  char *client;               /* full JID: who was asked; NULL: nobody yet */
} Recipient;

typedef struct {
  JournalEntry entry;
  guint8 kind;
  guint8 stage;
  gboolean late;              /* for a connection after its own time: it carries that */
  gint64 stamp;               /* milliseconds since 1970 */
  gint64 since;               /* PROCESSED: when; HELD: when its client was last in doubt; monotonic */
  Recipient *recipient;
  GList link;                 /* LETTER_CHAT, or HELD: among the recipient's */
} Letter;

struct Outbox {
  Gateway *gateway;
  Journal *journal;
  gsize most;
  GHashTable *recipients;     /* bare JID to Recipient, owned */
  GHashTable *inherited;      /* address and id of messages that an earlier process took; NULL: of no interest any more */
  Letter *unsent;             /* the first one; NULL: there is none.  All after it are, too. */
  Letter *unprocessed;        /* the first one */
  guint since_barrier;        /* letters sent behind the last barrier */
  gboolean barrier_is_out;
  guint connection;           /* counts them: late answers belong to an earlier one */
  guint tick;
  gint64 asked_at;            /* when clients were asked last, monotonic */
};

typedef struct {
  Outbox *outbox;
  guint connection;
  gint64 up_to;               /* number of the last letter before it */
  char *jid;                  /* of the recipient; NULL: it is the barrier */
} Question;

/* -- Letters -------------------------------------------------------------- */

static Letter *
next_of (Letter *letter)
{
  return (Letter *) journal_next (&letter->entry);
}

static Letter *
first_of (Outbox *outbox)
{
  return (Letter *) journal_first (outbox->journal);
}

static void
recipient_free (gpointer data)
{
  Recipient *recipient = data;

  g_free (recipient->jid);
  g_free (recipient->client);
  g_free (recipient);
}

/* What a letter is in the journal: its stamp, its kind, whom it is for, and the stanza. */
static void
pack (GString *into, gint64 stamp, LetterKind kind, const char *address, const char *text, gsize length)
{
  g_string_truncate (into, 0);
  g_string_append_len (into, (const char *) &stamp, sizeof stamp);
  g_string_append_c (into, (char) kind);
  journal_pack_text (into, address);
  g_string_append_len (into, text, (gssize) length);
}

/* The stanza of a letter, valid as journal_read says. */
static const char *
unpack (Outbox *outbox, Letter *letter, const char **address, gsize *length)
{
  gsize size;
  const char *data = journal_read (outbox->journal, &letter->entry, &size);
  const char *text;

  memcpy (&letter->stamp, data, sizeof letter->stamp);
  letter->kind = (guint8) data[sizeof letter->stamp];
  *address = data + sizeof letter->stamp + 1;
  text = *address + strlen (*address) + 1;
  *length = size - (gsize) (text - data);
  return text;
}

static gsize
size_of (Outbox *outbox, const Letter *letter)
{
  gsize length;

  journal_read (outbox->journal, &letter->entry, &length);
  return length;
}

/* So many bytes more wait for the recipient, or less. */
static void
count_waiting (Outbox *outbox, Recipient *recipient, gssize more)
{
  recipient->waiting += (gsize) more;
  if (recipient->held ? recipient->waiting < WAITING_LOW : recipient->waiting > WAITING_HIGH)
    {
      recipient->held = !recipient->held;
      g_info ("%s: %s: %" G_GSIZE_FORMAT " bytes wait for them: the network %s", outbox->gateway->domain, recipient->jid, recipient->waiting,
              recipient->held ? "has to wait" : "is read again");
      user_follow_hold (outbox->gateway, recipient->jid);
    }
}

static void
give_recipient (Outbox *outbox, Letter *letter, const char *address)
{
  g_autofree char *jid = jid_dup_bare (address);
  Recipient *recipient = g_hash_table_lookup (outbox->recipients, jid);

  if (recipient == NULL)
    {
      recipient = g_new0 (Recipient, 1);
      recipient->jid = g_steal_pointer (&jid);
      g_hash_table_insert (outbox->recipients, recipient->jid, recipient);
    }
  recipient->n_letters++;
  letter->recipient = recipient;
  letter->link.data = letter;
  if (letter->kind == LETTER_CHAT)
    {
      if (recipient->chat.length == 0)
        recipient->chat_since = g_get_monotonic_time ();
      g_queue_push_tail_link (&recipient->chat, &letter->link);
    }
  count_waiting (outbox, recipient, (gssize) size_of (outbox, letter));
}

static void
strike (Outbox *outbox, Letter *letter)
{
  Recipient *recipient = letter->recipient;
  gsize size = size_of (outbox, letter);

  if (outbox->unprocessed == letter)
    outbox->unprocessed = next_of (letter);
  if (outbox->unsent == letter)
    outbox->unsent = next_of (letter);
  if (letter->stage != PROCESSED)
    count_waiting (outbox, recipient, -(gssize) size);
  else if (letter->kind == LETTER_CHAT)
    recipient->unproven -= size;
  if (letter->kind == LETTER_CHAT)
    g_queue_unlink (&recipient->chat, &letter->link);
  if (letter->stage == HELD)
    g_queue_unlink (&recipient->held_letters, &letter->link);
  recipient->n_letters--;
  journal_strike (outbox->journal, &letter->entry);
}

static LetterKind
kind_of (xmpp_stanza_t *message)
{
  const char *type = stanza_get (message, "type");

  if (g_strcmp0 (type, "groupchat") == 0)
    return LETTER_ROOM;
  return g_strcmp0 (type, "error") != 0 && jid_resource (xmpp_stanza_get_to (message)) == NULL ? LETTER_CHAT : LETTER_OTHER;
}

/* -- Proofs --------------------------------------------------------------- */

/* The server has dealt with a letter. */
static void
process (Outbox *outbox, Letter *letter)
{
  gsize size = size_of (outbox, letter);

  if (letter->kind == LETTER_ROOM)
    {
      strike (outbox, letter);
      return;
    }
  letter->stage = PROCESSED;
  letter->since = g_get_monotonic_time ();
  count_waiting (outbox, letter->recipient, -(gssize) size);
  if (letter->kind == LETTER_CHAT)
    letter->recipient->unproven += size;
}

static void
process_up_to (Outbox *outbox, gint64 number)
{
  Letter *letter, *next;

  for (letter = outbox->unprocessed; letter != NULL && letter->stage != UNSENT && letter->entry.number <= number; letter = next)
    {
      next = next_of (letter);
      outbox->unprocessed = next;
      if (letter->stage == SENT)
        process (outbox, letter);
    }
}

/* The client that letters are for has them. */
static void
prove_up_to (Outbox *outbox, Recipient *recipient, gint64 number)
{
  Letter *letter;

  while ((letter = g_queue_peek_head (&recipient->chat)) != NULL && letter->entry.number <= number)
    strike (outbox, letter);
}

static void
on_answer (Gateway *gateway, xmpp_stanza_t *answer, gpointer data)
{
  Question *question = data;
  Outbox *outbox = question->outbox;
  Recipient *recipient = question->jid == NULL ? NULL : g_hash_table_lookup (outbox->recipients, question->jid);

  if (question->connection == outbox->connection)
    {
      if (question->jid == NULL)
        {
          outbox->barrier_is_out = FALSE;
          if (answer != NULL)
            process_up_to (outbox, question->up_to);
          else
            outbox->since_barrier++;  /* another one, for the same letters */
        }
      else if (recipient != NULL && recipient->asked_up_to == question->up_to)
        {
          recipient->asked_up_to = 0;
          if (answer == NULL)
            user_resource_is_mute (gateway, recipient->client);
          /* An error may be of a client that knows no pings, or of the server in place of one that is gone: it proves nothing. */
          else if (g_strcmp0 (stanza_get (answer, "type"), "result") == 0)
            prove_up_to (outbox, recipient, question->up_to);
        }
    }
  g_free (question->jid);
  g_free (question);
}

static void
ask (Outbox *outbox, const char *to, gint64 up_to, const char *jid)
{
  xmpp_stanza_t *ping = stanza_new_iq ("get", outbox->gateway->domain, to);
  Question *question = g_new (Question, 1);

  *question = (Question) { outbox, outbox->connection, up_to, g_strdup (jid) };
  stanza_add (ping, "ping", NS_PING);
  gateway_request (outbox->gateway, ping, on_answer, question);
}

/* The number of the last letter that is sent; 0: none is. */
static gint64
last_sent (Outbox *outbox)
{
  JournalEntry *last = outbox->unsent == NULL ? journal_last (outbox->journal) : journal_previous (&outbox->unsent->entry);

  return last == NULL ? 0 : last->number;
}

/* To ourselves: whichever domains users are of, all that was sent before is dealt with when it comes back. */
static void
send_barrier (Outbox *outbox)
{
  gint64 last = last_sent (outbox);

  if (outbox->barrier_is_out || outbox->since_barrier == 0)
    return;
  outbox->since_barrier = 0;
  if (last == 0)
    return;  /* all is proven already */
  outbox->barrier_is_out = TRUE;
  ask (outbox, outbox->gateway->domain, last, NULL);
}

/* Asks the client that letters are for whether it has them. */
static void
ask_recipient (Outbox *outbox, Recipient *recipient, gint64 now)
{
  if (recipient->asked_up_to != 0 || now - MAX (recipient->asked_at, recipient->chat_since) < ASK_AFTER)
    return;
  recipient->asked_at = now;
  g_free (recipient->client);
  recipient->client = user_dup_client (outbox->gateway, recipient->jid);
  if (recipient->client == NULL)
    return;
  recipient->asked_up_to = last_sent (outbox);
  if (recipient->asked_up_to != 0)
    ask (outbox, recipient->client, recipient->asked_up_to, recipient->jid);
}

static void
ask_recipients (Outbox *outbox, gint64 now)
{
  GHashTableIter iter;
  gpointer value;

  if (now - outbox->asked_at < ASK_EVERY)
    return;
  outbox->asked_at = now;
  g_hash_table_iter_init (&iter, outbox->recipients);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Recipient *recipient = value;

      if (recipient->chat.length > 0)
        ask_recipient (outbox, recipient, now);
      else if (recipient->n_letters == 0 && recipient->asked_up_to == 0 && now - recipient->asked_at > ASK_AFTER)
        g_hash_table_iter_remove (&iter);
    }
}

/* -- Sending -------------------------------------------------------------- */

/* Writes a letter, with its time if that is past. */
static void
write_letter (Outbox *outbox, Letter *letter)
{
  static const char end[] = "</message>";
  Stream *stream = outbox->gateway->stream;
  const char *address;
  gsize length;
  const char *text = unpack (outbox, letter, &address, &length);
  gsize open = length >= strlen (end) ? length - strlen (end) : 0;
  g_autofree char *time = letter->late ? stanza_dup_time (letter->stamp) : NULL;

  letter->stage = SENT;
  outbox->since_barrier++;
  if (time == NULL || open == 0 || memcmp (text + open, end, strlen (end)) != 0 || memmem (text, length, "'urn:xmpp:delay'", 16) != NULL
      || memmem (text, length, "\"urn:xmpp:delay\"", 16) != NULL)
    stream_write (stream, text, length);
  else
    {
      g_autofree char *delay = g_strdup_printf ("<delay xmlns=\"urn:xmpp:delay\" from=\"%s\" stamp=\"%s\"/>", outbox->gateway->domain, time);

      stream_write (stream, text, open);
      stream_write (stream, delay, strlen (delay));
      stream_write (stream, end, strlen (end));
    }
}

static gboolean
is_for (Outbox *outbox, Letter *letter, const char *jid)
{
  const char *address;
  gsize length;

  unpack (outbox, letter, &address, &length);
  return g_str_equal (address, jid);
}

/* Whether others are held that go before it. */
static gboolean
is_behind_held (Outbox *outbox, Letter *letter, const char *address)
{
  for (GList *l = letter->recipient->held_letters.head; l != NULL; l = l->next)
    if (is_for (outbox, l->data, address))
      return TRUE;
  return FALSE;
}

/* Holds a letter if it is not known yet whether its client is still in the room. */
static gboolean
hold (Outbox *outbox, Letter *letter)
{
  const char *address;
  gsize length;

  if (letter->kind != LETTER_ROOM)
    return FALSE;
  unpack (outbox, letter, &address, &length);
  if (!user_doubts_client (outbox->gateway, address) && !is_behind_held (outbox, letter, address))
    return FALSE;
  letter->stage = HELD;
  letter->since = g_get_monotonic_time ();
  g_queue_push_tail_link (&letter->recipient->held_letters, &letter->link);
  return TRUE;
}

/* Sends what is unsent, as far as the stream takes it. */
static void
pump (Outbox *outbox)
{
  while (outbox->unsent != NULL && stream_is_up (outbox->gateway->stream) && stream_get_backlog (outbox->gateway->stream) < STREAM_MOST)
    {
      Letter *letter = outbox->unsent;

      outbox->unsent = next_of (letter);
      if (!hold (outbox, letter))
        write_letter (outbox, letter);
    }
}

/* A new letter in the place of one that was held, at the end, where the next barrier proves it. */
static void
send_held (Outbox *outbox, Letter *held)
{
  gsize length;
  g_autofree char *copy = NULL;
  gconstpointer data = journal_read (outbox->journal, &held->entry, &length);
  Letter *letter;
  const char *address;

  copy = g_memdup2 (data, length);
  letter = (Letter *) journal_add (outbox->journal, copy, length, TRUE);
  unpack (outbox, letter, &address, &length);
  letter->late = TRUE;
  give_recipient (outbox, letter, address);
  strike (outbox, held);
  if (outbox->unsent == NULL)
    outbox->unsent = letter;
  if (outbox->unprocessed == NULL)
    outbox->unprocessed = letter;
}

static void
end_hold (Outbox *outbox, const char *jid, void (*func) (Outbox *outbox, Letter *letter))
{
  g_autofree char *bare = jid_dup_bare (jid);
  Recipient *recipient = g_hash_table_lookup (outbox->recipients, bare);
  GList *next;

  for (GList *l = recipient == NULL ? NULL : recipient->held_letters.head; l != NULL; l = next)
    {
      next = l->next;
      if (is_for (outbox, l->data, jid))
        func (outbox, l->data);
    }
}

void
outbox_resource_stayed (Outbox *outbox, const char *jid)
{
  end_hold (outbox, jid, send_held);
  pump (outbox);
}

void
outbox_resource_joins (Outbox *outbox, const char *jid)
{
  if (archive_is_on (hub_archive (outbox->gateway->hub)))
    end_hold (outbox, jid, strike);
  else
    outbox_resource_stayed (outbox, jid);
}

/* What a room has for a client, and the server has not dealt with. */
static void
strike_of_rooms (Outbox *outbox, const Recipient *recipient, const char *jid)
{
  Letter *next;

  for (Letter *letter = first_of (outbox); letter != NULL; letter = next)
    {
      next = next_of (letter);
      if (letter->kind == LETTER_ROOM && letter->recipient == recipient && is_for (outbox, letter, jid))
        strike (outbox, letter);
    }
}

void
outbox_resource_gone (Outbox *outbox, const char *jid)
{
  g_autofree char *bare = jid_dup_bare (jid);
  Recipient *recipient = g_hash_table_lookup (outbox->recipients, bare);

  if (recipient == NULL)
    return;
  if (g_strcmp0 (recipient->client, jid) == 0)
    recipient->asked_up_to = 0;
  if (archive_is_on (hub_archive (outbox->gateway->hub)))
    strike_of_rooms (outbox, recipient, jid);
}

/* Whether it is worth waiting for a client. */
static gboolean
is_asked_about (const Letter *letter)
{
  return letter->kind == LETTER_CHAT && letter->recipient->asked_up_to >= letter->entry.number;
}

/* The first of each recipient's stands for those behind it. */
static void
look_at_held (Outbox *outbox, Letter *letter, gint64 now)
{
  g_autofree char *jid = NULL;
  const char *address;
  gsize length;

  unpack (outbox, letter, &address, &length);
  jid = g_strdup (address);
  if (user_doubts_client (outbox->gateway, jid))
    letter->since = now;  /* not for ever: who does not come back is taken to be gone */
  else if (now - letter->since > HOLD_FOR_JOIN)
    outbox_resource_stayed (outbox, jid);
}

static void
look_at_all_held (Outbox *outbox, gint64 now)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, outbox->recipients);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Letter *first = g_queue_peek_head (&((Recipient *) value)->held_letters);

      if (first != NULL)
        look_at_held (outbox, first, now);
    }
}

/* Strikes off what was given its time, and what would be too much to keep. */
static void
strike_settled (Outbox *outbox, gint64 now)
{
  Letter *next;

  for (Letter *letter = first_of (outbox); letter != NULL && (letter->stage == PROCESSED || letter->stage == HELD); letter = next)
    {
      next = next_of (letter);
      if (letter->stage == HELD)
        continue;
      if (letter->kind == LETTER_CHAT && letter->recipient->unproven > UNPROVEN_MOST)
        strike (outbox, letter);
      else if (!is_asked_about (letter) && now - letter->since > SETTLE)
        strike (outbox, letter);
    }
}

static gboolean
on_tick (gpointer data)
{
  Outbox *outbox = data;
  gint64 now = g_get_monotonic_time ();

  pump (outbox);
  send_barrier (outbox);
  strike_settled (outbox, now);
  look_at_all_held (outbox, now);
  ask_recipients (outbox, now);
  if (first_of (outbox) != NULL || g_hash_table_size (outbox->recipients) > 0)
    return G_SOURCE_CONTINUE;
  outbox->tick = 0;
  return G_SOURCE_REMOVE;
}

static void
start_ticking (Outbox *outbox)
{
  if (outbox->tick == 0 && first_of (outbox) != NULL && stream_is_up (outbox->gateway->stream))
    outbox->tick = g_timeout_add (TICK_MS, on_tick, outbox);
}

gboolean
outbox_send (Outbox *outbox, xmpp_stanza_t *message)
{
  static GString *packed;
  const char *address = xmpp_stanza_get_to (message);
  LetterKind kind = kind_of (message);
  gint64 stamp = g_get_real_time () / 1000;
  gsize length;
  g_autofree char *text = stream_dup_text (outbox->gateway->stream, message, &length);
  Letter *letter;

  if (text == NULL)
    return FALSE;
  if (!hub_keeps_messages (outbox->gateway->hub))
    {
      stream_send (outbox->gateway->stream, message);
      return TRUE;
    }
  if (packed == NULL)
    packed = g_string_new (NULL);
  pack (packed, stamp, kind, address, text, length);
  letter = (Letter *) journal_add (outbox->journal, packed->str, packed->len, TRUE);
  letter->kind = (guint8) kind;
  letter->stamp = stamp;
  letter->late = !stream_is_up (outbox->gateway->stream);
  give_recipient (outbox, letter, address);
  if (outbox->unsent == NULL)
    outbox->unsent = letter;
  if (outbox->unprocessed == NULL)
    outbox->unprocessed = letter;
  pump (outbox);
  if (outbox->since_barrier >= BARRIER_LETTERS)
    send_barrier (outbox);
  start_ticking (outbox);
  return TRUE;
}

/* -- The stream ----------------------------------------------------------- */

/* Nothing of what was sent is certain any more. */
static void
begin_again (Outbox *outbox)
{
  GHashTableIter iter;
  gpointer recipient;

  outbox->connection++;
  outbox->barrier_is_out = FALSE;
  outbox->since_barrier = 0;
  outbox->unsent = outbox->unprocessed = first_of (outbox);
  for (Letter *letter = outbox->unsent; letter != NULL; letter = next_of (letter))
    {
      if (letter->stage == PROCESSED)
        count_waiting (outbox, letter->recipient, (gssize) size_of (outbox, letter));
      if (letter->stage == HELD)
        g_queue_unlink (&letter->recipient->held_letters, &letter->link);
      letter->stage = UNSENT;
      letter->late = TRUE;
    }
  g_hash_table_iter_init (&iter, outbox->recipients);
  while (g_hash_table_iter_next (&iter, NULL, &recipient))
    {
      ((Recipient *) recipient)->unproven = 0;
      ((Recipient *) recipient)->asked_up_to = 0;
    }
}

void
outbox_stream_up (Outbox *outbox)
{
  begin_again (outbox);
  pump (outbox);
  start_ticking (outbox);
}

void
outbox_stream_down (Outbox *outbox)
{
  begin_again (outbox);
  g_clear_handle_id (&outbox->tick, g_source_remove);
}

void
outbox_stream_ended (Outbox *outbox)
{
  Letter *next;

  for (Letter *letter = first_of (outbox); letter != NULL && letter->stage != UNSENT; letter = next)
    {
      next = next_of (letter);
      strike (outbox, letter);
    }
}

gboolean
outbox_holds (Outbox *outbox, const char *jid)
{
  const Recipient *recipient = outbox == NULL ? NULL : g_hash_table_lookup (outbox->recipients, jid);

  return recipient != NULL && recipient->held;
}

gsize
outbox_get_bytes (Outbox *outbox)
{
  return journal_get_bytes (outbox->journal);
}

gboolean
outbox_is_congested (Outbox *outbox)
{
  return journal_is_full (outbox->journal) || journal_get_bytes (outbox->journal) > outbox->most / 2;
}

gboolean
outbox_has_room (Outbox *outbox)
{
  return !journal_is_full (outbox->journal) && journal_get_bytes (outbox->journal) < outbox->most / 4;
}

/* -- What an earlier process took ----------------------------------------- */

static char *
dup_key (const char *address, const char *id, gsize length)
{
  return g_strdup_printf ("%s\n%.*s", address, (int) length, id);
}

/* The stanza is one that we made: its start tag has the id, if it has one. */
static void
inherit (Outbox *outbox, const char *address, const char *text, gsize length)
{
  static const char attribute[] = " id=\"";
  const char *end = memchr (text, '>', length);
  const char *id = end == NULL ? NULL : memmem (text, (gsize) (end - text), attribute, strlen (attribute));

  if (id == NULL)
    return;
  id += strlen (attribute);
  g_hash_table_add (outbox->inherited, dup_key (address, id, strcspn (id, "\"")));
}

gboolean
outbox_had (Outbox *outbox, const char *address, const char *id)
{
  g_autofree char *key = outbox->inherited == NULL ? NULL : dup_key (address, id, strlen (id));

  return key != NULL && g_hash_table_contains (outbox->inherited, key);
}

void
outbox_taken_over (Outbox *outbox)
{
  g_clear_pointer (&outbox->inherited, g_hash_table_unref);
}

/* -- Life ----------------------------------------------------------------- */

Outbox *
outbox_new (Gateway *gateway, const char *path, gsize most, GError **error)
{
  Journal *journal = journal_open (path, most, sizeof (Letter), error);
  Outbox *outbox;
  guint found = 0;

  if (journal == NULL)
    return NULL;
  outbox = g_new0 (Outbox, 1);
  outbox->gateway = gateway;
  outbox->journal = journal;
  outbox->most = most;
  outbox->recipients = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, recipient_free);
  outbox->inherited = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (Letter *letter = first_of (outbox); letter != NULL; letter = next_of (letter))
    {
      const char *address;
      gsize length;
      const char *text = unpack (outbox, letter, &address, &length);

      give_recipient (outbox, letter, address);
      inherit (outbox, address, text, length);
      found++;
    }
  if (found > 0)
    g_message ("%s: %u messages from before are sent again", gateway->domain, found);
  begin_again (outbox);
  return outbox;
}

void
outbox_free (Outbox *outbox)
{
  g_clear_handle_id (&outbox->tick, g_source_remove);
  journal_close (outbox->journal);
  g_hash_table_unref (outbox->recipients);
  outbox_taken_over (outbox);
  g_free (outbox);
}
