/* SPDX-License-Identifier: GPL-2.0-or-later */
/* actions.h - what a user can do with the gateway: one table, behind the chat
 * (bot.c) and the commands (commands.c) alike. */
#pragma once

#include "accounts.h"

/* What has to be asked before an action can run. */
typedef enum {
  ACTION_ASKS_NOTHING,
  ACTION_ASKS_WHICH,          /* the account, where the user has several: field "account", its tag */
  ACTION_ASKS_LOGIN,          /* the form of account_form.h */
  ACTION_ASKS_COMMAND,        /* a line for the network's server: field "command"; and the account, as ACTION_ASKS_WHICH */
  ACTION_ASKS_ENTRY,          /* an entry of the network's menu: field "entry", as menu.h has them */
} ActionAsks;

typedef struct {
  Gateway *gateway;
  const char *from;           /* full JID; lent */
  User *user;                 /* NULL: unknown */
  GHashTable *fields;
  AccountsDone done;          /* runs exactly once */
  gpointer data;
} ActionCall;

typedef struct {
  const char *name;           /* in a chat */
  const char *node;           /* of the command; NULL: chat only */
  const char *title;
  const char *usage;          /* in a chat, after the name; may be NULL */
  const char *help;
  ActionAsks asks;
  gboolean registered;        /* only for users who have an account */
  void (*run) (const ActionCall *call);
  gboolean (*shown) (Gateway *gateway);  /* whether this gateway has it; NULL: all have */
} Action;

/* All of them; `name` NULL at the end. */
extern const Action actions[];

gboolean action_is_shown (const Action *action, Gateway *gateway);
const Action *action_by_name (const char *name);
const Action *action_by_node (const char *node);
/* Runs it, or refuses it where the user may not. */
void action_run (const Action *action, const ActionCall *call);
