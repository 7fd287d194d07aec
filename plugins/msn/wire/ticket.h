/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ticket.h - what nexus, login and RST say and want to hear (msnp.md 4.2, 4.3). */
#pragma once

#include "http_message.h"

/* The login address of a nexus answer; NULL: there is none. */
char *ticket_dup_login_url (const HttpResponse *response);
/* The Authorization header, one line with CR LF.  POLICY is what USR said. */
char *ticket_build_authorization (const char *address, const char *password, const char *policy);

typedef enum {
  TICKET_GIVEN,
  TICKET_REDIRECTED,
  TICKET_REFUSED,         /* wrong address or password */
  TICKET_UNAVAILABLE,     /* anything else */
} TicketResult;

/* *text: the ticket, the address to go to, or what the server says to the user (or NULL); free it. */
TicketResult ticket_parse_login (const HttpResponse *response, char **text);

char *ticket_build_soap (const char *address, const char *password);
TicketResult ticket_parse_soap (const HttpResponse *response, char **text);

/* The t= and p= parts, for offline messages; free both. */
void ticket_split (const char *ticket, char **t, char **p);
