/* SPDX-License-Identifier: GPL-2.0-or-later */
/* files.c - files sent through the switchboard.
 *
 * A transfer and its call point to each other.  Whoever ends first takes the other along, and cuts the tie before, so that
 * nothing comes back.  */
#include "files.h"

#include <string.h>

#include "address.h"
#include "picture_object.h"
#include "presence.h"

#define FILE_APPLICATION 2

static void
cut_tie (PurpleXfer *xfer)
{
  xfer->data = NULL;
  purple_xfer_unref (xfer);
}

static void
tie (Call *call, PurpleXfer *xfer)
{
  call->data = xfer;
  xfer->data = call;
  purple_xfer_ref (xfer);
}

static void
on_ended (Call *call, CallEnd end)
{
  PurpleXfer *xfer = call->data;

  purple_xfer_ref (xfer);
  cut_tie (xfer);
  if (purple_xfer_is_completed (xfer))
    purple_xfer_end (xfer);
  else if (!purple_xfer_is_canceled (xfer))
    purple_xfer_cancel_remote (xfer);
  purple_xfer_unref (xfer);
}

/* The user, or libpurple, has given it up. */
static void
on_cancelled (PurpleXfer *xfer)
{
  Call *call = xfer->data;

  if (call == NULL)
    return;
  cut_tie (xfer);
  if (!call->ours && !call->accepted)
    call_decline (call, 603);
  else
    call_bye (call);
}

/* Writing may count for itself, reading does not: so it is told how much it is in all. */
static void
progress (PurpleXfer *xfer, guint64 moved)
{
  purple_xfer_set_bytes_sent (xfer, (gsize) moved);
  purple_xfer_update_progress (xfer);
}

static void
nothing (Call *call)
{
}

/* -- Receiving ------------------------------------------------------------------------------ */

static void
finish (Call *call, PurpleXfer *xfer)
{
  cut_tie (xfer);
  call_bye (call);
  purple_xfer_set_completed (xfer, TRUE);
  purple_xfer_end (xfer);
}

static void
on_data (Call *call, const P2pHeader *header, const guint8 *data)
{
  PurpleXfer *xfer = call->data;
  gsize size = purple_xfer_get_size (xfer);

  purple_xfer_ref (xfer);
  if (!call->accepted || header->total != size || purple_xfer_get_status (xfer) != PURPLE_XFER_STATUS_STARTED)
    purple_xfer_cancel_remote (xfer);
  else if (!purple_xfer_write_file (xfer, data, header->length))
    {
      /* Where that has cancelled it, the call is gone. */
      if (xfer->data != NULL)
        purple_xfer_cancel_local (xfer);
    }
  else
    {
      progress (xfer, call->received);
      if (call->received >= header->total)
        finish (call, xfer);
    }
  purple_xfer_unref (xfer);
}

static const CallEvents receive_events = { nothing, on_data, nothing, on_ended };

static void
on_accepted_here (PurpleXfer *xfer)
{
  Call *call = xfer->data;

  if (call == NULL)
    return;
  purple_xfer_ref (xfer);
  purple_xfer_start (xfer, -1, NULL, 0);
  /* Where the file could not be opened, the call is gone. */
  if (xfer->data != NULL)
    call_accept (call);
  purple_xfer_unref (xfer);
}

void
files_be_invited (Call *call, const SlpMessage *message)
{
  g_autofree guchar *bytes = NULL;
  gsize length = 0;
  FileContext context = { 0 };
  PurpleXfer *xfer;

  if (message->context != NULL)
    bytes = g_base64_decode (message->context, &length);
  if (bytes == NULL || !file_context_parse (bytes, length, &context) || context.size == 0)
    {
      g_free (context.name);
      call_decline (call, 603);
      return;
    }
  xfer = purple_xfer_new (call->session->account, PURPLE_XFER_RECEIVE, call->peer);
  call->events = &receive_events;
  tie (call, xfer);
  purple_xfer_set_filename (xfer, context.name);
  purple_xfer_set_size (xfer, (gsize) context.size);
  purple_xfer_set_init_fnc (xfer, on_accepted_here);
  purple_xfer_set_request_denied_fnc (xfer, on_cancelled);
  purple_xfer_set_cancel_recv_fnc (xfer, on_cancelled);
  g_free (context.name);
  purple_xfer_request (xfer);
}

/* -- Sending ---------------------------------------------------------------------------------- */

static gboolean
read_file (Session *session, guint8 *buffer, gsize size, gpointer data)
{
  Call *call = data;
  PurpleXfer *xfer = call->data;

  if (call->over)
    return FALSE;
  if (purple_xfer_read_file (xfer, buffer, size) != (gssize) size)
    return FALSE;
  call->sent += size;
  progress (xfer, call->sent);
  return TRUE;
}

static void
on_accepted_there (Call *call)
{
  PurpleXfer *xfer = call->data;

  purple_xfer_ref (xfer);
  purple_xfer_start (xfer, -1, NULL, 0);
  if (xfer->data != NULL)
    call_send (call, (PeersMessage) { .session = call->number, .flags = P2P_FLAG_FILE, .footer = FILE_APPLICATION,
                                      .total = purple_xfer_get_size (xfer), .read = read_file });
  purple_xfer_unref (xfer);
}

/* The other has it all. */
static void
on_acknowledged (Call *call)
{
  PurpleXfer *xfer = call->data;

  if (purple_xfer_get_bytes_sent (xfer) >= purple_xfer_get_size (xfer))
    purple_xfer_set_completed (xfer, TRUE);
}

static void
on_send_ended (Call *call, CallEnd end)
{
  PurpleXfer *xfer = call->data;

  /* Some say BYE at once, and acknowledge nothing. */
  if (end == CALL_CLOSED && purple_xfer_get_status (xfer) == PURPLE_XFER_STATUS_STARTED
      && purple_xfer_get_bytes_sent (xfer) >= purple_xfer_get_size (xfer))
    purple_xfer_set_completed (xfer, TRUE);
  on_ended (call, end);
}

static void
on_sent_data (Call *call, const P2pHeader *header, const guint8 *data)
{
}

static const CallEvents send_events = { on_accepted_there, on_sent_data, on_acknowledged, on_send_ended };

static void
on_send_wanted (PurpleXfer *xfer)
{
  Session *session = session_of_ready (purple_account_get_connection (purple_xfer_get_account (xfer)));
  g_autofree char *address = address_dup_normal (purple_xfer_get_remote_user (xfer));
  g_autoptr (GByteArray) context = NULL;
  Call *call = NULL;

  context = file_context_build (purple_xfer_get_size (xfer), purple_xfer_get_filename (xfer));
  if (session != NULL && purple_xfer_get_size (xfer) > 0)
    call = call_invite (session, address, SLP_GUID_FILE, FILE_APPLICATION, context->data, context->len, &send_events, NULL);
  if (call == NULL)
    {
      purple_xfer_error (PURPLE_XFER_SEND, purple_xfer_get_account (xfer), purple_xfer_get_remote_user (xfer), "The file cannot be sent now.");
      purple_xfer_cancel_local (xfer);
      return;
    }
  /* The other's user may take time. */
  call->patience = 600;
  tie (call, xfer);
}

gboolean
files_can_send (PurpleConnection *gc, const char *who)
{
  Session *session = session_of_ready (gc);
  const Watched *watched = session != NULL ? presence_get (session, who) : NULL;

  return watched != NULL && watched->online && capabilities_get_generation (watched->capabilities) > 0;
}

PurpleXfer *
files_new_xfer (PurpleConnection *gc, const char *who)
{
  PurpleXfer *xfer = purple_xfer_new (purple_connection_get_account (gc), PURPLE_XFER_SEND, who);

  purple_xfer_set_init_fnc (xfer, on_send_wanted);
  purple_xfer_set_cancel_send_fnc (xfer, on_cancelled);
  return xfer;
}

void
files_send (PurpleConnection *gc, const char *who, const char *file)
{
  PurpleXfer *xfer = files_new_xfer (gc, who);

  if (file != NULL)
    purple_xfer_request_accepted (xfer, file);
  else
    purple_xfer_request (xfer);
}
