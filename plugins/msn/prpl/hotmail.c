/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hotmail.c - messages from the notification server itself. */
#include "hotmail.h"

#include <stdlib.h>

#include "mime.h"
#include "offline.h"

static void
tell_of_end (Session *session, const MimeMessage *message)
{
  g_auto (MimeMessage) inside = { 0 };
  const char *type, *minutes;
  g_autofree char *text = NULL;

  mime_parse (message->body, message->length, &inside);
  type = mime_get (&inside, "Type");
  minutes = mime_get (&inside, "Arg1");
  if (g_strcmp0 (type, "1") != 0 || minutes == NULL)
    return;
  text = g_strdup_printf ("The server will stop in %d minutes. Conversations end then, and you will be signed out.", CLAMP (atoi (minutes), 0, 10000));
  purple_notify_info (session->gc, NULL, text, NULL);
}

static void
tell_of_mail (Session *session, const MimeMessage *message)
{
  g_auto (MimeMessage) inside = { 0 };
  const char *data;

  /* Mail-Data is a header of its own, inside of the body. */
  mime_parse (message->body, message->length, &inside);
  data = mime_get (&inside, "Mail-Data");
  if (data != NULL)
    offline_take_notice (session, data);
}

static void
on_message (Session *session, const Command *command)
{
  g_auto (MimeMessage) message = { 0 };
  g_autofree char *type = NULL;

  mime_parse (command->payload, command->length, &message);
  type = mime_dup_type (&message);
  if (g_str_equal (type, "text/x-msmsgsinitialmdatanotification") || g_str_equal (type, "text/x-msmsgsoimnotification"))
    tell_of_mail (session, &message);
  else if (g_str_equal (type, "application/x-msmsgssystemmessage"))
    tell_of_end (session, &message);
}

const CommandHandler hotmail_handlers[] = {
  { "MSG", on_message },
  { NULL },
};
