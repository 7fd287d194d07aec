/* SPDX-License-Identifier: GPL-2.0-or-later */
/* presence.c - contacts' presence. */
#include "presence.h"

#include "charset.h"
#include "contacts.h"
#include "icons.h"
#include "locate.h"
#include "markup.h"
#include "own_status.h"
#include "screen_names.h"
#include "service.h"

/* Users of whom we keep what they said; a server may tell of no more. */
#define MOST_WATCHED 20000

struct Presence {
  Session *session;
  GHashTable *watched;    /* normal name -> Watched, owned */
  OwnStatus *own;         /* owned */
};

static void
watched_free (Watched *watched)
{
  g_free (watched->formatted);
  g_free (watched->away);
  g_free (watched->available);
  g_free (watched);
}

Presence *
presence_new (Session *session)
{
  Presence *presence = g_new0 (Presence, 1);

  presence->session = session;
  presence->watched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) watched_free);
  presence->own = own_status_new ();
  return presence;
}

void
presence_free (Presence *presence)
{
  g_hash_table_unref (presence->watched);
  own_status_free (presence->own);
  g_free (presence);
}

OwnStatus *
presence_get_own (Session *session)
{
  return session->presence->own;
}

const Watched *
presence_get (Session *session, const char *name)
{
  g_autofree char *normal = screen_name_dup_normal (name);

  return g_hash_table_lookup (session->presence->watched, normal);
}

gboolean
presence_may (Session *session, const char *name, guint32 capability)
{
  const Watched *watched = presence_get (session, name);

  return watched == NULL || !watched->says_capabilities || watched->capabilities & capability;
}

/* -- Arrivals and departures ---------------------------------------------- */

static void fetch_away (Session *session, Watched *watched, const char *name);

static void
on_away (Session *session, const Snac *reply, gpointer data)
{
  Watched *watched = session->presence != NULL ? (Watched *) presence_get (session, data) : NULL;
  g_auto (LocateReply) parsed = { 0 };
  gboolean again = watched != NULL && watched->asking_again;

  if (watched != NULL)
    watched->asking_away = watched->asking_again = FALSE;
  if (again && reply != NULL)
    fetch_away (session, watched, data);
  else if (reply != NULL && reply->subtype == 0x06 && locate_parse_reply (reply->body, session_get_encoding (session), &parsed))
    presence_take_away (session, data, parsed.away);
}

/* Asked for without haste, and by one question at a time. */
static void
fetch_away (Session *session, Watched *watched, const char *name)
{
  if (!session_is_ready (session))
    return;
  if (watched->asking_away)
    {
      watched->asking_again = TRUE;
      return;
    }
  watched->asking_away = TRUE;
  session_ask (session, FAMILY_LOCATE, 0x15, locate_build_request (name, LOCATE_AWAY), SEND_BACKGROUND,
               on_away, g_strdup (name), g_free);
}

static void
show_status (Session *session, const char *name, const char *id, const char *message)
{
  if (message != NULL && *message != '\0')
    purple_prpl_got_user_status (session->account, name, id, "message", message, NULL);
  else
    purple_prpl_got_user_status (session->account, name, id, NULL);
}

static const char *
get_message (const Watched *watched, const char *id)
{
  return g_str_equal (id, "available") || g_str_equal (id, "free4chat") ? watched->available : watched->away;
}

void
presence_take_away (Session *session, const char *name, const char *html)
{
  Watched *watched = (Watched *) presence_get (session, name);
  PurpleBuddy *buddy = purple_find_buddy (session->account, name);
  PurpleStatus *status;

  if (watched == NULL || html == NULL)
    return;
  g_free (watched->away);
  watched->away = markup_dup_inner (html);
  if (buddy == NULL || !PURPLE_BUDDY_IS_ONLINE (buddy))
    return;
  status = purple_presence_get_active_status (purple_buddy_get_presence (buddy));
  if (!purple_status_is_available (status))
    show_status (session, name, purple_status_get_id (status), watched->away);
}

static Watched *
watch (Session *session, const UserInfo *info, const char *normal)
{
  GHashTable *table = session->presence->watched;
  Watched *watched = g_hash_table_lookup (table, normal);

  if (watched == NULL)
    {
      if (g_hash_table_size (table) >= MOST_WATCHED)
        g_hash_table_remove_all (table);
      watched = g_new0 (Watched, 1);
      g_hash_table_insert (table, g_strdup (normal), watched);
    }
  g_free (watched->formatted);
  watched->formatted = g_strdup (info->name);
  watched->class = info->class;
  watched->status = info->status;
  watched->warning = info->warning;
  watched->signed_on = info->signed_on;
  watched->member_since = info->member_since;
  if (info->has_capabilities)
    {
      watched->says_capabilities = TRUE;
      watched->capabilities = info->capabilities;
    }
  if (info->available != NULL)
    {
      g_free (watched->available);
      watched->available = *info->available != '\0' ? g_markup_escape_text (info->available, -1) : NULL;
    }
  return watched;
}

static void
arrive (Session *session, const UserInfo *info)
{
  g_autofree char *normal = screen_name_dup_normal (info->name);
  const char *id = user_info_get_status_id (info);
  Watched *watched = watch (session, info, normal);
  gboolean away = !g_str_equal (id, "available") && !g_str_equal (id, "free4chat") && !g_str_equal (id, "invisible");
  time_t now = time (NULL);

  if (!away)
    g_clear_pointer (&watched->away, g_free);
  show_status (session, normal, id, get_message (watched, id));
  if (info->signed_on > 0)
    purple_prpl_got_user_login_time (session->account, normal, (time_t) info->signed_on);
  purple_prpl_got_user_idle (session->account, normal, info->idle_minutes > 0,
                             info->idle_minutes > 0 ? now - info->idle_minutes * 60 : 0);
  if (info->class & USER_CLASS_MOBILE)
    purple_prpl_got_user_status (session->account, normal, "mobile", NULL);
  else
    purple_prpl_got_user_status_deactive (session->account, normal, "mobile");
  if (!session->icq && !g_str_equal (info->name, normal))
    serv_got_alias (session->gc, normal, info->name);
  icons_noticed (session, normal, info->icon, info->icon_length);
  if (away && purple_find_buddy (session->account, normal) != NULL)
    fetch_away (session, watched, normal);
}

static void
on_arrival (Session *session, Service *service, const Snac *snac)
{
  Reader body = snac->body;

  while (body.left > 0)
    {
      g_auto (UserInfo) info = { 0 };

      if (!user_info_parse (&body, &info))
        return;
      arrive (session, &info);
    }
}

static void
on_departure (Session *session, Service *service, const Snac *snac)
{
  Reader body = snac->body;

  while (body.left > 0)
    {
      g_auto (UserInfo) info = { 0 };
      g_autofree char *normal = NULL;

      if (!user_info_parse (&body, &info))
        return;
      normal = screen_name_dup_normal (info.name);
      g_hash_table_remove (session->presence->watched, normal);
      purple_prpl_got_user_status_deactive (session->account, normal, "mobile");
      purple_prpl_got_user_status (session->account, normal, "offline", NULL);
    }
}

static void
on_rejected (Session *session, Service *service, const Snac *snac)
{
  Reader body = snac->body;

  while (body.left > 0 && !body.bad)
    {
      g_autofree char *name = charset_take_any (reader_dup_str8 (&body), NULL);

      purple_debug_warning (session->category, "the server does not watch %s\n", name);
    }
}

const SnacHandler presence_handlers[] = {
  { FAMILY_BUDDY, 0x0a, on_rejected },
  { FAMILY_BUDDY, 0x0b, on_arrival },
  { FAMILY_BUDDY, 0x0c, on_departure },
  { 0 },
};

/* -- What user interfaces show -------------------------------------------- */

static Session *
session_of_buddy (PurpleBuddy *buddy)
{
  return session_of (purple_account_get_connection (purple_buddy_get_account (buddy)));
}

char *
presence_status_text (PurpleBuddy *buddy)
{
  Session *session = session_of_buddy (buddy);
  PurpleStatus *status = purple_presence_get_active_status (purple_buddy_get_presence (buddy));
  const char *message = purple_status_get_attr_string (status, "message");

  if (session != NULL && !PURPLE_BUDDY_IS_ONLINE (buddy))
    return contacts_is_awaiting (session, purple_buddy_get_name (buddy)) ? g_strdup ("Not authorized") : NULL;
  if (message != NULL)
    {
      g_autofree char *plain = purple_markup_strip_html (message);

      return g_markup_escape_text (g_strdelimit (plain, "\n\r", ' '), -1);
    }
  return purple_status_is_available (status) ? NULL : g_strdup (purple_status_get_name (status));
}

void
presence_tooltip (PurpleBuddy *buddy, PurpleNotifyUserInfo *info, gboolean full)
{
  Session *session = session_of_buddy (buddy);
  const char *name = purple_buddy_get_name (buddy);
  PurpleStatus *status = purple_presence_get_active_status (purple_buddy_get_presence (buddy));
  const char *message = purple_status_get_attr_string (status, "message");
  const Watched *watched = session != NULL ? presence_get (session, name) : NULL;
  g_autoptr (GString) can = g_string_new (NULL);

  if (session == NULL)
    return;
  if (PURPLE_BUDDY_IS_ONLINE (buddy))
    purple_notify_user_info_add_pair (info, "Status", purple_status_get_name (status));
  else if (contacts_is_awaiting (session, name))
    purple_notify_user_info_add_pair (info, "Status", "Not authorized");
  if (message != NULL)
    purple_notify_user_info_add_pair (info, "Message", message);
  if (watched == NULL || !full)
    return;
  if (watched->warning > 0)
    {
      g_autofree char *level = g_strdup_printf ("%u %%", watched->warning / 10u);

      purple_notify_user_info_add_pair (info, "Warning level", level);
    }
  for (guint bit = 0; bit < 32; bit++)
    {
      const char *what = watched->capabilities & 1u << bit ? capability_get_name ((Capability) (1u << bit)) : NULL;

      if (what != NULL)
        g_string_append_printf (can, "%s%s", can->len > 0 ? ", " : "", what);
    }
  if (can->len > 0)
    purple_notify_user_info_add_pair (info, "Capabilities", can->str);
}

const char *
presence_list_emblem (PurpleBuddy *buddy)
{
  Session *session = session_of_buddy (buddy);
  const Watched *watched;

  if (session == NULL)
    return NULL;
  if (!PURPLE_BUDDY_IS_ONLINE (buddy))
    return contacts_is_awaiting (session, purple_buddy_get_name (buddy)) ? "not-authorized" : NULL;
  watched = presence_get (session, purple_buddy_get_name (buddy));
  if (watched == NULL)
    return NULL;
  if (watched->class & USER_CLASS_ADMIN)
    return "admin";
  if (watched->class & USER_CLASS_BOT)
    return "bot";
  return watched->status & ICQ_FLAG_BIRTHDAY ? "birthday" : NULL;
}

const char *
presence_list_icon (PurpleAccount *account, PurpleBuddy *buddy)
{
  if (buddy != NULL)
    return screen_name_is_uin (purple_buddy_get_name (buddy)) ? "icq" : "aim";
  return account != NULL && g_str_equal (purple_account_get_protocol_id (account), "prpl-icq") ? "icq" : "aim";
}
