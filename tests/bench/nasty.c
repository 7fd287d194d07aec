/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nasty.c - the largest stanzas that an XMPP server lets through. */
#include "config.h"

#include "nasty.h"

#include <string.h>

const char *
nasty_name (NastyKind kind)
{
  static const char *const names[] = { "children", "depth", "newlines", "entities", "attributes" };

  return names[kind];
}

static void
fill (GString *xml, NastyKind kind, gsize room)
{
  gsize end = xml->len + room;
  guint n = 0;

  switch (kind)
    {
    case NASTY_CHILDREN:
      while (xml->len + 4 <= end)
        g_string_append (xml, "<i/>");
      break;
    case NASTY_DEPTH:
      for (n = (guint) (room / 7); n > 0; n--)
        g_string_append (xml, "<i>");
      for (n = (guint) (room / 7); n > 0; n--)
        g_string_append (xml, "</i>");
      break;
    case NASTY_NEWLINES:
      g_string_append (xml, "<body>");
      while (xml->len + strlen ("</body>") < end)
        g_string_append_c (xml, '\n');
      g_string_append (xml, "</body>");
      break;
    case NASTY_ENTITIES:
      g_string_append (xml, "<body>");
      while (xml->len + strlen ("&lt;</body>") <= end)
        g_string_append (xml, "&lt;");
      g_string_append (xml, "</body>");
      break;
    case NASTY_ATTRIBUTES:
      g_string_append (xml, "<i");
      while (xml->len + strlen (" a0000001=''/>") <= end)
        g_string_append_printf (xml, " a%07u=''", n++);
      g_string_append (xml, "/>");
      break;
    }
  while (xml->len < end)
    g_string_append_c (xml, ' ');
}

char *
nasty_dup_stanza (NastyKind kind, const char *from, const char *to)
{
  GString *xml = g_string_new (NULL);

  g_string_append_printf (xml, "<message from='%s' to='%s' type='chat' id='nasty'>", from, to);
  fill (xml, kind, NASTY_SIZE - xml->len - strlen ("</message>"));
  g_string_append (xml, "</message>");
  g_assert (xml->len == NASTY_SIZE);
  return g_string_free (xml, FALSE);
}
