/* SPDX-License-Identifier: GPL-2.0-or-later */
/* address.h - addresses of people and of servers. */
#pragma once

#include <glib.h>

#define ADDRESS_DEFAULT_PORT 1863

/* Without what MSNP16 puts behind a semicolon; valid UTF-8, without blanks and control characters.  Never NULL. */
char *address_dup_exact (const char *address);
/* The same in lower case, to be compared. */
char *address_dup_normal (const char *address);
/* USER@HOST without anything that could not stand in a command. */
gboolean address_is_valid (const char *address);
/* Two addresses of the same user? */
gboolean address_equal (const char *one, const char *other);

/* HOST or HOST:PORT; FALSE: neither.  Free the host. */
gboolean address_split_server (const char *text, int default_port, char **host, int *port);
