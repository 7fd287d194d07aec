/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transfers.c - files to and from others: libpurple's side, and the messages about them. */
#include "transfers.h"

#include <string.h>

#include "markup.h"
#include "presence.h"
#include "screen_names.h"
#include "transfer.h"

#define MOST_TRANSFERS 50

#define CANCEL_BY_USER 1

struct Transfers {
  Session *session;
  GPtrArray *list;     /* Transfer, owned */
};

Transfers *
transfers_new (Session *session)
{
  Transfers *transfers = g_new0 (Transfers, 1);

  transfers->session = session;
  transfers->list = g_ptr_array_new ();
  return transfers;
}

static Transfer *
transfer_new (Session *session, PurpleXfer *xfer, const char *who, gboolean sending)
{
  Transfer *transfer = g_new0 (Transfer, 1);

  transfer->session = session;
  transfer->xfer = xfer;
  purple_xfer_ref (xfer);
  transfer->who = screen_name_dup_normal (who);
  transfer->sending = sending;
  transfer->fd = transfer->listener = -1;
  transfer->received = g_byte_array_new ();
  transfer->unsent = g_byte_array_new ();
  xfer->data = transfer;
  g_ptr_array_add (session->transfers->list, transfer);
  return transfer;
}

static void
transfer_free (Transfer *transfer)
{
  transfer_meet_stop (transfer);
  transfer->xfer->data = NULL;
  purple_xfer_unref (transfer->xfer);
  if (transfer->prescan != NULL)
    fclose (transfer->prescan);
  g_free (transfer->offered);
  oft_header_clear (&transfer->header);
  g_byte_array_unref (transfer->received);
  g_byte_array_unref (transfer->unsent);
  g_free (transfer->who);
  g_free (transfer);
}

static void
forget (Transfer *transfer)
{
  Session *session = transfer->session;

  if (session->transfers != NULL)
    g_ptr_array_remove_fast (session->transfers->list, transfer);
  transfer_free (transfer);
}

void
transfers_free (Transfers *transfers)
{
  while (transfers->list->len > 0)
    {
      Transfer *transfer = g_ptr_array_remove_index (transfers->list, transfers->list->len - 1);
      PurpleXfer *xfer = transfer->xfer;

      purple_xfer_ref (xfer);
      transfer_free (transfer);
      if (!purple_xfer_is_completed (xfer) && !purple_xfer_is_canceled (xfer))
        purple_xfer_cancel_remote (xfer);
      purple_xfer_unref (xfer);
    }
  g_ptr_array_unref (transfers->list);
  g_free (transfers);
}

static Transfer *
find (Session *session, const char *who, const IcbmCookie *cookie)
{
  for (guint i = 0; session->transfers != NULL && i < session->transfers->list->len; i++)
    {
      Transfer *transfer = session->transfers->list->pdata[i];

      if (icbm_cookie_equal (&transfer->cookie, cookie) && screen_name_equal (transfer->who, who))
        return transfer;
    }
  return NULL;
}

/* -- Messages to the peer -------------------------------------------------- */

static void
on_sent (Session *session, const Snac *reply, gpointer data)
{
  Transfer *transfer = find (session, ((char *) data) + ICBM_COOKIE_BYTES, data);

  if (transfer != NULL && reply != NULL && reply->subtype == SNAC_ERROR)
    transfer_fail (transfer, 0, session_explain (reply));
}

static void
send_message (Transfer *transfer, GByteArray *body)
{
  gsize length = strlen (transfer->who) + 1;
  char *key = g_malloc (ICBM_COOKIE_BYTES + length);

  memcpy (key, transfer->cookie.bytes, ICBM_COOKIE_BYTES);
  memcpy (key + ICBM_COOKIE_BYTES, transfer->who, length);
  session_ask (transfer->session, FAMILY_ICBM, 0x06, body, SEND_USER, on_sent, key, g_free);
}

void
transfer_propose (Transfer *transfer, const MeetingPlace *place)
{
  FileOffer offer = { FALSE, 1, (guint32) transfer->size, (char *) purple_xfer_get_filename (transfer->xfer) };

  transfer->sequence = place->sequence;
  send_message (transfer, rendezvous_build_file (&transfer->cookie, transfer->who, place, place->sequence == 1 ? &offer : NULL));
}

void
transfer_accept (Transfer *transfer)
{
  send_message (transfer, rendezvous_build_accept (&transfer->cookie, transfer->who, CAP_SEND_FILE));
}

static void
send_cancel (Transfer *transfer, guint16 reason)
{
  session_send (transfer->session, FAMILY_ICBM, 0x06,
                rendezvous_build_cancel (&transfer->cookie, transfer->who, CAP_SEND_FILE, reason), SEND_USER);
}

/* -- How it ends ----------------------------------------------------------- */

void
transfer_fail (Transfer *transfer, guint16 reason, const char *why)
{
  PurpleXfer *xfer = transfer->xfer;

  if (reason != 0)
    send_cancel (transfer, reason);
  purple_debug_info (transfer->session->category, "a file is given up: %s\n", why);
  if (!transfer->session->ending)
    purple_xfer_error (purple_xfer_get_type (xfer), purple_xfer_get_account (xfer), transfer->who, why);
  purple_xfer_ref (xfer);
  forget (transfer);
  /* By us: that the peer cancelled it would be another story. */
  purple_xfer_cancel_local (xfer);
  purple_xfer_unref (xfer);
}

void
transfer_succeed (Transfer *transfer)
{
  PurpleXfer *xfer = transfer->xfer;

  purple_xfer_ref (xfer);
  forget (transfer);
  purple_xfer_set_completed (xfer, TRUE);
  purple_xfer_end (xfer);
  purple_xfer_unref (xfer);
}

static void
on_cancelled (PurpleXfer *xfer)
{
  Transfer *transfer = xfer->data;

  if (transfer == NULL)
    return;
  send_cancel (transfer, CANCEL_BY_USER);
  forget (transfer);
}

static void
on_denied (PurpleXfer *xfer)
{
  Transfer *transfer = xfer->data;

  if (transfer == NULL)
    return;
  session_send (transfer->session, FAMILY_ICBM, 0x0b, icbm_build_decline (&transfer->cookie, transfer->who), SEND_USER);
  forget (transfer);
}

static void
set_calls (PurpleXfer *xfer)
{
  purple_xfer_set_cancel_send_fnc (xfer, on_cancelled);
  purple_xfer_set_cancel_recv_fnc (xfer, on_cancelled);
  purple_xfer_set_request_denied_fnc (xfer, on_denied);
}

/* -- Sending --------------------------------------------------------------- */

gboolean
transfers_can_send (PurpleConnection *gc, const char *who)
{
  Session *session = session_of (gc);

  return session_is_ready (session) && !screen_name_equal (session->name, who) && presence_may (session, who, CAP_SEND_FILE);
}

static void
on_send_wanted (PurpleXfer *xfer)
{
  Transfer *transfer = xfer->data;

  if (transfer == NULL)
    return;
  if (purple_xfer_get_size (xfer) > G_MAXUINT32)
    {
      transfer_fail (transfer, 0, "Files of more than 4 gigabytes cannot be sent.");
      return;
    }
  transfer->size = purple_xfer_get_size (xfer);
  icbm_cookie_make (&transfer->cookie);
  transfer_oft_prepare (transfer);
}

PurpleXfer *
transfers_new_xfer (PurpleConnection *gc, const char *who)
{
  Session *session = session_of (gc);
  PurpleXfer *xfer;

  if (!session_is_ready (session) || session->transfers->list->len >= MOST_TRANSFERS)
    return NULL;
  xfer = purple_xfer_new (session->account, PURPLE_XFER_SEND, who);
  if (xfer == NULL)
    return NULL;
  transfer_new (session, xfer, who, TRUE);
  purple_xfer_set_init_fnc (xfer, on_send_wanted);
  set_calls (xfer);
  return xfer;
}

void
transfers_send (PurpleConnection *gc, const char *who, const char *path)
{
  PurpleXfer *xfer = transfers_new_xfer (gc, who);

  if (xfer == NULL)
    return;
  if (path != NULL)
    purple_xfer_request_accepted (xfer, path);
  else
    purple_xfer_request (xfer);
}

/* -- Receiving ------------------------------------------------------------- */

/* Where the peer is, kept until the user has agreed. */
static Rendezvous *
copy_place (const Rendezvous *place)
{
  Rendezvous *copy = g_new0 (Rendezvous, 1);

  *copy = *place;
  copy->text = copy->charset = NULL;
  copy->service = (Reader) { 0 };
  return copy;
}

static void
on_receive_wanted (PurpleXfer *xfer)
{
  Transfer *transfer = xfer->data;
  g_autofree Rendezvous *place = transfer != NULL ? g_steal_pointer (&transfer->offered) : NULL;

  if (place != NULL)
    transfer_meet_go (transfer, place);
}

/* A name, not a path: folders are separated by byte 01, or as somebody's system does. */
static char *
dup_base_name (char *name)
{
  char *base = g_path_get_basename (g_strdelimit (name, "\\\001", '/'));

  for (char *c = base; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = '_';
  if (g_str_equal (base, ".") || g_str_equal (base, "..") || g_str_equal (base, "/"))
    *base = '_';
  return base;
}

static void
take_offer (Session *session, const char *from, const Rendezvous *rendezvous)
{
  FileOffer offer = { 0 };
  gboolean readable = file_offer_parse (rendezvous->service, rendezvous->charset, session_get_encoding (session), &offer);
  g_autofree char *name = offer.name;
  g_autofree char *base = NULL;
  Transfer *transfer;
  PurpleXfer *xfer;

  if (!readable || offer.several || offer.count != 1 || session->transfers->list->len >= MOST_TRANSFERS)
    {
      g_autofree char *text = g_strdup_printf ("%s offered files, but only one file at a time can be taken.", from);

      session_send (session, FAMILY_ICBM, 0x0b, icbm_build_decline (&rendezvous->cookie, from), SEND_USER);
      session_tell (session, from, text);
      return;
    }
  xfer = purple_xfer_new (session->account, PURPLE_XFER_RECEIVE, from);
  if (xfer == NULL)
    return;
  transfer = transfer_new (session, xfer, from, FALSE);
  transfer->cookie = rendezvous->cookie;
  transfer->sequence = rendezvous->sequence;
  transfer->size = offer.bytes;
  transfer->offered = copy_place (rendezvous);
  base = dup_base_name (name);
  purple_xfer_set_filename (xfer, base);
  purple_xfer_set_size (xfer, offer.bytes);
  purple_xfer_set_init_fnc (xfer, on_receive_wanted);
  set_calls (xfer);
  if (rendezvous->text != NULL && *rendezvous->text != '\0' && !markup_is_html_document (rendezvous->text))
    purple_xfer_set_message (xfer, rendezvous->text);
  purple_xfer_request (xfer);
}

void
transfers_take (Session *session, const char *from, const Rendezvous *rendezvous)
{
  Transfer *transfer = find (session, from, &rendezvous->cookie);

  switch (rendezvous->type)
    {
    case RENDEZVOUS_PROPOSE:
      if (transfer == NULL && rendezvous->sequence <= 1)
        take_offer (session, from, rendezvous);
      else if (transfer != NULL && transfer->meet != MEET_DONE && rendezvous->sequence > transfer->sequence && transfer->offered == NULL)
        {
          transfer->sequence = rendezvous->sequence;
          transfer->redirected = TRUE;
          transfer_meet_go (transfer, rendezvous);
        }
      break;
    case RENDEZVOUS_CANCEL:
      if (transfer != NULL)
        {
          PurpleXfer *xfer = transfer->xfer;

          purple_xfer_ref (xfer);
          forget (transfer);
          purple_xfer_cancel_remote (xfer);
          purple_xfer_unref (xfer);
        }
      break;
    default:
      /* Accepted: the connection says it, too. */
      break;
    }
}

void
transfers_take_refusal (Session *session, const IcbmClientError *error)
{
  Transfer *transfer = find (session, error->name, &error->cookie);

  if (transfer != NULL && transfer->meet != MEET_DONE)
    transfer_fail (transfer, 0, "The other side does not want the file, or cannot take it.");
}
