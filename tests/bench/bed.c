/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bed.c - the test bed: a gateway between our XMPP server and our IRC server. */
#include "config.h"

#include "bed.h"
#include "room.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENROLL_AT_ONCE 32
#define PATIENCE 30.0           /* seconds without any progress */
#define LEAVE_SECONDS 10.0
#define TEXT_SIZE 160
#define MESSAGES_A_WHILE 50     /* from each user of a group, before the next group */
#define LOG_TAIL 1000           /* bytes */

User *
bed_find_user (Bed *bed, const char *name)
{
  char *end;
  guint index;

  if (name == NULL || name[0] != 'u' || !g_ascii_isdigit (name[1]))
    return NULL;
  index = (guint) strtoul (name + 1, &end, 10);
  if (index >= bed->n_users || (*end != '\0' && !g_str_has_prefix (name, bed->users[index].bare)))
    return NULL;
  return &bed->users[index];
}

void
bed_set_enrolled (Bed *bed, User *user)
{
  if (user->enrolled)
    return;
  user->enrolled = TRUE;
  bed->n_enrolled++;
  bed->steps++;
}

void
bed_set_told (Bed *bed, User *user, gboolean told)
{
  if (user->told == told)
    return;
  user->told = told;
  bed->n_told += told ? 1 : -1u;
  bed->steps++;
}

static void
on_irc_signed_on (IrcClient *client, gpointer user_data)
{
  Bed *bed = user_data;
  User *user = bed_find_user (bed, irc_client_nick (client));

  if (user == NULL)
    {
      loop_fail (g_error_new (BENCH_ERROR, 0, "an IRC client signs in as %s", irc_client_nick (client)));
      return;
    }
  if (user->irc == NULL)
    bed->n_irc++;
  user->irc = client;
  bed->steps++;
}

static void
on_irc_gone (IrcClient *client, gpointer user_data)
{
  Bed *bed = user_data;
  User *user = bed_find_user (bed, irc_client_nick (client));

  bed->steps++;
  if (user == NULL || user->irc != client)
    return;
  user->irc = NULL;
  bed->n_irc--;
}

static Room *
find_channel (Bed *bed, const char *name)
{
  for (guint i = 0; i < bed->rooms->len; i++)
    if (room_is_channel (bed->rooms->pdata[i], name))
      return bed->rooms->pdata[i];
  return NULL;
}

/* By the JID of the room or of somebody in it. */
static Room *
find_room (Bed *bed, const char *jid)
{
  for (guint i = 0; jid != NULL && i < bed->rooms->len; i++)
    {
      const char *rest = g_str_has_prefix (jid, room_jid (bed->rooms->pdata[i])) ? jid + strlen (room_jid (bed->rooms->pdata[i])) : NULL;

      if (rest != NULL && (*rest == '\0' || *rest == '/'))
        return bed->rooms->pdata[i];
    }
  return NULL;
}

static void
on_irc_joined (IrcClient *client, const char *channel, guint n_there, gpointer user_data)
{
  Bed *bed = user_data;
  User *user = bed_find_user (bed, irc_client_nick (client));
  Room *room = find_channel (bed, channel);

  if (user != NULL && room != NULL)
    room_take_irc_join (room, user, n_there);
}

static void
on_irc_parted (IrcClient *client, const char *channel, gpointer user_data)
{
  Bed *bed = user_data;
  User *user = bed_find_user (bed, irc_client_nick (client));
  Room *room = find_channel (bed, channel);

  if (user != NULL && room != NULL)
    room_take_irc_part (room, user);
}

static void
on_irc_message (IrcClient *client, const char *target, const char *text, gpointer user_data)
{
  Bed *bed = user_data;
  User *user = bed_find_user (bed, irc_client_nick (client));
  Room *room = find_channel (bed, target);

  if (user != NULL && room != NULL)
    room_take_irc_message (room, user, text);
  else if (bed->others_expected || (user != NULL && g_str_equal (target, user->friend) && ledger_take (bed->out, user->index, text)))
    return;
  else
    loop_fail (g_error_new (BENCH_ERROR, 0, "a message arrived on IRC that %s never sent to %s: %.80s", irc_client_nick (client), target, text));
}

static const IrcHandlers irc_handlers = {
  .signed_on = on_irc_signed_on,
  .joined = on_irc_joined,
  .parted = on_irc_parted,
  .message = on_irc_message,
  .gone = on_irc_gone,
};

static void
on_error (Bed *bed, const Stanza *stanza)
{
  bed->errors++;
  if (bed->first_error == NULL)
    bed->first_error = g_strdup_printf ("%s from %s: %s%s%s", stanza->name, stanza->from, stanza->condition != NULL ? stanza->condition : "error",
                                        stanza->text != NULL ? ", " : "", stanza->text != NULL ? stanza->text : "");
}

static void
on_message (Bed *bed, User *user, const Stanza *stanza)
{
  if (g_strcmp0 (stanza->type, "error") == 0)
    on_error (bed, stanza);
  else if (stanza->body != NULL && g_str_has_prefix (stanza->from, user->contact) && !ledger_take (bed->in, user->index, stanza->body))
    loop_fail (g_error_new (BENCH_ERROR, 0, "a message arrived at %s that %s never sent: %.80s", stanza->to, stanza->from, stanza->body));
}

/* Answers what the gateway asks of the server or of a client; both know nothing but ping and disco. */
static void
answer_iq (Bed *bed, const Stanza *stanza)
{
  if (g_strcmp0 (stanza->child_ns, "http://jabber.org/protocol/disco#info") == 0 && g_strcmp0 (stanza->to, BED_SERVER) == 0)
    xmpp_server_send (bed->xmpp, "<iq type='result' id='%s' from='%s' to='%s'><query xmlns='http://jabber.org/protocol/disco#info'>"
                      "<identity category='server' type='im'/><feature var='http://jabber.org/protocol/disco#info'/></query></iq>",
                      stanza->id, stanza->to, stanza->from);
  else if (g_strcmp0 (stanza->child_ns, "urn:xmpp:ping") == 0)
    xmpp_server_send (bed->xmpp, "<iq type='result' id='%s' from='%s' to='%s'/>", stanza->id, stanza->to, stanza->from);
  else
    xmpp_server_send (bed->xmpp, "<iq type='error' id='%s' from='%s' to='%s'><error type='cancel'>"
                      "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
                      stanza->id, stanza->to, stanza->from);
}

/* What server and client do when the gateway asks for or after a user's presence. */
static gboolean
answer_presence (Bed *bed, User *user, const Stanza *stanza)
{
  if (g_strcmp0 (stanza->type, "subscribe") == 0)
    xmpp_server_send (bed->xmpp, "<presence type='subscribed' from='%s' to='%s'/>", user->bare, stanza->from);
  else if (g_strcmp0 (stanza->type, "probe") != 0)
    return FALSE;
  if (user->present)
    xmpp_server_send (bed->xmpp, "<presence from='%s' to='%s'/>", user->full, stanza->from);
  else
    xmpp_server_send (bed->xmpp, "<presence type='unavailable' from='%s' to='%s'/>", user->bare, stanza->from);
  return TRUE;
}

static void
on_stanza (const Stanza *stanza, gpointer user_data)
{
  Bed *bed = user_data;
  User *user = bed_find_user (bed, stanza->to);
  Room *room = find_room (bed, stanza->from);

  if (g_str_equal (stanza->name, "iq"))
    {
      if (g_strcmp0 (stanza->type, "get") == 0 || g_strcmp0 (stanza->type, "set") == 0)
        answer_iq (bed, stanza);
      else if (g_strcmp0 (stanza->id, "barrier") == 0)
        bed->answers++;
      else if (user != NULL)
        bed->kind->stanza (bed, user, stanza);
    }
  else if (user == NULL)
    return;
  else if (room != NULL && !(g_str_equal (stanza->name, "message") && g_strcmp0 (stanza->type, "error") == 0))
    room_take_stanza (room, user, stanza);
  else if (g_str_equal (stanza->name, "message"))
    on_message (bed, user, stanza);
  else if (!answer_presence (bed, user, stanza))
    {
      if (g_strcmp0 (stanza->type, "error") == 0)
        on_error (bed, stanza);
      bed->kind->stanza (bed, user, stanza);
    }
}

static const XmppHandlers xmpp_handlers = { .stanza = on_stanza };

static gboolean
is_connected (gpointer user_data)
{
  Bed *bed = user_data;

  return xmpp_server_is_ready (bed->xmpp);
}

static gboolean
start_gateway (Bed *bed, GError **error)
{
  g_auto (GStrv) command = bed->kind->prepare (bed, bed->folder, error);
  g_auto (GStrv) wrapper = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  if (command == NULL)
    return FALSE;
  if (bed->options->wrapper != NULL && !g_shell_parse_argv (bed->options->wrapper, NULL, &wrapper, error))
    return FALSE;
  for (guint i = 0; wrapper != NULL && wrapper[i] != NULL; i++)
    g_ptr_array_add (argv, wrapper[i]);
  for (guint i = 0; command[i] != NULL; i++)
    g_ptr_array_add (argv, command[i]);
  g_ptr_array_add (argv, NULL);
  bed->subject = subject_start ((char **) argv->pdata, bed->log_path, error);
  return bed->subject != NULL && loop_wait (is_connected, bed, NULL, PATIENCE, "the gateway's component stream", error);
}

static void
init_user (Bed *bed, guint index)
{
  User *user = &bed->users[index];

  user->index = index;
  user->nick = g_strdup_printf ("u%u", index);
  user->friend = g_strdup_printf ("f%u", index);
  user->bare = g_strdup_printf ("u%u@" BED_SERVER, index);
  user->full = g_strdup_printf ("u%u@" BED_SERVER "/home", index);
  user->contact = bed->kind->dup_contact (user->friend);
}

Bed *
bed_new (const GatewayKind *kind, const BedOptions *options, guint n_users, GError **error)
{
  Bed *bed = g_new0 (Bed, 1);

  bed->kind = kind;
  bed->options = options;
  bed->n_users = n_users;
  bed->users = g_new0 (User, n_users);
  for (guint i = 0; i < n_users; i++)
    init_user (bed, i);
  bed->in = ledger_new ('i', n_users);
  bed->out = ledger_new ('o', n_users);
  bed->rooms = g_ptr_array_new_with_free_func ((GDestroyNotify) room_free);
  bed->folder = g_dir_make_tmp ("passerelle-bench-XXXXXX", error);
  if (bed->folder == NULL)
    goto fail;
  bed->log_path = g_build_filename (bed->folder, "log", NULL);
  bed->irc = irc_server_new (&irc_handlers, bed, error);
  if (bed->irc == NULL)
    goto fail;
  bed->xmpp = xmpp_server_new (BED_GATEWAY, BED_SECRET, &xmpp_handlers, bed, error);
  if (bed->xmpp == NULL || !start_gateway (bed, error))
    goto fail;
  return bed;

fail:
  bed_explain (bed, error);
  bed_free (bed);
  return NULL;
}

static int
remove_entry (const char *path, const struct stat *status, int type, struct FTW *walk)
{
  return remove (path);
}

double
bed_free (Bed *bed)
{
  double seconds = 0;

  if (bed->xmpp != NULL)
    xmpp_server_expect_end (bed->xmpp);
  if (bed->subject != NULL)
    {
      seconds = subject_stop (bed->subject, LEAVE_SECONDS);
      subject_free (bed->subject);
    }
  g_clear_pointer (&bed->xmpp, xmpp_server_free);
  g_clear_pointer (&bed->irc, irc_server_free);
  if (bed->folder != NULL && bed->options->keep)
    g_printerr ("configuration and log of %s: %s\n", bed->kind->name, bed->folder);
  else if (bed->folder != NULL)
    nftw (bed->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
  for (guint i = 0; i < bed->n_users; i++)
    {
      g_free (bed->users[i].nick);
      g_free (bed->users[i].friend);
      g_free (bed->users[i].bare);
      g_free (bed->users[i].full);
      g_free (bed->users[i].contact);
    }
  g_ptr_array_unref (bed->rooms);
  ledger_free (bed->in);
  ledger_free (bed->out);
  g_free (bed->users);
  g_free (bed->folder);
  g_free (bed->log_path);
  g_free (bed->first_error);
  g_free (bed);
  return seconds;
}

typedef struct {
  Bed *bed;
  guint next;
} Enrolling;

static gboolean
enroll_more (gpointer user_data)
{
  Enrolling *enrolling = user_data;
  Bed *bed = enrolling->bed;

  /* One alone at first, which may have to be tried again while the gateway starts. */
  guint most = bed->n_enrolled == 0 ? 1 : bed->n_enrolled + ENROLL_AT_ONCE;

  while (enrolling->next < MIN (bed->n_users, most))
    {
      bed->users[enrolling->next].present = TRUE;
      bed->kind->enroll (bed, &bed->users[enrolling->next++]);
    }
  return bed->n_enrolled == bed->n_users;
}

gboolean
bed_wait_for (Bed *bed, LoopCondition condition, gpointer user_data, const char *what, GError **error)
{
  if (loop_wait (condition, user_data, &bed->steps, PATIENCE, what, error))
    return TRUE;
  g_prefix_error (error, "%s, %u users: %u enrolled, %u told they are signed in, %u on IRC%s%s: ", bed->kind->name, bed->n_users,
                  bed->n_enrolled, bed->n_told, bed->n_irc, bed->first_error != NULL ? ", first error: " : "",
                  bed->first_error != NULL ? bed->first_error : "");
  return FALSE;
}

gboolean
bed_enroll (Bed *bed, GError **error)
{
  Enrolling enrolling = { .bed = bed };

  return bed_wait_for (bed, enroll_more, &enrolling, "all users' enrollment", error);
}

static gboolean
is_everyone_on (gpointer user_data)
{
  Bed *bed = user_data;

  return bed->n_told == bed->n_users && bed->n_irc == bed->n_users;
}

static gboolean
is_everyone_off (gpointer user_data)
{
  Bed *bed = user_data;

  return bed->n_told == 0 && irc_server_n_connections (bed->irc) == 0;
}

gboolean
bed_sign_in (Bed *bed, GError **error)
{
  for (guint i = 0; i < bed->n_users; i++)
    {
      bed->users[i].present = TRUE;
      bed->kind->sign_in (bed, &bed->users[i]);
    }
  return bed_wait_for (bed, is_everyone_on, bed, "all users' sign-in", error);
}

gboolean
bed_sign_out (Bed *bed, GError **error)
{
  for (guint i = 0; i < bed->n_users; i++)
    {
      bed->users[i].present = FALSE;
      bed->kind->sign_out (bed, &bed->users[i]);
    }
  return bed_wait_for (bed, is_everyone_off, bed, "all users' sign-out", error);
}

User *
bed_user_of_turn (Bed *bed, guint n_active, guint64 n)
{
  guint64 group = n / ((guint64) n_active * MESSAGES_A_WHILE);

  return &bed->users[(group * n_active + n % n_active) % bed->n_users];
}

void
bed_say_in (Bed *bed, User *user)
{
  char text[TEXT_SIZE];

  if (user->irc == NULL)
    {
      loop_fail (g_error_new (BENCH_ERROR, 0, "%s lost its IRC connection", user->nick));
      return;
    }
  ledger_write_next (bed->in, user->index, text, sizeof text);
  irc_client_say (user->irc, user->friend, text);
}

void
bed_say_out (Bed *bed, User *user)
{
  char text[TEXT_SIZE];
  char xml[1024];
  int length;

  ledger_write_next (bed->out, user->index, text, sizeof text);
  length = g_snprintf (xml, sizeof xml,
                       "<message from='%s' to='%s' type='chat' id='%" G_GUINT64_FORMAT "' xml:lang='en'><body>%s</body>"
                       "<active xmlns='http://jabber.org/protocol/chatstates'/></message>",
                       user->full, user->contact, ledger_sent (bed->out), text);
  xmpp_server_send_text (bed->xmpp, xml, (gsize) length);
}

typedef struct {
  Bed *bed;
  guint64 answers;
} Barrier;

static gboolean
is_answered (gpointer user_data)
{
  Barrier *barrier = user_data;

  return barrier->bed->answers > barrier->answers;
}

gboolean
bed_barrier (Bed *bed, double seconds, GError **error)
{
  Barrier barrier = { .bed = bed, .answers = bed->answers };

  xmpp_server_send (bed->xmpp, "<iq type='get' id='barrier' from='%s' to='" BED_GATEWAY "'><ping xmlns='urn:xmpp:ping'/></iq>", bed->users[0].full);
  return loop_wait (is_answered, &barrier, NULL, seconds, "the gateway's answer to a ping", error);
}

void
bed_explain (Bed *bed, GError **error)
{
  const char *how = bed->subject != NULL ? subject_how_ended (bed->subject) : NULL;
  g_autofree char *text = NULL;
  gsize length;
  const char *tail;

  if (how != NULL && strstr ((*error)->message, how) == NULL)
    g_prefix_error (error, "%s: ", how);
  if (bed->log_path == NULL || !g_file_get_contents (bed->log_path, &text, &length, NULL) || length == 0)
    return;
  tail = text;
  if (length > LOG_TAIL)
    tail = strchr (text + length - LOG_TAIL, '\n');
  g_prefix_error (error, "the last that %s logged:\n%s\n", bed->kind->name, tail != NULL ? tail + 1 : text + length - LOG_TAIL);
}
