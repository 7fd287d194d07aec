/* SPDX-License-Identifier: GPL-2.0-or-later */
/* breaker.c - a network's server that is out of reach is tried by one account at a time, not by all. */
#include "config.h"

#include "breaker.h"

/* So many failures in a row, of two accounts at least, open it. */
#define FAILURES 5
#define FIRST_SECONDS 5
#define MOST_SECONDS 60
/* More than a sign-in may take. */
#define TRY_SECONDS 120

typedef struct {
  Gateway *gateway;
  char *server;               /* as server_of has it */
  guint failures;             /* in a row */
  gint64 first;               /* the account of the first of them */
  gboolean several;           /* the others were not all of that one */
  gboolean open;
  guint attempts;             /* since it opened */
  gint64 trying;              /* the account that may try; 0: none */
  guint timer;                /* until the next one may */
} Breaker;

struct Breakers {
  Gateway *gateway;
  GHashTable *by_server;      /* server to Breaker, owned; those that have seen a failure since the last success */
};

static void
breaker_free (gpointer data)
{
  Breaker *breaker = data;

  g_clear_handle_id (&breaker->timer, g_source_remove);
  g_free (breaker->server);
  g_free (breaker);
}

/* The server that an account is at, for the log too; where the network's accounts have no say in that, the network's name. */
static char *
dup_server_of (Session *session)
{
  Gateway *gateway = session_gateway (session);
  const char *const *options = gateway->network->server_options;
  GString *server = g_string_new (NULL);

  for (guint i = 0; options != NULL && options[i] != NULL; i++)
    {
      const char *value = protocol_option_value (protocol_find_option (gateway->protocol, options[i]), session->account->options);

      if (value != NULL && *value != '\0')
        g_string_append_printf (server, "%s%s", server->len > 0 ? " " : "", value);
    }
  if (server->len == 0)
    g_string_append (server, gateway->network->title);
  return g_string_free (server, FALSE);
}

static Breaker *
find (Session *session, gboolean make)
{
  Breakers *breakers = session_gateway (session)->breakers;
  g_autofree char *server = NULL;
  Breaker *breaker;

  if (!make && g_hash_table_size (breakers->by_server) == 0)
    return NULL;
  server = dup_server_of (session);
  breaker = g_hash_table_lookup (breakers->by_server, server);
  if (breaker == NULL && make)
    {
      breaker = g_new0 (Breaker, 1);
      breaker->gateway = breakers->gateway;
      breaker->server = g_steal_pointer (&server);
      breaker->first = session_number (session);
      g_hash_table_insert (breakers->by_server, breaker->server, breaker);
    }
  return breaker;
}

/* Those who wait for it, in no order; their array is the caller's. */
static GPtrArray *
waiting_for (Breaker *breaker)
{
  GPtrArray *waiting = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer session;

  g_hash_table_iter_init (&iter, breaker->gateway->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    {
      g_autofree char *server = ((Session *) session)->state == SESSION_WAITING ? dup_server_of (session) : NULL;

      if (g_strcmp0 (server, breaker->server) == 0)
        g_ptr_array_add (waiting, session);
    }
  return waiting;
}

static gboolean
on_try (gpointer data)
{
  Breaker *breaker = data;
  g_autoptr (GPtrArray) waiting = waiting_for (breaker);

  breaker->trying = 0;
  /* Of one whose user leaves nothing is heard. */
  breaker->timer = g_timeout_add_seconds (TRY_SECONDS, on_try, breaker);
  /* Not always the same one: it may be that account which the server does not let in. */
  if (waiting->len > 0)
    {
      Session *session = waiting->pdata[g_random_int_range (0, (gint32) waiting->len)];

      breaker->trying = session_number (session);
      session_retry (session);
    }
  return G_SOURCE_REMOVE;
}

static void
try_later (Breaker *breaker)
{
  guint ceiling = MIN (FIRST_SECONDS << MIN (breaker->attempts, 10), MOST_SECONDS);

  breaker->attempts++;
  g_clear_handle_id (&breaker->timer, g_source_remove);
  breaker->timer = g_timeout_add (g_random_int_range ((gint32) ceiling * 500, (gint32) ceiling * 1000), on_try, breaker);
}

gboolean
breaker_failed (Session *session)
{
  Breaker *breaker = find (session, TRUE);

  breaker->failures++;
  breaker->several |= session_number (session) != breaker->first;
  if (!breaker->open && breaker->failures >= FAILURES && breaker->several)
    {
      g_warning ("%s: %s is out of reach: until it is back one account at a time tries", breaker->gateway->domain, breaker->server);
      breaker->open = TRUE;
      try_later (breaker);
    }
  else if (breaker->open && breaker->trying == session_number (session))
    {
      breaker->trying = 0;
      try_later (breaker);
    }
  return breaker->open;
}

gboolean
breaker_lets (Session *session)
{
  Breaker *breaker = find (session, FALSE);

  return breaker == NULL || !breaker->open || breaker->trying == session_number (session);
}

void
breaker_reached (Session *session)
{
  Breaker *breaker = find (session, FALSE);
  g_autoptr (GPtrArray) waiting = NULL;

  if (breaker == NULL)
    return;
  if (breaker->open)
    {
      waiting = waiting_for (breaker);
      g_message ("%s: %s is back; %u accounts follow", breaker->gateway->domain, breaker->server, waiting->len);
    }
  g_hash_table_remove (session_gateway (session)->breakers->by_server, breaker->server);
  for (guint i = 0; waiting != NULL && i < waiting->len; i++)
    session_retry (waiting->pdata[i]);
}

void
breakers_foreach_open (Breakers *breakers, void (*func) (const char *server, guint n_waiting, gpointer data), gpointer data)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, breakers->by_server);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Breaker *) value)->open)
      {
        g_autoptr (GPtrArray) waiting = waiting_for (value);

        func (((Breaker *) value)->server, waiting->len, data);
      }
}

Breakers *
breakers_new (Gateway *gateway)
{
  Breakers *breakers = g_new (Breakers, 1);

  breakers->gateway = gateway;
  breakers->by_server = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, breaker_free);
  return breakers;
}

void
breakers_free (Breakers *breakers)
{
  g_hash_table_unref (breakers->by_server);
  g_free (breakers);
}
