/* SPDX-License-Identifier: GPL-2.0-or-later */
/* profiles.c - what there is to know about a user: profile and away message, ICQ's details.
 *
 * Of somebody with a number ICQ's details are asked for first, in short: some servers close the connection when asked in
 * full about a number that nobody has.  */
#include "profiles.h"

#include "icq_meta.h"
#include "locate.h"
#include "markup.h"
#include "presence.h"
#include "screen_names.h"
#include "service.h"

typedef struct {
  char *who;
  IcqInfo icq;
  gboolean icq_known;
} Question;

static Question *
question_new (const char *who)
{
  Question *question = g_new0 (Question, 1);

  question->who = g_strdup (who);
  return question;
}

static void
question_free (Question *question)
{
  g_free (question->who);
  icq_info_clear (&question->icq);
  g_free (question);
}

/* -- Showing -------------------------------------------------------------- */

static void
add (PurpleNotifyUserInfo *info, const char *label, const char *text)
{
  g_autofree char *escaped = NULL;

  if (text == NULL || *text == '\0')
    return;
  escaped = g_markup_escape_text (text, -1);
  purple_notify_user_info_add_pair (info, label, escaped);
}

static void
add_time (PurpleNotifyUserInfo *info, const char *label, guint32 when)
{
  g_autoptr (GDateTime) time = when > 0 ? g_date_time_new_from_unix_local (when) : NULL;
  g_autofree char *text = time != NULL ? g_date_time_format (time, "%c") : NULL;

  add (info, label, text);
}

static void
add_user (PurpleNotifyUserInfo *info, const UserInfo *user)
{
  add (info, "Name", user->name);
  if (user->warning > 0)
    {
      g_autofree char *level = g_strdup_printf ("%u %%", user->warning / 10u);

      add (info, "Warning level", level);
    }
  add_time (info, "On line since", user->signed_on);
  add_time (info, "Member since", user->member_since);
  if (user->idle_minutes > 0)
    {
      g_autofree char *idle = purple_str_seconds_to_string (user->idle_minutes * 60u);

      add (info, "Idle", idle);
    }
}

static void
add_icq (PurpleNotifyUserInfo *info, const char *who, const IcqInfo *icq)
{
  const struct { const char *label, *text; } rows[] = {
    { "UIN", who }, { "Nick", icq->nick }, { "First name", icq->first }, { "Last name", icq->last }, { "E-mail", icq->email },
    { "Gender", icq->gender == 1 ? "female" : icq->gender == 2 ? "male" : NULL }, { "Homepage", icq->homepage },
    { "Street", icq->street }, { "City", icq->city }, { "State", icq->state }, { "Postal code", icq->zip },
    { "Phone", icq->phone }, { "Fax", icq->fax }, { "Mobile phone", icq->cell }, { "Notes", icq->notes },
    { "Interests", icq->interests != NULL ? icq->interests->str : NULL },
    { "Company", icq->company }, { "Department", icq->department }, { "Position", icq->position },
    { "Work street", icq->work_street }, { "Work city", icq->work_city }, { "Work state", icq->work_state },
    { "Work phone", icq->work_phone }, { "Work homepage", icq->work_homepage },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    add (info, rows[i].label, rows[i].text);
  if (icq->age > 0)
    {
      g_autofree char *age = g_strdup_printf ("%u", icq->age);

      add (info, "Age", age);
    }
  if (icq->birth_year > 0 && icq->birth_month > 0)
    {
      g_autofree char *birthday = g_strdup_printf ("%04u-%02u-%02u", icq->birth_year, icq->birth_month, icq->birth_day);

      add (info, "Birthday", birthday);
    }
  if (icq->says_authorization)
    add (info, "Authorization", icq->needs_authorization ? "must be asked for" : "not needed");
}

static void
show (Session *session, const char *who, PurpleNotifyUserInfo *info)
{
  if (!session->ending)
    purple_notify_userinfo (session->gc, who, info, NULL, NULL);
  purple_notify_user_info_destroy (info);
}

/* -- AIM ------------------------------------------------------------------ */

static void
add_html (PurpleNotifyUserInfo *info, const char *label, const char *html)
{
  g_autofree char *inner = html != NULL ? markup_dup_inner (html) : NULL;

  if (inner == NULL || *inner == '\0')
    return;
  purple_notify_user_info_add_section_break (info);
  purple_notify_user_info_add_pair (info, label, inner);
}

static void
on_profile (Session *session, const Snac *reply, gpointer data)
{
  Question *question = data;
  PurpleNotifyUserInfo *info = purple_notify_user_info_new ();
  g_auto (LocateReply) parsed = { 0 };

  if (question->icq_known)
    add_icq (info, question->who, &question->icq);
  if (reply != NULL && reply->subtype == 0x06 && locate_parse_reply (reply->body, session_get_encoding (session), &parsed))
    {
      add_user (info, &parsed.user);
      add_html (info, "Away message", parsed.away);
      add_html (info, "Profile", parsed.profile);
      presence_take_away (session, question->who, parsed.away);
    }
  else if (!question->icq_known)
    add (info, "Error", session_explain (reply));
  show (session, question->who, info);
}

static void
ask_profile (Session *session, Question *question)
{
  session_ask (session, FAMILY_LOCATE, 0x15, locate_build_request (question->who, LOCATE_PROFILE | LOCATE_AWAY), SEND_USER,
               on_profile, question, (GDestroyNotify) question_free);
}

/* -- ICQ ------------------------------------------------------------------ */

/* The data of a question are freed with it: what goes on needs its own. */
static void
go_on (Session *session, Question *question)
{
  Question *next = question_new (question->who);

  next->icq = question->icq;
  next->icq_known = question->icq_known;
  question->icq = (IcqInfo) { 0 };
  if (next->icq.nick != NULL)
    serv_got_alias (session->gc, next->who, next->icq.nick);
  ask_profile (session, next);
}

static void
on_full (Session *session, const Snac *reply, gpointer data)
{
  Question *question = data;
  IcqReply parsed;

  if (icq_meta_parse_answer (reply, &parsed))
    icq_info_add_part (&question->icq, parsed.subtype, parsed.data, session_get_encoding (session));
  if (reply == NULL || !(reply->flags & SNAC_FLAG_MORE) || reply->subtype == SNAC_ERROR)
    go_on (session, question);
}

static void
on_short (Session *session, const Snac *reply, gpointer data)
{
  Question *question = data;
  Question *next;
  IcqReply parsed;

  if (!icq_meta_parse_answer (reply, &parsed))
    {
      go_on (session, question);
      return;
    }
  icq_info_add_part (&question->icq, parsed.subtype, parsed.data, session_get_encoding (session));
  next = question_new (question->who);
  next->icq = question->icq;
  next->icq_known = TRUE;
  question->icq = (IcqInfo) { 0 };
  session_ask (session, FAMILY_ICQ, 0x02,
               icq_meta_build_about (session->uin, session_next_icq_sequence (session), ICQ_META_FULL_INFO, screen_name_get_uin (next->who)),
               SEND_USER, on_full, next, (GDestroyNotify) question_free);
}

void
profiles_get (PurpleConnection *gc, const char *who)
{
  Session *session = session_of (gc);
  g_autofree char *normal = screen_name_dup_normal (who);
  guint32 uin = screen_name_get_uin (normal);

  if (!session_is_ready (session))
    return;
  if (uin != 0 && session->icq && families_has (&session->bos->known, FAMILY_ICQ))
    session_ask (session, FAMILY_ICQ, 0x02,
                 icq_meta_build_about (session->uin, session_next_icq_sequence (session), ICQ_META_SHORT_INFO, uin), SEND_USER,
                 on_short, question_new (normal), (GDestroyNotify) question_free);
  else
    ask_profile (session, question_new (normal));
}
