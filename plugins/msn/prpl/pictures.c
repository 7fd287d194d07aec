/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pictures.c - display pictures, ours and others'; objects in general. */
#include "pictures.h"

#include <string.h>

#include "emoticons.h"
#include "own_status.h"
#include "picture_object.h"
#include "presence.h"

#define LARGEST_PICTURE (512 * 1024)
#define MOST_AT_ONCE 2
#define MOST_WAITING 2000
#define LOCATION "TFR0001.dat"

/* A picture that is to be fetched. */
typedef struct {
  char *address, *object, *sha1;
} Wish;

struct Pictures {
  Session *session;
  GQueue wishes;
  guint running, timer;
  GHashTable *failed;      /* "ADDRESS SHA1" of pictures that could not be had in this session */
  char *own_object, *own_sha1;
  GByteArray *own;
};

static void
wish_free (Wish *wish)
{
  g_free (wish->address);
  g_free (wish->object);
  g_free (wish->sha1);
  g_free (wish);
}

static void
take_own (Pictures *pictures, PurpleStoredImage *image)
{
  g_clear_pointer (&pictures->own, g_byte_array_unref);
  g_clear_pointer (&pictures->own_object, g_free);
  g_clear_pointer (&pictures->own_sha1, g_free);
  if (image == NULL || purple_imgstore_get_size (image) == 0 || purple_imgstore_get_size (image) > LARGEST_PICTURE)
    return;
  pictures->own = g_byte_array_new ();
  g_byte_array_append (pictures->own, purple_imgstore_get_data (image), (guint) purple_imgstore_get_size (image));
  pictures->own_sha1 = picture_object_dup_sha1 (pictures->own->data, pictures->own->len);
  pictures->own_object = picture_object_build (pictures->session->address, OBJECT_PICTURE, LOCATION, pictures->own->data, pictures->own->len);
}

Pictures *
pictures_new (Session *session)
{
  Pictures *pictures = g_new0 (Pictures, 1);
  PurpleStoredImage *image = purple_buddy_icons_find_account_icon (session->account);

  pictures->session = session;
  pictures->failed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  take_own (pictures, image);
  if (image != NULL)
    purple_imgstore_unref (image);
  return pictures;
}

void
pictures_free (Pictures *pictures)
{
  if (pictures->timer > 0)
    purple_timeout_remove (pictures->timer);
  g_queue_clear_full (&pictures->wishes, (GDestroyNotify) wish_free);
  g_hash_table_unref (pictures->failed);
  take_own (pictures, NULL);
  g_free (pictures);
}

const char *
pictures_get_own_object (Session *session)
{
  return session->pictures->own_object;
}

void
pictures_set_own (PurpleConnection *gc, PurpleStoredImage *image)
{
  Session *session = session_of (gc);

  if (session == NULL)
    return;
  take_own (session->pictures, image);
  own_status_publish_object (session);
}

/* -- Fetching one object ------------------------------------------------------------------ */

typedef struct {
  PictureObject object;
  GByteArray *bytes;
  PictureFunc func;
  gpointer user;
} Fetch;

static void
fetch_finish (Session *session, Fetch *fetch, gboolean ok)
{
  fetch->func (session, ok ? fetch->bytes->data : NULL, ok ? fetch->bytes->len : 0, fetch->user);
  picture_object_clear (&fetch->object);
  g_byte_array_unref (fetch->bytes);
  g_free (fetch);
}

static void
on_fetch_nothing (Call *call)
{
}

static void
on_fetch_data (Call *call, const P2pHeader *header, const guint8 *data)
{
  Session *session = call->session;
  Fetch *fetch = call->data;
  g_autofree char *sha1 = NULL;

  if (header->total > LARGEST_PICTURE)
    {
      call_bye (call);
      fetch_finish (session, fetch, FALSE);
      return;
    }
  g_byte_array_append (fetch->bytes, data, header->length);
  if (fetch->bytes->len < header->total)
    return;
  sha1 = picture_object_dup_sha1 (fetch->bytes->data, fetch->bytes->len);
  call_bye (call);
  fetch_finish (session, fetch, g_str_equal (sha1, fetch->object.sha1));
}

static void
on_fetch_ended (Call *call, CallEnd end)
{
  fetch_finish (call->session, call->data, FALSE);
}

static const CallEvents fetch_events = { on_fetch_nothing, on_fetch_data, on_fetch_nothing, on_fetch_ended };

gboolean
pictures_fetch (Session *session, const char *who, const char *object, PictureFunc func, gpointer user)
{
  const Watched *watched = presence_get (session, who);
  Fetch *fetch;

  /* Program without peer-to-peer, or one of us hides (10.5). */
  if (own_status_is_hidden (session) || (watched != NULL && capabilities_get_generation (watched->capabilities) == 0))
    return FALSE;
  fetch = g_new0 (Fetch, 1);
  fetch->bytes = g_byte_array_new ();
  fetch->func = func;
  fetch->user = user;
  /* The context is the text with a zero byte behind it. */
  if (picture_object_parse (object, &fetch->object) && fetch->object.size <= LARGEST_PICTURE
      && call_invite (session, who, SLP_GUID_OBJECT, 1, object, strlen (object) + 1, &fetch_events, fetch) != NULL)
    return TRUE;
  picture_object_clear (&fetch->object);
  g_byte_array_unref (fetch->bytes);
  g_free (fetch);
  return FALSE;
}

/* -- Contacts' pictures ---------------------------------------------------------------------- */

static void fetch_next (Pictures *pictures);

static gboolean
on_next (gpointer data)
{
  Pictures *pictures = data;

  pictures->timer = 0;
  fetch_next (pictures);
  return G_SOURCE_REMOVE;
}

static void
go_on (Pictures *pictures)
{
  if (pictures->timer == 0 && pictures->wishes.head != NULL)
    pictures->timer = purple_timeout_add_seconds (1, on_next, pictures);
}

static void
on_picture (Session *session, const guint8 *data, gsize length, gpointer user)
{
  Wish *wish = user;

  if (session->pictures != NULL)
    {
      if (data == NULL)
        g_hash_table_add (session->pictures->failed, g_strdup_printf ("%s %s", wish->address, wish->sha1));
      session->pictures->running--;
      go_on (session->pictures);
    }
  if (data != NULL && !session->ending)
    purple_buddy_icons_set_for_user (session->account, wish->address, g_memdup2 (data, length), length, wish->sha1);
  wish_free (wish);
}

static gboolean
is_still_wanted (Session *session, const Wish *wish)
{
  const Watched *watched = presence_get (session, wish->address);

  return watched != NULL && watched->online && g_strcmp0 (watched->object, wish->object) == 0;
}

static void
fetch_next (Pictures *pictures)
{
  Session *session = pictures->session;

  while (session->ready && pictures->running < MOST_AT_ONCE && pictures->wishes.head != NULL)
    {
      Wish *wish = g_queue_pop_head (&pictures->wishes);

      if (is_still_wanted (session, wish) && pictures_fetch (session, wish->address, wish->object, on_picture, wish))
        pictures->running++;
      else
        wish_free (wish);
    }
  if (!session->ready)
    go_on (pictures);
}

void
pictures_note_object (Session *session, const char *address, const char *object)
{
  Pictures *pictures = session->pictures;
  PurpleBuddy *buddy = purple_find_buddy (session->account, address);
  const char *shown = buddy != NULL ? purple_buddy_icons_get_checksum_for_user (buddy) : NULL;
  g_auto (PictureObject) parsed = { 0 };
  g_autofree char *key = NULL;
  Wish *wish;

  if (buddy == NULL || session->dialect < 9)
    return;
  if (object == NULL)
    {
      if (shown != NULL)
        purple_buddy_icons_set_for_user (session->account, address, NULL, 0, NULL);
      return;
    }
  if (!picture_object_parse (object, &parsed) || parsed.type != OBJECT_PICTURE || g_strcmp0 (parsed.sha1, shown) == 0
      || pictures->wishes.length >= MOST_WAITING)
    return;
  key = g_strdup_printf ("%s %s", address, parsed.sha1);
  if (g_hash_table_contains (pictures->failed, key))
    return;
  for (GList *l = pictures->wishes.head; l != NULL; l = l->next)
    if (g_str_equal (((Wish *) l->data)->address, address) && g_str_equal (((Wish *) l->data)->object, object))
      return;
  wish = g_new0 (Wish, 1);
  wish->address = g_strdup (address);
  wish->object = g_strdup (object);
  wish->sha1 = g_strdup (parsed.sha1);
  g_queue_push_tail (&pictures->wishes, wish);
  go_on (pictures);
}

/* -- Ours ---------------------------------------------------------------------------------------- */

typedef enum { SERVE_ANSWERED, SERVE_PREPARED, SERVE_SENT } ServeState;

typedef struct {
  ServeState state;
  GByteArray *bytes;       /* NULL: they are sent */
} Serve;

static void
send_object (Call *call, guint flags, GByteArray *bytes)
{
  call_send (call, (PeersMessage) { .session = call->number, .flags = flags, .footer = call->application, .total = bytes->len, .bytes = bytes });
}

static void
on_serve_acknowledged (Call *call)
{
  static const guint8 nothing[4];
  Serve *serve = call->data;

  if (serve->state == SERVE_ANSWERED)
    send_object (call, 0, g_byte_array_append (g_byte_array_new (), nothing, sizeof nothing));
  else if (serve->state == SERVE_PREPARED)
    send_object (call, P2P_FLAG_OBJECT, g_steal_pointer (&serve->bytes));
  /* The other says BYE. */
  serve->state = serve->state == SERVE_ANSWERED ? SERVE_PREPARED : SERVE_SENT;
}

static void
on_serve_data (Call *call, const P2pHeader *header, const guint8 *data)
{
}

static void
on_serve_ended (Call *call, CallEnd end)
{
  Serve *serve = call->data;

  g_clear_pointer (&serve->bytes, g_byte_array_unref);
  g_free (serve);
}

static const CallEvents serve_events = { on_fetch_nothing, on_serve_data, on_serve_acknowledged, on_serve_ended };

static GByteArray *
dup_own (const Pictures *pictures, const char *sha1)
{
  if (g_strcmp0 (sha1, pictures->own_sha1) == 0)
    return g_byte_array_append (g_byte_array_new (), pictures->own->data, pictures->own->len);
  return emoticons_get_own (sha1);
}

void
pictures_be_invited (Call *call, const SlpMessage *message)
{
  g_auto (PictureObject) object = { 0 };
  g_autofree guchar *context = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;
  GByteArray *bytes;
  Serve *serve;

  if (message->context != NULL)
    context = g_base64_decode (message->context, &length);
  text = g_strndup (context != NULL ? (const char *) context : "", length);
  bytes = picture_object_parse (text, &object) ? dup_own (call->session->pictures, object.sha1) : NULL;
  if (bytes == NULL)
    {
      call_decline (call, 603);
      return;
    }
  serve = g_new0 (Serve, 1);
  serve->bytes = bytes;
  call->events = &serve_events;
  call->data = serve;
  call_accept (call);
}
