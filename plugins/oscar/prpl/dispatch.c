/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dispatch.c - which function handles a SNAC that answers no question. */
#include "dispatch.h"

#include "authorization.h"
#include "bos.h"
#include "contacts.h"
#include "icons.h"
#include "incoming.h"
#include "messages.h"
#include "presence.h"
#include "rooms.h"
#include "stored.h"

void
dispatch_snac (Session *session, Service *service, const Snac *snac)
{
  static const SnacHandler *const tables[] = {
    bos_handlers, presence_handlers, incoming_handlers, messages_handlers, stored_handlers, contacts_handlers,
    authorization_handlers, icons_handlers, rooms_handlers,
  };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const SnacHandler *handler = tables[i]; handler->handle != NULL; handler++)
      if (handler->family == snac->family && handler->subtype == snac->subtype)
        {
          handler->handle (session, service, snac);
          return;
        }
  if (snac->subtype == SNAC_ERROR)
    purple_debug_warning (session->category, "error of family %02x: %s\n", snac->family, session_explain (snac));
  else
    purple_debug_misc (session->category, "nothing to do for %02x/%02x\n", snac->family, snac->subtype);
}
