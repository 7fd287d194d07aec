/* SPDX-License-Identifier: GPL-2.0-or-later */
/* account_admin.h - family 07: one's own account (oscar.md 6.4). */
#pragma once

#include "snac.h"

enum {
  ADMIN_FORMATTED_NAME = 0x01,
  ADMIN_EMAIL = 0x11,
};

/* 07/02 and 07/04. */
GByteArray *admin_build_question (guint16 what);
GByteArray *admin_build_change (guint16 what, const char *value);
GByteArray *admin_build_password (const char *old_password, const char *new_password);

/* 07/03 and 07/05: the TLVs are lent. */
gboolean admin_parse_reply (Reader body, Reader *tlvs, guint16 *error);
/* A sentence. */
const char *admin_error_text (guint16 error);
/* 07/07 */
const char *admin_confirm_text (Reader body);
