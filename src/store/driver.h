/* SPDX-License-Identifier: GPL-2.0-or-later */
/* driver.h - what store.c asks of a database.
 *
 * SQL is the part that SQLite and PostgreSQL share; parameters are $1, $2, ...,
 * each first used in that order.  A driver is used by one thread at a time.
 * Errors are G_IO_ERRORs that name the database: EXISTS for a broken UNIQUE,
 * NOT_FOUND for a reference to nothing, INVALID_ARGUMENT for a value that a column does not take, NO_SPACE, READ_ONLY, BUSY (another
 * process keeps it locked), INVALID_DATA (no database, or a damaged one), else FAILED. */
#pragma once

#include <glib.h>

typedef struct Driver Driver;

typedef enum { DRIVER_NULL, DRIVER_INT, DRIVER_TEXT, DRIVER_BYTES } DriverKind;

/* A parameter, or a column of a row; lent for the call. */
typedef struct {
  DriverKind kind;
  gint64 number;
  const char *text;
  gconstpointer bytes;
  gsize length;               /* of bytes */
} DriverValue;

typedef void (*DriverRowFunc) (const DriverValue *columns, guint n_columns, gpointer data);

typedef struct {
  const char *scheme;         /* of the URI: "sqlite" */
  const char *bytes_type;     /* what SQL calls DRIVER_BYTES here */

  /* `place` is the URI behind "scheme:".  Creates the database if there is none. */
  Driver *(*open) (const char *place, GError **error);
  void (*close) (Driver *driver);

  /* A durable transaction survives the machine's fall; any other, that of the process. */
  gboolean (*begin) (Driver *driver, gboolean durable, GError **error);
  gboolean (*commit) (Driver *driver, GError **error);
  void (*rollback) (Driver *driver);

  /* Runs one statement; `row` may be NULL where none are expected. */
  gboolean (*query) (Driver *driver, const char *sql, const DriverValue *parameters, guint n_parameters,
                     DriverRowFunc row, gpointer data, GError **error);
} DriverClass;

extern const DriverClass sqlite_driver;
