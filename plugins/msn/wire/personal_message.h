/* SPDX-License-Identifier: GPL-2.0-or-later */
/* personal_message.h - what UUX and UBX carry: a sentence, and what is played (msnp.md 6.4). */
#pragma once

#include <glib.h>

typedef enum { MEDIA_NONE, MEDIA_MUSIC, MEDIA_GAME, MEDIA_OFFICE } MediaKind;

typedef struct {
  char *text;                       /* never NULL */
  MediaKind kind;
  char *shown;                      /* the format filled in; NULL without media */
  char *title, *artist, *album;     /* of music; may be NULL */
} PersonalMessage;

void personal_message_parse (const void *payload, gsize length, PersonalMessage *message);
void personal_message_clear (PersonalMessage *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PersonalMessage, personal_message_clear)

/* The payload of UUX.  What is NULL or empty is left out; without a title nothing is played. */
char *personal_message_build (const char *text, MediaKind kind, const char *title, const char *artist, const char *album);
