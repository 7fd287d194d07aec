/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stanza.c - building and reading stanzas, on libstrophe's trees. */
#include "config.h"

#include "stanza.h"

#include <stddef.h>
#include <string.h>

#define NS_DELAY "urn:xmpp:delay"

/* libstrophe's memory is GLib's slices: a stanza is many small pieces that live shortly, and malloc would spread them over
 * all holes that the accounts of a long-lived process leave.  Each piece begins with its size. */
typedef struct {
  gsize size;
  max_align_t piece[];
} Slice;

static void *
slice_alloc (size_t size, void *data)
{
  Slice *slice = g_slice_alloc (sizeof *slice + size);

  slice->size = size;
  return slice->piece;
}

static Slice *
slice_of (void *piece)
{
  return (Slice *) ((char *) piece - G_STRUCT_OFFSET (Slice, piece));
}

static void
slice_free (void *piece, void *data)
{
  if (piece != NULL)
    g_slice_free1 (sizeof (Slice) + slice_of (piece)->size, slice_of (piece));
}

static void *
slice_realloc (void *piece, size_t size, void *data)
{
  void *moved = slice_alloc (size, data);

  if (piece != NULL)
    memcpy (moved, piece, MIN (size, slice_of (piece)->size));
  slice_free (piece, data);
  return moved;
}

static const xmpp_mem_t slices = { slice_alloc, slice_free, slice_realloc, NULL };

/* libstrophe wants a context for memory and log; one that says nothing does for
 * all, and lives as long as the process. */
static xmpp_ctx_t *
context (void)
{
  static xmpp_ctx_t *ctx;

  if (ctx == NULL)
    {
      xmpp_initialize ();
      ctx = xmpp_ctx_new (&slices, NULL);
    }
  return ctx;
}

char *
stanza_dup_xml (xmpp_stanza_t *stanza, gsize *length)
{
  char *text, *dup;

  if (xmpp_stanza_to_text (stanza, &text, length) != 0)
    return NULL;
  dup = g_memdup2 (text, *length + 1);
  xmpp_free (context (), text);
  return dup;
}

xmpp_stanza_t *
stanza_new (const char *name)
{
  xmpp_stanza_t *stanza = xmpp_stanza_new (context ());

  xmpp_stanza_set_name (stanza, name);
  return stanza;
}

xmpp_stanza_t *
stanza_new_full (const char *name, const char *type, const char *from, const char *to)
{
  xmpp_stanza_t *stanza = stanza_new (name);

  stanza_set (stanza, "type", type);
  stanza_set (stanza, "from", from);
  stanza_set (stanza, "to", to);
  return stanza;
}

xmpp_stanza_t *
stanza_new_iq (const char *type, const char *from, const char *to)
{
  static guint64 count;
  xmpp_stanza_t *iq = stanza_new_full ("iq", type, from, to);
  g_autofree char *id = g_strdup_printf ("p%" G_GUINT64_FORMAT "-%08x", ++count, g_random_int ());

  stanza_set (iq, "id", id);
  return iq;
}

xmpp_stanza_t *
stanza_new_result (xmpp_stanza_t *request)
{
  xmpp_stanza_t *result = stanza_new_full ("iq", "result", xmpp_stanza_get_to (request), xmpp_stanza_get_from (request));

  stanza_set (result, "id", xmpp_stanza_get_id (request));
  return result;
}

static xmpp_stanza_t *
lend_child (xmpp_stanza_t *parent, xmpp_stanza_t *child)
{
  xmpp_stanza_add_child_ex (parent, child, FALSE);  /* the parent owns it now */
  return child;
}

xmpp_stanza_t *
stanza_add (xmpp_stanza_t *parent, const char *name, const char *ns)
{
  xmpp_stanza_t *child = stanza_new (name);

  stanza_set (child, "xmlns", ns);
  return lend_child (parent, child);
}

void
stanza_set_text (xmpp_stanza_t *stanza, const char *text)
{
  xmpp_stanza_t *node = xmpp_stanza_new (context ());

  xmpp_stanza_set_text (node, text);
  lend_child (stanza, node);
}

xmpp_stanza_t *
stanza_add_text (xmpp_stanza_t *parent, const char *name, const char *text)
{
  xmpp_stanza_t *child = stanza_new (name);

  if (text != NULL && *text != '\0')
    stanza_set_text (child, text);
  return lend_child (parent, child);
}

void
stanza_set (xmpp_stanza_t *stanza, const char *attribute, const char *value)
{
  if (value != NULL)
    xmpp_stanza_set_attribute (stanza, attribute, value);
}

char *
stanza_dup_time (gint64 stamp)
{
  g_autoptr (GDateTime) when = g_date_time_new_from_unix_utc (stamp / 1000);
  g_autofree char *seconds = when == NULL ? NULL : g_date_time_format (when, "%Y-%m-%dT%H:%M:%S");

  if (seconds == NULL)
    return NULL;
  return stamp % 1000 == 0 ? g_strconcat (seconds, "Z", NULL) : g_strdup_printf ("%s.%03dZ", seconds, (int) (stamp % 1000));
}

void
stanza_add_delay (xmpp_stanza_t *stanza, const char *domain, gint64 stamp)
{
  g_autofree char *text = stanza_dup_time (stamp);
  xmpp_stanza_t *delay;

  if (text == NULL)
    return;
  delay = stanza_add (stanza, "delay", NS_DELAY);
  stanza_set (delay, "from", domain);
  stanza_set (delay, "stamp", text);
}

gint64
stanza_parse_time (const char *text)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) when = g_date_time_new_from_iso8601 (text, utc);

  return when == NULL ? 0 : g_date_time_to_unix (when) * 1000 + g_date_time_get_microsecond (when) / 1000;
}

const char *
stanza_get (xmpp_stanza_t *stanza, const char *attribute)
{
  return xmpp_stanza_get_attribute (stanza, attribute);
}

gboolean
stanza_is (xmpp_stanza_t *stanza, const char *name, const char *ns)
{
  const char *own = xmpp_stanza_get_name (stanza);

  return own != NULL && g_str_equal (own, name) && g_strcmp0 (stanza_get (stanza, "xmlns"), ns) == 0;
}

xmpp_stanza_t *
stanza_first (xmpp_stanza_t *parent)
{
  xmpp_stanza_t *child = xmpp_stanza_get_children (parent);

  return child == NULL || xmpp_stanza_is_tag (child) ? child : stanza_next (child);
}

xmpp_stanza_t *
stanza_next (xmpp_stanza_t *sibling)
{
  do
    sibling = xmpp_stanza_get_next (sibling);
  while (sibling != NULL && !xmpp_stanza_is_tag (sibling));
  return sibling;
}

xmpp_stanza_t *
stanza_child (xmpp_stanza_t *parent, const char *name, const char *ns)
{
  for (xmpp_stanza_t *child = stanza_first (parent); child != NULL; child = stanza_next (child))
    if (stanza_is (child, name, ns))
      return child;
  return NULL;
}

char *
stanza_dup_text (xmpp_stanza_t *stanza)
{
  GString *text = g_string_new (NULL);

  for (xmpp_stanza_t *child = xmpp_stanza_get_children (stanza); child != NULL; child = xmpp_stanza_get_next (child))
    if (xmpp_stanza_is_text (child))
      g_string_append (text, xmpp_stanza_get_text_ptr (child));
  return g_string_free (text, FALSE);
}

char *
stanza_dup_child_text (xmpp_stanza_t *parent, const char *name, const char *ns)
{
  xmpp_stanza_t *child = stanza_child (parent, name, ns);

  return child == NULL ? NULL : stanza_dup_text (child);
}

/* -- Errors --------------------------------------------------------------- */

G_DEFINE_QUARK (passerelle-stanza-error, stanza_error)

static const struct { const char *condition, *type; } conditions[] = {
  [STANZA_BAD_REQUEST] = { "bad-request", "modify" },
  [STANZA_CONFLICT] = { "conflict", "cancel" },
  [STANZA_FEATURE_NOT_IMPLEMENTED] = { "feature-not-implemented", "cancel" },
  [STANZA_FORBIDDEN] = { "forbidden", "auth" },
  [STANZA_INTERNAL_SERVER_ERROR] = { "internal-server-error", "cancel" },
  [STANZA_ITEM_NOT_FOUND] = { "item-not-found", "cancel" },
  [STANZA_JID_MALFORMED] = { "jid-malformed", "modify" },
  [STANZA_NOT_ACCEPTABLE] = { "not-acceptable", "modify" },
  [STANZA_NOT_ALLOWED] = { "not-allowed", "cancel" },
  [STANZA_NOT_AUTHORIZED] = { "not-authorized", "auth" },
  [STANZA_POLICY_VIOLATION] = { "policy-violation", "modify" },
  [STANZA_RECIPIENT_UNAVAILABLE] = { "recipient-unavailable", "wait" },
  [STANZA_REGISTRATION_REQUIRED] = { "registration-required", "auth" },
  [STANZA_REMOTE_SERVER_TIMEOUT] = { "remote-server-timeout", "wait" },
  [STANZA_RESOURCE_CONSTRAINT] = { "resource-constraint", "wait" },
  [STANZA_ROOM_FULL] = { "service-unavailable", "wait" },
  [STANZA_SERVICE_UNAVAILABLE] = { "service-unavailable", "cancel" },
  [STANZA_UNEXPECTED_REQUEST] = { "unexpected-request", "modify" },
};

gboolean
stanza_refuse (GError **error, StanzaError condition, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error, g_error_new_valist (STANZA_ERROR, condition, format, arguments));
  va_end (arguments);
  return FALSE;
}

xmpp_stanza_t *
stanza_new_error (xmpp_stanza_t *request, const GError *error)
{
  xmpp_stanza_t *reply = stanza_new_full (xmpp_stanza_get_name (request), "error",
                                          xmpp_stanza_get_to (request), xmpp_stanza_get_from (request));
  xmpp_stanza_t *child = stanza_add (reply, "error", NULL);
  gboolean ours = error->domain == STANZA_ERROR;
  StanzaError condition = ours ? (StanzaError) error->code : STANZA_INTERNAL_SERVER_ERROR;

  stanza_set (reply, "id", xmpp_stanza_get_id (request));
  stanza_set (child, "type", conditions[condition].type);
  stanza_add (child, conditions[condition].condition, NS_STANZAS);
  stanza_set (stanza_add_text (child, "text", ours ? error->message : "Something went wrong inside the gateway; its administrator finds it in the log."),
              "xmlns", NS_STANZAS);
  if (!ours)
    g_warning ("%s to %s failed: %s", xmpp_stanza_get_name (request), xmpp_stanza_get_to (request), error->message);
  return reply;
}
