/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dns.h - names looked up by GLib's resolver, where libpurple would fork for each. */
#pragma once

/* Sets libpurple's operations for host names and for SRV and TXT records. */
void dns_init (void);
