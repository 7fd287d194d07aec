/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job.h - what the files of the store share: queries, and the requests that the thread runs. */
#pragma once

#include "driver.h"
#include "store.h"

struct Store {
  const DriverClass *class;
  Driver *driver;             /* the thread's own, once it runs; and all that follows the context */
  GThread *thread;
  GAsyncQueue *jobs;
  GMainContext *context;      /* where answers go */

  GQueue waiting;             /* Job: what could not be saved yet */
  guint n_waiting;            /* their weights */
  guint n_given_up;           /* of those that nobody waits for */
  GError *trouble;            /* why, lately */
  gint64 tried;               /* when */

  gint64 said_bytes;          /* -1: unknown */
  gint64 last_said;           /* when it was opened */
};

/* -- Queries, in the store's thread ---------------------------------------- */

#define INT(n) { .kind = DRIVER_INT, .number = (n) }
#define INT_BUT_0(n) { .kind = (n) != 0 ? DRIVER_INT : DRIVER_NULL, .number = (n) }
#define TEXT(s) { .kind = DRIVER_TEXT, .text = (s) }
#define MAYBE_TEXT(s) { .kind = (s) != NULL ? DRIVER_TEXT : DRIVER_NULL, .text = (s) }

gboolean store_run_query (Store *store, const char *sql, const DriverValue *parameters, guint n_parameters,
                          DriverRowFunc row, gpointer data, GError **error);

#define QUERY(store, sql, row, data, error, ...) \
  store_run_query (store, sql, (const DriverValue[]) { __VA_ARGS__ }, \
                   G_N_ELEMENTS (((const DriverValue[]) { __VA_ARGS__ })), row, data, error)

/* A DriverRowFunc for one number: `data` is its gint64. */
void store_take_number (const DriverValue *columns, guint n_columns, gpointer data);

/* A parameter; `sealed` may be NULL. */
DriverValue store_sealed (GBytes *sealed);

/* How many bytes the archive has, as far as that was counted (-1: it was not), with so many more of them. */
gint64 store_count_said (Store *store, gint64 more);
void store_know_said (Store *store, gint64 bytes);

/* -- Requests -------------------------------------------------------------- */

typedef struct Job Job;

typedef struct {
  const char *doing;          /* "cannot %s" */
  gboolean durable;
  gboolean (*run) (Store *store, Job *job, GError **error);  /* in one transaction */
} JobKind;

/* A request, and then its answer. */
struct Job {
  const JobKind *kind;
  gint64 id;                  /* of the account */
  gint64 number, limit;       /* the kind's own */
  char *text;                 /* gateway, peer or room */
  gpointer argument;          /* the kind's own */
  GDestroyNotify argument_free;
  StoreDoneFunc done;         /* one of these, or none */
  StoreItemsFunc items_done;
  StorePageFunc page_done;
  gpointer data;
  gboolean is_patient;        /* it is tried again while the database cannot be written; so is what nobody waits for */
  guint weight;               /* how much it is of what may wait then; 1 at first */

  GPtrArray *items;
  gboolean more;
  GError *error;
};

Job *store_job_new (const JobKind *kind);
/* Takes the job. */
void store_ask_done (Store *store, Job *job, StoreDoneFunc done, gpointer data);
void store_ask_items (Store *store, Job *job, GDestroyNotify item_free, StoreItemsFunc done, gpointer data);
void store_ask_page (Store *store, Job *job, GDestroyNotify item_free, StorePageFunc done, gpointer data);

/* The thread; ending it waits for what was asked before. */
void store_begin_jobs (Store *store);
void store_end_jobs (Store *store);
