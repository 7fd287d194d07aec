/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contact_commands.c - what the hub wants of an account's contact list. */
#include "config.h"

#include "contact_commands.h"

#include "contacts.h"
#include "hub.h"
#include "protocol.h"

/* Where a person has to be asked, and the user said nothing: plugins would ask the user for words. */
#define PLAIN_REQUEST "May I add you to my contacts?"

static void
ask_for (Account *account, PurpleBuddy *buddy, const char *message)
{
  purple_account_add_buddy_with_invite (account->purple, buddy, message != NULL && *message != '\0' ? message : PLAIN_REQUEST);
}

static void
fail (Account *account, const char *peer, WireCause cause, const char *text)
{
  hub_tell (contact_failed, CONTACT_FAILED, .account = account->number, .peer = peer, .cause = cause, .text = text);
}

static gboolean
check_online (Account *account, const char *peer)
{
  if (accounts_is_online (account))
    return TRUE;
  fail (account, peer, WIRE_CAUSE_OFFLINE, "The account is not signed in.");
  return FALSE;
}

static void
alias (PurpleBuddy *buddy, const char *name)
{
  purple_blist_alias_buddy (buddy, name);
  if (protocol_keeps_names ())
    serv_alias_buddy (buddy);
}

void
contact_commands_add (Account *account, const WireAddContact *message)
{
  PurpleBuddy *buddy;

  if (!check_online (account, message->peer))
    return;
  if (protocol_get_info ()->add_buddy == NULL && protocol_get_info ()->add_buddy_with_invite == NULL)
    {
      fail (account, message->peer, WIRE_CAUSE_REFUSED, "This network has no contact list.");
      return;
    }
  if (contacts_is_full (account))
    {
      fail (account, message->peer, WIRE_CAUSE_BUSY, "The contact list is full.");
      return;
    }
  if (!contacts_is_name (account, message->peer))
    {
      fail (account, message->peer, WIRE_CAUSE_NO_PEER, "This is no address on this network.");
      return;
    }
  if (!protocol_keeps_groups ())
    contacts_set_group (account, message->peer, message->group);
  buddy = contacts_find_buddy (account, message->peer);
  if (buddy == NULL)
    {
      buddy = contacts_add_buddy (account, message->peer, message->name, message->group);
      ask_for (account, buddy, message->message);
    }
  else
    {
      if (message->name != NULL && contacts_name_of (buddy) == NULL)
        alias (buddy, message->name);
      /* It may be on the list without our seeing its presence: this asks for it. */
      if (protocol_is_xmpp ())
        ask_for (account, buddy, message->message);
    }
  /* This is the answer. */
  contacts_tell_anyway (account, message->peer);
}

void
contact_commands_remove (Account *account, const WireRemoveContact *message)
{
  g_autoptr (GSList) buddies = NULL;

  if (!check_online (account, message->peer))
    return;
  buddies = contacts_find_buddies (account, message->peer);
  if (buddies == NULL)
    {
      hub_tell (contact_removed, CONTACT_REMOVED, .account = account->number, .peer = message->peer);
      return;
    }
  contacts_touch (account, message->peer);
  for (GSList *l = buddies; l != NULL; l = l->next)
    {
      PurpleBuddy *buddy = l->data;

      purple_account_remove_buddy (account->purple, buddy, purple_buddy_get_group (buddy));
      purple_blist_remove_buddy (buddy);
    }
}

void
contact_commands_rename (Account *account, const WireRenameContact *message)
{
  g_autoptr (GSList) buddies = NULL;

  if (!check_online (account, message->peer))
    return;
  buddies = contacts_find_buddies (account, message->peer);
  if (buddies == NULL)
    {
      fail (account, message->peer, WIRE_CAUSE_NO_PEER, "No such contact is on the list.");
      return;
    }
  for (GSList *l = buddies; l != NULL; l = l->next)
    alias (l->data, message->name);
  contacts_touch (account, message->peer);
}

void
contact_commands_move (Account *account, const WireMoveContact *message)
{
  g_autoptr (GSList) buddies = NULL;
  PurpleGroup *group;

  if (!check_online (account, message->peer))
    return;
  buddies = contacts_find_buddies (account, message->peer);
  if (buddies == NULL)
    {
      fail (account, message->peer, WIRE_CAUSE_NO_PEER, "No such contact is on the list.");
      return;
    }
  contacts_touch (account, message->peer);
  if (!protocol_keeps_groups ())
    {
      contacts_set_group (account, message->peer, message->group);
      return;
    }
  group = contacts_get_group (message->group);
  if (purple_buddy_get_group (buddies->data) == group)
    return;
  /* One of several stays, and goes there; libpurple tells the network of the move. */
  for (GSList *l = buddies->next; l != NULL; l = l->next)
    {
      PurpleBuddy *buddy = l->data;

      if (purple_buddy_get_group (buddy) == group)
        return;
    }
  purple_blist_add_buddy (buddies->data, NULL, group, NULL);
}
