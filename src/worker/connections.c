/* SPDX-License-Identifier: GPL-2.0-or-later */
/* connections.c - what becomes of libpurple's connections. */
#include "config.h"

#include "connections.h"

#include <purple.h>

#include "accounts.h"

static WireCause
cause_of (PurpleConnectionError reason)
{
  switch (reason)
    {
    case PURPLE_CONNECTION_ERROR_NETWORK_ERROR:
    case PURPLE_CONNECTION_ERROR_OTHER_ERROR:
    case PURPLE_CONNECTION_ERROR_ENCRYPTION_ERROR:
      return WIRE_CAUSE_NETWORK;
    case PURPLE_CONNECTION_ERROR_INVALID_USERNAME:
    case PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED:
      return WIRE_CAUSE_AUTH;
    case PURPLE_CONNECTION_ERROR_NAME_IN_USE:
      return WIRE_CAUSE_NAME_IN_USE;
    case PURPLE_CONNECTION_ERROR_AUTHENTICATION_IMPOSSIBLE:
    case PURPLE_CONNECTION_ERROR_NO_SSL_SUPPORT:
    case PURPLE_CONNECTION_ERROR_INVALID_SETTINGS:
      return WIRE_CAUSE_SETTINGS;
    case PURPLE_CONNECTION_ERROR_CERT_NOT_PROVIDED:
    case PURPLE_CONNECTION_ERROR_CERT_UNTRUSTED:
    case PURPLE_CONNECTION_ERROR_CERT_EXPIRED:
    case PURPLE_CONNECTION_ERROR_CERT_NOT_ACTIVATED:
    case PURPLE_CONNECTION_ERROR_CERT_HOSTNAME_MISMATCH:
    case PURPLE_CONNECTION_ERROR_CERT_FINGERPRINT_MISMATCH:
    case PURPLE_CONNECTION_ERROR_CERT_SELF_SIGNED:
    case PURPLE_CONNECTION_ERROR_CERT_OTHER_ERROR:
      return WIRE_CAUSE_CERTIFICATE;
    }
  return WIRE_CAUSE_NETWORK;
}

static void
on_connected (PurpleConnection *connection)
{
  Account *account = accounts_of_connection (connection);

  if (account != NULL)
    accounts_connected (account);
}

static void
on_reason (PurpleConnection *connection, PurpleConnectionError reason, const char *text)
{
  Account *account = accounts_of_connection (connection);

  if (account != NULL)
    accounts_set_reason (account, cause_of (reason), text);
}

static void
on_disconnected (PurpleConnection *connection)
{
  Account *account = accounts_of_connection (connection);

  /* SIMPLE's plugin takes its leave of the server, over a new connection where the old one is gone: it would come up to nobody. */
  purple_proxy_connect_cancel_with_handle (connection);
  if (account != NULL)
    accounts_disconnected (account);
}

void
connections_init (void)
{
  static PurpleConnectionUiOps ops = {
    .connected = on_connected,
    .disconnected = on_disconnected,
    .report_disconnect_reason = on_reason,
  };

  purple_connections_set_ui_ops (&ops);
}
