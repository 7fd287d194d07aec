/* SPDX-License-Identifier: GPL-2.0-or-later */
/* worker_file.h - what a hub leaves behind of each worker, for the next one to find it: the file workers/NUMBER in [daemon] runtime-dir. */
#pragma once

#include <glib.h>

typedef struct {
  gint64 number;
  GPid pid;                   /* who holds the lock; 0: nobody, the worker is dead */
  int wire;                   /* WIRE_VERSION */
  char *build;                /* of which build it is; words of worker.c */
  char *life;                 /* a name for this process that no other ever has */
  char *gateway;              /* domain */
} WorkerFile;

void worker_file_free (WorkerFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerFile, worker_file_free)

char *worker_file_dup_path (const char *runtime_dir, gint64 number);
/* Beside it there is a file that says what the worker is doing (doing.h). */
char *worker_file_dup_doing_path (const char *runtime_dir, gint64 number);
gboolean worker_file_write (const char *runtime_dir, const WorkerFile *file, GError **error);
void worker_file_remove (const char *runtime_dir, gint64 number);

/* Of all workers that live, WorkerFile, by number; the files of others are removed. */
GPtrArray *worker_files_find (const char *runtime_dir);
/* Whether this process still holds the lock. */
gboolean worker_file_is_of (const char *runtime_dir, const WorkerFile *file);
