/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stanza.h - building and reading stanzas, on libstrophe's trees.
 *
 * A node has an "xmlns" attribute where its namespace differs from its
 * parent's, the root none: trees that the stream makes and trees that are built
 * here alike. */
#pragma once

#include <glib.h>
#include <strophe.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmpp_stanza_t, xmpp_stanza_release)

#define NS_STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"

/* -- Building ------------------------------------------------------------- */

xmpp_stanza_t *stanza_new (const char *name);
/* "type", "to" and "from" may be NULL. */
xmpp_stanza_t *stanza_new_full (const char *name, const char *type, const char *from, const char *to);
/* <iq/> with an id of its own. */
xmpp_stanza_t *stanza_new_iq (const char *type, const char *from, const char *to);
/* The result for a request: addresses swapped, same id. */
xmpp_stanza_t *stanza_new_result (xmpp_stanza_t *request);

/* Adds a child and lends it; `ns` may be NULL (the parent's). */
xmpp_stanza_t *stanza_add (xmpp_stanza_t *parent, const char *name, const char *ns);
/* Adds <name>text</name>; `text` NULL is an empty element. */
xmpp_stanza_t *stanza_add_text (xmpp_stanza_t *parent, const char *name, const char *text);
/* Sets an attribute; NULL sets none. */
void stanza_set (xmpp_stanza_t *stanza, const char *attribute, const char *value);
void stanza_set_text (xmpp_stanza_t *stanza, const char *text);

/* A moment as XEP-0082 has it; `stamp` in milliseconds since 1970.  NULL if it is beyond all calendars. */
char *stanza_dup_time (gint64 stamp);
/* <delay/> (XEP-0203) from `domain`; `stamp` in milliseconds since 1970. */
void stanza_add_delay (xmpp_stanza_t *stanza, const char *domain, gint64 stamp);

/* -- Reading -------------------------------------------------------------- */

/* The first child of this name and namespace (NULL: the parent's own), lent. */
xmpp_stanza_t *stanza_child (xmpp_stanza_t *parent, const char *name, const char *ns);
/* The first child that is an element; the next one after it. */
xmpp_stanza_t *stanza_first (xmpp_stanza_t *parent);
xmpp_stanza_t *stanza_next (xmpp_stanza_t *sibling);
const char *stanza_get (xmpp_stanza_t *stanza, const char *attribute);
gboolean stanza_is (xmpp_stanza_t *stanza, const char *name, const char *ns);
/* The text of a node, or of its child; "" if there is none, NULL if there is no such child. */
char *stanza_dup_text (xmpp_stanza_t *stanza);
char *stanza_dup_child_text (xmpp_stanza_t *parent, const char *name, const char *ns);
/* As it is written; NULL if memory is short. */
char *stanza_dup_xml (xmpp_stanza_t *stanza, gsize *length);

/* A moment (XEP-0082) in milliseconds since 1970; 0 if it is none. */
gint64 stanza_parse_time (const char *text);

/* -- Errors --------------------------------------------------------------- */

/* A GError of this domain becomes a stanza error (RFC 6120, 8.3): the code is
 * the condition, the message the text for the user. */
#define STANZA_ERROR (stanza_error_quark ())
GQuark stanza_error_quark (void);

typedef enum {
  STANZA_BAD_REQUEST,
  STANZA_CONFLICT,
  STANZA_FEATURE_NOT_IMPLEMENTED,
  STANZA_FORBIDDEN,
  STANZA_INTERNAL_SERVER_ERROR,
  STANZA_ITEM_NOT_FOUND,
  STANZA_JID_MALFORMED,
  STANZA_NOT_ACCEPTABLE,
  STANZA_NOT_ALLOWED,
  STANZA_NOT_AUTHORIZED,
  STANZA_POLICY_VIOLATION,
  STANZA_RECIPIENT_UNAVAILABLE,
  STANZA_REGISTRATION_REQUIRED,
  STANZA_REMOTE_SERVER_TIMEOUT,
  STANZA_RESOURCE_CONSTRAINT,
  STANZA_ROOM_FULL,           /* service-unavailable, for now (XEP-0045, section 7.2.9) */
  STANZA_SERVICE_UNAVAILABLE,
  STANZA_UNEXPECTED_REQUEST,
} StanzaError;

/* Sets an error and gives FALSE, to be returned. */
gboolean stanza_refuse (GError **error, StanzaError condition, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* The answer to `request`: addresses swapped, its payload left out.  An error
 * of another domain is an internal-server-error, its text kept to the log. */
xmpp_stanza_t *stanza_new_error (xmpp_stanza_t *request, const GError *error);
