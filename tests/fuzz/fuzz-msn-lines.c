/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-msn-lines.c - whatever a server sends is cut into commands the same way however it arrives, and read without harm. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "contact_list.h"
#include "personal_message.h"
#include "picture_object.h"
#include "presence_line.h"
#include "switchboard_lines.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_text (const char *text)
{
  g_assert (text == NULL || g_utf8_validate (text, -1, NULL));
}

static void
read_lists (guint dialect, const Command *command, ContactList *list)
{
  g_auto (ContactLine) contact = { 0 };
  g_auto (GroupLine) group = { 0 };
  g_auto (GroupLine) changed = { 0 };
  g_auto (ChangeLine) change = { 0 };

  if (contact_line_parse (dialect, command, &contact) && !contact.empty)
    {
      check_text (contact.address);
      check_text (contact.name);
      g_assert (contact.groups != NULL && contact.address != NULL);
    }
  if (group_line_parse (dialect, command, &group))
    check_text (group.name);
  if (group_change_parse (dialect, command, &changed))
    g_assert (changed.id != NULL);
  if (change_line_parse (dialect, command, &change))
    {
      check_text (change.address);
      contact_list_change (list, &change, !command_is (command, "REM"));
    }
}

static void
read_others (const Command *command)
{
  g_auto (PresenceLine) presence = { 0 };
  g_auto (TransferLine) transfer = { 0 };
  g_auto (MemberLine) member = { 0 };
  g_auto (PersonalMessage) personal = { 0 };

  if (presence_line_parse (command, &presence))
    {
      check_text (presence.address);
      check_text (presence.name);
      check_text (presence.object);
      g_assert (presence_code_to_status (presence.code) != NULL);
    }
  if (transfer_line_parse (command, &transfer))
    g_assert (transfer.host != NULL && transfer.port > 0 && transfer.port <= 0xffff);
  if (member_line_parse (command, &member))
    check_text (member.name);
  if (command->payload != NULL)
    {
      personal_message_parse (command->payload, command->length, &personal);
      check_text (personal.text);
      check_text (personal.shown);
      g_assert ((personal.kind == MEDIA_NONE) == (personal.title == NULL));
    }
}

/* How many commands there are when the bytes come in steps of this size. */
static guint
read_all (const uint8_t *data, size_t size, size_t step, guint dialect)
{
  Framer *framer = framer_new ();
  ContactList *list = contact_list_new ();
  ListSync *sync = list_sync_new (dialect, list);
  FramerResult result = FRAMER_MORE;
  guint count = 0;

  for (size_t at = 0; at < size && result != FRAMER_BROKEN; at += step)
    {
      framer_feed (framer, data + at, MIN (step, size - at));
      for (;;)
        {
          g_auto (Command) command = { 0 };

          result = framer_next (framer, &command);
          if (result != FRAMER_COMMAND)
            break;
          count++;
          list_sync_take (sync, &command);
          read_lists (dialect, &command, list);
          read_others (&command);
        }
    }
  if (step == size)
    {
      g_autofree char *copy = contact_list_dup_copy (list);
      ContactList *again = contact_list_from_copy (copy);

      g_assert (again != NULL && g_hash_table_size (again->contacts) == g_hash_table_size (list->contacts));
      contact_list_free (again);
    }
  list_sync_free (sync);
  contact_list_free (list);
  framer_free (framer);
  return count;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint dialect = size > 0 ? 7 + data[0] % 6 : 12;

  if (size < 2)
    return 0;
  g_assert (read_all (data + 1, size - 1, size - 1, dialect) == read_all (data + 1, size - 1, 7, dialect));
  return 0;
}
