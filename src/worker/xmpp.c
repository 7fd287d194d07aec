/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xmpp.c - what libpurple's XMPP plugin needs to be helped with. */
#include "config.h"

#include "xmpp.h"

#include <string.h>

#include "proof.h"
#include "protocol.h"
#include "rooms.h"
#include "sent.h"
#include "text.h"
#include "xmpp_rooms.h"

#define NS_STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"
#define NS_MUC_USER "http://jabber.org/protocol/muc#user"

static void
on_sending (PurpleConnection *connection, xmlnode **node, gpointer data)
{
  SentMessage *sending = sent_get_current ();

  if (sending != NULL && node != NULL && *node != NULL && g_strcmp0 ((*node)->name, "message") == 0)
    {
      const char *id = xmlnode_get_attrib (*node, "id");

      if (id != NULL)
        sent_message_name (sending, id);
    }
}

void
xmpp_read_error (xmlnode *stanza, const char **condition, char **text)
{
  xmlnode *error = xmlnode_get_child (stanza, "error");
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

/* -- Rooms ---------------------------------------------------------------- */

static WireRoomEnd
end_of (const char *condition)
{
  static const struct {
    const char *condition;
    WireRoomEnd end;
  } ends[] = {
    { "not-authorized", WIRE_ROOM_END_PASSWORD },
    { "forbidden", WIRE_ROOM_END_BANNED },
    { "registration-required", WIRE_ROOM_END_MEMBERS_ONLY },
    { "service-unavailable", WIRE_ROOM_END_FULL },
    { "conflict", WIRE_ROOM_END_NICK },
    { "item-not-found", WIRE_ROOM_END_NO_ROOM },
    { "remote-server-not-found", WIRE_ROOM_END_NO_ROOM },
    { "jid-malformed", WIRE_ROOM_END_NO_ROOM },
    { "gone", WIRE_ROOM_END_NO_ROOM },
    { "remote-server-timeout", WIRE_ROOM_END_LATER },
    { "resource-constraint", WIRE_ROOM_END_LATER },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_strcmp0 (condition, ends[i].condition) == 0)
      return ends[i].end;
  return WIRE_ROOM_END_REFUSED;
}

/* The plugin takes a conflict of nicks for the end of the world. */
static gboolean
on_refused_presence (Account *account, const char *room, xmlnode *presence)
{
  g_autofree char *text = NULL, *words = NULL;
  const char *condition;

  if (!rooms_has (account, room))
    return FALSE;
  xmpp_read_error (presence, &condition, &text);
  words = text_dup_clean (text != NULL && *text != '\0' ? text : condition != NULL ? condition : "", -1);
  if (rooms_join_failed (account, room, end_of (condition), words))
    return FALSE;
  rooms_refused (account, room, WIRE_ROOM_DEED_NICK, g_strcmp0 (condition, "conflict") == 0 ? WIRE_CAUSE_NAME_IN_USE : WIRE_CAUSE_REFUSED, words);
  return TRUE;
}

static void
expect_leave (Account *account, const char *nick, xmlnode *presence)
{
  xmlnode *x = xmlnode_get_child_with_namespace (presence, "x", NS_MUC_USER);
  xmlnode *item = x != NULL ? xmlnode_get_child (x, "item") : NULL;
  xmlnode *actor = item != NULL ? xmlnode_get_child (item, "actor") : NULL;
  xmlnode *reason = item != NULL ? xmlnode_get_child (item, "reason") : NULL;
  RoomLeave leave = { WIRE_ROOM_END_LEFT, NULL, NULL };

  for (xmlnode *status = x != NULL ? xmlnode_get_child (x, "status") : NULL; status != NULL; status = xmlnode_get_next_twin (status))
    {
      const char *code = xmlnode_get_attrib (status, "code");

      if (g_strcmp0 (code, "307") == 0)
        leave.end = WIRE_ROOM_END_KICKED;
      else if (g_strcmp0 (code, "301") == 0)
        leave.end = WIRE_ROOM_END_BANNED;
    }
  if (reason == NULL)
    reason = xmlnode_get_child (presence, "status");
  if (actor != NULL)
    leave.actor = g_strdup (xmlnode_get_attrib (actor, "nick"));
  if (reason != NULL)
    {
      g_autofree char *text = xmlnode_get_data (reason);

      leave.text = text != NULL && *text != '\0' ? text_dup_clean (text, -1) : NULL;
    }
  rooms_expect_leave (account, nick, leave);
}

static gboolean
on_presence (PurpleConnection *connection, const char *type, const char *from, xmlnode *presence, gpointer data)
{
  Account *account = accounts_of_connection (connection);
  const char *slash = from != NULL ? strchr (from, '/') : NULL;
  g_autofree char *room = slash != NULL ? g_strndup (from, slash - from) : NULL;

  if (account == NULL || room == NULL)
    return FALSE;
  if (g_strcmp0 (type, "error") == 0)
    return on_refused_presence (account, room, presence);
  if (g_strcmp0 (type, "unavailable") == 0)
    {
      expect_leave (account, slash + 1, presence);
      xmpp_rooms_unavailable (account, room, presence);
    }
  if (rooms_has (account, room))
    xmpp_rooms_presence (account, room, slash + 1, presence);
  return FALSE;
}

/* -- Messages ------------------------------------------------------------- */

static gboolean
on_message (PurpleConnection *connection, const char *type, const char *id, const char *from, const char *to,
            xmlnode *message, gpointer data)
{
  Account *account = accounts_of_connection (connection);
  g_autofree char *text = NULL, *words = NULL;
  const char *condition;

  if (account != NULL && g_strcmp0 (type, "groupchat") == 0 && from != NULL && rooms_has (account, from))
    xmpp_rooms_message (account, from, message);
  if (account == NULL || g_strcmp0 (type, "error") != 0)
    return FALSE;
  xmpp_read_error (message, &condition, &text);
  words = text_dup_clean (text != NULL && *text != '\0' ? text : condition != NULL ? condition : "The message was not delivered.", -1);
  if (sent_fail_name (account, id, cause_of (condition), words) || from == NULL)
    return TRUE;
  /* The plugin gives topics no id that we know. */
  if (rooms_has (account, from))
    rooms_refused (account, from, WIRE_ROOM_DEED_TOPIC, cause_of (condition), words);
  else if (id == NULL)
    sent_fail_peer (account, from, cause_of (condition), words);
  /* An error about anything else (a chat state, say) is of no interest to anybody. */
  return TRUE;
}

/* -- Proofs (XEP-0199) ---------------------------------------------------- */

/* Behind it a random number of this process, which nobody can know who is to answer for the server. */
#define PROOF_ID "passerelle-taken-"

static guint32 secret;

static char *
dup_domain (Account *account)
{
  const char *name = purple_account_get_username (account->purple);
  const char *at = strchr (name, '@');

  name = at != NULL ? at + 1 : name;
  return g_strndup (name, strcspn (name, "/"));
}

gboolean
xmpp_ping (Account *account, guint64 number)
{
  g_autofree char *domain = dup_domain (account);
  g_autofree char *xml = NULL;

  while (secret == 0)
    secret = g_random_int ();
  xml = g_markup_printf_escaped ("<iq type='get' id='" PROOF_ID "%08x-%" G_GUINT64_FORMAT "' to='%s'><ping xmlns='urn:xmpp:ping'/></iq>",
                                 secret, number, domain);
  protocol_get_info ()->send_raw (accounts_get_connection (account), xml, (int) strlen (xml));
  return TRUE;
}

/* An error proves as much: it is an answer. */
static gboolean
on_iq (PurpleConnection *connection, const char *type, const char *id, const char *from, xmlnode *iq, gpointer data)
{
  Account *account = accounts_of_connection (connection);
  char *end;

  if (account == NULL || id == NULL || !g_str_has_prefix (id, PROOF_ID) || (g_strcmp0 (type, "result") != 0 && g_strcmp0 (type, "error") != 0))
    return FALSE;
  if (g_ascii_strtoull (id + strlen (PROOF_ID), &end, 16) == secret && *end == '-')
    proof_answered (account, g_ascii_strtoull (end + 1, NULL, 10));
  return TRUE;
}

void
xmpp_init (void)
{
  static int handle;

  if (!protocol_is_xmpp ())
    return;
  purple_signal_connect (protocol_get_plugin (), "jabber-sending-xmlnode", &handle, PURPLE_CALLBACK (on_sending), NULL);
  purple_signal_connect (protocol_get_plugin (), "jabber-receiving-presence", &handle, PURPLE_CALLBACK (on_presence), NULL);
  purple_signal_connect (protocol_get_plugin (), "jabber-receiving-message", &handle, PURPLE_CALLBACK (on_message), NULL);
  purple_signal_connect (protocol_get_plugin (), "jabber-receiving-iq", &handle, PURPLE_CALLBACK (on_iq), NULL);
  xmpp_rooms_init ();
}
