/* SPDX-License-Identifier: GPL-2.0-or-later */
/* own_status.h - what of one's own presence has been told to the server. */
#pragma once

#include "presence.h"

typedef struct {
  guint32 profile_most;    /* bytes */
  guint16 warning;
  guint32 status;          /* the word told last */
  gboolean told_status;
} OwnStatus;

OwnStatus *own_status_new (void);
void own_status_free (OwnStatus *own);
OwnStatus *presence_get_own (Session *session);
