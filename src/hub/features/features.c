/* SPDX-License-Identifier: GPL-2.0-or-later */
/* features.c - the list of features.  A message goes to the first that takes it. */
#include "config.h"

#include "attention.h"
#include "bot.h"
#include "chat_states.h"
#include "commands.h"
#include "mam.h"
#include "menu.h"
#include "messages.h"
#include "muc.h"
#include "questions.h"
#include "receipts.h"
#include "register.h"
#include "room_list.h"
#include "roster.h"
#include "server_commands.h"
#include "small.h"
#include "tunes.h"

const Feature *const features[] = {
  &disco_feature,
  &register_feature,
  &gateway_prompt_feature,
  &commands_feature,
  &ping_feature,
  &version_feature,
  &last_activity_feature,
  &roster_feature,
  &privilege_feature,
  &menu_feature,
  &server_commands_feature,
  &questions_feature,
  &bot_feature,
  &attention_feature,
  &muc_feature,
  &muc_admin_feature,
  &muc_config_feature,
  &muc_requests_feature,
  &room_list_feature,
  &mam_feature,
  &bookmarks_feature,
  &messages_feature,
  &receipts_feature,
  &chat_states_feature,
  &tunes_feature,
  NULL,
};
