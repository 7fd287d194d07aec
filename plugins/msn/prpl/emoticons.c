/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emoticons.c - custom emoticons that others use.
 *
 * Where they are not wanted, or cannot be had, the text keeps their shortcuts.  */
#include "emoticons.h"

#include "picture_object.h"
#include "pictures.h"

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
