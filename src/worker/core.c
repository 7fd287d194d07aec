/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core.c - libpurple, started so that it touches nothing but the network. */
#include "config.h"

#include "core.h"

#include <gio/gio.h>
#include <purple.h>

#include "authorizations.h"
#include "connections.h"
#include "contacts.h"
#include "conversations.h"
#include "dns.h"
#include "eventloop.h"
#include "protocol.h"
#include "questions.h"
#include "requests.h"
#include "room_list.h"
#include "simple_reader.h"
#include "transfers.h"

#define MOST_COMPLAINTS 100

/* Accounts and preferences live at the hub. */
static void
keep_nothing (void)
{
}

static guint
add_input (int fd, PurpleInputCondition condition, PurpleInputFunction func, gpointer data)
{
  /* The conditions have the same values; the callbacks the same form. */
  G_STATIC_ASSERT ((int) PURPLE_INPUT_READ == (int) EVENTLOOP_READ && (int) PURPLE_INPUT_WRITE == (int) EVENTLOOP_WRITE);
  if (protocol_is_simple () && condition == PURPLE_INPUT_READ)
    simple_reader_add (fd);
  return eventloop_add_input (fd, (EventloopCondition) condition, (EventloopInput) (void (*) (void)) func, data);
}

/* Plugins mix up whose numbers these are. */
static gboolean
remove_any (guint id)
{
  return eventloop_remove (id) || (id < EVENTLOOP_FIRST_ID && id > 0 && g_source_remove (id));
}

/* XMPP's plugin asks for the conversation of each message that it sends, and there is none. */
#define EXPECTED_COMPLAINT "purple_conversation_get_type: "

/* Plugins trip over checks of libpurple in daily work: each such complaint is logged once. */
static void
log_complaint (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  static GHashTable *seen;

  if (seen == NULL)
    seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (message == NULL || g_str_has_prefix (message, EXPECTED_COMPLAINT)
      || g_hash_table_size (seen) >= MOST_COMPLAINTS || !g_hash_table_add (seen, g_strdup (message)))
    return;
  /* To log from a log handler in the usual way is fatal. */
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_INFO, "MESSAGE", "libpurple: %s", message);
}

static PurpleEventLoopUiOps eventloop_ops = {
  .timeout_add = eventloop_add_timer,
  .timeout_remove = remove_any,
  .input_add = add_input,
  .input_remove = remove_any,
  .timeout_add_seconds = eventloop_add_timer_seconds,
};

static void
init_ui (void)
{
  connections_init ();
  contacts_init ();
  conversations_init ();
  room_list_init ();
  questions_init ();
  requests_init ();
  authorizations_init ();
  transfers_init ();
}

static PurpleCoreUiOps core_ops = { .ui_init = init_ui };

gboolean
core_init (GError **error)
{
  static PurpleAccountPrefsUiOps account_prefs_ops = { .save = keep_nothing, .schedule_save = keep_nothing };

  /* Nothing is there, and nothing will be: interpose.c sees to that. */
  g_log_set_handler (NULL, G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING, log_complaint, NULL);
  purple_util_set_user_dir ("/nonexistent/passerelle");
  purple_debug_set_enabled (FALSE);
  purple_eventloop_set_ui_ops (&eventloop_ops);
  purple_core_set_ui_ops (&core_ops);
  purple_account_prefs_set_ui_ops (&account_prefs_ops);
  dns_init ();
  if (!purple_core_init ("passerelle"))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "libpurple does not start");
      return FALSE;
    }
  purple_set_blist (purple_blist_new ());
  purple_prefs_load ();
  purple_prefs_set_bool ("/purple/logging/log_ims", FALSE);
  purple_prefs_set_bool ("/purple/logging/log_chats", FALSE);
  purple_prefs_set_bool ("/purple/logging/log_system", FALSE);
  purple_prefs_set_string ("/purple/away/auto_reply", "never");
  purple_prefs_set_bool ("/purple/away/away_when_idle", FALSE);
  purple_prefs_set_string ("/purple/away/idle_reporting", "none");
  purple_prefs_set_string ("/purple/proxy/type", "none");
  return TRUE;
}
