/* SPDX-License-Identifier: GPL-2.0-or-later */
/* questions.h - what libpurple asks the user, as a chat with the gateway and as a form. */
#pragma once

#include "feature.h"

extern const Feature questions_feature;

/* A field of a form; the question that it belongs to follows. */
void questions_add_field (Session *session, const WireQuestionField *event);
void questions_ask (Session *session, const WireQuestion *event);
/* It need not be answered any more. */
void questions_close (Session *session, const WireQuestionClosed *event);
