/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jid.c - XMPP addresses, and names of other networks inside them (XEP-0106).
 *
 * The XMPP server has prepared every address that reaches us, so taking them
 * apart needs no look at their characters; only what we make is checked. */
#include "config.h"

#include "jid.h"

#include <string.h>

#include <stringprep.h>

#define PART_MAX 1023

char *
jid_dup_bare (const char *jid)
{
  return g_strndup (jid, strcspn (jid, "/"));
}

const char *
jid_resource (const char *jid)
{
  const char *slash = strchr (jid, '/');

  return slash == NULL || slash[1] == '\0' ? NULL : slash + 1;
}

char *
jid_dup_local (const char *jid)
{
  gsize length = strcspn (jid, "@/");

  return jid[length] == '@' ? g_strndup (jid, length) : NULL;
}

char *
jid_dup_domain (const char *jid)
{
  gsize length = strcspn (jid, "@/");
  const char *domain = jid[length] == '@' ? jid + length + 1 : jid;

  return g_strndup (domain, strcspn (domain, "/"));
}

/* The ten characters of XEP-0106, section 3; the backslash only where it would
 * be read as an escape. */
static const char escaped_characters[] = " \"&'/:<>@";

static gboolean
is_escape (const char *at)
{
  static const char *const codes[] = { "20", "22", "26", "27", "2f", "3a", "3c", "3e", "40", "5c" };

  if (*at != '\\')
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (strncmp (at + 1, codes[i], 2) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_plain (const char *text)
{
  gsize length = 0;

  for (const char *c = text; *c != '\0'; c++, length++)
    if (!g_ascii_isprint (*c))
      return FALSE;
  return length > 0 && length <= PART_MAX;
}

/* NULL: it may not be one. */
static char *
dup_prepared (const char *text, const Stringprep_profile *profile)
{
  char prepared[PART_MAX + 1];

  if (strlen (text) > PART_MAX)
    return NULL;
  g_strlcpy (prepared, text, sizeof prepared);
  if (stringprep (prepared, sizeof prepared, STRINGPREP_NO_UNASSIGNED, profile) != STRINGPREP_OK || *prepared == '\0')
    return NULL;
  return g_strdup (prepared);
}

char *
jid_dup_escaped (const char *name)
{
  g_autofree char *folded = NULL;
  GString *local;

  if (!g_utf8_validate (name, -1, NULL))
    return NULL;
  folded = g_utf8_strdown (name, -1);
  local = g_string_sized_new (strlen (folded) + 16);
  for (const char *p = folded; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_iscntrl (c) || (g_unichar_isspace (c) && c != ' ') || !g_unichar_isdefined (c))
        {
          g_string_free (local, TRUE);
          return NULL;
        }
      if (strchr (escaped_characters, *p) != NULL || is_escape (p))
        g_string_append_printf (local, "\\%02x", (guint) *p);
      else
        g_string_append_unichar (local, c);
    }
  /* A space may stand neither first nor last, escaped or not (section 4). */
  if (local->len == 0 || local->len > PART_MAX || folded[0] == ' ' || g_str_has_suffix (folded, " "))
    {
      g_string_free (local, TRUE);
      return NULL;
    }
  if (!is_plain (local->str))
    {
      /* What servers take for no address at all: they drop whatever comes from it. */
      g_autofree char *prepared = dup_prepared (local->str, stringprep_xmpp_nodeprep);

      if (prepared == NULL)
        {
          g_string_free (local, TRUE);
          return NULL;
        }
    }
  return g_string_free (local, FALSE);
}

static char *
dup_without_prohibited (const char *text)
{
  GString *kept = g_string_new (NULL);

  for (const char *p = text; *p != '\0' && kept->len < PART_MAX - 6; p = g_utf8_next_char (p))
    {
      char one[7] = { 0 };
      g_autofree char *prepared = NULL;

      one[g_unichar_to_utf8 (g_utf8_get_char (p), one)] = '\0';
      prepared = dup_prepared (one, stringprep_xmpp_resourceprep);
      if (prepared != NULL)
        g_string_append (kept, prepared);
    }
  return g_string_free (kept, FALSE);
}

char *
jid_dup_resource_of (const char *nick)
{
  g_autofree char *kept = NULL;
  char *resource;

  if (is_plain (nick))
    return g_strdup (nick);
  resource = dup_prepared (nick, stringprep_xmpp_resourceprep);
  if (resource != NULL)
    return resource;
  kept = dup_without_prohibited (nick);
  resource = dup_prepared (kept, stringprep_xmpp_resourceprep);
  if (resource == NULL)
    {
      resource = g_uri_escape_string (kept, NULL, FALSE);
      resource[MIN (strlen (resource), PART_MAX)] = '\0';
    }
  if (*resource != '\0')
    return resource;
  g_free (resource);
  return g_strdup ("?");
}

char *
jid_dup_unescaped (const char *local)
{
  GString *name = g_string_sized_new (strlen (local));

  for (const char *p = local; *p != '\0'; p++)
    if (is_escape (p))
      {
        g_string_append_c (name, (char) (g_ascii_xdigit_value (p[1]) << 4 | g_ascii_xdigit_value (p[2])));
        p += 2;
      }
    else
      g_string_append_c (name, *p);
  return g_string_free (name, FALSE);
}
