/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contact_list.c - the lists as the server has them. */
#include "contact_list.h"

#include <string.h>

#include "address.h"
#include "percent.h"

#define MOST_CONTACTS 5000
#define MOST_GROUPS 300

static void
clear_phones (char **phones)
{
  for (guint i = 0; i < PHONES; i++)
    g_clear_pointer (&phones[i], g_free);
}

static void
contact_free (gpointer data)
{
  ListContact *contact = data;

  clear_phones (contact->phones);
  g_ptr_array_unref (contact->groups);
  g_free (contact->address);
  g_free (contact->exact);
  g_free (contact->name);
  g_free (contact->guid);
  g_free (contact);
}

static void
group_free (gpointer data)
{
  ListGroup *group = data;

  g_free (group->id);
  g_free (group->name);
  g_free (group);
}

ContactList *
contact_list_new (void)
{
  ContactList *list = g_new0 (ContactList, 1);

  list->contacts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, contact_free);
  list->groups = g_ptr_array_new_with_free_func (group_free);
  return list;
}

void
contact_list_free (ContactList *list)
{
  g_hash_table_unref (list->contacts);
  g_ptr_array_unref (list->groups);
  clear_phones (list->phones);
  g_free (list->own_name);
  g_free (list);
}

ListContact *
contact_list_get (ContactList *list, const char *address)
{
  g_autofree char *normal = address_dup_normal (address);

  return g_hash_table_lookup (list->contacts, normal);
}

const char *
contact_list_get_exact (ContactList *list, const char *address)
{
  const ListContact *contact = contact_list_get (list, address);

  return contact != NULL ? contact->exact : address;
}

ListContact *
contact_list_get_by_guid (ContactList *list, const char *guid)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, list->contacts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (g_strcmp0 (((ListContact *) value)->guid, guid) == 0)
      return value;
  return NULL;
}

ListContact *
contact_list_need (ContactList *list, const char *address)
{
  ListContact *contact = contact_list_get (list, address);

  if (contact != NULL || g_hash_table_size (list->contacts) >= MOST_CONTACTS)
    return contact;
  contact = g_new0 (ListContact, 1);
  contact->address = address_dup_normal (address);
  contact->exact = address_dup_exact (address);
  contact->groups = g_ptr_array_new_with_free_func (g_free);
  g_hash_table_insert (list->contacts, contact->address, contact);
  return contact;
}

ListGroup *
contact_list_get_group (ContactList *list, const char *id)
{
  for (guint i = 0; i < list->groups->len; i++)
    {
      ListGroup *group = list->groups->pdata[i];

      if (g_str_equal (group->id, id))
        return group;
    }
  return NULL;
}

ListGroup *
contact_list_find_group (ContactList *list, const char *name)
{
  for (guint i = 0; i < list->groups->len; i++)
    {
      ListGroup *group = list->groups->pdata[i];

      if (g_str_equal (group->name, name))
        return group;
    }
  return NULL;
}

void
contact_list_set_group (ContactList *list, const char *id, const char *name)
{
  ListGroup *group = contact_list_get_group (list, id);

  if (group == NULL && list->groups->len >= MOST_GROUPS)
    return;
  if (group == NULL)
    {
      group = g_new0 (ListGroup, 1);
      group->id = g_strdup (id);
      g_ptr_array_add (list->groups, group);
    }
  g_free (group->name);
  group->name = g_strdup (name);
}

void
contact_list_remove_group (ContactList *list, const char *id)
{
  g_autofree char *copy = g_strdup (id);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, list->contacts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    list_contact_remove_group (value, copy);
  for (guint i = 0; i < list->groups->len; i++)
    if (g_str_equal (((ListGroup *) list->groups->pdata[i])->id, copy))
      {
        g_ptr_array_remove_index (list->groups, i);
        return;
      }
}

static gboolean
find_id (const ListContact *contact, const char *id, guint *index)
{
  return g_ptr_array_find_with_equal_func (contact->groups, id, g_str_equal, index);
}

gboolean
list_contact_has_group (const ListContact *contact, const char *id)
{
  return find_id (contact, id, NULL);
}

void
list_contact_add_group (ListContact *contact, const char *id)
{
  if (!find_id (contact, id, NULL))
    g_ptr_array_add (contact->groups, g_strdup (id));
}

void
list_contact_remove_group (ListContact *contact, const char *id)
{
  guint index;

  if (find_id (contact, id, &index))
    g_ptr_array_remove_index (contact->groups, index);
}

gboolean
list_contact_must_be_asked (const ListContact *contact)
{
  return contact->lists & (LIST_PENDING | LIST_REVERSE) && !(contact->lists & (LIST_FORWARD | LIST_ALLOW | LIST_BLOCK));
}

/* -- Changes -------------------------------------------------------------- */

static void
set_string (char **to, const char *value)
{
  char *copy = value != NULL && *value != '\0' ? g_strdup (value) : NULL;

  g_free (*to);
  *to = copy;
}

static void
remove_from (ContactList *list, ListContact *contact, const ChangeLine *line)
{
  if (line->list == LIST_FORWARD && line->group != NULL)
    {
      list_contact_remove_group (contact, line->group);
      return;
    }
  contact->lists &= ~(guint) line->list;
  if (line->list == LIST_FORWARD)
    {
      g_clear_pointer (&contact->guid, g_free);
      g_ptr_array_set_size (contact->groups, 0);
    }
}

ListContact *
contact_list_change (ContactList *list, const ChangeLine *line, gboolean added)
{
  ListContact *contact = line->address != NULL ? contact_list_get (list, line->address) : contact_list_get_by_guid (list, line->guid);

  if (contact == NULL && added && line->address != NULL)
    contact = contact_list_need (list, line->address);
  if (contact == NULL)
    return NULL;
  if (!added)
    {
      remove_from (list, contact, line);
      return contact;
    }
  contact->lists |= line->list;
  if (line->name != NULL && *line->name != '\0')
    set_string (&contact->name, line->name);
  if (line->guid != NULL)
    set_string (&contact->guid, line->guid);
  if (line->group != NULL && line->list == LIST_FORWARD)
    list_contact_add_group (contact, line->group);
  return contact;
}

ListContact *
contact_list_take_line (ContactList *list, guint dialect, const Command *command)
{
  g_auto (ContactLine) line = { 0 };
  ListContact *contact;

  if (!contact_line_parse (dialect, command, &line) || line.empty)
    return NULL;
  contact = contact_list_need (list, line.address);
  if (contact == NULL)
    return NULL;
  set_string (&contact->exact, line.address);
  contact->lists = dialect == 7 ? contact->lists | line.lists : line.lists;
  if (line.name != NULL && *line.name != '\0')
    set_string (&contact->name, line.name);
  if (line.guid != NULL)
    set_string (&contact->guid, line.guid);
  for (guint i = 0; line.groups[i] != NULL; i++)
    list_contact_add_group (contact, line.groups[i]);
  return contact;
}

static Phone
find_phone (const char *name)
{
  static const char *const names[PHONES] = { "PHH", "PHW", "PHM" };
  guint phone = 0;

  while (phone < PHONES && !g_str_equal (names[phone], name))
    phone++;
  return phone;
}

void
contact_list_take_detail (ContactList *list, ListContact *last, const Command *command)
{
  guint at = strchr (command_arg (command, 0), '@') != NULL ? 1 : 0;
  ListContact *contact = at > 0 ? contact_list_get (list, command->args[0]) : last;
  const char *name = command_arg (command, at);
  g_autofree char *value = command_dup_text (command, at + 1);

  if (contact == NULL)
    return;
  if (find_phone (name) < PHONES)
    set_string (&contact->phones[find_phone (name)], value);
  else if (g_str_equal (name, "MOB"))
    contact->pages = g_str_equal (value, "Y");
  else if (g_str_equal (name, "MFN") && *value != '\0')
    set_string (&contact->name, value);
}

void
contact_list_take_own_detail (ContactList *list, const Command *command)
{
  const char *name = command_arg (command, 0);
  g_autofree char *value = command_dup_text (command, 1);

  if (g_str_equal (name, "MFN"))
    set_string (&list->own_name, value);
  else if (find_phone (name) < PHONES)
    set_string (&list->phones[find_phone (name)], value);
}

/* -- Sign-in -------------------------------------------------------------- */

struct ListSync {
  guint dialect;
  ContactList *list;      /* lent */
  ListContact *last;
  SyncLine start;
  gboolean started, over;
  guint contacts, groups;
};

ListSync *
list_sync_new (guint dialect, ContactList *list)
{
  ListSync *sync = g_new0 (ListSync, 1);

  sync->dialect = dialect;
  sync->list = list;
  return sync;
}

void
list_sync_free (ListSync *sync)
{
  sync_line_clear (&sync->start);
  g_free (sync);
}

static void
take_contact (ListSync *sync, const Command *command)
{
  g_auto (ContactLine) line = { 0 };

  /* One that cannot be read counts, or the end would never come; one that says nothing does not. */
  if (command->count > 1)
    sync->contacts++;
  sync->last = contact_list_take_line (sync->list, sync->dialect, command);
  /* Lists come FL, AL, BL, RL; the last line of RL is the last of all (15.3). */
  if (sync->dialect == 7 && contact_line_parse (7, command, &line))
    sync->over = line.lists == LIST_REVERSE && line.index >= line.total;
}

static void
take_group (ListSync *sync, const Command *command)
{
  g_auto (GroupLine) line = { 0 };

  if (command->count > 1)
    sync->groups++;
  if (group_line_parse (sync->dialect, command, &line))
    contact_list_set_group (sync->list, line.id, line.name);
}

static gboolean
take_other (ListSync *sync, const Command *command)
{
  const char *value = command->count > 0 ? command->args[command->count - 1] : "";

  if (command_is (command, "GTC"))
    sync->list->quiet = g_str_equal (value, "N");
  else if (command_is (command, "BLP"))
    sync->list->strangers_blocked = g_str_equal (value, "BL");
  else if (command_is (command, "PRP"))
    contact_list_take_own_detail (sync->list, command);
  else if (command_is (command, "BPR"))
    contact_list_take_detail (sync->list, sync->last, command);
  else
    return FALSE;
  return TRUE;
}

ListSyncResult
list_sync_take (ListSync *sync, const Command *command)
{
  if (command_is (command, "SYN") && !sync->started)
    {
      sync_line_parse (sync->dialect, command, &sync->start);
      sync->started = TRUE;
      if (sync->dialect > 7 && !sync->start.counted)
        return LIST_SYNC_UNCHANGED;
    }
  else if (!sync->started)
    return LIST_SYNC_OTHER;
  else if (command_is (command, "LST"))
    take_contact (sync, command);
  else if (command_is (command, "LSG"))
    take_group (sync, command);
  else if (!take_other (sync, command))
    return LIST_SYNC_OTHER;
  if (sync->dialect == 7)
    return sync->over ? LIST_SYNC_DONE : LIST_SYNC_MORE;
  return sync->contacts >= sync->start.contacts && sync->groups >= sync->start.groups ? LIST_SYNC_DONE : LIST_SYNC_MORE;
}

char *
list_sync_dup_stamps (const ListSync *sync)
{
  if (sync->dialect < DIALECT_WITH_GUIDS || sync->start.first == NULL || sync->start.second == NULL)
    return NULL;
  return g_strdup_printf ("%s %s", sync->start.first, sync->start.second);
}

/* -- A copy to be kept ---------------------------------------------------- */

static void
append_contact (GString *out, const ListContact *contact)
{
  g_autofree char *name = percent_dup_encoded (contact->name != NULL ? contact->name : contact->address);

  g_string_append_printf (out, "LST N=%s F=%s", contact->exact, name);
  if (contact->guid != NULL)
    g_string_append_printf (out, " C=%s", contact->guid);
  g_string_append_printf (out, " %u 1 ", contact->lists);
  for (guint i = 0; i < contact->groups->len; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? "," : "", (char *) contact->groups->pdata[i]);
  g_string_append (out, "\r\n");
}

char *
contact_list_dup_copy (ContactList *list)
{
  GString *out = g_string_new (NULL);
  GHashTableIter iter;
  gpointer value;

  g_string_append_printf (out, "SYN 1 0 0 %u %u\r\nGTC %s\r\nBLP %s\r\n", g_hash_table_size (list->contacts), list->groups->len,
                          list->quiet ? "N" : "A", list->strangers_blocked ? "BL" : "AL");
  if (list->own_name != NULL)
    {
      g_autofree char *name = percent_dup_encoded (list->own_name);

      g_string_append_printf (out, "PRP MFN %s\r\n", name);
    }
  for (guint i = 0; i < list->groups->len; i++)
    {
      const ListGroup *group = list->groups->pdata[i];
      g_autofree char *name = percent_dup_encoded (group->name);

      g_string_append_printf (out, "LSG %s %s\r\n", name, group->id);
    }
  g_hash_table_iter_init (&iter, list->contacts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    append_contact (out, value);
  return g_string_free (out, FALSE);
}

ContactList *
contact_list_from_copy (const char *copy)
{
  ContactList *list = contact_list_new ();
  ListSync *sync = list_sync_new (DIALECT_HIGHEST, list);
  Framer *framer = framer_new ();
  ListSyncResult result = LIST_SYNC_MORE;

  framer_feed (framer, copy, strlen (copy));
  while (result == LIST_SYNC_MORE || result == LIST_SYNC_OTHER)
    {
      g_auto (Command) command = { 0 };

      if (framer_next (framer, &command) != FRAMER_COMMAND)
        break;
      result = list_sync_take (sync, &command);
    }
  framer_free (framer);
  list_sync_free (sync);
  if (result == LIST_SYNC_DONE)
    return list;
  contact_list_free (list);
  return NULL;
}
