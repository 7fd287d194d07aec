/* SPDX-License-Identifier: GPL-2.0-or-later */
/* said.c - what was said in rooms, who may read it, and the rooms that users stay in. */
#include "config.h"

#include "said.h"

#include <gio/gio.h>

/* How many rows are forgotten in one go: others wait meanwhile. */
#define EXPIRE_ROWS 2000
/* What a row takes on the disk besides nick and text, with its share of the indexes. */
#define ROW_EXTRA 200
/* An id is a time in microseconds, or a little later; a stamp never is. */
#define IDS_PER_STAMP 1000

/* -- Saving ---------------------------------------------------------------- */

static gint64
size_of (const StoreSaid *said)
{
  return ROW_EXTRA + g_utf8_strlen (said->text, -1) + (said->nick == NULL ? 0 : g_utf8_strlen (said->nick, -1));
}

static gboolean
save_said (Store *store, Job *job, GError **error)
{
  const GPtrArray *all = job->argument;
  gint64 bytes = 0;

  for (guint i = 0; i < all->len; i++)
    {
      const StoreSaid *said = all->pdata[i];

      if (!QUERY (store,
                  "INSERT INTO said (id, room, stamp, nick, text, message, occupant, speaker, audience)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING",
                  NULL, NULL, error,
                  INT (said->id), TEXT (said->room), INT (said->stamp), MAYBE_TEXT (said->nick), TEXT (said->text),
                  MAYBE_TEXT (said->message), MAYBE_TEXT (said->occupant), INT (said->speaker), INT (said->audience)))
        return FALSE;
      bytes += size_of (said);
    }
  store_count_said (store, bytes);
  return TRUE;
}

static void
array_free (gpointer array)
{
  g_ptr_array_unref (array);
}

void
store_save_said (Store *store, GPtrArray *said, StoreDoneFunc done, gpointer data)
{
  static const JobKind kind = { "save what was said in rooms", FALSE, save_said };
  Job *job = store_job_new (&kind);

  job->argument = said;
  job->argument_free = array_free;
  job->is_patient = TRUE;
  job->weight = said->len;
  store_ask_done (store, job, done, data);
}

static gboolean
set_for_all (Store *store, Job *job, GError **error)
{
  return QUERY (store, "UPDATE said SET audience = $1, speaker = COALESCE ($2, speaker), message = COALESCE ($3, message) WHERE id = $4",
                NULL, NULL, error, INT (STORE_FOR_ALL), INT_BUT_0 (job->number), MAYBE_TEXT (job->text), INT (job->id));
}

void
store_set_for_all (Store *store, gint64 id, gint64 speaker, const char *message)
{
  static const JobKind kind = { "save who may read what was said", FALSE, set_for_all };
  Job *job = store_job_new (&kind);

  job->id = id;
  job->number = speaker;
  job->text = g_strdup (message);
  store_ask_done (store, job, NULL, NULL);
}

/* -- Visits ---------------------------------------------------------------- */

static gboolean
begin_visit (Store *store, Job *job, GError **error)
{
  return QUERY (store, "INSERT INTO visits (account, room, first) VALUES ($1, $2, $3) ON CONFLICT (account, room, first) DO UPDATE SET last = NULL", NULL, NULL, error,
                INT (job->id), TEXT (job->text), INT (job->number));
}

static gboolean
end_visit (Store *store, Job *job, GError **error)
{
  return QUERY (store, "UPDATE visits SET last = $1 WHERE account = $2 AND room = $3 AND last IS NULL", NULL, NULL, error,
                INT (job->number), INT (job->id), TEXT (job->text));
}

static void
ask_about_visit (Store *store, const JobKind *kind, gint64 account, const char *room, gint64 number)
{
  Job *job = store_job_new (kind);

  job->id = account;
  job->text = g_strdup (room);
  job->number = number;
  store_ask_done (store, job, NULL, NULL);
}

void
store_begin_visit (Store *store, gint64 account, const char *room, gint64 first)
{
  static const JobKind kind = { "save that a user is in a room", FALSE, begin_visit };

  ask_about_visit (store, &kind, account, room, first);
}

void
store_end_visit (Store *store, gint64 account, const char *room, gint64 last)
{
  static const JobKind kind = { "save that a user left a room", FALSE, end_visit };

  ask_about_visit (store, &kind, account, room, last);
}

static gboolean
end_visits (Store *store, Job *job, GError **error)
{
  return QUERY (store, "UPDATE visits SET last = CASE WHEN first > $1 THEN first ELSE $1 END WHERE last IS NULL", NULL, NULL, error,
                INT (job->number));
}

void
store_end_visits (Store *store, gint64 last)
{
  static const JobKind kind = { "save that users left their rooms", FALSE, end_visits };
  Job *job = store_job_new (&kind);

  job->number = last;
  store_ask_done (store, job, NULL, NULL);
}

gboolean
said_last (Store *store, gint64 *last, GError **error)
{
  return QUERY (store, "SELECT COALESCE (MAX (id), 0) FROM said WHERE id > $1", store_take_number, last, error, INT (0));
}

gboolean
said_forget_account (Store *store, gint64 account, GError **error)
{
  return QUERY (store,
                "DELETE FROM said WHERE room IN (SELECT room FROM visits WHERE account = $1)"
                " AND ((speaker = $1 AND audience = 1)"
                " OR NOT EXISTS (SELECT 1 FROM visits WHERE visits.room = said.room AND visits.account <> $1))",
                NULL, NULL, error, INT (account));
}

/* -- Reading --------------------------------------------------------------- */

static void
query_free (gpointer data)
{
  StoreSaidQuery *query = data;

  g_free (query->room);
  g_free (query->nick);
  g_free (query);
}

static void
take_said (const DriverValue *columns, guint n_columns, gpointer data)
{
  StoreSaid *said = g_new0 (StoreSaid, 1);

  said->id = columns[0].number;
  said->stamp = columns[1].number;
  said->nick = g_strdup (columns[2].text);
  said->text = g_strdup (columns[3].text);
  said->message = g_strdup (columns[4].text);
  said->occupant = g_strdup (columns[5].text);
  said->speaker = columns[6].number;
  said->audience = (StoreAudience) columns[7].number;
  g_ptr_array_add (data, said);
}

static gboolean
need_id (Store *store, const StoreSaidQuery *query, gint64 id, GError **error)
{
  gint64 found = 0;

  if (id == 0)
    return TRUE;
  if (!QUERY (store, "SELECT id FROM said WHERE id = $1 AND room = $2", store_take_number, &found, error, INT (id), TEXT (query->room)))
    return FALSE;
  if (found != id)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "there is no message of this id, or not any more");
  return found == id;
}

#define VISIBLE \
  "SELECT id, stamp, nick, text, message, occupant, speaker, audience FROM said" \
  " WHERE room = $1 AND id > $2 AND id < $3 AND stamp >= $4 AND stamp <= $5" \
  " AND (audience = 0 OR (audience = 1 AND speaker = $6) OR (audience = 2 AND speaker <> $6))" \
  " AND (nick = $7 OR $8 = 1)" \
  " AND EXISTS (SELECT 1 FROM visits WHERE visits.account = $6 AND visits.room = $1 AND visits.first <= said.id" \
  " AND (visits.last IS NULL OR visits.last >= said.id))" \
  " ORDER BY id "

static void
reverse (GPtrArray *items)
{
  for (guint i = 0; i < items->len / 2; i++)
    {
      gpointer one = items->pdata[i];

      items->pdata[i] = items->pdata[items->len - 1 - i];
      items->pdata[items->len - 1 - i] = one;
    }
}

static gboolean
load_said (Store *store, Job *job, GError **error)
{
  const StoreSaidQuery *query = job->argument;
  gint64 after = MAX (query->after, query->start * IDS_PER_STAMP - 1);
  gint64 before = query->before != 0 ? query->before : G_MAXINT64;
  gint64 end = query->end != 0 ? query->end : G_MAXINT64;

  if (!need_id (store, query, query->after, error) || !need_id (store, query, query->before, error)
      || !QUERY (store, query->last ? VISIBLE "DESC LIMIT $9" : VISIBLE "LIMIT $9", take_said, job->items, error,
                 TEXT (query->room), INT (after), INT (before), INT (query->start), INT (end), INT (query->account),
                 MAYBE_TEXT (query->nick), INT (query->nick == NULL), INT ((gint64) query->most + 1)))
    return FALSE;
  job->more = job->items->len > query->most;
  if (job->more)
    g_ptr_array_set_size (job->items, (int) query->most);
  if (query->last)
    reverse (job->items);
  return TRUE;
}

void
store_load_said (Store *store, const StoreSaidQuery *query, StorePageFunc done, gpointer data)
{
  static const JobKind kind = { "read what was said in a room", FALSE, load_said };
  Job *job = store_job_new (&kind);
  StoreSaidQuery *copy = g_memdup2 (query, sizeof *query);

  copy->room = g_strdup (query->room);
  copy->nick = g_strdup (query->nick);
  job->argument = copy;
  job->argument_free = query_free;
  store_ask_page (store, job, (GDestroyNotify) store_said_free, done, data);
}

void
store_said_free (StoreSaid *said)
{
  g_free (said->room);
  g_free (said->nick);
  g_free (said->text);
  g_free (said->message);
  g_free (said->occupant);
  g_free (said);
}

/* -- Forgetting ------------------------------------------------------------ */

typedef struct {
  gint64 last, rows, bytes;
} Oldest;

static void
take_oldest (const DriverValue *columns, guint n_columns, gpointer data)
{
  *(Oldest *) data = (Oldest) { columns[0].number, columns[1].number, columns[2].number };
}

/* The oldest rows with ids below `before`, up to EXPIRE_ROWS. */
static gboolean
forget_oldest (Store *store, gint64 before, gboolean *more, GError **error)
{
  Oldest oldest = { 0 };

  if (!QUERY (store,
              "SELECT COALESCE (MAX (id), 0), COUNT (*), COALESCE (SUM (LENGTH (text) + COALESCE (LENGTH (nick), 0)), 0)"
              " FROM (SELECT id, text, nick FROM said WHERE id < $1 ORDER BY id LIMIT $2) AS oldest",
              take_oldest, &oldest, error, INT (before), INT (EXPIRE_ROWS)))
    return FALSE;
  if (oldest.rows > 0 && !QUERY (store, "DELETE FROM said WHERE id <= $1", NULL, NULL, error, INT (oldest.last)))
    return FALSE;
  store_count_said (store, -(oldest.bytes + oldest.rows * ROW_EXTRA));
  *more = oldest.rows == EXPIRE_ROWS;
  return TRUE;
}

/* All rows are looked at once, then counted along. */
static gboolean
measure (Store *store, gint64 *bytes, GError **error)
{
  gint64 found = 0;

  *bytes = store_count_said (store, 0);
  if (*bytes >= 0)
    return TRUE;
  if (!QUERY (store, "SELECT COALESCE (SUM (LENGTH (text) + COALESCE (LENGTH (nick), 0) + $1), 0) FROM said", store_take_number, &found, error,
              INT (ROW_EXTRA)))
    return FALSE;
  *bytes = found;
  store_know_said (store, found);
  return TRUE;
}

static gboolean
expire_said (Store *store, Job *job, GError **error)
{
  gint64 bytes;

  if (!forget_oldest (store, job->number * IDS_PER_STAMP, &job->more, error))
    return FALSE;
  if (job->limit > 0 && !job->more)
    {
      if (!measure (store, &bytes, error))
        return FALSE;
      if (bytes > job->limit && !forget_oldest (store, G_MAXINT64, &job->more, error))
        return FALSE;
    }
  return QUERY (store, "DELETE FROM visits WHERE last < (SELECT COALESCE (MIN (id), $1) FROM said)", NULL, NULL, error,
                INT (job->number * IDS_PER_STAMP));
}

void
store_expire_said (Store *store, gint64 before, gint64 most_bytes, StorePageFunc done, gpointer data)
{
  static const JobKind kind = { "forget what was said long ago", FALSE, expire_said };
  Job *job = store_job_new (&kind);

  job->number = before;
  job->limit = most_bytes;
  store_ask_page (store, job, NULL, done, data);
}

/* -- Rooms that users stay in ---------------------------------------------- */

StoreStay *
store_stay_copy (const StoreStay *stay)
{
  StoreStay *copy = g_new0 (StoreStay, 1);

  copy->room = g_strdup (stay->room);
  copy->nick = g_strdup (stay->nick);
  copy->sealed_password = stay->sealed_password == NULL ? NULL : g_bytes_ref (stay->sealed_password);
  return copy;
}

void
store_stay_free (StoreStay *stay)
{
  g_free (stay->room);
  g_free (stay->nick);
  g_clear_pointer (&stay->sealed_password, g_bytes_unref);
  g_free (stay);
}

static void
take_stay (const DriverValue *columns, guint n_columns, gpointer data)
{
  StoreStay *stay = g_new0 (StoreStay, 1);

  stay->room = g_strdup (columns[0].text);
  stay->nick = g_strdup (columns[1].text);
  if (columns[2].kind == DRIVER_BYTES)
    stay->sealed_password = g_bytes_new (columns[2].bytes, columns[2].length);
  g_ptr_array_add (data, stay);
}

static gboolean
load_stays (Store *store, Job *job, GError **error)
{
  return QUERY (store, "SELECT room, nick, password FROM stays WHERE account = $1 ORDER BY room", take_stay, job->items, error, INT (job->id));
}

static gboolean
save_stay (Store *store, Job *job, GError **error)
{
  const StoreStay *stay = job->argument;

  return QUERY (store,
                "INSERT INTO stays (account, room, nick, password) VALUES ($1, $2, $3, $4)"
                " ON CONFLICT (account, room) DO UPDATE SET nick = excluded.nick, password = excluded.password",
                NULL, NULL, error, INT (job->id), TEXT (stay->room), TEXT (stay->nick), store_sealed (stay->sealed_password));
}

static gboolean
remove_stay (Store *store, Job *job, GError **error)
{
  if (job->text == NULL)
    return QUERY (store, "DELETE FROM stays WHERE account = $1", NULL, NULL, error, INT (job->id));
  return QUERY (store, "DELETE FROM stays WHERE account = $1 AND room = $2", NULL, NULL, error, INT (job->id), TEXT (job->text));
}

void
store_load_stays (Store *store, gint64 account, StoreItemsFunc done, gpointer data)
{
  static const JobKind kind = { "load the rooms of an account", FALSE, load_stays };
  Job *job = store_job_new (&kind);

  job->id = account;
  store_ask_items (store, job, (GDestroyNotify) store_stay_free, done, data);
}

void
store_save_stay (Store *store, gint64 account, const StoreStay *stay, StoreDoneFunc done, gpointer data)
{
  static const JobKind kind = { "save a room of an account", FALSE, save_stay };
  Job *job = store_job_new (&kind);

  job->id = account;
  job->argument = store_stay_copy (stay);
  job->argument_free = (GDestroyNotify) store_stay_free;
  store_ask_done (store, job, done, data);
}

void
store_remove_stay (Store *store, gint64 account, const char *room, StoreDoneFunc done, gpointer data)
{
  static const JobKind kind = { "forget a room of an account", FALSE, remove_stay };
  Job *job = store_job_new (&kind);

  job->id = account;
  job->text = g_strdup (room);
  store_ask_done (store, job, done, data);
}
