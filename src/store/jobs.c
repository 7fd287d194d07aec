/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jobs.c - the thread that runs the requests, one after the other.
 *
 * While the database cannot be written, those that are patient wait, in their order, and are tried again; and who waits for an answer
 * to another one that would write is refused: what was asked later is never done sooner. */
#include "config.h"

#include "job.h"

#include <gio/gio.h>

#define RETRY_SECONDS 2

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->text);
  if (job->argument_free != NULL)
    job->argument_free (job->argument);
  g_clear_pointer (&job->items, g_ptr_array_unref);
  g_clear_error (&job->error);
  g_free (job);
}

/* Readers take a transaction too: two queries see one state. */
static gboolean
run_transaction (Store *store, Job *job, GError **error)
{
  gint64 said_bytes = store->said_bytes;

  if (!store->class->begin (store->driver, job->kind->durable, error))
    return FALSE;
  if (job->kind->run (store, job, error) && store->class->commit (store->driver, error))
    return TRUE;
  store->class->rollback (store->driver);
  store->said_bytes = said_bytes;
  return FALSE;
}

static gboolean
deliver (gpointer data)
{
  Job *job = data;

  if (job->items_done != NULL)
    job->items_done (job->items, job->error, job->data);
  else if (job->page_done != NULL)
    job->page_done (job->items, job->more, job->error, job->data);
  else if (job->done != NULL)
    job->done (job->error, job->data);
  else if (job->error != NULL)
    g_warning ("%s", job->error->message);
  return G_SOURCE_REMOVE;
}

/* Not g_main_context_invoke: where no loop runs, that would call back from this thread. */
static void
call_back (Store *store, GSourceFunc func, gpointer data, GDestroyNotify data_free)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, data_free);
  g_source_attach (source, store->context);
  g_source_unref (source);
}

static gboolean
log_trouble (gpointer text)
{
  g_warning ("%s; it is tried again until it works", (char *) text);
  return G_SOURCE_REMOVE;
}

static gboolean
log_end_of_trouble (gpointer text)
{
  g_message ("%s", (char *) text);
  return G_SOURCE_REMOVE;
}

static gboolean
run (Store *store, Job *job)
{
  g_clear_error (&job->error);
  return run_transaction (store, job, &job->error);
}

static void
finish (Store *store, Job *job)
{
  if (job->error != NULL)
    {
      g_prefix_error (&job->error, "cannot %s: ", job->kind->doing);
      g_clear_pointer (&job->items, g_ptr_array_unref);
    }
  call_back (store, deliver, job, job_free);
}

/* -- Waiting for a database that can be written ---------------------------- */

static gboolean
is_write (const Job *job)
{
  return job->items == NULL;
}

/* What is wrong with the request itself is wrong next time, too. */
static gboolean
may_pass (const GError *error)
{
  return !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS) && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
         && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

static gboolean
is_in_trouble (Store *store)
{
  return !g_queue_is_empty (&store->waiting);
}

static void
remember_trouble (Store *store, Job *job)
{
  g_clear_error (&store->trouble);
  store->trouble = g_steal_pointer (&job->error);
  store->tried = g_get_monotonic_time ();
}

static void
take_from_waiting (Store *store, GList *link)
{
  store->n_waiting -= ((Job *) link->data)->weight;
  g_queue_delete_link (&store->waiting, link);
}

/* The oldest that somebody hears of, if there is one. */
static void
give_up_one (Store *store)
{
  GList *link = store->waiting.head;
  Job *job;

  while (link != NULL && ((Job *) link->data)->done == NULL)
    link = link->next;
  if (link == NULL)
    link = store->waiting.head;
  job = link->data;
  take_from_waiting (store, link);
  if (job->done == NULL)
    {
      store->n_given_up++;
      job_free (job);
      return;
    }
  job->error = g_error_copy (store->trouble);
  finish (store, job);
}

static void
wait (Store *store, Job *job)
{
  g_queue_push_tail (&store->waiting, job);
  store->n_waiting += job->weight;
  while (store->n_waiting > STORE_MOST_WAITING && store->waiting.length > 1)
    give_up_one (store);
}

static void
begin_to_wait (Store *store, Job *job)
{
  remember_trouble (store, job);
  call_back (store, log_trouble, g_strdup_printf ("cannot %s: %s", job->kind->doing, store->trouble->message), g_free);
  wait (store, job);
}

static void
take_up_waiting (Store *store)
{
  Job *job;

  while ((job = g_queue_peek_head (&store->waiting)) != NULL)
    {
      if (!run (store, job) && may_pass (job->error))
        {
          remember_trouble (store, job);
          return;
        }
      take_from_waiting (store, store->waiting.head);
      finish (store, job);
    }
  call_back (store, log_end_of_trouble,
             store->n_given_up == 0 ? g_strdup ("what could not be saved is saved now")
             : g_strdup_printf ("what could not be saved is saved now but for the oldest, which are lost (%u changes)", store->n_given_up), g_free);
  store->n_given_up = 0;
}

static gint64
until_retry (Store *store)
{
  return MAX (0, store->tried + RETRY_SECONDS * G_USEC_PER_SEC - g_get_monotonic_time ());
}

/* -- The thread ------------------------------------------------------------ */

/* What ends it. */
static const JobKind end = { "end" };

static void
run_in_order (Store *store, Job *job)
{
  if (is_in_trouble (store) && (until_retry (store) == 0 || (is_write (job) && !job->is_patient)))
    take_up_waiting (store);
  if (is_in_trouble (store) && is_write (job))
    {
      if (job->is_patient)
        wait (store, job);
      else
        {
          job->error = g_error_copy (store->trouble);
          finish (store, job);
        }
    }
  else if (!run (store, job) && job->is_patient && may_pass (job->error))
    begin_to_wait (store, job);
  else
    finish (store, job);
}

static gpointer
run_thread (gpointer data)
{
  Store *store = data;

  for (;;)
    {
      Job *job = is_in_trouble (store) ? g_async_queue_timeout_pop (store->jobs, (guint64) until_retry (store)) : g_async_queue_pop (store->jobs);

      if (job != NULL && job->kind != &end)
        {
          run_in_order (store, job);
          continue;
        }
      if (is_in_trouble (store))
        take_up_waiting (store);
      if (job == NULL)
        continue;
      while (is_in_trouble (store))
        give_up_one (store);
      job_free (job);
      return NULL;
    }
}

void
store_begin_jobs (Store *store)
{
  g_queue_init (&store->waiting);
  store->jobs = g_async_queue_new_full (job_free);
  store->context = g_main_context_ref_thread_default ();
  store->thread = g_thread_new ("store", run_thread, store);
}

void
store_end_jobs (Store *store)
{
  g_async_queue_push (store->jobs, store_job_new (&end));
  g_thread_join (store->thread);
  if (store->n_given_up > 0)
    g_warning ("what was to be saved is lost, since the database could not be written (%u changes): %s", store->n_given_up, store->trouble->message);
  g_clear_error (&store->trouble);
  g_async_queue_unref (store->jobs);
  g_main_context_unref (store->context);
}

/* -- Asking ---------------------------------------------------------------- */

Job *
store_job_new (const JobKind *kind)
{
  Job *job = g_new0 (Job, 1);

  job->kind = kind;
  job->weight = 1;
  return job;
}

void
store_ask_done (Store *store, Job *job, StoreDoneFunc done, gpointer data)
{
  job->done = done;
  job->data = data;
  job->is_patient |= done == NULL;
  g_async_queue_push (store->jobs, job);
}

void
store_ask_items (Store *store, Job *job, GDestroyNotify item_free, StoreItemsFunc done, gpointer data)
{
  job->items = g_ptr_array_new_with_free_func (item_free);
  job->items_done = done;
  job->data = data;
  g_async_queue_push (store->jobs, job);
}

void
store_ask_page (Store *store, Job *job, GDestroyNotify item_free, StorePageFunc done, gpointer data)
{
  job->items = g_ptr_array_new_with_free_func (item_free);
  job->page_done = done;
  job->data = data;
  g_async_queue_push (store->jobs, job);
}
