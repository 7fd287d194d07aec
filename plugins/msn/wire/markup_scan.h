/* SPDX-License-Identifier: GPL-2.0-or-later */
/* markup_scan.h - a tolerant search for elements in what servers and peers call XML: it may be cut, unbalanced, or have
 * prefixes of any kind.  Nothing is looked up, nothing expands, and the time is linear. */
#pragma once

#include <glib.h>

typedef struct {
  const char *attributes;    /* inside of the start tag; not ended by a zero byte */
  gsize attributes_length;
  const char *inside;        /* what stands between the tags, the same */
  gsize length;
  const char *after;         /* where to go on searching */
} MarkupElement;

/* The next element of this name, whatever its prefix; TEXT is LENGTH bytes. */
gboolean markup_find (const char *text, gsize length, const char *name, MarkupElement *element);
/* The text in the first such element, unescaped; NULL: there is none. */
char *markup_dup_text (const char *text, gsize length, const char *name);
/* An attribute's value, unescaped; NULL: there is none. */
char *markup_dup_attribute (const MarkupElement *element, const char *name);
/* References such as &amp; and &#x26; decoded, valid UTF-8. */
char *markup_dup_unescaped (const char *text, gsize length);
/* & < > " ' as references. */
char *markup_dup_escaped (const char *text);
