/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control.h - the hub's end of passerellectl.
 *
 * A Unix socket in the runtime directory, for the daemon's own user and root.
 * One request, one answer, each a JSON object on a line:
 * {"command":"accounts","arguments":["irc.example.org"]} and
 * {"ok":true,"rows":[{...},...]}, {"ok":true,"text":"..."} or {"ok":false,"error":"..."}. */
#pragma once

#include "hub.h"

typedef struct Control Control;

Control *control_new (Hub *hub, const char *path, GError **error);
void control_free (Control *control);
