/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rooms.c - chat rooms: joined, talked in, left, invited to.
 *
 * A room is found or made by its name, which needs the room navigator, and then is a connection of its own.  What we say
 * there is shown when the server sends it back, as it does to everybody else.  */
#include "rooms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "charset.h"
#include "chat.h"
#include "icbm.h"
#include "markup.h"
#include "outgoing.h"
#include "screen_names.h"
#include "service.h"
#include "services.h"
#include "text_split.h"

#define MOST_ROOMS 100
#define MOST_PIECES 20
#define MOST_USERS 5000
#define NAME_MOST 200
/* A room that takes no more is believed to mean something else. */
#define TEXT_LEAST 100
#define INVITATION_MOST 1000
#define EXCHANGE_LEAST 1
#define EXCHANGE_MOST 65535

typedef struct {
  Session *session;
  int id;
  char *name;             /* as it was asked for */
  guint16 exchange;
  RoomAddress address;    /* empty: not known yet */
  guint32 most_bytes;
  Service *service;       /* owned; NULL: not connected yet */
  gboolean joined;
  gboolean greeted;       /* those who were there have been told */
  guint users;
} Room;

/* What we said and the server has not sent back yet. */
typedef struct {
  Outgoing *message;
  int room;
  IcbmCookie cookie;
  gboolean taken;
} Said;

struct Rooms {
  Session *session;
  GQueue open;            /* Said, lent */
  GHashTable *rooms;      /* id -> Room, owned */
  int last_id;
};

static void
room_free (Room *room)
{
  g_clear_pointer (&room->service, service_free);
  room_address_clear (&room->address);
  g_free (room->name);
  g_free (room);
}

Rooms *
rooms_new (Session *session)
{
  Rooms *rooms = g_new0 (Rooms, 1);

  rooms->session = session;
  rooms->rooms = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) room_free);
  return rooms;
}

void
rooms_free (Rooms *rooms)
{
  g_hash_table_unref (rooms->rooms);
  g_queue_clear (&rooms->open);
  g_free (rooms);
}

static Room *
find (Session *session, int id)
{
  return session != NULL && session->rooms != NULL ? g_hash_table_lookup (session->rooms->rooms, GINT_TO_POINTER (id)) : NULL;
}

static PurpleConvChat *
get_chat (Room *room)
{
  PurpleConversation *conversation = room->joined ? purple_find_chat (room->session->gc, room->id) : NULL;

  return conversation != NULL ? PURPLE_CONV_CHAT (conversation) : NULL;
}

/* -- Joining -------------------------------------------------------------- */

static void
fail (Room *room, const char *why)
{
  Session *session = room->session;
  g_autofree char *title = g_strdup_printf ("The room %s cannot be joined.", room->name);
  g_autofree char *exchange = g_strdup_printf ("%u", room->exchange);
  g_autoptr (GHashTable) components = g_hash_table_new (g_str_hash, g_str_equal);

  if (!session->ending)
    {
      g_hash_table_insert (components, (gpointer) "room", room->name);
      g_hash_table_insert (components, (gpointer) "exchange", exchange);
      purple_serv_got_join_chat_failed (session->gc, components);
      purple_notify_error (session->gc, NULL, title, why);
    }
  if (session->rooms != NULL)
    g_hash_table_remove (session->rooms->rooms, GINT_TO_POINTER (room->id));
}

static void
on_up (Service *service, gpointer data)
{
  service_set_ready (service);
}

static void
on_down (Service *service, StreamEnd end, guint16 reason, const char *why, gpointer data)
{
  Room *room = data;
  PurpleConvChat *chat = get_chat (room);
  Session *session = room->session;
  int id = room->id;

  if (!room->joined)
    {
      fail (room, why);
      return;
    }
  if (chat != NULL && !session->ending)
    purple_conversation_write (purple_conv_chat_get_conversation (chat), NULL, "The connection to the room was lost.",
                               PURPLE_MESSAGE_ERROR, time (NULL));
  g_hash_table_remove (session->rooms->rooms, GINT_TO_POINTER (id));
  if (chat != NULL && !session->ending)
    serv_got_chat_left (session->gc, id);
}

static void
on_opened (Session *session, Service *service, const char *why, gpointer data)
{
  Room *room = find (session, GPOINTER_TO_INT (data));

  if (room == NULL)
    {
      if (service != NULL)
        service_free (service);
      return;
    }
  room->service = service;
  if (service == NULL)
    fail (room, why);
}

static void
on_found (Session *session, const Snac *reply, gpointer data)
{
  static const ServiceEvents events = { on_up, on_down };
  Room *room = find (session, GPOINTER_TO_INT (data));
  g_auto (RoomInfo) info = { 0 };

  if (room == NULL)
    return;
  if (reply == NULL || reply->subtype != 0x09 || !chatnav_parse_room (reply->body, &info))
    {
      fail (room, session_explain (reply));
      return;
    }
  room->address = info.address;
  info.address = (RoomAddress) { 0 };
  room->most_bytes = info.most_bytes;
  services_open (session, FAMILY_CHAT, &room->address, &events, room, on_opened, GINT_TO_POINTER (room->id), NULL);
}

void
rooms_join (PurpleConnection *gc, GHashTable *components)
{
  Session *session = session_of (gc);
  const char *name = g_hash_table_lookup (components, "room");
  const char *text = g_hash_table_lookup (components, "exchange");
  int exchange = text != NULL && *text != '\0' ? atoi (text) : CHAT_EXCHANGE_DEFAULT;
  GHashTableIter iter;
  gpointer value;
  Room *room;

  if (!session_is_ready (session) || name == NULL || *name == '\0')
    return;
  if (exchange < EXCHANGE_LEAST || exchange > EXCHANGE_MOST || g_hash_table_size (session->rooms->rooms) >= MOST_ROOMS)
    {
      purple_serv_got_join_chat_failed (gc, components);
      purple_notify_error (gc, NULL, "The room cannot be joined.", "It has no such exchange, or there are too many rooms already.");
      return;
    }
  g_hash_table_iter_init (&iter, session->rooms->rooms);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      room = value;
      if (room->exchange == exchange && g_ascii_strcasecmp (room->name, name) == 0)
        return;
    }
  room = g_new0 (Room, 1);
  room->session = session;
  room->id = ++session->rooms->last_id;
  room->name = charset_dup_cut (name, NAME_MOST);
  room->exchange = (guint16) exchange;
  g_hash_table_insert (session->rooms->rooms, GINT_TO_POINTER (room->id), room);
  services_ask (session, FAMILY_CHATNAV, 0x08, chatnav_build_create (room->exchange, room->name), SEND_USER,
                on_found, GINT_TO_POINTER (room->id), NULL);
}

void
rooms_leave (PurpleConnection *gc, int id)
{
  Session *session = session_of (gc);

  if (find (session, id) == NULL)
    return;
  g_hash_table_remove (session->rooms->rooms, GINT_TO_POINTER (id));
  serv_got_chat_left (gc, id);
}

void
rooms_keep_alive (Session *session)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, session->rooms->rooms);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Room *room = value;

      if (room->service == NULL || service_keep_alive (room->service))
        continue;
      on_down (room->service, STREAM_ENDED, 0, "The server does not answer any more", room);
      break;
    }
}

/* -- In the room ---------------------------------------------------------- */

/* Whatever comes from the room says that we are in it. */
static Room *
room_of (Session *session, Service *service)
{
  Room *room = service->family == FAMILY_CHAT ? service_get_data (service) : NULL;

  if (room != NULL && !room->joined)
    {
      room->joined = TRUE;
      serv_got_joined_chat (session->gc, room->id, room->name);
    }
  return room;
}

static void
on_users (Session *session, Service *service, const Snac *snac)
{
  Room *room = room_of (session, service);
  PurpleConvChat *chat = room != NULL ? get_chat (room) : NULL;
  Reader body = snac->body;
  gboolean joined = snac->subtype == 0x03;

  if (chat == NULL)
    return;
  while (body.left > 0)
    {
      g_auto (UserInfo) user = { 0 };

      if (!user_info_parse (&body, &user))
        break;
      if (!joined && purple_conv_chat_find_user (chat, user.name))
        {
          purple_conv_chat_remove_user (chat, user.name, NULL);
          room->users--;
        }
      else if (joined && !purple_conv_chat_find_user (chat, user.name) && room->users < MOST_USERS)
        {
          purple_conv_chat_add_user (chat, user.name, NULL, PURPLE_CBFLAGS_NONE, room->greeted);
          room->users++;
        }
    }
  room->greeted = room->greeted || joined;
}

static void
on_room_info (Session *session, Service *service, const Snac *snac)
{
  Room *room = room_of (session, service);
  g_auto (RoomInfo) info = { 0 };

  if (room != NULL && chat_parse_room (snac->body, &info) && info.most_bytes > 0)
    room->most_bytes = info.most_bytes;
}

static void
said_free (Said *said)
{
  outgoing_unref (said->message);
  g_free (said);
}

static void
note_taken (Session *session, const guint8 *cookie)
{
  for (GList *l = session->rooms->open.head; l != NULL; l = l->next)
    {
      Said *said = l->data;

      if (memcmp (said->cookie.bytes, cookie, sizeof said->cookie.bytes) != 0 || said->taken)
        continue;
      said->taken = TRUE;
      outgoing_take_piece (session->gc, said->message);
      return;
    }
}

static void
show (Session *session, Room *room, const Snac *snac)
{
  g_auto (ChatMessage) message = { 0 };
  g_autofree char *html = NULL;

  if (!chat_parse_message (snac->body, session_get_encoding (session), &message))
    return;
  html = markup_dup_inner (message.text);
  serv_got_chat_in (session->gc, room->id, message.from.name, message.whisper ? PURPLE_MESSAGE_WHISPER : 0, html, time (NULL));
  note_taken (session, message.cookie);
}

static void
on_message (Session *session, Service *service, const Snac *snac)
{
  Room *room = room_of (session, service);

  if (room != NULL)
    show (session, room, snac);
}

/* Servers send it back under a number of its own, or under that of ours. */
static void
on_said (Session *session, const Snac *reply, gpointer data)
{
  Said *said = data;
  Room *room = find (session, said->room);

  if (reply != NULL && reply->subtype == 0x06 && room != NULL)
    show (session, room, reply);
  if (session->rooms != NULL)
    g_queue_remove (&session->rooms->open, said);
  if (said->taken)
    return;
  if (reply != NULL)
    outgoing_fail (session->gc, said->message, MESSAGE_REFUSED, session_explain (reply));
  else
    outgoing_fail (session->gc, said->message, session->ending ? MESSAGE_NOT_SIGNED_ON : MESSAGE_REFUSED,
                   "The connection to the room ended, or the room was left, before it had confirmed the message; it may not have arrived.");
}

int
rooms_send (PurpleConnection *gc, int id, const char *html, PurpleMessageFlags flags)
{
  Session *session = session_of (gc);
  Room *room = find (session, id);
  g_auto (GStrv) pieces = NULL;
  Outgoing *message;

  if (room == NULL || !room->joined || room->service == NULL)
    return -ENOTCONN;
  pieces = text_split (html, TRUE, room->most_bytes > TEXT_LEAST ? room->most_bytes : CHAT_TEXT_MOST,
                       strlen ("<HTML><BODY></BODY></HTML>"), MOST_PIECES);
  if (pieces == NULL)
    return -E2BIG;
  if (pieces[0] == NULL)
    return -EINVAL;
  message = outgoing_new (room->name);
  for (guint i = 0; pieces[i] != NULL; i++)
    {
      g_autofree char *wrapped = markup_dup_wrapped (pieces[i]);
      Said *said = g_new0 (Said, 1);

      said->message = outgoing_add_piece (message);
      said->room = id;
      icbm_cookie_make (&said->cookie);
      g_queue_push_tail (&session->rooms->open, said);
      service_ask (room->service, FAMILY_CHAT, 0x05, chat_build_message (said->cookie.bytes, wrapped), SEND_USER, on_said, said,
                   (GDestroyNotify) said_free);
    }
  return outgoing_complete (message);
}

const SnacHandler rooms_handlers[] = {
  { FAMILY_CHAT, 0x02, on_room_info },
  { FAMILY_CHAT, 0x03, on_users },
  { FAMILY_CHAT, 0x04, on_users },
  { FAMILY_CHAT, 0x06, on_message },
  { 0 },
};

/* -- Invitations ---------------------------------------------------------- */

void
rooms_invite (PurpleConnection *gc, int id, const char *message, const char *who)
{
  Session *session = session_of (gc);
  Room *room = find (session, id);
  g_autofree char *normal = screen_name_dup_normal (who);
  g_autofree char *text = charset_dup_cut (message != NULL && *message != '\0' ? message : "Join me in this room", INVITATION_MOST);
  IcbmCookie cookie;

  if (room == NULL || room->address.cookie == NULL)
    return;
  icbm_cookie_make (&cookie);
  session_send (session, FAMILY_ICBM, 0x06, rendezvous_build_chat_invite (&cookie, normal, text, &room->address), SEND_USER);
}

void
rooms_take_invitation (Session *session, const char *from, const Rendezvous *rendezvous)
{
  Reader service = rendezvous->service;
  g_auto (RoomAddress) address = { 0 };
  g_autofree char *name = NULL;
  GHashTable *components;

  if (rendezvous->type != RENDEZVOUS_PROPOSE || !room_address_parse (&service, &address))
    return;
  name = room_cookie_dup_name (address.cookie);
  components = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert (components, g_strdup ("room"), g_strdup (name));
  g_hash_table_insert (components, g_strdup ("exchange"), g_strdup_printf ("%u", address.exchange));
  /* For declining it. */
  g_hash_table_insert (components, g_strdup ("inviter"), g_strdup (from));
  g_hash_table_insert (components, g_strdup ("cookie"), g_base64_encode (rendezvous->cookie.bytes, ICBM_COOKIE_BYTES));
  serv_got_chat_invite (session->gc, name, from, rendezvous->text != NULL ? rendezvous->text : "", components);
}

void
rooms_reject (PurpleConnection *gc, GHashTable *components)
{
  Session *session = session_of (gc);
  const char *inviter = g_hash_table_lookup (components, "inviter");
  const char *text = g_hash_table_lookup (components, "cookie");
  gsize length = 0;
  g_autofree guchar *bytes = text != NULL ? g_base64_decode (text, &length) : NULL;
  IcbmCookie cookie;

  if (!session_is_ready (session) || inviter == NULL || length != ICBM_COOKIE_BYTES)
    return;
  memcpy (cookie.bytes, bytes, ICBM_COOKIE_BYTES);
  session_send (session, FAMILY_ICBM, 0x0b, icbm_build_decline (&cookie, inviter), SEND_USER);
}

/* -- What a user is asked for --------------------------------------------- */

GList *
rooms_get_join_fields (PurpleConnection *gc)
{
  struct proto_chat_entry *room = g_new0 (struct proto_chat_entry, 1);
  struct proto_chat_entry *exchange = g_new0 (struct proto_chat_entry, 1);

  room->label = "_Room:";
  room->identifier = "room";
  room->required = TRUE;
  exchange->label = "_Exchange:";
  exchange->identifier = "exchange";
  exchange->is_int = TRUE;
  exchange->min = 4;
  exchange->max = 20;
  return g_list_append (g_list_append (NULL, room), exchange);
}

GHashTable *
rooms_get_join_defaults (PurpleConnection *gc, const char *name)
{
  GHashTable *defaults = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);

  if (name != NULL)
    g_hash_table_insert (defaults, (gpointer) "room", g_strdup (name));
  g_hash_table_insert (defaults, (gpointer) "exchange", g_strdup ("4"));
  return defaults;
}

char *
rooms_get_name (GHashTable *components)
{
  return g_strdup (g_hash_table_lookup (components, "room"));
}
