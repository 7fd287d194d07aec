/* SPDX-License-Identifier: GPL-2.0-or-later */
/* incoming.c - what others say in a conversation. */
#include "incoming.h"

#include <string.h>

#include "address.h"
#include "emoticons.h"
#include "mime.h"
#include "peers.h"
#include "text_format.h"

/* A received "is typing" is over after this; there is no word for it (9.3). */
#define SECONDS_OF_TYPING 7
#define DATACAST_NUDGE "1"
#define DATACAST_ACTION "4"

static void
show (Switchboard *switchboard, const char *sender, const char *html)
{
  PurpleConnection *gc = switchboard->session->gc;

  if (switchboard->room != 0)
    serv_got_chat_in (gc, switchboard->room, sender, PURPLE_MESSAGE_RECV, html, time (NULL));
  else
    {
      serv_got_typing_stopped (gc, sender);
      serv_got_im (gc, sender, html, PURPLE_MESSAGE_RECV, time (NULL));
    }
}

static void
take_text (Switchboard *switchboard, const char *sender, const MimeMessage *message)
{
  g_auto (TextFormat) format = { 0 };
  g_autofree char *text = mime_dup_text (message);
  g_autofree char *html = NULL;

  text_format_parse (mime_get (message, "X-MMS-IM-Format"), &format);
  html = text_format_dup_html (&format, text);
  if (*text != '\0')
    show (switchboard, sender, html);
}

static void
take_part (Switchboard *switchboard, const char *sender, const MimeMessage *message, const Command *command)
{
  g_autoptr (GByteArray) whole = text_parts_add (switchboard->parts, sender, message, command->payload, command->length,
                                                 g_get_monotonic_time () / G_USEC_PER_SEC);
  g_auto (MimeMessage) joined = { 0 };

  if (whole == NULL)
    return;
  mime_parse (whole->data, whole->len, &joined);
  take_text (switchboard, sender, &joined);
}

static void
take_datacast (Switchboard *switchboard, const char *sender, const MimeMessage *message)
{
  PurpleConnection *gc = switchboard->session->gc;
  g_auto (MimeMessage) inside = { 0 };
  const char *id, *action;

  mime_parse (message->body, message->length, &inside);
  id = mime_get (&inside, "ID");
  action = mime_get (&inside, "Data");
  if (g_strcmp0 (id, DATACAST_NUDGE) == 0 && switchboard->room != 0)
    purple_prpl_got_attention_in_chat (gc, switchboard->room, sender, 0);
  else if (g_strcmp0 (id, DATACAST_NUDGE) == 0)
    purple_prpl_got_attention (gc, sender, 0);
  else if (g_strcmp0 (id, DATACAST_ACTION) == 0 && action != NULL)
    {
      g_autofree char *text = mime_dup_decoded (action, strlen (action), "UTF-8");
      g_autofree char *html = g_markup_escape_text (text, -1);

      show (switchboard, sender, html);
    }
}

static void
take_control (Switchboard *switchboard, const char *sender, const MimeMessage *message)
{
  if (switchboard->room == 0 && mime_get (message, "TypingUser") != NULL)
    serv_got_typing (switchboard->session->gc, sender, SECONDS_OF_TYPING, PURPLE_TYPING);
}

/* Old invitations to what we do not have: refused, so that the other need not wait (9). */
static void
take_old_invitation (Switchboard *switchboard, const MimeMessage *message)
{
  g_auto (MimeMessage) inside = { 0 };
  const char *command, *cookie;
  g_autofree char *body = NULL;

  mime_parse (message->body, message->length, &inside);
  command = mime_get (&inside, "Invitation-Command");
  cookie = mime_get (&inside, "Invitation-Cookie");
  if (g_strcmp0 (command, "INVITE") != 0 || cookie == NULL || strlen (cookie) > 64)
    return;
  body = g_strdup_printf ("Invitation-Command: CANCEL\r\nInvitation-Cookie: %s\r\nCancel-Code: REJECT_NOT_INSTALLED\r\n\r\n", cookie);
  switchboard_send (switchboard, 'N', mime_build ("text/x-msmsgsinvite; charset=UTF-8", NULL, body, strlen (body)), NULL, NULL);
}

void
incoming_take (Switchboard *switchboard, const Command *command)
{
  g_autofree char *sender = address_dup_normal (command_arg (command, 0));
  g_auto (MimeMessage) message = { 0 };
  g_autofree char *type = NULL;

  if (command->count < 3 || *sender == '\0')
    return;
  mime_parse (command->payload, command->length, &message);
  type = mime_dup_type (&message);
  if (text_parts_concerns (&message) && (g_str_equal (type, "text/plain") || *type == '\0'))
    take_part (switchboard, sender, &message, command);
  else if (g_str_equal (type, "text/plain"))
    take_text (switchboard, sender, &message);
  else if (g_str_equal (type, "text/x-msmsgscontrol"))
    take_control (switchboard, sender, &message);
  else if (g_str_equal (type, "text/x-msnmsgr-datacast"))
    take_datacast (switchboard, sender, &message);
  else if (g_str_equal (type, "text/x-mms-emoticon") || g_str_equal (type, "text/x-mms-animemoticon"))
    emoticons_take (switchboard, sender, &message);
  else if (g_str_equal (type, "application/x-msnmsgrp2p"))
    peers_take (switchboard, sender, &message);
  else if (g_str_equal (type, "text/x-msmsgsinvite"))
    take_old_invitation (switchboard, &message);
  else
    /* Not what says it is from the server, either (9). */
    purple_debug_misc ("msn", "switchboard: dropped a message of another type\n");
}
