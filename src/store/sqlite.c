/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sqlite.c - the store in one file. */
#include "config.h"

#include "driver.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long another process may keep the database locked (a backup, an admin's sqlite3). */
#define BUSY_TIMEOUT_MS 5000

#define MAX_COLUMNS 16

struct Driver {
  char *path;
  sqlite3 *db;
  GHashTable *statements;     /* SQL to sqlite3_stmt, prepared once */
  gboolean durable;           /* what PRAGMA synchronous is set to: FULL */
};

static GIOErrorEnum
error_code (int extended)
{
  if (extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY)
    return G_IO_ERROR_EXISTS;
  if (extended == SQLITE_CONSTRAINT_FOREIGNKEY)
    return G_IO_ERROR_NOT_FOUND;
  if (extended == SQLITE_CONSTRAINT_NOTNULL || extended == SQLITE_CONSTRAINT_CHECK)
    return G_IO_ERROR_INVALID_ARGUMENT;
  switch (extended & 0xff)
    {
    case SQLITE_FULL:
      return G_IO_ERROR_NO_SPACE;
    case SQLITE_READONLY:
      return G_IO_ERROR_READ_ONLY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return G_IO_ERROR_BUSY;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return G_IO_ERROR_INVALID_DATA;
    default:
      return G_IO_ERROR_FAILED;
    }
}

static const char *
advice (int extended)
{
  switch (extended & 0xff)
    {
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return "; the file and its folder must be writable for the daemon's user";
    case SQLITE_BUSY:
      return "; another process keeps it locked";
    case SQLITE_FULL:
      return "; free some space";
    case SQLITE_NOTADB:
      return "; name another file, or move this one away";
    default:
      return "";
    }
}

static gboolean
fail (Driver *driver, GError **error)
{
  int code = sqlite3_extended_errcode (driver->db);

  g_set_error (error, G_IO_ERROR, (int) error_code (code), "%s: %s%s", driver->path, sqlite3_errmsg (driver->db), advice (code));
  return FALSE;
}

static gboolean
execute (Driver *driver, const char *sql, GError **error)
{
  return sqlite3_exec (driver->db, sql, NULL, NULL, NULL) == SQLITE_OK || fail (driver, error);
}

static void
statement_free (gpointer data)
{
  sqlite3_finalize (data);
}

static void
sqlite_close (Driver *driver)
{
  g_hash_table_unref (driver->statements);
  sqlite3_close (driver->db);
  g_free (driver->path);
  g_free (driver);
}

/* SQLite would make the file as the umask says, and give -wal and -shm the same mode. */
static gboolean
make_private (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  struct stat status;

  if (fd < 0)
    {
      int saved = errno;

      g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (saved),
                   "%s: %s; the file and its folder must exist and be writable for the daemon's user", path, g_strerror (saved));
      return FALSE;
    }
  if (fstat (fd, &status) == 0 && (status.st_mode & 077) != 0 && fchmod (fd, 0600) < 0)
    g_warning ("%s can be read by others, and its mode cannot be changed: %s", path, g_strerror (errno));
  close (fd);
  return TRUE;
}

static Driver *
sqlite_open (const char *place, GError **error)
{
  gboolean in_memory = g_str_equal (place, ":memory:");
  Driver *driver;

  if (!in_memory && !make_private (place, error))
    return NULL;

  driver = g_new0 (Driver, 1);
  driver->path = g_strdup (place);
  driver->statements = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, statement_free);
  driver->durable = TRUE;
  if (sqlite3_open_v2 (place, &driver->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
    fail (driver, error);
  else
    {
      sqlite3_extended_result_codes (driver->db, 1);
      sqlite3_busy_timeout (driver->db, BUSY_TIMEOUT_MS);
      if (execute (driver, "PRAGMA foreign_keys = ON", error)
          && execute (driver, "PRAGMA secure_delete = ON", error)
          && execute (driver, "PRAGMA journal_mode = WAL", error)
          && execute (driver, "PRAGMA synchronous = FULL", error))
        return driver;
    }
  sqlite_close (driver);
  return NULL;
}

static gboolean
sqlite_begin (Driver *driver, gboolean durable, GError **error)
{
  if (driver->durable != durable)
    {
      if (!execute (driver, durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", error))
        return FALSE;
      driver->durable = durable;
    }
  /* IMMEDIATE: a lock is waited for here, not half-way. */
  return execute (driver, "BEGIN IMMEDIATE", error);
}

static gboolean
sqlite_commit (Driver *driver, GError **error)
{
  return execute (driver, "COMMIT", error);
}

static void
sqlite_rollback (Driver *driver)
{
  /* After some errors (a full disk) SQLite has rolled back itself. */
  if (!sqlite3_get_autocommit (driver->db))
    sqlite3_exec (driver->db, "ROLLBACK", NULL, NULL, NULL);
}

static sqlite3_stmt *
find_statement (Driver *driver, const char *sql, GError **error)
{
  sqlite3_stmt *statement = g_hash_table_lookup (driver->statements, sql);

  if (statement != NULL)
    return statement;
  if (sqlite3_prepare_v3 (driver->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
    {
      fail (driver, error);
      return NULL;
    }
  g_hash_table_insert (driver->statements, g_strdup (sql), statement);
  return statement;
}

static void
bind (sqlite3_stmt *statement, int index, const DriverValue *value)
{
  int result = SQLITE_OK;

  switch (value->kind)
    {
    case DRIVER_NULL:
      result = sqlite3_bind_null (statement, index);
      break;
    case DRIVER_INT:
      result = sqlite3_bind_int64 (statement, index, value->number);
      break;
    case DRIVER_TEXT:
      result = sqlite3_bind_text (statement, index, value->text, -1, SQLITE_STATIC);
      break;
    case DRIVER_BYTES:
      result = sqlite3_bind_blob64 (statement, index, value->bytes, value->length, SQLITE_STATIC);
      break;
    }
  g_assert (result == SQLITE_OK);
}

static void
read_column (sqlite3_stmt *statement, int index, DriverValue *value)
{
  switch (sqlite3_column_type (statement, index))
    {
    case SQLITE_NULL:
      *value = (DriverValue) { .kind = DRIVER_NULL };
      break;
    case SQLITE_INTEGER:
      *value = (DriverValue) { .kind = DRIVER_INT, .number = sqlite3_column_int64 (statement, index) };
      break;
    case SQLITE_BLOB:
      *value = (DriverValue) { .kind = DRIVER_BYTES, .bytes = sqlite3_column_blob (statement, index),
                               .length = (gsize) sqlite3_column_bytes (statement, index) };
      break;
    default:
      *value = (DriverValue) { .kind = DRIVER_TEXT, .text = (const char *) sqlite3_column_text (statement, index) };
    }
}

static gboolean
sqlite_query (Driver *driver, const char *sql, const DriverValue *parameters, guint n_parameters,
              DriverRowFunc row, gpointer data, GError **error)
{
  sqlite3_stmt *statement = find_statement (driver, sql, error);
  DriverValue columns[MAX_COLUMNS];
  int n_columns, step;

  if (statement == NULL)
    return FALSE;
  g_assert ((guint) sqlite3_bind_parameter_count (statement) == n_parameters);
  n_columns = sqlite3_column_count (statement);
  g_assert (n_columns <= MAX_COLUMNS);

  for (guint i = 0; i < n_parameters; i++)
    bind (statement, (int) i + 1, &parameters[i]);
  while ((step = sqlite3_step (statement)) == SQLITE_ROW)
    {
      if (row == NULL)
        continue;
      for (int i = 0; i < n_columns; i++)
        read_column (statement, i, &columns[i]);
      row (columns, (guint) n_columns, data);
    }
  if (step != SQLITE_DONE)
    fail (driver, error);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return step == SQLITE_DONE;
}

const DriverClass sqlite_driver = {
  .scheme = "sqlite",
  .bytes_type = "BLOB",
  .open = sqlite_open,
  .close = sqlite_close,
  .begin = sqlite_begin,
  .commit = sqlite_commit,
  .rollback = sqlite_rollback,
  .query = sqlite_query,
};
