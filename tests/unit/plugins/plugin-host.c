/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugin-host.c - a program without a face that signs an account on by a protocol plugin, for tests.
 *
 *   plugin-host FOLDER-OF-PLUGINS FOLDER-FOR-LIBPURPLE
 *
 * It knows libpurple only.  What is to be done is a line of JSON on standard input, {"do": "say", "who": ...}; see the
 * table of commands.  What happens is one on standard output, {"event": "message", "who": ...}, all values strings.  The
 * password comes with the command "login", or in PLUGIN_PASSWORD.  PURPLE_DEBUG set: libpurple's messages on standard error.  */
#include <purple.h>

#include <signal.h>
#include <stdio.h>

#include "plugin-host.h"

static GMainLoop *loop;
static int handle;

PurpleAccount *host_account;
int host_loops_left;

void
host_tell (const char *event, ...)
{
  struct json_object *object = json_object_new_object ();
  va_list arguments;
  const char *key;

  json_object_object_add (object, "event", json_object_new_string (event));
  va_start (arguments, event);
  while ((key = va_arg (arguments, const char *)) != NULL)
    {
      const char *value = va_arg (arguments, const char *);

      if (value != NULL && !g_utf8_validate (value, -1, NULL))
        value = "NOT-UTF-8";
      json_object_object_add (object, key, value != NULL ? json_object_new_string (value) : NULL);
    }
  va_end (arguments);
  puts (json_object_to_json_string_ext (object, JSON_C_TO_STRING_PLAIN));
  fflush (stdout);
  json_object_put (object);
}

const char *
host_number (long value)
{
  static char buffers[8][24];
  static guint next;
  char *buffer = buffers[next++ % 8];

  g_snprintf (buffer, sizeof buffers[0], "%ld", value);
  return buffer;
}

/* -- libpurple's loop ------------------------------------------------------ */

typedef struct {
  PurpleInputFunction function;
  gpointer data;
} Input;

static gboolean
on_input (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  Input *input = data;
  int purple = 0;

  if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))
    purple |= PURPLE_INPUT_READ;
  if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL))
    purple |= PURPLE_INPUT_WRITE;
  input->function (input->data, g_io_channel_unix_get_fd (channel), (PurpleInputCondition) purple);
  return TRUE;
}

static guint
add_input (int fd, PurpleInputCondition condition, PurpleInputFunction function, gpointer data)
{
  Input *input = g_new0 (Input, 1);
  int wanted = 0;
  GIOChannel *channel = g_io_channel_unix_new (fd);
  guint id;

  input->function = function;
  input->data = data;
  if (condition & PURPLE_INPUT_READ)
    wanted |= G_IO_IN | G_IO_HUP | G_IO_ERR;
  if (condition & PURPLE_INPUT_WRITE)
    wanted |= G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL;
  id = g_io_add_watch_full (channel, G_PRIORITY_DEFAULT, (GIOCondition) wanted, on_input, input, g_free);
  g_io_channel_unref (channel);
  return id;
}

static PurpleEventLoopUiOps loop_ops = {
  .timeout_add = g_timeout_add,
  .timeout_remove = g_source_remove,
  .input_add = add_input,
  .input_remove = g_source_remove,
  .timeout_add_seconds = g_timeout_add_seconds,
};

/* -- Connections ----------------------------------------------------------- */

static void
on_progress (PurpleConnection *gc, const char *text, size_t step, size_t steps)
{
  TELL ("progress", "text", text, "step", host_number ((long) step));
}

static void
on_connected (PurpleConnection *gc)
{
  TELL ("signed-on", "name", purple_connection_get_display_name (gc));
}

static gboolean
set_enabled (gpointer data)
{
  purple_account_set_enabled (host_account, "plugin-host", data != NULL);
  return G_SOURCE_REMOVE;
}

static void
on_signed_on (PurpleConnection *gc)
{
  if (host_loops_left > 0)
    g_timeout_add (20, set_enabled, NULL);
}

static void
on_disconnected (PurpleConnection *gc)
{
  TELL ("signed-off");
  if (host_loops_left > 0 && --host_loops_left > 0)
    g_timeout_add (5, set_enabled, host_account);
}

static void
on_error (PurpleConnection *gc, PurpleConnectionError reason, const char *text)
{
  TELL ("error", "code", host_number (reason), "text", text);
}

static PurpleConnectionUiOps connection_ops = {
  .connect_progress = on_progress,
  .connected = on_connected,
  .disconnected = on_disconnected,
  .report_disconnect_reason = on_error,
};

/* -- Conversations --------------------------------------------------------- */

static void
on_write (PurpleConversation *conversation, const char *name, const char *alias, const char *text, PurpleMessageFlags flags, time_t when)
{
  if (flags & (PURPLE_MESSAGE_ERROR | PURPLE_MESSAGE_SYSTEM))
    TELL (flags & PURPLE_MESSAGE_ERROR ? "conv-error" : "conv-system", "conv", purple_conversation_get_name (conversation), "text", text);
}

static PurpleConversationUiOps conversation_ops = { .write_conv = on_write };

static void
on_im (PurpleAccount *who, char *sender, char *text, PurpleConversation *conversation, PurpleMessageFlags flags, gpointer data)
{
  TELL ("message", "who", sender, "text", text, "flags", host_number (flags));
}

static void
on_chat (PurpleAccount *who, char *sender, char *text, PurpleConversation *conversation, PurpleMessageFlags flags, gpointer data)
{
  TELL ("chat-message", "room", purple_conversation_get_name (conversation), "who", sender, "text", text, "flags", host_number (flags));
}

static void
on_typing (PurpleAccount *who, const char *name, gpointer state)
{
  TELL ("typing", "who", name, "state", state);
}

static void
on_failed (PurpleAccount *who, const char *name, guint id, guint reason, const char *why, gpointer data)
{
  TELL ("failed", "who", name, "id", host_number (id), "reason", host_number (reason), "text", why);
}

static void
on_delivered (PurpleAccount *who, const char *name, guint id, gpointer data)
{
  TELL ("delivered", "who", name, "id", host_number (id));
}

static void
on_room (PurpleConversation *conversation, gpointer event)
{
  TELL (event, "room", purple_conversation_get_name (conversation));
}

static void
on_room_user (PurpleConversation *conversation, const char *name, PurpleConvChatBuddyFlags flags, gboolean fresh, gpointer data)
{
  TELL ("chat-user-in", "room", purple_conversation_get_name (conversation), "who", name, "new", fresh ? "1" : "0");
}

static void
on_room_user_left (PurpleConversation *conversation, const char *name, const char *reason, gpointer data)
{
  TELL ("chat-user-out", "room", purple_conversation_get_name (conversation), "who", name);
}

static int
on_invited (PurpleAccount *who, const char *inviter, const char *room, const char *text, GHashTable *components, gpointer data)
{
  TELL ("invited", "who", inviter, "room", g_hash_table_lookup (components, "room"),
        "exchange", g_hash_table_lookup (components, "exchange"), "text", text);
  return -1;
}

void
host_connect_outcomes (const char *protocol)
{
  PurplePlugin *plugin = purple_find_prpl (protocol);

  purple_signal_connect (plugin, "message-failed", &handle, PURPLE_CALLBACK (on_failed), NULL);
  purple_signal_connect (plugin, "message-delivered", &handle, PURPLE_CALLBACK (on_delivered), NULL);
}

/* -- Contacts, files ------------------------------------------------------- */

void
host_tell_buddy (const char *event, PurpleBuddy *buddy)
{
  PurplePresence *presence = purple_buddy_get_presence (buddy);
  PurpleStatus *status = purple_presence_get_active_status (presence);
  PurpleGroup *group = purple_buddy_get_group (buddy);
  long idle = purple_presence_is_idle (presence) ? (long) ((time (NULL) - purple_presence_get_idle_time (presence) + 30) / 60) : 0;

  TELL (event, "who", purple_buddy_get_name (buddy), "status", purple_status_get_id (status),
        "message", purple_status_get_attr_string (status, "message"), "online", host_number (purple_presence_is_online (presence)),
        "idle", host_number (idle), "group", group != NULL ? purple_group_get_name (group) : NULL,
        "alias", purple_buddy_get_local_buddy_alias (buddy), "server_alias", purple_buddy_get_server_alias (buddy),
        "icon", purple_buddy_icons_get_checksum_for_user (buddy));
}

static void
on_buddy (PurpleBuddy *buddy, gpointer event)
{
  host_tell_buddy (event, buddy);
}

static void
on_status (PurpleBuddy *buddy, PurpleStatus *old, PurpleStatus *new, gpointer data)
{
  host_tell_buddy ("status", buddy);
}

static void
on_idle (PurpleBuddy *buddy, gboolean old, gboolean new, gpointer data)
{
  host_tell_buddy ("idle", buddy);
}

static void
on_alias (PurpleBlistNode *node, const char *old, gpointer data)
{
  if (PURPLE_BLIST_NODE_IS_BUDDY (node))
    host_tell_buddy ("alias", (PurpleBuddy *) node);
}

static void
on_file (PurpleXfer *xfer, gpointer event)
{
  TELL (event, "who", purple_xfer_get_remote_user (xfer), "name", purple_xfer_get_filename (xfer),
        "size", host_number ((long) purple_xfer_get_size (xfer)), "status", host_number (purple_xfer_get_status (xfer)));
}

static void
on_file_cancelled (PurpleXfer *xfer)
{
  on_file (xfer, (gpointer) "file-cancelled");
}

static PurpleXferUiOps xfer_ops = { .cancel_local = on_file_cancelled, .cancel_remote = on_file_cancelled };

/* -- Commands -------------------------------------------------------------- */

void
host_quit (void)
{
  g_main_loop_quit (loop);
}

static gboolean
on_command (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  g_autofree char *line = NULL;

  /* The channel buffers: all lines that are there, not one for each time the loop wakes. */
  do
    {
      g_clear_pointer (&line, g_free);
      if (g_io_channel_read_line (channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL)
        {
          g_main_loop_quit (loop);
          return FALSE;
        }
      host_run (g_strchomp (line));
    }
  while (g_io_channel_get_buffer_condition (channel) & G_IO_IN);
  return TRUE;
}

/* -- Beginning ------------------------------------------------------------- */

static void
connect_signals (void)
{
  void *conversations = purple_conversations_get_handle ();
  void *blist = purple_blist_get_handle ();
  void *files = purple_xfers_get_handle ();
  const struct { void *instance; const char *name; PurpleCallback call; const char *data; } rows[] = {
    { conversations, "received-im-msg", PURPLE_CALLBACK (on_im), NULL },
    { conversations, "received-chat-msg", PURPLE_CALLBACK (on_chat), NULL },
    { conversations, "buddy-typing", PURPLE_CALLBACK (on_typing), "typing" },
    { conversations, "buddy-typed", PURPLE_CALLBACK (on_typing), "typed" },
    { conversations, "buddy-typing-stopped", PURPLE_CALLBACK (on_typing), "stopped" },
    { conversations, "chat-joined", PURPLE_CALLBACK (on_room), "chat-joined" },
    { conversations, "chat-left", PURPLE_CALLBACK (on_room), "chat-left" },
    { conversations, "chat-buddy-joined", PURPLE_CALLBACK (on_room_user), NULL },
    { conversations, "chat-buddy-left", PURPLE_CALLBACK (on_room_user_left), NULL },
    { conversations, "chat-invited", PURPLE_CALLBACK (on_invited), NULL },
    { blist, "buddy-status-changed", PURPLE_CALLBACK (on_status), NULL },
    { blist, "buddy-idle-changed", PURPLE_CALLBACK (on_idle), NULL },
    { blist, "buddy-signed-on", PURPLE_CALLBACK (on_buddy), "online" },
    { blist, "buddy-signed-off", PURPLE_CALLBACK (on_buddy), "offline" },
    { blist, "buddy-added", PURPLE_CALLBACK (on_buddy), "buddy-added" },
    { blist, "buddy-removed", PURPLE_CALLBACK (on_buddy), "buddy-removed" },
    { blist, "buddy-icon-changed", PURPLE_CALLBACK (on_buddy), "icon" },
    { blist, "blist-node-aliased", PURPLE_CALLBACK (on_alias), NULL },
    { files, "file-recv-request", PURPLE_CALLBACK (on_file), "file-offer" },
    { files, "file-recv-start", PURPLE_CALLBACK (on_file), "file-begun" },
    { files, "file-send-start", PURPLE_CALLBACK (on_file), "file-begun" },
    { files, "file-recv-complete", PURPLE_CALLBACK (on_file), "file-done" },
    { files, "file-send-complete", PURPLE_CALLBACK (on_file), "file-done" },
    { purple_connections_get_handle (), "signed-on", PURPLE_CALLBACK (on_signed_on), NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    purple_signal_connect (rows[i].instance, rows[i].name, &handle, rows[i].call, (void *) rows[i].data);
}

static void
set_ui_ops (void)
{
  purple_connections_set_ui_ops (&connection_ops);
  purple_conversations_set_ui_ops (&conversation_ops);
  purple_xfers_set_ui_ops (&xfer_ops);
  host_requests_init ();
}

static PurpleCoreUiOps core_ops = { .ui_init = set_ui_ops };

static void
print_debug (const char *text)
{
  fputs (text, stderr);
}

int
main (int argc, char **argv)
{
  GIOChannel *channel = g_io_channel_unix_new (0);

  if (argc != 3)
    {
      fputs ("usage: plugin-host FOLDER-OF-PLUGINS FOLDER-FOR-LIBPURPLE\n", stderr);
      return 2;
    }
  signal (SIGPIPE, SIG_IGN);
  /* Standard output is for events only. */
  g_set_print_handler (print_debug);
  loop = g_main_loop_new (NULL, FALSE);
  purple_debug_set_enabled (g_getenv ("PURPLE_DEBUG") != NULL);
  purple_util_set_user_dir (argv[2]);
  purple_core_set_ui_ops (&core_ops);
  purple_eventloop_set_ui_ops (&loop_ops);
  purple_plugins_add_search_path (argv[1]);
  if (!purple_core_init ("plugin-host"))
    return 1;
  purple_set_blist (purple_blist_new ());
  purple_blist_load ();
  purple_prefs_set_bool ("/purple/network/map_ports", FALSE);
  purple_prefs_set_string ("/purple/away/idle_reporting", "none");
  connect_signals ();
  g_io_add_watch (channel, G_IO_IN | G_IO_HUP, on_command, NULL);
  TELL ("ready", "aim", purple_find_prpl ("prpl-aim") != NULL ? "1" : "0", "icq", purple_find_prpl ("prpl-icq") != NULL ? "1" : "0");
  g_main_loop_run (loop);
  purple_core_quit ();
  host_requests_quit ();
  g_io_channel_unref (channel);
  g_main_loop_unref (loop);
  TELL ("ended");
  return 0;
}
