/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tunes.c - what contacts and the user play.
 *
 * To libpurple it is a status beside the others, of which a plugin has one or
 * none.  Its texts are plain, not HTML. */
#include "config.h"

#include "tunes.h"

#include <string.h>

#include "protocol.h"
#include "text.h"

/* Of a title, an artist, an album. */
#define LONGEST 512

void
tune_clear (Tune *tune)
{
  g_clear_pointer (&tune->title, g_free);
  g_clear_pointer (&tune->artist, g_free);
  g_clear_pointer (&tune->album, g_free);
}

gboolean
tunes_are_known (void)
{
  /* Plugins list their kinds of status for an account only. */
  PurpleAccount *account = purple_account_new ("nobody", protocol_get_id ());
  gboolean known = purple_account_get_status_type_with_primitive (account, PURPLE_STATUS_TUNE) != NULL;

  purple_account_destroy (account);
  return known;
}

/* NULL if there is no such text. */
static char *
dup_text (PurpleStatus *status, const char *name)
{
  gboolean known = purple_status_type_get_attr (purple_status_get_type (status), name) != NULL;
  const char *value = known ? purple_status_get_attr_string (status, name) : NULL;
  char *text = value == NULL ? NULL : g_strstrip (g_strdelimit (text_dup_clean (value, -1), "\r\n\t", ' '));

  if (text != NULL && strlen (text) > LONGEST)
    text[text_split_length (text, LONGEST)] = '\0';
  if (text != NULL && *text == '\0')
    g_clear_pointer (&text, g_free);
  return text;
}

static PurpleStatus *
find_active (PurpleBuddy *buddy)
{
  PurplePresence *presence = purple_buddy_get_presence (buddy);
  PurpleStatusType *type = purple_account_get_status_type_with_primitive (purple_buddy_get_account (buddy), PURPLE_STATUS_TUNE);
  PurpleStatus *status;

  if (presence == NULL || type == NULL || !purple_presence_is_online (presence))
    return NULL;
  status = purple_presence_get_status (presence, purple_status_type_get_id (type));
  return status != NULL && purple_status_is_active (status) ? status : NULL;
}

void
tunes_of_buddy (PurpleBuddy *buddy, Tune *tune)
{
  PurpleStatus *status = find_active (buddy);

  *tune = (Tune) { NULL };
  if (status == NULL || (tune->title = dup_text (status, PURPLE_TUNE_TITLE)) == NULL)
    return;
  tune->artist = dup_text (status, PURPLE_TUNE_ARTIST);
  tune->album = dup_text (status, PURPLE_TUNE_ALBUM);
}

char *
tunes_dup_line (PurpleBuddy *buddy)
{
  PurpleStatus *status = find_active (buddy);
  g_auto (Tune) tune = { NULL };
  char *other;

  if (status == NULL)
    return NULL;
  tunes_of_buddy (buddy, &tune);
  if (tune.title != NULL)
    return g_strconcat ("♫ ", tune.title, tune.artist == NULL ? NULL : " - ", tune.artist, NULL);
  other = dup_text (status, "game");
  return other == NULL ? dup_text (status, "office") : other;
}

void
tunes_set (Account *account, const WireSetTune *message)
{
  PurpleStatusType *type = account->purple == NULL ? NULL
                           : purple_account_get_status_type_with_primitive (account->purple, PURPLE_STATUS_TUNE);
  const char *id = type == NULL ? NULL : purple_status_type_get_id (type);

  if (id == NULL)
    return;
  if (message->title == NULL || *message->title == '\0')
    purple_account_set_status (account->purple, id, FALSE, NULL);
  else
    purple_account_set_status (account->purple, id, TRUE, PURPLE_TUNE_TITLE, message->title, PURPLE_TUNE_ARTIST, message->artist,
                               PURPLE_TUNE_ALBUM, message->album, NULL);
}
