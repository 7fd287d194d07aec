/* SPDX-License-Identifier: GPL-2.0-or-later */
/* requests.h - libpurple's requests, as questions.
 *
 * A choice or a text is asked for; about certificates as the gateway's `verify` says
 * (certificates.h).  What is requested outside of any account, a form of several
 * fields, a file: those are cancelled in a moment. */
#pragma once

/* Sets libpurple's request operations. */
void requests_init (void);
