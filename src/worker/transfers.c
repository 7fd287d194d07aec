/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transfers.c - files that others want to send: refused, and the user told. */
#include "config.h"

#include "transfers.h"

#include <purple.h>

#include "accounts.h"
#include "hub.h"

static void
on_offer (PurpleXfer *transfer, gpointer data)
{
  Account *account = accounts_of (purple_xfer_get_account (transfer));
  const char *who = purple_xfer_get_remote_user (transfer);
  const char *file = purple_xfer_get_filename (transfer);
  g_autofree char *text = g_strdup_printf ("%s wants to send you the file %s. Files cannot be sent through this gateway yet.",
                                           who != NULL ? who : "Somebody", file != NULL ? file : "");

  if (account != NULL)
    hub_tell (notice, NOTICE, .account = account->number, .text = text);
  /* libpurple cancels what a handler of this signal leaves in this state. */
  transfer->status = PURPLE_XFER_STATUS_CANCEL_LOCAL;
}

void
transfers_init (void)
{
  static int handle;

  purple_signal_connect (purple_xfers_get_handle (), "file-recv-request", &handle, PURPLE_CALLBACK (on_offer), NULL);
}
