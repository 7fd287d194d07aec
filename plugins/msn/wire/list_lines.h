/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list_lines.h - the lines that tell of and change the lists of contacts, in all dialects (msnp.md 5, 7, 15). */
#pragma once

#include "command.h"

/* The highest and the lowest that we speak. */
#define DIALECT_HIGHEST 12
#define DIALECT_LOWEST 7
/* From this one on contacts and groups have GUIDs, and there is ADC in place of ADD. */
#define DIALECT_WITH_GUIDS 10

typedef enum {
  LIST_FORWARD = 1,
  LIST_ALLOW = 2,
  LIST_BLOCK = 4,
  LIST_REVERSE = 8,
  LIST_PENDING = 16,
} ListBit;

/* "FL" and so on. */
const char *list_bit_name (ListBit bit);
/* 0: unknown. */
guint list_bit_parse (const char *name);

/* -- Reading; FALSE: the line cannot be understood ------------------------ */

typedef struct {
  char *first, *second;       /* time stamps, or the serial number and NULL */
  gboolean counted;           /* FALSE: unchanged */
  guint contacts, groups;
} SyncLine;

typedef struct {
  char *address, *name, *guid;    /* the address as the server writes it; NULL where the line has none */
  guint lists;
  char **groups;                  /* ids, never NULL */
  gboolean empty;                 /* MSNP7: this list has nobody on it */
  guint index, total;             /* MSNP7 */
} ContactLine;

typedef struct {
  char *id, *name;
  guint index, total;             /* MSNP7 */
} GroupLine;

/* ADC, ADD and REM. */
typedef struct {
  ListBit list;
  char *address, *name, *guid, *group;    /* NULL where the line has none */
} ChangeLine;

gboolean sync_line_parse (guint dialect, const Command *command, SyncLine *line);
gboolean contact_line_parse (guint dialect, const Command *command, ContactLine *line);
gboolean group_line_parse (guint dialect, const Command *command, GroupLine *line);
gboolean change_line_parse (guint dialect, const Command *command, ChangeLine *line);
/* ADG, REG and RMG, which are answers.  RMG has no name. */
gboolean group_change_parse (guint dialect, const Command *command, GroupLine *line);

void sync_line_clear (SyncLine *line);
void contact_line_clear (ContactLine *line);
void group_line_clear (GroupLine *line);
void change_line_clear (ChangeLine *line);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SyncLine, sync_line_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ContactLine, contact_line_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GroupLine, group_line_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ChangeLine, change_line_clear)

/* -- Writing: the arguments behind the id; *command is the name ----------- */

/* GUID and GROUP may be NULL; with a group and GUIDs, the contact is put into that group. */
char *list_lines_build_add (guint dialect, ListBit list, const char *address, const char *name, const char *guid, const char *group,
                            const char **command);
char *list_lines_build_remove (guint dialect, ListBit list, const char *address, const char *guid, const char *group);
char *list_lines_build_add_group (const char *name);
char *list_lines_build_rename_group (const char *id, const char *name);
/* Our own display name. */
char *list_lines_build_own_name (guint dialect, const char *address, const char *name, const char **command);
