/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transfer_oft.c - sends or receives the file on the connection that was made for it (oscar.md 10.3). */
#include "transfer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define BLOCK_BYTES 16384
#define PRESCAN_BYTES (256 * 1024)
/* libpurple's user interface has no bytes for us yet. */
#define AGAIN_MS 100
#define MOST_EMPTY_READS 100
#define CANCEL_BY_USER 1

static void run_output (Transfer *transfer);

/* -- Before: the checksum of a file to be sent ----------------------------- */

static void
meet (Transfer *transfer)
{
  if (purple_account_get_bool (transfer->session->account, "always_use_rv_proxy", FALSE))
    {
      if (!transfer_meet_at_proxy (transfer))
        transfer_fail (transfer, 0, "A proxy for files is wanted, but none is set in the account's options.");
    }
  else
    transfer_meet_listen (transfer);
}

static gboolean
on_prescan (gpointer data)
{
  Transfer *transfer = data;
  g_autofree guint8 *buffer = g_malloc (PRESCAN_BYTES);
  gsize length = fread (buffer, 1, PRESCAN_BYTES, transfer->prescan);

  transfer->checksum = oft_checksum (transfer->checksum, buffer, length, transfer->offset);
  transfer->offset += length;
  if (length == PRESCAN_BYTES)
    return G_SOURCE_CONTINUE;
  fclose (transfer->prescan);
  transfer->prescan = NULL;
  transfer->offset = 0;
  transfer->timer = 0;
  meet (transfer);
  return G_SOURCE_REMOVE;
}

void
transfer_oft_prepare (Transfer *transfer)
{
  const char *path = purple_xfer_get_local_filename (transfer->xfer);

  transfer->checksum = OFT_CHECKSUM_START;
  transfer->offset = 0;
  transfer->prescan = path != NULL ? fopen (path, "rb") : NULL;
  if (transfer->prescan == NULL)
    {
      transfer_fail (transfer, 0, "The file cannot be read.");
      return;
    }
  transfer->timer = purple_timeout_add (0, on_prescan, transfer);
}

/* -- Sending bytes --------------------------------------------------------- */

static void
send_header (Transfer *transfer, OftType type)
{
  g_autoptr (GByteArray) bytes = NULL;

  transfer->header.type = type;
  transfer->header.cookie = transfer->cookie;
  if (type == OFT_PROMPT)
    memset (&transfer->header.cookie, 0, sizeof transfer->header.cookie);
  bytes = oft_header_build (&transfer->header);
  bytes_add_array (transfer->unsent, bytes);
}

static gboolean
on_again (gpointer data)
{
  Transfer *transfer = data;

  transfer->timer = 0;
  run_output (transfer);
  return G_SOURCE_REMOVE;
}

static void
on_writable (gpointer data, int fd, PurpleInputCondition condition)
{
  run_output (data);
}

static void
watch_output (Transfer *transfer, gboolean wanted)
{
  if (wanted && transfer->writing == 0)
    transfer->writing = purple_input_add (transfer->fd, PURPLE_INPUT_WRITE, on_writable, transfer);
  else if (!wanted && transfer->writing > 0)
    {
      purple_input_remove (transfer->writing);
      transfer->writing = 0;
    }
}

/* FALSE: there is nothing now. The transfer may be gone. */
static gboolean
read_block (Transfer *transfer)
{
  guint8 block[BLOCK_BYTES];
  gssize length = purple_xfer_read_file (transfer->xfer, block, MIN (sizeof block, transfer->size - transfer->offset));

  if (length < 0)
    {
      transfer_fail (transfer, CANCEL_BY_USER, "The file cannot be read any more.");
      return FALSE;
    }
  if (length == 0)
    {
      watch_output (transfer, FALSE);
      if (++transfer->empty_reads > MOST_EMPTY_READS)
        transfer_fail (transfer, CANCEL_BY_USER, "The file is shorter than it was.");
      else if (transfer->timer == 0)
        transfer->timer = purple_timeout_add (AGAIN_MS, on_again, transfer);
      return FALSE;
    }
  transfer->empty_reads = 0;
  bytes_add (transfer->unsent, block, (gsize) length);
  transfer->offset += (guint64) length;
  return TRUE;
}

static void
run_output (Transfer *transfer)
{
  /* One block in a call: other connections have their turn, too. */
  if (transfer->oft == OFT_SEND && transfer->unsent->len == 0 && transfer->offset < transfer->size && !read_block (transfer))
    return;
  if (transfer->unsent->len > 0)
    {
      gssize written = send (transfer->fd, transfer->unsent->data, transfer->unsent->len, MSG_NOSIGNAL);

      if (written < 0 && errno != EAGAIN && errno != EINTR)
        {
          transfer_fail (transfer, 0, "The connection to the other side was lost.");
          return;
        }
      if (written > 0)
        g_byte_array_remove_range (transfer->unsent, 0, (guint) written);
    }
  if (transfer->oft == OFT_SEND)
    {
      purple_xfer_set_bytes_sent (transfer->xfer, transfer->offset - transfer->unsent->len);
      purple_xfer_update_progress (transfer->xfer);
      if (transfer->offset == transfer->size && transfer->unsent->len == 0)
        transfer->oft = OFT_WAIT_DONE;
    }
  watch_output (transfer, transfer->unsent->len > 0 || transfer->oft == OFT_SEND);
  /* The last word is out. */
  if (transfer->oft == OFT_FINISHED && transfer->unsent->len == 0)
    transfer_succeed (transfer);
}

/* -- What the peer says ---------------------------------------------------- */

/* Opens the file. FALSE: it cannot be opened, and the transfer is gone. */
static gboolean
start (Transfer *transfer)
{
  PurpleXfer *xfer = transfer->xfer;
  gboolean ok;

  purple_xfer_ref (xfer);
  purple_xfer_start (xfer, -1, NULL, 0);
  ok = xfer->data == transfer;
  purple_xfer_unref (xfer);
  return ok;
}

static void
begin_sending (Transfer *transfer)
{
  transfer->oft = OFT_SEND;
  transfer->offset = 0;
  if (start (transfer))
    run_output (transfer);
}

static void
take_done (Transfer *transfer, const OftHeader *header)
{
  if (header->received != (guint32) transfer->size || !oft_checksum_equal (header->received_checksum, transfer->checksum))
    {
      transfer_fail (transfer, 0, "The other side did not receive the file as it is.");
      return;
    }
  transfer_succeed (transfer);
}

static void
finish_receiving (Transfer *transfer)
{
  if (transfer->header.checksum != 0 && transfer->header.checksum != OFT_CHECKSUM_START
      && !oft_checksum_equal (transfer->header.checksum, transfer->so_far))
    purple_notify_warning (transfer->session->gc, NULL, "A file arrived damaged.", purple_xfer_get_filename (transfer->xfer));
  transfer->header.received = (guint32) transfer->offset;
  transfer->header.received_checksum = transfer->so_far;
  transfer->header.files_left = transfer->header.parts_left = 0;
  transfer->oft = OFT_FINISHED;
  send_header (transfer, OFT_DONE);
  run_output (transfer);
}

static void
take_prompt (Transfer *transfer, OftHeader *header)
{
  if (header->encryption != 0 || header->compression != 0 || header->bytes > transfer->size)
    {
      transfer_fail (transfer, CANCEL_BY_USER, "The other side sends another file than it offered.");
      return;
    }
  oft_header_clear (&transfer->header);
  transfer->header = *header;
  header->name = NULL;
  transfer->size = transfer->header.bytes;
  purple_xfer_set_size (transfer->xfer, transfer->size);
  transfer->so_far = OFT_CHECKSUM_START;
  transfer->offset = 0;
  transfer->oft = OFT_RECEIVE;
  send_header (transfer, OFT_ACK);
  if (!start (transfer))
    return;
  if (transfer->size == 0)
    finish_receiving (transfer);
  else
    run_output (transfer);
}

static void
take_header (Transfer *transfer, OftHeader *header)
{
  /* In a prompt the cookie may be zeros. */
  if (header->type != OFT_PROMPT && !icbm_cookie_equal (&header->cookie, &transfer->cookie))
    {
      transfer_fail (transfer, CANCEL_BY_USER, "Somebody else answered.");
      return;
    }
  if (transfer->oft == OFT_WAIT_PROMPT && header->type == OFT_PROMPT)
    take_prompt (transfer, header);
  else if (transfer->oft == OFT_WAIT_ACK && header->type == OFT_ACK)
    begin_sending (transfer);
  else if (transfer->oft == OFT_WAIT_ACK && header->type == OFT_RESUME)
    {
      /* From the beginning, whatever the other side has already. */
      transfer->header.received = 0;
      transfer->header.received_checksum = OFT_CHECKSUM_START;
      transfer->oft = OFT_WAIT_RESUME_ACK;
      send_header (transfer, OFT_RESUME_OFFER);
      run_output (transfer);
    }
  else if (transfer->oft == OFT_WAIT_RESUME_ACK && header->type == OFT_RESUME_ACK)
    begin_sending (transfer);
  else if ((transfer->oft == OFT_WAIT_DONE || transfer->oft == OFT_SEND) && header->type == OFT_DONE)
    take_done (transfer, header);
  else
    transfer_fail (transfer, CANCEL_BY_USER, "The other side says something that cannot be said now.");
}

/* The transfer may be gone afterwards. */
static void
take_one_header (Transfer *transfer)
{
  gsize length = oft_header_length (transfer->received->data, transfer->received->len);
  g_auto (OftHeader) header = { 0 };

  if (length == 0)
    return;
  if (length == G_MAXSIZE || !oft_header_parse (reader_of (transfer->received->data, length), NULL, &header))
    {
      transfer_fail (transfer, CANCEL_BY_USER, "The other side does not speak the file protocol.");
      return;
    }
  g_byte_array_remove_range (transfer->received, 0, (guint) length);
  take_header (transfer, &header);
}

static void
take_file (Transfer *transfer)
{
  gsize length = (gsize) MIN (transfer->received->len, transfer->size - transfer->offset);

  if (length == 0)
    return;
  if (!purple_xfer_write_file (transfer->xfer, transfer->received->data, length))
    {
      transfer_fail (transfer, CANCEL_BY_USER, "The file cannot be written.");
      return;
    }
  transfer->so_far = oft_checksum (transfer->so_far, transfer->received->data, length, transfer->offset);
  transfer->offset += length;
  g_byte_array_remove_range (transfer->received, 0, (guint) length);
  purple_xfer_set_bytes_sent (transfer->xfer, transfer->offset);
  purple_xfer_update_progress (transfer->xfer);
  if (transfer->offset == transfer->size)
    finish_receiving (transfer);
}

static void
take_input (Transfer *transfer)
{
  if (transfer->oft == OFT_RECEIVE)
    take_file (transfer);
  else if (transfer->oft != OFT_FINISHED)
    take_one_header (transfer);
}

static void
on_readable (gpointer data, int fd, PurpleInputCondition condition)
{
  Transfer *transfer = data;
  guint8 buffer[BLOCK_BYTES];
  gssize length = recv (fd, buffer, sizeof buffer, 0);

  if (length < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (length <= 0)
    {
      transfer_fail (transfer, 0, "The other side closed the connection before the file was over.");
      return;
    }
  g_byte_array_append (transfer->received, buffer, (guint) length);
  take_input (transfer);
}

/* -------------------------------------------------------------------------- */

static void
send_prompt (Transfer *transfer)
{
  oft_header_clear (&transfer->header);
  transfer->header = (OftHeader) {
    .files = 1, .files_left = 1, .parts = 1, .parts_left = 1,
    .total_bytes = (guint32) transfer->size, .bytes = (guint32) transfer->size,
    .checksum = transfer->checksum, .received_checksum = OFT_CHECKSUM_START,
    .flags = 0x20, .list_name_offset = 0x1c, .list_size_offset = 0x11,
    .name = g_strdup (purple_xfer_get_filename (transfer->xfer)) };
  send_header (transfer, OFT_PROMPT);
  run_output (transfer);
}

void
transfer_oft_begin (Transfer *transfer)
{
  transfer->reading = purple_input_add (transfer->fd, PURPLE_INPUT_READ, on_readable, transfer);
  transfer->oft = transfer->sending ? OFT_WAIT_ACK : OFT_WAIT_PROMPT;
  if (transfer->sending)
    send_prompt (transfer);
  else if (transfer->received->len > 0)
    take_input (transfer);
}
