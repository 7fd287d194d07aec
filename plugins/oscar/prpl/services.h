/* SPDX-License-Identifier: GPL-2.0-or-later */
/* services.h - connections beside the main one, made when something is asked for (oscar.md 7.1). */
#pragma once

#include "service.h"

Services *services_new (Session *session);
void services_free (Services *services);
void services_keep_alive (Session *session);

/* Asks a foodgroup wherever the server has it: on the main connection, or on one that is made and kept.  As session_ask. */
void services_ask (Session *session, guint16 family, guint16 subtype, GByteArray *body, Urgency urgency,
                   SessionReply func, gpointer data, GDestroyNotify destroy);

/* A connection of its own to FAMILY; what FUNC is given is owned, NULL: refused, for the reason.  The events begin after it. */
typedef void (*ServiceFunc) (Session *session, Service *service, const char *why, gpointer data);
void services_open (Session *session, guint16 family, const RoomAddress *room, const ServiceEvents *events, gpointer service_data,
                    ServiceFunc func, gpointer data, GDestroyNotify destroy);
