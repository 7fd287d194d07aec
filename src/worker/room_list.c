/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room_list.c - which rooms a network has. */
#include "config.h"

#include "room_list.h"

#include "hub.h"
#include "protocol.h"
#include "text.h"

/* Large networks have tens of thousands; nobody reads so many. */
#define MOST_ROOMS 5000

typedef struct {
  gint64 account;
  guint n_rooms;
} Fetch;

gboolean
room_list_is_there (void)
{
  return protocol_is_irc () && protocol_get_info ()->roomlist_get_list != NULL;
}

void
room_list_forget (Account *account)
{
  g_clear_pointer (&account->room_list, purple_roomlist_unref);
}

static void
on_create (PurpleRoomlist *list)
{
  Account *account = accounts_of (list->account);
  Fetch *fetch = g_new0 (Fetch, 1);

  fetch->account = account != NULL ? account->number : 0;
  list->ui_data = fetch;
}

static void
on_destroy (PurpleRoomlist *list)
{
  g_free (list->ui_data);
}

static gint64
count_of (PurpleRoomlist *list, PurpleRoomlistRoom *room)
{
  GList *value = purple_roomlist_room_get_fields (room);

  for (GList *l = purple_roomlist_get_fields (list); l != NULL && value != NULL; l = l->next, value = value->next)
    if (purple_roomlist_field_get_type (l->data) == PURPLE_ROOMLIST_FIELD_INT)
      return MAX (0, GPOINTER_TO_INT (value->data));
  return 0;
}

static void
on_room (PurpleRoomlist *list, PurpleRoomlistRoom *room)
{
  Fetch *fetch = list->ui_data;
  const char *name = purple_roomlist_room_get_name (room);
  g_autofree char *clean = name != NULL ? text_dup_clean (name, -1) : NULL;

  if (fetch->account == 0 || clean == NULL || *clean == '\0' || ++fetch->n_rooms > MOST_ROOMS)
    return;
  hub_tell (room_listed, ROOM_LISTED, .account = fetch->account, .room = clean, .occupants = count_of (list, room));
}

static void
on_progress (PurpleRoomlist *list, gboolean in_progress)
{
  Fetch *fetch = list->ui_data;
  Account *account = accounts_of (list->account);

  if (in_progress || fetch->account == 0)
    return;
  hub_tell (room_list_end, ROOM_LIST_END, .account = fetch->account);
  fetch->account = 0;
  /* The plugin has a reference of its own. */
  if (account != NULL && account->room_list == list)
    room_list_forget (account);
}

void
room_list_init (void)
{
  static PurpleRoomlistUiOps ops = {
    .create = on_create,
    .add_room = on_room,
    .in_progress = on_progress,
    .destroy = on_destroy,
  };

  purple_roomlist_set_ui_ops (&ops);
}

void
room_list_fetch (gint64 number)
{
  Account *account = accounts_find (number, FALSE);

  if (account == NULL || !accounts_is_online (account) || !room_list_is_there ())
    {
      hub_tell (room_list_end, ROOM_LIST_END, .account = number);
      return;
    }
  room_list_forget (account);
  account->room_list = purple_roomlist_get_list (accounts_get_connection (account));
  if (account->room_list == NULL)
    hub_tell (room_list_end, ROOM_LIST_END, .account = number);
}
