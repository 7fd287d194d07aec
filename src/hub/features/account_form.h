/* SPDX-License-Identifier: GPL-2.0-or-later */
/* account_form.h - the data form (XEP-0004) of an account, made from the
 * protocol's own options; and reading a submitted one. */
#pragma once

#include "feature.h"

#define NS_DATA_FORMS "jabber:x:data"
#define NS_REGISTER "jabber:iq:register"

/* Adds the form to `parent`; `session` (or NULL) has the present values. */
void account_form_add (Gateway *gateway, Session *session, xmpp_stanza_t *parent);

/* What the username field of this protocol is to be filled with, for people. */
char *account_form_dup_instructions (Gateway *gateway);

/* Adds a field and lends it; label and value may be NULL. */
xmpp_stanza_t *form_add_field (xmpp_stanza_t *form, const char *type, const char *var, const char *label, const char *value);

/* An empty table of fields; values are wiped when they go, for passwords are among them. */
GHashTable *form_fields_new (void);
/* The fields of a submitted form: var to its value, several as lines.  NULL with an error if it is none. */
GHashTable *form_read (xmpp_stanza_t *form, GError **error);
