/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outcomes.c - what became of messages, where the plugin tells of each. */
#include "config.h"

#include "outcomes.h"

#include "protocol.h"
#include "text.h"

static gboolean told;

/* Of the failure that was told last; the plugin's own way comes right after its signal. */
static char *last_told;

gboolean
outcomes_have_told (const char *why)
{
  g_autofree char *last = g_steal_pointer (&last_told);

  return last != NULL && g_strcmp0 (last, why) == 0;
}

static char *
dup_name (guint number)
{
  return g_strdup_printf ("%u", number);
}

void
outcomes_expect (SentMessage *sent, int number)
{
  g_autofree char *name = NULL;

  if (!told || number <= 0)
    return;
  name = dup_name ((guint) number);
  sent_message_name (sent, name);
  sent_message_expect (sent, 0);
}

/* As the plugins number them. */
#define CONNECTION_ENDED 3

static WireCause
cause_of (const Account *account, guint reason)
{
  static const WireCause causes[] = { WIRE_CAUSE_REFUSED, WIRE_CAUSE_NO_PEER, WIRE_CAUSE_BUSY, WIRE_CAUSE_NETWORK, WIRE_CAUSE_PEER_OFFLINE };

  if (reason == CONNECTION_ENDED)
    return accounts_get_end_cause (account);
  return reason < G_N_ELEMENTS (causes) ? causes[reason] : WIRE_CAUSE_REFUSED;
}

static void
on_failed (PurpleAccount *purple, const char *who, guint number, guint reason, const char *why, gpointer data)
{
  Account *account = accounts_of (purple);
  g_autofree char *name = dup_name (number);
  g_autofree char *text = text_dup_clean (why != NULL ? why : "", -1);

  g_free (last_told);
  last_told = g_strdup (why);
  if (account == NULL || sent_fail_name (account, name, cause_of (account, reason), text))
    return;
  /* Before the plugin has even returned its number. */
  if (sent_get_current () != NULL)
    sent_message_fail (sent_get_current (), cause_of (account, reason), text);
}

static void
on_delivered (PurpleAccount *purple, const char *who, guint number, gpointer data)
{
  Account *account = accounts_of (purple);
  g_autofree char *name = dup_name (number);

  /* It is their server's word, never the peer's. */
  if (account != NULL)
    sent_take_name (account, name, FALSE);
}

void
outcomes_init (void)
{
  PurplePlugin *plugin = protocol_get_plugin ();

  /* The connection's number is 0 where there is no such signal. */
  told = protocol_is_own () && purple_signal_connect (plugin, "message-failed", &told, PURPLE_CALLBACK (on_failed), NULL) != 0;
  if (told)
    purple_signal_connect (plugin, "message-delivered", &told, PURPLE_CALLBACK (on_delivered), NULL);
}
