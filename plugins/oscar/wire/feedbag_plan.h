/* SPDX-License-Identifier: GPL-2.0-or-later */
/* feedbag_plan.h - which items must change for what a user wants to be changed (oscar.md 3.2). */
#pragma once

#include "feedbag_model.h"

typedef enum {
  EDIT_ADD_BUDDY,       /* name, group; awaiting */
  EDIT_REMOVE_BUDDY,    /* name, group */
  EDIT_MOVE_BUDDY,      /* name, group, to another */
  EDIT_SET_ALIAS,       /* name, text: NULL to have none */
  EDIT_SET_COMMENT,     /* name, text */
  EDIT_RENAME_GROUP,    /* group, text */
  EDIT_REMOVE_GROUP,    /* group, if nobody is in it */
  EDIT_LIST_NAME,       /* name, class: onto the list of permits, denials or ignored ones */
  EDIT_UNLIST_NAME,
  EDIT_SET_PRIVACY,     /* mode */
  EDIT_SET_ICON,        /* value of attribute D5; NULL: none */
  EDIT_SHOW_TYPING,     /* others may see that we type */
} FeedbagVerb;

typedef struct {
  FeedbagVerb verb;
  char *name, *group, *text;   /* owned, NULL where the verb needs none */
  guint16 class;
  guint8 mode;
  gboolean awaiting;
  GByteArray *value;           /* owned or NULL */
} FeedbagEdit;

FeedbagEdit *feedbag_edit_new (FeedbagVerb verb, const char *name, const char *group, const char *text);
void feedbag_edit_free (FeedbagEdit *edit);

typedef struct {
  guint16 subtype;      /* FEEDBAG_INSERT, _UPDATE, _DELETE */
  FeedbagItem *item;    /* owned */
} FeedbagOperation;

void feedbag_operation_free (FeedbagOperation *operation);

/* The operations in their order, each sent when the one before was accepted; none: it is so already. Free the array. */
GPtrArray *feedbag_plan (const Feedbag *feedbag, const FeedbagEdit *edit);
/* Makes an accepted one true in our copy. */
void feedbag_apply (Feedbag *feedbag, const FeedbagOperation *operation);
