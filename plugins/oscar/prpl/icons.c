/* SPDX-License-Identifier: GPL-2.0-or-later */
/* icons.c - buddy icons, one's own and others'.
 *
 * Others' are fetched one after the other, and believed only if the hash is right.  One's own is put on the server's list
 * as a hash; it is uploaded when the server says that it wants it, and only then: some servers take an upload that they
 * have not asked for as news that they do not have the icon.  */
#include "icons.h"

#include <string.h>

#include "bart.h"
#include "contacts.h"
#include "list_edits.h"
#include "screen_names.h"
#include "service.h"
#include "services.h"
#include "user_info.h"

#define MOST_WAITING 5000

typedef struct {
  char *name;
  guint8 hash[USER_ICON_MOST];
  gsize length;
} Wanted;

struct Icons {
  Session *session;
  GQueue wanted;          /* Wanted, owned; the first is being fetched if busy */
  gboolean busy;
  GByteArray *own;        /* the image, or NULL */
};

static void
wanted_free (Wanted *wanted)
{
  g_free (wanted->name);
  g_free (wanted);
}

Icons *
icons_new (Session *session)
{
  Icons *icons = g_new0 (Icons, 1);

  icons->session = session;
  return icons;
}

void
icons_free (Icons *icons)
{
  g_queue_clear_full (&icons->wanted, (GDestroyNotify) wanted_free);
  g_clear_pointer (&icons->own, g_byte_array_unref);
  g_free (icons);
}

/* -- Others' -------------------------------------------------------------- */

static void fetch_next (Session *session);

static gboolean
is_right (const Wanted *wanted, Reader image)
{
  guint8 hash[BART_HASH_BYTES];

  bart_compute_hash (image.data, image.left, hash);
  return wanted->length == BART_HASH_BYTES && memcmp (hash, wanted->hash, BART_HASH_BYTES) == 0;
}

static void
on_image (Session *session, const Snac *reply, gpointer data)
{
  Icons *icons = session->icons;
  Wanted *wanted = icons != NULL ? g_queue_pop_head (&icons->wanted) : NULL;
  BartImage image = { 0 };

  if (wanted == NULL)
    return;
  icons->busy = FALSE;
  if (reply == NULL || reply->subtype != 0x05 || !bart_parse_image (reply->body, &image) || image.image.left == 0)
    purple_debug_info (session->category, "no icon of %s\n", wanted->name);
  else if (!is_right (wanted, image.image))
    purple_debug_warning (session->category, "the icon of %s is not the one that was asked for\n", wanted->name);
  else
    {
      g_autofree char *hex = bart_dup_hex (wanted->hash, wanted->length);

      /* libpurple frees the copy. */
      purple_buddy_icons_set_for_user (session->account, wanted->name, g_memdup2 (image.image.data, image.image.left),
                                       image.image.left, hex);
    }
  g_free (image.owner);
  wanted_free (wanted);
  if (!session->ending)
    fetch_next (session);
}

static void
fetch_next (Session *session)
{
  Icons *icons = session->icons;
  Wanted *wanted = g_queue_peek_head (&icons->wanted);

  if (wanted == NULL || icons->busy)
    return;
  icons->busy = TRUE;
  services_ask (session, FAMILY_BART, 0x04, bart_build_download (wanted->name, wanted->hash, wanted->length), SEND_BACKGROUND,
                on_image, NULL, NULL);
}

void
icons_noticed (Session *session, const char *name, const guint8 *hash, gsize length)
{
  static const guint8 clear[] = { 0x02, 0x01, 0xd2, 0x04, 0x72 };
  PurpleBuddy *buddy = purple_find_buddy (session->account, name);
  g_autofree char *hex = bart_dup_hex (hash, length);
  Wanted *wanted;

  if (buddy == NULL || length == 0)
    return;
  if (length == sizeof clear && memcmp (hash, clear, sizeof clear) == 0)
    {
      purple_buddy_icons_set_for_user (session->account, name, NULL, 0, NULL);
      return;
    }
  if (length != BART_HASH_BYTES || g_strcmp0 (purple_buddy_icons_get_checksum_for_user (buddy), hex) == 0)
    return;
  for (GList *l = session->icons->wanted.head; l != NULL; l = l->next)
    {
      wanted = l->data;
      if (wanted->length == length && memcmp (wanted->hash, hash, length) == 0 && g_str_equal (wanted->name, name))
        return;
    }
  if (session->icons->wanted.length >= MOST_WAITING)
    return;
  wanted = g_new0 (Wanted, 1);
  wanted->name = g_strdup (name);
  wanted->length = length;
  memcpy (wanted->hash, hash, length);
  g_queue_push_tail (&session->icons->wanted, wanted);
  if (session_is_ready (session))
    fetch_next (session);
}

/* -- One's own ------------------------------------------------------------ */

static void
on_uploaded (Session *session, const Snac *reply, gpointer data)
{
  guint8 code = 0;

  if (session->ending)
    return;
  if (reply == NULL || reply->subtype != 0x03 || !bart_parse_upload_reply (reply->body, &code))
    purple_notify_error (session->gc, NULL, "The buddy icon was not sent to the server.", session_explain (reply));
  else if (code != 0)
    purple_notify_error (session->gc, NULL, "The server did not take the buddy icon.", bart_upload_text (code));
}

static void
on_icon_notice (Session *session, Service *service, const Snac *snac)
{
  GByteArray *own = session->icons->own;
  guint8 hash[BART_HASH_BYTES];
  IconNotice notice;

  if (!oservice_parse_icon_notice (snac->body, &notice) || notice.type != BART_ICON || !(notice.flags & BART_FLAG_WANTED) || own == NULL)
    return;
  bart_compute_hash (own->data, own->len, hash);
  if (notice.hash.left == BART_HASH_BYTES && memcmp (notice.hash.data, hash, BART_HASH_BYTES) == 0)
    services_ask (session, FAMILY_BART, 0x02, bart_build_upload (own->data, own->len), SEND_USER, on_uploaded, NULL, NULL);
}

static void
on_item (Session *session, const FeedbagEdit *edit, guint16 result, const char *why)
{
  if (result != FEEDBAG_RESULT_OK)
    purple_notify_error (session->gc, NULL, "The buddy icon was not changed.", why);
}

void
icons_set (PurpleConnection *gc, PurpleStoredImage *image)
{
  Session *session = session_of (gc);
  FeedbagEdit *edit;
  guint8 hash[BART_HASH_BYTES];
  gsize size = image != NULL ? purple_imgstore_get_size (image) : 0;

  if (!session_is_ready (session))
    return;
  if (size > BART_ICON_MOST)
    {
      purple_notify_error (gc, NULL, "The buddy icon was not changed.", "It is too big.");
      return;
    }
  g_clear_pointer (&session->icons->own, g_byte_array_unref);
  edit = feedbag_edit_new (EDIT_SET_ICON, NULL, NULL, NULL);
  if (size > 0)
    {
      session->icons->own = g_byte_array_new ();
      bytes_add (session->icons->own, purple_imgstore_get_data (image), size);
      bart_compute_hash (session->icons->own->data, size, hash);
      edit->value = bart_build_item (hash);
    }
  list_edits_queue (session, edit, on_item);
}

void
icons_signed_on (Session *session)
{
  PurpleStoredImage *image = purple_buddy_icons_find_account_icon (session->account);

  /* None here does not mean that the one on the server, set elsewhere, must go. */
  if (image != NULL)
    {
      if (contacts_are_loaded (session))
        icons_set (session->gc, image);
      purple_imgstore_unref (image);
    }
  fetch_next (session);
}

const SnacHandler icons_handlers[] = {
  { FAMILY_OSERVICE, 0x21, on_icon_notice },
  { 0 },
};
