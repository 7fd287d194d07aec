/* SPDX-License-Identifier: GPL-2.0-or-later */
/* caps.c - who the gateway and its contacts are and what they can do.
 *
 * The hash is made of the same identities and features as the answer, so the two
 * cannot differ; it is made anew each time a gateway's protocol gets known. */
#include "config.h"

#include "caps.h"

#include <string.h>

#define NS_CAPS "http://jabber.org/protocol/caps"

typedef struct {
  const char *category, *type;
  char *name;
} Identity;

static void
identity_clear (gpointer data)
{
  g_free (((Identity *) data)->name);
}

/* Sorted as XEP-0115, section 5.1 wants them. */
static GArray *
identities (Gateway *gateway, Place where)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (Identity));
  Identity gate = { "gateway", gateway->network->disco_type, g_strdup (gateway->settings->name) };
  Identity account = { "account", "registered", NULL };
  Identity client = { "client", "pc", NULL };
  Identity rooms = { "conference", gateway->network->room_prefixes != NULL ? "irc" : "text", g_strdup (gateway->settings->name) };

  g_array_set_clear_func (array, identity_clear);
  if (where == AT_GATEWAY && gateway->protocol->rooms)
    g_array_append_val (array, rooms);
  else
    g_free (rooms.name);
  if (where == AT_GATEWAY)
    g_array_append_val (array, gate);
  else
    {
      g_free (gate.name);
      g_array_append_val (array, account);
      g_array_append_val (array, client);
    }
  return array;
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
namespaces (Gateway *gateway, Place where)
{
  GPtrArray *array = g_ptr_array_new ();

  for (guint i = 0; features[i] != NULL; i++)
    {
      const char *const *ns = where == AT_GATEWAY ? features[i]->disco_gateway : features[i]->disco_contact;

      if (features[i]->shown != NULL && !features[i]->shown (gateway))
        continue;
      for (; ns != NULL && *ns != NULL; ns++)
        if (!g_ptr_array_find_with_equal_func (array, *ns, g_str_equal, NULL))
          g_ptr_array_add (array, (gpointer) *ns);
    }
  g_ptr_array_sort (array, compare_strings);
  return array;
}

void
caps_fill (Gateway *gateway, Place where, xmpp_stanza_t *query)
{
  g_autoptr (GArray) ids = identities (gateway, where);
  g_autoptr (GPtrArray) names = namespaces (gateway, where);

  for (guint i = 0; i < ids->len; i++)
    {
      const Identity *id = &g_array_index (ids, Identity, i);
      xmpp_stanza_t *identity = stanza_add (query, "identity", NULL);

      stanza_set (identity, "category", id->category);
      stanza_set (identity, "type", id->type);
      stanza_set (identity, "name", id->name);
    }
  for (guint i = 0; i < names->len; i++)
    stanza_set (stanza_add (query, "feature", NULL), "var", names->pdata[i]);
}

static char *
dup_hash (Gateway *gateway, Place where)
{
  g_autoptr (GArray) ids = identities (gateway, where);
  g_autoptr (GPtrArray) names = namespaces (gateway, where);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[20];
  gsize length = sizeof digest;

  for (guint i = 0; i < ids->len; i++)
    {
      const Identity *id = &g_array_index (ids, Identity, i);
      g_autofree char *line = g_strdup_printf ("%s/%s//%s<", id->category, id->type, id->name == NULL ? "" : id->name);

      g_checksum_update (sum, (const guchar *) line, -1);
    }
  for (guint i = 0; i < names->len; i++)
    {
      g_checksum_update (sum, names->pdata[i], -1);
      g_checksum_update (sum, (const guchar *) "<", 1);
    }
  g_checksum_get_digest (sum, digest, &length);
  return g_base64_encode (digest, length);
}

/* Wanted with every presence, hence kept until the answer changes. */
static const char *
hash (Gateway *gateway, Place where)
{
  char **kept = where == AT_GATEWAY ? &gateway->caps_gateway : &gateway->caps_contact;

  if (*kept == NULL)
    *kept = dup_hash (gateway, where);
  return *kept;
}

void
caps_forget (Gateway *gateway)
{
  g_clear_pointer (&gateway->caps_gateway, g_free);
  g_clear_pointer (&gateway->caps_contact, g_free);
}

void
caps_add (Gateway *gateway, Place where, xmpp_stanza_t *presence)
{
  xmpp_stanza_t *c = stanza_add (presence, "c", NS_CAPS);

  stanza_set (c, "hash", "sha-1");
  stanza_set (c, "node", CAPS_NODE);
  stanza_set (c, "ver", hash (gateway, where));
}

gboolean
caps_is_current (Gateway *gateway, Place where, const char *node)
{
  return g_str_has_prefix (node, CAPS_NODE "#") && g_str_equal (node + strlen (CAPS_NODE "#"), hash (gateway, where));
}
