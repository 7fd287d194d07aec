/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xmpp.h - the component port of an XMPP server (XEP-0114), for one component. */
#pragma once

#include <glib.h>

typedef struct XmppServer XmppServer;

/* What the benchmark looks at.  A string is NULL where the stanza lacks it; all are lent for the call. */
typedef struct {
  const char *name;             /* message, presence, iq */
  const char *type;
  const char *from;
  const char *to;
  const char *id;
  const char *child;            /* first child element */
  const char *child_ns;
  const char *child_session;    /* its sessionid (XEP-0050) */
  const char *body;
  const char *show;
  const char *condition;        /* first child of <error/> */
  const char *text;             /* the <text/> in it */
  gboolean has_subject;
  gboolean status_110;          /* a room tells its occupant of itself (XEP-0045) */
} Stanza;

typedef struct {
  void (*stanza) (const Stanza *stanza, gpointer user_data);
} XmppHandlers;

/* Listens on a free port for the component `domain`.  A stream that ends, or that is not what it should be, is a loop_fail. */
XmppServer *xmpp_server_new (const char *domain, const char *secret, const XmppHandlers *handlers, gpointer user_data, GError **error);
void xmpp_server_free (XmppServer *server);
guint16 xmpp_server_port (const XmppServer *server);

/* Whether the component has shaken hands. */
gboolean xmpp_server_is_ready (const XmppServer *server);

/* The component may leave from now on. */
void xmpp_server_expect_end (XmppServer *server);

/* Sends XML as it is. */
void xmpp_server_send (XmppServer *server, const char *format, ...) G_GNUC_PRINTF (2, 3);
void xmpp_server_send_text (XmppServer *server, const char *xml, gsize length);
