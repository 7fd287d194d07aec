/* SPDX-License-Identifier: GPL-2.0-or-later */
/* own_status.c - one's own presence, told to the server. */
#include "own_status.h"

#include <string.h>

#include "icbm.h"
#include "locate.h"
#include "markup.h"
#include "oservice.h"
#include "service.h"

#define CAPABILITIES_AIM (CAP_SEND_FILE | CAP_ICON | CAP_XHTML | CAP_UTF8 | CAP_INTEROPERATE | CAP_CHAT)
#define CAPABILITIES_ICQ (CAP_SEND_FILE | CAP_ICON | CAP_XHTML | CAP_UTF8 | CAP_INTEROPERATE | CAP_TYPING)
#define STATUS_DIRECT_WITH_AUTHORIZATION 0x10000000
/* Of profile and away message, where the server says nothing, and whatever it says: both go in one frame. */
#define PROFILE_DEFAULT 1000
#define PROFILE_MOST 16384
#define STATUS_WEB_AWARE 0x00010000

OwnStatus *
own_status_new (void)
{
  OwnStatus *own = g_new0 (OwnStatus, 1);

  own->profile_most = PROFILE_DEFAULT;
  return own;
}

void
own_status_free (OwnStatus *own)
{
  g_free (own);
}

static PurpleStatus *
get_status (Session *session)
{
  return purple_account_get_active_status (session->account);
}

static gboolean
is_away (PurpleStatus *status)
{
  switch (purple_status_type_get_primitive (purple_status_get_type (status)))
    {
    case PURPLE_STATUS_AWAY:
    case PURPLE_STATUS_EXTENDED_AWAY:
    case PURPLE_STATUS_UNAVAILABLE:
      return TRUE;
    default:
      return FALSE;
    }
}

/* HTML; NULL: not away. */
static char *
dup_away (Session *session)
{
  PurpleStatus *status = get_status (session);
  const char *message = purple_status_get_attr_string (status, "message");
  g_autofree char *html = NULL;

  if (!is_away (status))
    return NULL;
  if (message != NULL && *message != '\0')
    html = purple_strdup_withhtml (message);
  else
    html = g_strdup (purple_status_get_name (status));
  return markup_dup_wrapped (html);
}

static void
add_away (Session *session, GByteArray *body)
{
  g_autofree char *away = dup_away (session);

  locate_add_away (body, away, presence_get_own (session)->profile_most);
}

void
presence_announce (Session *session)
{
  GByteArray *body = g_byte_array_new ();
  const char *profile = purple_account_get_user_info (session->account);
  g_autofree char *html = markup_dup_wrapped (profile != NULL ? profile : "");

  locate_add_profile (body, html, presence_get_own (session)->profile_most);
  add_away (session, body);
  locate_add_capabilities (body, session->icq ? CAPABILITIES_ICQ : CAPABILITIES_AIM);
  session_send (session, FAMILY_LOCATE, 0x04, body, SEND_NOW);
}

static guint32
get_word (Session *session)
{
  const char *id = purple_status_get_id (get_status (session));
  guint16 low = 0;

  if (!session->icq)
    return g_str_equal (id, "invisible") ? ICQ_STATUS_INVISIBLE : 0;
  icq_status_from_id (id, &low);
  return low | STATUS_DIRECT_WITH_AUTHORIZATION
         | (purple_account_get_bool (session->account, "web_aware", FALSE) ? STATUS_WEB_AWARE : 0);
}

void
presence_send_status (Session *session, gboolean first)
{
  OwnStatus *own = presence_get_own (session);
  guint32 word = get_word (session);

  if (!first && own->told_status && own->status == word)
    return;
  /* AIM has nothing to say but to be invisible, or not any more. */
  if (!session->icq && word == 0 && !own->told_status)
    return;
  own->status = word;
  own->told_status = TRUE;
  session_send (session, FAMILY_OSERVICE, 0x1e, oservice_build_status (word, session->icq && first), first ? SEND_NOW : SEND_USER);
}

static void
send_available (Session *session)
{
  PurpleStatus *status = get_status (session);
  const char *message = purple_status_get_attr_string (status, "message");
  const char *url = purple_status_get_attr_string (status, "itmsurl");
  g_autofree char *text = !is_away (status) && message != NULL ? purple_markup_strip_html (message) : g_strdup ("");

  session_send (session, FAMILY_OSERVICE, 0x1e, oservice_build_available (text, url != NULL && !is_away (status) ? url : ""), SEND_USER);
}

void
presence_set_status (PurpleAccount *account, PurpleStatus *status)
{
  Session *session = session_of (purple_account_get_connection (account));
  GByteArray *away;

  if (!session_is_ready (session) || !purple_status_is_exclusive (status) || !purple_status_is_active (status))
    return;
  away = g_byte_array_new ();
  add_away (session, away);
  session_send (session, FAMILY_LOCATE, 0x04, away, SEND_USER);
  presence_send_status (session, FALSE);
  send_available (session);
}

void
presence_send_idle (Session *session)
{
  PurplePresence *presence = purple_account_get_presence (session->account);
  PurpleStatus *status = get_status (session);
  const char *message = purple_status_get_attr_string (status, "message");

  if (purple_presence_is_idle (presence))
    presence_set_idle (session->gc, (int) MAX (time (NULL) - purple_presence_get_idle_time (presence), 1));
  if (!is_away (status) && message != NULL && *message != '\0')
    send_available (session);
}

void
presence_set_idle (PurpleConnection *gc, int seconds)
{
  Session *session = session_of (gc);

  if (session_is_ready (session))
    session_send (session, FAMILY_OSERVICE, 0x11, oservice_build_idle (seconds > 0 ? (guint32) seconds : 0), SEND_USER);
}

void
presence_set_profile (PurpleConnection *gc, const char *html)
{
  Session *session = session_of (gc);
  g_autofree char *wrapped = markup_dup_wrapped (html != NULL ? html : "");
  guint32 most;
  GByteArray *body;

  if (!session_is_ready (session))
    return;
  most = presence_get_own (session)->profile_most;
  body = g_byte_array_new ();
  locate_add_profile (body, wrapped, most);
  if (most > 0 && strlen (wrapped) > most)
    purple_notify_warning (gc, NULL, "The profile is too long.", "The server keeps only its beginning.");
  session_send (session, FAMILY_LOCATE, 0x04, body, SEND_USER);
}

void
presence_set_profile_limit (Session *session, guint32 bytes)
{
  presence_get_own (session)->profile_most = bytes > 0 ? MIN (bytes, PROFILE_MOST) : PROFILE_DEFAULT;
}

void
presence_take_self (Session *session, Reader body)
{
  g_auto (UserInfo) info = { 0 };

  if (!user_info_parse (&body, &info))
    return;
  purple_connection_set_display_name (session->gc, info.name);
  presence_get_own (session)->warning = info.warning;
}

gboolean
presence_note_warning (Session *session, guint16 level)
{
  OwnStatus *own = presence_get_own (session);
  gboolean rose = level > own->warning;

  own->warning = level;
  return rose;
}

/* -- The kinds of statuses ------------------------------------------------- */

static PurpleStatusType *
new_type (PurpleStatusPrimitive primitive, const char *id, const char *name, gboolean settable)
{
  return purple_status_type_new_with_attrs (primitive, id, name, TRUE, settable, FALSE,
                                            "message", "Message", purple_value_new (PURPLE_TYPE_STRING), NULL);
}

GList *
presence_get_status_types (PurpleAccount *account)
{
  static const struct {
    const char *id;
    PurpleStatusPrimitive primitive;
    gboolean icq_only;
  } rows[] = {
    { "free4chat", PURPLE_STATUS_AVAILABLE, TRUE },
    { "evil", PURPLE_STATUS_AVAILABLE, TRUE },
    { "depression", PURPLE_STATUS_AVAILABLE, TRUE },
    { "athome", PURPLE_STATUS_AVAILABLE, TRUE },
    { "atwork", PURPLE_STATUS_AVAILABLE, TRUE },
    { "lunch", PURPLE_STATUS_AVAILABLE, TRUE },
    { "away", PURPLE_STATUS_AWAY, FALSE },
    { "invisible", PURPLE_STATUS_INVISIBLE, FALSE },
    { "occupied", PURPLE_STATUS_UNAVAILABLE, TRUE },
    { "dnd", PURPLE_STATUS_UNAVAILABLE, TRUE },
    { "na", PURPLE_STATUS_EXTENDED_AWAY, TRUE },
  };
  gboolean icq = g_str_equal (purple_account_get_protocol_id (account), "prpl-icq");
  GList *types = NULL;

  types = g_list_append (types, purple_status_type_new_with_attrs (
                           PURPLE_STATUS_AVAILABLE, "available", NULL, TRUE, TRUE, FALSE,
                           "message", "Message", purple_value_new (PURPLE_TYPE_STRING),
                           "itmsurl", "Address of music", purple_value_new (PURPLE_TYPE_STRING), NULL));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    types = g_list_append (types, new_type (rows[i].primitive, rows[i].id,
                                            rows[i].icq_only ? icq_status_get_name (rows[i].id) : NULL, icq || !rows[i].icq_only));
  types = g_list_append (types, purple_status_type_new_full (PURPLE_STATUS_MOBILE, "mobile", NULL, FALSE, FALSE, TRUE));
  types = g_list_append (types, purple_status_type_new_full (PURPLE_STATUS_OFFLINE, "offline", NULL, TRUE, TRUE, FALSE));
  return types;
}
