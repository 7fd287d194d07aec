/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jid.h - XMPP addresses, and names of other networks inside them (XEP-0106). */
#pragma once

#include <glib.h>

/* "romeo@example.net/balcony" gives away "romeo@example.net". */
char *jid_dup_bare (const char *jid);
/* "balcony", lent from inside `jid`; NULL if it has no resource. */
const char *jid_resource (const char *jid);
/* "romeo", NULL if it has no local part. */
char *jid_dup_local (const char *jid);
/* "example.net". */
char *jid_dup_domain (const char *jid);

/* The local part that stands for a name of another network: XEP-0106 for what
 * may not stand in one, and lower case, since servers fold it (RFC 7622; so two
 * names that differ in case alone have one address).  NULL if it cannot be one: empty,
 * longer than 1023 bytes, or made of characters that no escape exists for. */
char *jid_dup_escaped (const char *name);
/* The resource that stands for a nick: the nick itself where it may be one; else without what may not stand in one (RFC 6120
 * names RFC 3920's Resourceprep), or, where even that cannot be one, its bytes written in ASCII.  Never empty or NULL. */
char *jid_dup_resource_of (const char *nick);

/* The name that a local part stands for. */
char *jid_dup_unescaped (const char *local);
