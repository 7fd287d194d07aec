/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offline_soap.h - the calls of the offline message services (msnp.md 11.2, 11.3). */
#pragma once

#include "http_message.h"

#define OFFLINE_FETCH_PATH "/rsi/rsi.asmx"
#define OFFLINE_STORE_PATH "/OimWS/oim.asmx"

/* The value of SOAPAction, in quotes. */
#define OFFLINE_ACTION_GET "\"http://www.hotmail.msn.com/ws/2004/09/oim/rsi/GetMessage\""
#define OFFLINE_ACTION_LIST "\"http://www.hotmail.msn.com/ws/2004/09/oim/rsi/GetMetadata\""
#define OFFLINE_ACTION_DELETE "\"http://www.hotmail.msn.com/ws/2004/09/oim/rsi/DeleteMessages\""
#define OFFLINE_ACTION_STORE "\"http://messenger.msn.com/ws/2004/09/oim/Store\""

/* Bodies of requests; free them. */
char *offline_soap_build_get (const char *ticket, const char *id);
char *offline_soap_build_list (const char *ticket);
char *offline_soap_build_delete (const char *ticket, const char *const *ids);

typedef struct {
  const char *from, *name, *to;     /* the name as we show it */
  guint dialect;
  const char *ticket, *lock_key;    /* "" as long as there is no key */
  const char *run;                  /* {GUID} */
  guint number;
  const char *text;
} OfflineStore;

char *offline_soap_build_store (const OfflineStore *store);

typedef enum {
  OFFLINE_DONE,
  OFFLINE_WANTS_KEY,        /* *text: the challenge */
  OFFLINE_WANTS_TICKET,     /* *text: the policy, or NULL */
  OFFLINE_NOBODY,           /* the recipient is unknown or takes none */
  OFFLINE_TOO_FAST,
  OFFLINE_REFUSED,          /* *text: what the server says, or NULL */
} OfflineResult;

OfflineResult offline_soap_parse (const HttpResponse *response, char **text);
/* The mail of GetMessage, the list of GetMetadata; NULL: there is none. */
char *offline_soap_dup_message (const HttpResponse *response);
char *offline_soap_dup_list (const HttpResponse *response);
