/* SPDX-License-Identifier: GPL-2.0-or-later */
/* account_admin.c - family 07: one's own account. */
#include "account_admin.h"

GByteArray *
admin_build_question (guint16 what)
{
  GByteArray *out = g_byte_array_new ();

  tlv_add_empty (out, what);
  return out;
}

GByteArray *
admin_build_change (guint16 what, const char *value)
{
  GByteArray *out = g_byte_array_new ();

  tlv_add_string (out, what, value);
  return out;
}

GByteArray *
admin_build_password (const char *old_password, const char *new_password)
{
  GByteArray *out = g_byte_array_new ();

  tlv_add_string (out, 0x02, new_password);
  tlv_add_string (out, 0x12, old_password);
  return out;
}

gboolean
admin_parse_reply (Reader body, Reader *tlvs, guint16 *error)
{
  guint count;
  Tlv tlv;

  reader_u16 (&body);
  count = reader_u16 (&body);
  if (body.bad)
    return FALSE;
  *tlvs = tlv_take_counted (&body, count);
  *error = tlv_find (*tlvs, 0x08, &tlv) ? (guint16) tlv_uint (&tlv) : 0;
  return TRUE;
}

const char *
admin_error_text (guint16 error)
{
  switch (error)
    {
    case 0x01:
      return "The new form of the name must differ from the name in blanks and capitals only.";
    case 0x02:
      return "The old password is wrong.";
    case 0x06:
      return "The name is invalid.";
    case 0x08:
      return "The e-mail address is invalid.";
    case 0x0b:
      return "The name is too long.";
    case 0x0c:
      return "The new password is too short or too long.";
    case 0x0f:
      return "The old password is missing.";
    default:
      return "The server refused the change.";
    }
}

const char *
admin_confirm_text (Reader body)
{
  switch (reader_u16 (&body))
    {
    case 0x00:
      return "The server sends an e-mail; follow what it says to confirm the account.";
    case 0x1e:
      return "The account is confirmed already.";
    default:
      return "The server could not begin to confirm the account.";
    }
}
