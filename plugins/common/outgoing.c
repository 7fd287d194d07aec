/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outgoing.c - a message of the user's in its pieces, and what became of it. */
#include "outgoing.h"

struct Outgoing {
  int refs;
  guint id;
  char *who;
  guint open;         /* pieces */
  gboolean failed;
};

static guint last_id;

Outgoing *
outgoing_new (const char *who)
{
  Outgoing *message = g_new0 (Outgoing, 1);

  last_id = last_id % G_MAXINT + 1;
  message->refs = 1;
  message->id = last_id;
  message->who = g_strdup (who);
  /* One more than there are, so that it cannot be delivered before all are sent. */
  message->open = 1;
  return message;
}

Outgoing *
outgoing_ref (Outgoing *message)
{
  message->refs++;
  return message;
}

void
outgoing_unref (Outgoing *message)
{
  if (--message->refs > 0)
    return;
  g_free (message->who);
  g_free (message);
}

Outgoing *
outgoing_add_piece (Outgoing *message)
{
  message->open++;
  return outgoing_ref (message);
}

int
outgoing_complete (Outgoing *message)
{
  int id = (int) message->id;

  message->open--;
  outgoing_unref (message);
  return id;
}

void
outgoing_take_piece (PurpleConnection *gc, Outgoing *message)
{
  if (--message->open == 0 && !message->failed)
    purple_signal_emit (purple_connection_get_prpl (gc), "message-delivered", gc->account, message->who, message->id);
}

void
outgoing_fail (PurpleConnection *gc, Outgoing *message, MessageFailure failure, const char *why)
{
  if (message->failed)
    return;
  message->failed = TRUE;
  purple_debug_info (purple_account_get_protocol_id (gc->account), "message %u failed: %s\n", message->id, why);
  purple_signal_emit (purple_connection_get_prpl (gc), "message-failed", gc->account, message->who, message->id, (guint) failure, why);
  purple_conv_present_error (message->who, gc->account, why);
}

/* -- Signals -------------------------------------------------------------- */

static void
marshal_failed (PurpleCallback callback, va_list arguments, void *data, void **result)
{
  void *account = va_arg (arguments, void *);
  void *who = va_arg (arguments, void *);
  guint id = va_arg (arguments, guint);
  guint failure = va_arg (arguments, guint);
  void *why = va_arg (arguments, void *);

  ((void (*) (void *, void *, guint, guint, void *, void *)) callback) (account, who, id, failure, why, data);
}

void
outgoing_register_signals (PurplePlugin *plugin)
{
  purple_signal_register (plugin, "message-failed", marshal_failed, NULL, 5,
                          purple_value_new (PURPLE_TYPE_SUBTYPE, PURPLE_SUBTYPE_ACCOUNT), purple_value_new (PURPLE_TYPE_STRING),
                          purple_value_new (PURPLE_TYPE_UINT), purple_value_new (PURPLE_TYPE_UINT), purple_value_new (PURPLE_TYPE_STRING));
  purple_signal_register (plugin, "message-delivered", purple_marshal_VOID__POINTER_POINTER_UINT, NULL, 3,
                          purple_value_new (PURPLE_TYPE_SUBTYPE, PURPLE_SUBTYPE_ACCOUNT), purple_value_new (PURPLE_TYPE_STRING),
                          purple_value_new (PURPLE_TYPE_UINT));
}

void
outgoing_unregister_signals (PurplePlugin *plugin)
{
  purple_signals_unregister_by_instance (plugin);
}
