/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xmpp.c - what libpurple's XMPP plugin needs to be helped with. */
#include "config.h"

#include "xmpp.h"

#include <string.h>

#include "protocol.h"
#include "sent.h"
#include "text.h"

#define NS_STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"

static void
on_sending (PurpleConnection *connection, xmlnode **node, gpointer data)
{
  SentMessage *sending = sent_get_current ();

  if (sending != NULL && node != NULL && *node != NULL && g_strcmp0 ((*node)->name, "message") == 0)
    {
      g_free (sending->network_id);
      sending->network_id = g_strdup (xmlnode_get_attrib (*node, "id"));
    }
}

/* "item-not-found", and the text where there is one. */
static void
read_error (xmlnode *message, const char **condition, char **text)
{
  xmlnode *error = xmlnode_get_child (message, "error");
  xmlnode *words = error != NULL ? xmlnode_get_child (error, "text") : NULL;

  *condition = NULL;
  *text = words != NULL ? xmlnode_get_data (words) : NULL;
  for (xmlnode *child = error != NULL ? error->child : NULL; child != NULL; child = child->next)
    if (child->type == XMLNODE_TYPE_TAG && g_strcmp0 (xmlnode_get_namespace (child), NS_STANZAS) == 0
        && !g_str_equal (child->name, "text"))
      *condition = child->name;
}

static WireCause
cause_of (const char *condition)
{
  static const char *const no_peer[] = { "item-not-found", "remote-server-not-found", "gone", "jid-malformed", NULL };
  static const char *const passing[] = { "remote-server-timeout", "resource-constraint", "recipient-unavailable", NULL };

  if (condition != NULL && g_strv_contains (no_peer, condition))
    return WIRE_CAUSE_NO_PEER;
  return condition != NULL && g_strv_contains (passing, condition) ? WIRE_CAUSE_BUSY : WIRE_CAUSE_REFUSED;
}

static gboolean
on_message (PurpleConnection *connection, const char *type, const char *id, const char *from, const char *to,
            xmlnode *message, gpointer data)
{
  Account *account = accounts_of_connection (connection);
  g_autofree char *text = NULL, *words = NULL;
  const char *condition;

  if (account == NULL || g_strcmp0 (type, "error") != 0)
    return FALSE;
  read_error (message, &condition, &text);
  words = text_dup_clean (text != NULL && *text != '\0' ? text : condition != NULL ? condition : "The message was not delivered.", -1);
  if (!sent_fail_network_id (account, id, cause_of (condition), words) && from != NULL)
    sent_fail_last (account, from, cause_of (condition), words);
  /* An error about anything else (a chat state, say) is of no interest to anybody. */
  return TRUE;
}

void
xmpp_init (void)
{
  static int handle;

  if (!protocol_is_xmpp ())
    return;
  purple_signal_connect (protocol_get_plugin (), "jabber-sending-xmlnode", &handle, PURPLE_CALLBACK (on_sending), NULL);
  purple_signal_connect (protocol_get_plugin (), "jabber-receiving-message", &handle, PURPLE_CALLBACK (on_message), NULL);
}
