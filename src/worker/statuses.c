/* SPDX-License-Identifier: GPL-2.0-or-later */
/* statuses.c - XMPP's <show/> and libpurple's status types, both ways. */
#include "config.h"

#include "statuses.h"

#include <string.h>

#include "protocol.h"
#include "text.h"
#include "tunes.h"

/* What to take for each, the best first; UNSET ends. */
static const PurpleStatusPrimitive wishes[][4] = {
  [WIRE_SHOW_OFFLINE] = { PURPLE_STATUS_OFFLINE, PURPLE_STATUS_UNSET },
  [WIRE_SHOW_ONLINE] = { PURPLE_STATUS_AVAILABLE, PURPLE_STATUS_UNSET },
  [WIRE_SHOW_CHAT] = { PURPLE_STATUS_AVAILABLE, PURPLE_STATUS_UNSET },
  [WIRE_SHOW_AWAY] = { PURPLE_STATUS_AWAY, PURPLE_STATUS_EXTENDED_AWAY, PURPLE_STATUS_UNAVAILABLE, PURPLE_STATUS_UNSET },
  [WIRE_SHOW_XA] = { PURPLE_STATUS_EXTENDED_AWAY, PURPLE_STATUS_AWAY, PURPLE_STATUS_UNAVAILABLE, PURPLE_STATUS_UNSET },
  [WIRE_SHOW_DND] = { PURPLE_STATUS_UNAVAILABLE, PURPLE_STATUS_AWAY, PURPLE_STATUS_EXTENDED_AWAY, PURPLE_STATUS_UNSET },
};

/* Where a network has a status of just this meaning, its id: "free for chat" has no
 * primitive of its own, and ICQ's "occupied" has that of "do not disturb". */
static gboolean
is_called (const char *id, WireShow show)
{
  if (show == WIRE_SHOW_CHAT)
    return g_str_equal (id, "freeforchat") || g_str_equal (id, "free4chat");
  return show == WIRE_SHOW_DND && g_str_equal (id, "dnd");
}

static PurpleStatusType *
best_type (PurpleAccount *account, WireShow show)
{
  PurpleStatusType *type;

  for (GList *l = purple_account_get_status_types (account); l != NULL; l = l->next)
    if (is_called (purple_status_type_get_id (l->data), show))
      return l->data;
  for (const PurpleStatusPrimitive *wish = wishes[show]; *wish != PURPLE_STATUS_UNSET; wish++)
    {
      type = purple_account_get_status_type_with_primitive (account, *wish);
      if (type != NULL)
        return type;
    }
  return purple_account_get_status_type_with_primitive (account, PURPLE_STATUS_AVAILABLE);
}

void
statuses_set (Account *account, WireShow show, const char *text)
{
  PurpleStatusType *type;
  const char *id;

  if (account->purple == NULL || show == WIRE_SHOW_OFFLINE)
    return;
  type = best_type (account->purple, show);
  if (type == NULL)
    return;
  id = purple_status_type_get_id (type);
  if (purple_status_type_get_attr (type, "message") == NULL)
    purple_account_set_status (account->purple, id, TRUE, NULL);
  else
    {
      /* One line: IRC sends it as it is. */
      g_autofree char *line = g_strdelimit (text_dup_clean (text != NULL ? text : "", -1), "\r\n\t", ' ');
      g_autofree char *html = text_dup_to_html (g_strstrip (line));

      purple_account_set_status (account->purple, id, TRUE, "message", *html != '\0' ? html : NULL, NULL);
    }
}

static WireShow
show_of (PurplePresence *presence, PurpleStatus *status)
{
  if (!purple_presence_is_online (presence))
    return WIRE_SHOW_OFFLINE;
  switch (purple_status_type_get_primitive (purple_status_get_type (status)))
    {
    case PURPLE_STATUS_OFFLINE:
      return WIRE_SHOW_OFFLINE;
    case PURPLE_STATUS_AWAY:
      return WIRE_SHOW_AWAY;
    case PURPLE_STATUS_EXTENDED_AWAY:
      return WIRE_SHOW_XA;
    case PURPLE_STATUS_UNAVAILABLE:
      return WIRE_SHOW_DND;
    default:
      if (is_called (purple_status_get_id (status), WIRE_SHOW_CHAT))
        return WIRE_SHOW_CHAT;
      return purple_presence_is_idle (presence) ? WIRE_SHOW_AWAY : WIRE_SHOW_ONLINE;
    }
}

WireShow
statuses_of_buddy (PurpleBuddy *buddy, char **text)
{
  PurplePresence *presence = purple_buddy_get_presence (buddy);
  PurpleStatus *status = presence != NULL ? purple_presence_get_active_status (presence) : NULL;
  const char *message = NULL;
  g_autofree char *tune = NULL;

  *text = NULL;
  if (status == NULL)
    return WIRE_SHOW_OFFLINE;
  if (purple_status_type_get_attr (purple_status_get_type (status), "message") != NULL)
    message = purple_status_get_attr_string (status, "message");
  if (message != NULL && *message != '\0')
    {
      /* libpurple's texts are HTML, but the XMPP plugin keeps what came. */
      *text = protocol_is_xmpp () ? text_dup_clean (message, -1) : text_dup_from_html (message);
      if (**text == '\0')
        g_clear_pointer (text, g_free);
    }
  tune = tunes_dup_line (buddy);
  if (tune != NULL)
    {
      char *both = *text == NULL ? g_steal_pointer (&tune) : g_strconcat (*text, " ", tune, NULL);

      g_free (*text);
      *text = both;
    }
  return show_of (presence, status);
}
