/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emoticons.c - custom emoticons, others' and our user's.
 *
 * Where they are not wanted, or cannot be had, the text keeps their shortcuts.  Ours are those of libpurple's list, and are
 * fetched as our picture is.  */
#include "emoticons.h"

#include <string.h>

#include "picture_object.h"
#include "pictures.h"

/* As many as fit into one message; and what other programs take for a shortcut. */
#define MOST_ANNOUNCED 5
#define LONGEST_SHORTCUT 32
#define LOCATION "TFR0002.dat"

typedef struct {
  int room;             /* 0: between two */
  char *sender, *shortcut;
} Wish;

static PurpleConversation *
find_conversation (Session *session, int room, const char *sender)
{
  if (room != 0)
    return purple_find_chat (session->gc, room);
  return purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, sender, session->account);
}

static void
on_emoticon (Session *session, const guint8 *data, gsize length, gpointer user)
{
  Wish *wish = user;
  PurpleConversation *conversation = find_conversation (session, wish->room, wish->sender);

  if (conversation != NULL && !session->ending)
    {
      if (data != NULL)
        purple_conv_custom_smiley_write (conversation, wish->shortcut, data, length);
      purple_conv_custom_smiley_close (conversation, wish->shortcut);
    }
  g_free (wish->sender);
  g_free (wish->shortcut);
  g_free (wish);
}

static void
want (Switchboard *switchboard, const char *sender, const Emoticon *emoticon)
{
  Session *session = switchboard->session;
  PurpleConversation *conversation = find_conversation (session, switchboard->room, sender);
  g_auto (PictureObject) object = { 0 };
  Wish *wish;

  if (conversation == NULL && switchboard->room == 0)
    conversation = purple_conversation_new (PURPLE_CONV_TYPE_IM, session->account, sender);
  if (conversation == NULL || !picture_object_parse (emoticon->object, &object) || object.type != OBJECT_EMOTICON
      || !purple_conv_custom_smiley_add (conversation, emoticon->shortcut, "sha1", object.sha1, TRUE))
    return;
  wish = g_new0 (Wish, 1);
  wish->room = switchboard->room;
  wish->sender = g_strdup (sender);
  wish->shortcut = g_strdup (emoticon->shortcut);
  if (!pictures_fetch (session, sender, emoticon->object, on_emoticon, wish))
    on_emoticon (session, NULL, 0, wish);
}

void
emoticons_take (Switchboard *switchboard, const char *sender, const MimeMessage *message)
{
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) emoticons = NULL;

  if (!purple_account_get_bool (switchboard->session->account, "custom_smileys", TRUE))
    return;
  text = mime_dup_text (message);
  emoticons = emoticons_parse (text);
  for (guint i = 0; i < emoticons->len; i++)
    want (switchboard, sender, emoticons->pdata[i]);
}

/* -- Ours ----------------------------------------------------------------------------- */

/* One tab stands behind each part. */
static gboolean
is_used (const PurpleSmiley *smiley, const char *text)
{
  const char *shortcut = purple_smiley_get_shortcut (smiley);

  return shortcut != NULL && *shortcut != '\0' && strlen (shortcut) <= LONGEST_SHORTCUT && strpbrk (shortcut, "\t\r\n") == NULL
         && strstr (text, shortcut) != NULL;
}

void
emoticons_announce (Switchboard *switchboard, const char *text)
{
  g_autoptr (GList) all = purple_smileys_get_all ();
  g_autoptr (GString) body = g_string_new (NULL);
  guint count = 0;

  for (GList *l = all; l != NULL && count < MOST_ANNOUNCED && switchboard->session->dialect >= 9; l = l->next)
    {
      gsize length = 0;
      gconstpointer data = is_used (l->data, text) ? purple_smiley_get_data (l->data, &length) : NULL;
      g_autofree char *object = data != NULL ? picture_object_build (switchboard->session->address, OBJECT_EMOTICON, LOCATION, data, length) : NULL;

      if (object == NULL)
        continue;
      g_string_append_printf (body, "%s\t%s\t", purple_smiley_get_shortcut (l->data), object);
      count++;
    }
  if (count > 0)
    switchboard_send (switchboard, 'N', mime_build ("text/x-mms-emoticon", NULL, body->str, body->len), NULL, NULL);
}

GByteArray *
emoticons_get_own (const char *sha1)
{
  g_autoptr (GList) all = purple_smileys_get_all ();

  for (GList *l = all; l != NULL; l = l->next)
    {
      gsize length = 0;
      gconstpointer data = purple_smiley_get_data (l->data, &length);
      g_autofree char *its = data != NULL ? picture_object_dup_sha1 (data, length) : NULL;

      if (its != NULL && g_str_equal (its, sha1))
        return g_byte_array_append (g_byte_array_new (), data, (guint) length);
    }
  return NULL;
}
