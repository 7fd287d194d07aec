/* SPDX-License-Identifier: GPL-2.0-or-later */
/* icq_details.c - what a user of ICQ tells about himself.
 *
 * The form holds what the server has already: what is left as it is stays so, what is emptied is deleted.  Without an
 * answer of the server there is no form.  */
#include "icq_details.h"

#include <stddef.h>

#include "charset.h"
#include "icq_meta.h"

#define FIELD_MOST 200
#define NOTES_MOST 450

static const char *const genders[] = { "Not told", "Female", "Male" };

static const struct {
  const char *id, *label;
  gsize member;          /* of IcqInfo: a char * */
} rows[] = {
  { "nick", "Nick", offsetof (IcqInfo, nick) },
  { "first", "First name", offsetof (IcqInfo, first) },
  { "last", "Last name", offsetof (IcqInfo, last) },
  { "email", "E-mail", offsetof (IcqInfo, email) },
  { "homepage", "Homepage", offsetof (IcqInfo, homepage) },
  { "street", "Street", offsetof (IcqInfo, street) },
  { "city", "City", offsetof (IcqInfo, city) },
  { "state", "State", offsetof (IcqInfo, state) },
  { "phone", "Phone", offsetof (IcqInfo, phone) },
  { "cell", "Mobile phone", offsetof (IcqInfo, cell) },
};

typedef struct {
  IcqInfo info;
  gboolean incomplete;   /* a part could not be had */
} Details;

static char **
get_member (IcqInfo *info, guint row)
{
  return (char **) ((char *) info + rows[row].member);
}

static const char *
explain (const Snac *reply)
{
  return reply != NULL && reply->subtype == 0x03 ? "The server refused it." : session_explain (reply);
}

/* -- To the server -------------------------------------------------------- */

static void
on_changed (Session *session, const Snac *reply, gpointer data)
{
  IcqReply parsed;

  if (session->ending)
    return;
  if (icq_meta_parse_answer (reply, &parsed))
    purple_notify_info (session->gc, NULL, "Your details were changed.", NULL);
  else
    purple_notify_error (session->gc, NULL, "Your details were not changed.", explain (reply));
}

static void
on_form (PurpleConnection *gc, PurpleRequestFields *fields)
{
  Session *session = session_of (gc);
  g_auto (IcqInfo) info = { 0 };

  if (!session_is_ready (session))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    *get_member (&info, i) = charset_dup_cut (purple_request_fields_get_string (fields, rows[i].id), FIELD_MOST);
  info.notes = charset_dup_cut (purple_request_fields_get_string (fields, "notes"), NOTES_MOST);
  info.publishes_email = purple_request_fields_get_bool (fields, "publish");
  info.gender = (guint8) CLAMP (purple_request_fields_get_choice (fields, "gender"), 0, 2);
  session_ask (session, FAMILY_ICQ, 0x02,
               icq_meta_build_details (session->uin, session_next_icq_sequence (session), &info), SEND_USER,
               on_changed, NULL, NULL);
}

/* -- To the user ---------------------------------------------------------- */

static void
show_form (Session *session, IcqInfo *info)
{
  PurpleRequestFields *fields = purple_request_fields_new ();
  PurpleRequestFieldGroup *group = purple_request_field_group_new (NULL);
  PurpleRequestField *gender = purple_request_field_choice_new ("gender", "Gender", MIN (info->gender, 2));

  purple_request_fields_add_group (fields, group);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    purple_request_field_group_add_field (group, purple_request_field_string_new (rows[i].id, rows[i].label, *get_member (info, i), FALSE));
  for (guint i = 0; i < G_N_ELEMENTS (genders); i++)
    purple_request_field_choice_add (gender, genders[i]);
  purple_request_field_group_add_field (group, gender);
  purple_request_field_group_add_field (group, purple_request_field_bool_new ("publish", "Show my e-mail address", info->publishes_email));
  purple_request_field_group_add_field (group, purple_request_field_string_new ("notes", "About me", info->notes, TRUE));
  if (purple_request_fields (session->gc, "My details", "My details", "Everybody can read them.", fields, "_OK", G_CALLBACK (on_form),
                             "_Cancel", NULL, session->account, NULL, NULL, session->gc) == NULL)
    purple_request_fields_destroy (fields);
}

static void
on_part (Session *session, const Snac *reply, gpointer data)
{
  Details *details = data;
  IcqReply parsed;

  if (session->ending)
    return;
  if (icq_meta_parse_answer (reply, &parsed))
    icq_info_add_part (&details->info, parsed.subtype, parsed.data, session_get_encoding (session));
  else
    details->incomplete = TRUE;
  if (reply != NULL && reply->subtype != SNAC_ERROR && (reply->flags & SNAC_FLAG_MORE))
    return;
  if (details->incomplete)
    purple_notify_error (session->gc, NULL, "Your details cannot be fetched.", explain (reply));
  else
    show_form (session, &details->info);
}

static void
details_free (gpointer data)
{
  Details *details = data;

  icq_info_clear (&details->info);
  g_free (details);
}

void
icq_details_edit (Session *session)
{
  session_ask (session, FAMILY_ICQ, 0x02,
               icq_meta_build_about (session->uin, session_next_icq_sequence (session), ICQ_META_OWN_INFO, session->uin),
               SEND_USER, on_part, g_new0 (Details, 1), details_free);
}
