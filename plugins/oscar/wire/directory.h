/* SPDX-License-Identifier: GPL-2.0-or-later */
/* directory.h - families 0F and 0A, and 02/09: who is who (oscar.md 6.2). */
#pragma once

#include "snac.h"

typedef enum {
  DIRECTORY_FIRST = 0x01,
  DIRECTORY_LAST = 0x02,
  DIRECTORY_MIDDLE = 0x03,
  DIRECTORY_MAIDEN = 0x04,
  DIRECTORY_EMAIL = 0x05,
  DIRECTORY_COUNTRY = 0x06,
  DIRECTORY_STATE = 0x07,
  DIRECTORY_CITY = 0x08,
  DIRECTORY_SCREEN_NAME = 0x09,
  DIRECTORY_INTEREST = 0x0b,
  DIRECTORY_NICK = 0x0c,
  DIRECTORY_ZIP = 0x0d,
  DIRECTORY_STREET = 0x21,
} DirectoryField;

/* Body of 0F/02 to begin with; fields are appended by directory_add_field. */
GByteArray *directory_build_search (gboolean by_email);
/* Body of 02/09. */
GByteArray *directory_build_own (gboolean searchable);
/* Adds nothing for an empty value. */
void directory_add_field (GByteArray *out, DirectoryField field, const char *value);

/* 0F/03: FALSE: refused.  Then step through the records, each a group of TLVs. */
gboolean directory_parse_results (Reader *body, guint *count);
gboolean directory_next_result (Reader *body, Reader *record);
/* UTF-8, "" if it is not there; free it. */
char *directory_dup_field (Reader record, DirectoryField field, const char *fallback);

/* 0A/02 and the names in 0A/03. */
GByteArray *lookup_build_email (const char *email);
gboolean lookup_next_name (Reader *body, char **name);
