/* SPDX-License-Identifier: GPL-2.0-or-later */
/* html.c - libpurple's HTML to plain text with XEP-0393 styling.
 *
 * XEP-0393 is stricter than HTML: a span of style lies within one line, begins
 * and ends at a character that is no blank, and spans nest.  So the tags do not
 * write marks.  They only say which styles are wanted from here on, and blanks
 * and newlines are held back; the next visible character closes the marks that
 * are no longer wanted, lets the blanks out, and opens the new ones.  Tags in
 * any order, unclosed or closed twice, come out well-formed that way. */
#include "config.h"

#include "html.h"

#include <string.h>

typedef enum { BOLD, ITALIC, STRIKE, CODE, N_STYLES } Style;

static const char marks[N_STYLES] = { [BOLD] = '*', [ITALIC] = '_', [STRIKE] = '~', [CODE] = '`' };

/* Of the messages that networks carry, none comes near. */
#define MAX_QUOTES 8
#define MAX_SPANS 64

typedef struct {
  GString *out;
  guint wanted[N_STYLES];       /* how many open elements ask for it */
  Style open[N_STYLES];         /* marks that are written and not closed, outermost first */
  guint n_open;

  guint newlines;               /* held back, likewise: */
  GString *blanks;
  gboolean block;               /* a block ended or began: the next text starts a line */
  gboolean line_begun;          /* the quotation marks of this line are written */

  guint quotes;
  guint pre;
  guint spans[MAX_SPANS];       /* for </span>: bit set of the styles that each asked for */
  guint n_spans;
  gboolean no_comment_ends;     /* looked for in vain, once */

  char *href;                   /* of the open <a> */
  GString *link_text;           /* visible text since then */
} Writer;

/* -- Writing ------------------------------------------------------------- */

static void
close_marks (Writer *w, guint keep)
{
  while (w->n_open > keep)
    g_string_append_c (w->out, marks[w->open[--w->n_open]]);
}

static gboolean
is_wanted (const Writer *w, Style style)
{
  if (w->pre > 0)
    return FALSE;
  if (style != CODE && w->wanted[CODE] > 0)
    return FALSE;
  return w->wanted[style] > 0;
}

/* The line's end is the only place where blanks are dropped. */
static void
write_newlines (Writer *w)
{
  close_marks (w, 0);
  for (; w->newlines > 0; w->newlines--)
    {
      g_string_append_c (w->out, '\n');
      w->line_begun = FALSE;
    }
}

static void
begin_line (Writer *w)
{
  if (w->line_begun)
    return;
  w->line_begun = TRUE;
  for (guint i = 0; i < w->quotes; i++)
    g_string_append (w->out, "> ");
}

static void
flush (Writer *w)
{
  guint keep = 0;

  if (w->block && w->newlines == 0 && w->out->len > 0)
    w->newlines = 1;
  w->block = FALSE;
  if (w->newlines > 0)
    write_newlines (w);
  begin_line (w);

  while (keep < w->n_open && is_wanted (w, w->open[keep]))
    keep++;
  close_marks (w, keep);
  g_string_append_len (w->out, w->blanks->str, (gssize) w->blanks->len);
  g_string_truncate (w->blanks, 0);

  for (Style style = 0; style < N_STYLES; style++)
    {
      gboolean is_open = FALSE;

      for (guint i = 0; i < w->n_open; i++)
        is_open |= w->open[i] == style;
      if (is_wanted (w, style) && !is_open)
        {
          g_string_append_c (w->out, marks[style]);
          w->open[w->n_open++] = style;
        }
    }
}

static void
write_newline (Writer *w)
{
  g_string_truncate (w->blanks, 0);
  w->newlines++;
}

/* A newline next to a block's edge is how the HTML was laid out. */
static void
write_source_newline (Writer *w)
{
  if (!w->block)
    write_newline (w);
}

static void
write_block_edge (Writer *w)
{
  g_string_truncate (w->blanks, 0);
  w->block = TRUE;
}

/* One character, of `length` bytes. */
static void
write_char (Writer *w, const char *c, gsize length)
{
  if (*c == '\r')
    return;
  if (*c == '\n')
    {
      write_source_newline (w);
      return;
    }
  if (*c == ' ' || *c == '\t')
    {
      if (w->block && w->pre > 0)
        {
          w->newlines = MAX (w->newlines, 1);
          w->block = FALSE;
        }
      if (!w->block)
        g_string_append_c (w->blanks, *c);
      return;
    }
  flush (w);
  g_string_append_len (w->out, c, (gssize) length);
  if (w->href != NULL)
    g_string_append_len (w->link_text, c, (gssize) length);
}

static void
write_text (Writer *w, const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    write_char (w, text, (gsize) (g_utf8_next_char (text) - text));
}

/* -- Entities ------------------------------------------------------------ */

static const struct {
  const char *name;
  const char *text;
} entities[] = {
  { "amp", "&" }, { "lt", "<" }, { "gt", ">" }, { "quot", "\"" }, { "apos", "'" },
  { "nbsp", " " }, { "copy", "©" }, { "reg", "®" }, { "trade", "™" }, { "hellip", "…" },
  { "ndash", "–" }, { "mdash", "—" }, { "lsquo", "‘" }, { "rsquo", "’" }, { "ldquo", "“" }, { "rdquo", "”" },
  { "laquo", "«" }, { "raquo", "»" }, { "euro", "€" }, { "bull", "•" }, { "middot", "·" }, { "deg", "°" },
};

#define MAX_ENTITY 12

/* The text of the entity at `at` ('&') into `text` (at least 7 bytes); returns what follows it, or NULL if it is none. */
static const char *
read_entity (const char *at, char *text)
{
  const char *name = at + 1;
  gsize length = strcspn (name, "; \t\n&<");

  if (length == 0 || length > MAX_ENTITY || name[length] != ';')
    return NULL;

  if (*name == '#')
    {
      gboolean hex = name[1] == 'x' || name[1] == 'X';
      const char *digits = name + (hex ? 2 : 1);
      char *end;
      guint64 c = g_ascii_strtoull (digits, &end, hex ? 16 : 10);

      if (!g_ascii_isxdigit (*digits) || end != name + length)
        return NULL;
      /* What XML cannot carry is left out. */
      if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0xd800 && c <= 0xdfff) || c == 0xfffe || c == 0xffff || c > 0x10ffff)
        text[0] = '\0';
      else
        text[g_unichar_to_utf8 ((gunichar) c, text)] = '\0';
      return name + length + 1;
    }

  for (guint i = 0; i < G_N_ELEMENTS (entities); i++)
    if (strlen (entities[i].name) == length && strncmp (entities[i].name, name, length) == 0)
      {
        strcpy (text, entities[i].text);
        return name + length + 1;
      }
  return NULL;
}

static char *
dup_decoded (const char *begin, const char *end)
{
  g_autofree char *raw = g_strndup (begin, (gsize) (end - begin));
  GString *out = g_string_new (NULL);

  for (const char *at = raw; *at != '\0';)
    {
      char text[8];
      const char *next = *at == '&' ? read_entity (at, text) : NULL;

      if (next != NULL)
        g_string_append (out, text);
      else
        g_string_append_c (out, *at);
      at = next != NULL ? next : at + 1;
    }
  return g_string_free (out, FALSE);
}

/* -- Tags ---------------------------------------------------------------- */

#define MAX_NAME 12

typedef struct {
  char name[MAX_NAME + 1];      /* in small letters */
  gboolean closing;
  const char *attributes, *end; /* end: at the '>' */
} Tag;

/* "<b>", "</font>", "<a href='x>y'>" at `at`; FALSE if it is no tag. */
static gboolean
read_tag (const char *at, Tag *tag)
{
  gsize length = 0;
  char quote = '\0';

  at++;
  tag->closing = *at == '/';
  if (tag->closing)
    at++;
  if (!g_ascii_isalpha (*at))
    return FALSE;
  for (; g_ascii_isalnum (*at); at++)
    {
      if (length == MAX_NAME)
        return FALSE;
      tag->name[length++] = g_ascii_tolower (*at);
    }
  tag->name[length] = '\0';
  if (*at != '>' && *at != '/' && !g_ascii_isspace (*at))
    return FALSE;

  tag->attributes = at;
  for (; *at != '\0'; at++)
    {
      if (quote != '\0')
        {
          if (*at == quote)
            quote = '\0';
        }
      else if ((*at == '"' || *at == '\'') && at[-1] == '=')
        quote = *at;
      else if (*at == '>')
        {
          tag->end = at;
          return TRUE;
        }
      else if (*at == '<')
        return FALSE;
    }
  return FALSE;
}

/* The value of an attribute, decoded; NULL if the tag has none of this name. */
static char *
dup_attribute (const Tag *tag, const char *name)
{
  const char *at = tag->attributes;

  while (at < tag->end)
    {
      const char *begin, *value, *value_end;
      gsize length;

      while (at < tag->end && (g_ascii_isspace (*at) || *at == '/'))
        at++;
      begin = at;
      while (at < tag->end && !g_ascii_isspace (*at) && *at != '=')
        at++;
      length = (gsize) (at - begin);
      if (at < tag->end && *at == '=')
        {
          at++;
          if (at < tag->end && (*at == '"' || *at == '\''))
            {
              char quote = *at++;

              value = at;
              while (at < tag->end && *at != quote)
                at++;
              value_end = at;
              if (at < tag->end)
                at++;
            }
          else
            {
              value = at;
              while (at < tag->end && !g_ascii_isspace (*at))
                at++;
              value_end = at;
            }
          if (length == strlen (name) && g_ascii_strncasecmp (begin, name, length) == 0)
            return dup_decoded (value, value_end);
        }
    }
  return NULL;
}

static void
want (Writer *w, Style style, gboolean on)
{
  if (on)
    w->wanted[style]++;
  else if (w->wanted[style] > 0)
    w->wanted[style]--;
}

/* XHTML-IM says its styles in CSS. */
static guint
styles_of_css (const char *css)
{
  g_autofree char *lower = css != NULL ? g_ascii_strdown (css, -1) : NULL;
  g_auto (GStrv) declarations = g_strsplit (lower != NULL ? lower : "", ";", 0);
  guint styles = 0;

  for (guint i = 0; declarations[i] != NULL; i++)
    {
      char *value = strchr (declarations[i], ':');

      if (value == NULL)
        continue;
      *value++ = '\0';
      g_strstrip (declarations[i]);
      g_strstrip (value);
      if (g_str_equal (declarations[i], "font-weight")
          && (g_str_has_prefix (value, "bold") || g_ascii_strtoull (value, NULL, 10) >= 600))
        styles |= 1u << BOLD;
      else if (g_str_equal (declarations[i], "font-style") && (g_str_equal (value, "italic") || g_str_equal (value, "oblique")))
        styles |= 1u << ITALIC;
      else if (g_str_has_prefix (declarations[i], "text-decoration") && strstr (value, "line-through") != NULL)
        styles |= 1u << STRIKE;
    }
  return styles;
}

static void
on_span (Writer *w, const Tag *tag)
{
  guint styles;

  if (!tag->closing)
    {
      g_autofree char *css = dup_attribute (tag, "style");

      styles = styles_of_css (css);
      if (w->n_spans < MAX_SPANS)
        w->spans[w->n_spans] = styles;
      else
        styles = 0;
      w->n_spans++;
    }
  else
    {
      if (w->n_spans == 0)
        return;
      w->n_spans--;
      styles = w->n_spans < MAX_SPANS ? w->spans[w->n_spans] : 0;
    }
  for (Style style = 0; style < N_STYLES; style++)
    if (styles & (1u << style))
      want (w, style, !tag->closing);
}

static void on_bold (Writer *w, const Tag *tag) { want (w, BOLD, !tag->closing); }
static void on_italic (Writer *w, const Tag *tag) { want (w, ITALIC, !tag->closing); }
static void on_strike (Writer *w, const Tag *tag) { want (w, STRIKE, !tag->closing); }
static void on_code (Writer *w, const Tag *tag) { want (w, CODE, !tag->closing); }
static void on_block (Writer *w, const Tag *tag) { write_block_edge (w); }
static void on_nothing (Writer *w, const Tag *tag) { }

static void
on_break (Writer *w, const Tag *tag)
{
  if (w->block && w->out->len > 0)
    w->newlines = MAX (w->newlines, 1);
  w->block = FALSE;
  write_newline (w);
}

static void
on_heading (Writer *w, const Tag *tag)
{
  write_block_edge (w);
  want (w, BOLD, !tag->closing);
}

static void
on_pre (Writer *w, const Tag *tag)
{
  if (tag->closing && w->pre == 0)
    return;
  if (!tag->closing && w->pre++ > 0)
    return;
  if (tag->closing && --w->pre > 0)
    return;
  /* The fence stands on lines of its own, within the styles of neither side. */
  write_block_edge (w);
  w->pre++;
  write_text (w, "```");
  w->pre--;
  write_block_edge (w);
}

static void
on_quote (Writer *w, const Tag *tag)
{
  write_block_edge (w);
  if (!tag->closing)
    {
      /* The prefix belongs to the line that begins here, not to the one before. */
      if (w->out->len == 0)
        w->line_begun = FALSE;
      w->quotes = MIN (w->quotes + 1, MAX_QUOTES);
    }
  else if (w->quotes > 0)
    w->quotes--;
}

static void
on_item (Writer *w, const Tag *tag)
{
  write_block_edge (w);
  if (tag->closing)
    return;
  write_text (w, "-");
  g_string_append_c (w->blanks, ' ');
}

static void
on_rule (Writer *w, const Tag *tag)
{
  write_block_edge (w);
  write_text (w, "---");
  write_block_edge (w);
}

static void
on_cell (Writer *w, const Tag *tag)
{
  if (!tag->closing && !w->block)
    g_string_append_c (w->blanks, ' ');
}

static void
on_image (Writer *w, const Tag *tag)
{
  g_autofree char *alt = dup_attribute (tag, "alt");
  g_autofree char *src = dup_attribute (tag, "src");

  if (alt != NULL && *alt != '\0')
    write_text (w, alt);
  else if (src != NULL && (g_str_has_prefix (src, "http:") || g_str_has_prefix (src, "https:")))
    write_text (w, src);
}

/* "example.org" for "http://example.org/": the reader learns nothing more from the address. */
static gboolean
says_the_same (const char *text, const char *href)
{
  static const char *const schemes[] = { "", "http://", "https://", "mailto:", "xmpp:" };
  gsize length = strlen (text);

  if (length > 0 && text[length - 1] == '/')
    length--;
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_str_has_prefix (href, schemes[i]))
      {
        const char *rest = href + strlen (schemes[i]);

        if (strncmp (rest, text, length) == 0 && (rest[length] == '\0' || g_str_equal (rest + length, "/")))
          return TRUE;
      }
  return FALSE;
}

static void
end_link (Writer *w)
{
  g_autofree char *href = g_steal_pointer (&w->href);
  gboolean has_text = w->link_text->len > 0;

  if (href == NULL || *href == '\0' || *href == '#' || (has_text && says_the_same (w->link_text->str, href)))
    return;
  /* The mark's closing waits for the next character, so the address would be styled; it need not be. */
  if (!has_text)
    {
      write_text (w, href);
      return;
    }
  g_string_append_c (w->blanks, ' ');
  write_text (w, "<");
  write_text (w, href);
  write_text (w, ">");
}

static void
on_link (Writer *w, const Tag *tag)
{
  end_link (w);
  g_string_truncate (w->link_text, 0);
  if (!tag->closing)
    w->href = dup_attribute (tag, "href");
}

/* What is between these tags is not for the reader. */
static const char *const hidden[] = { "script", "style", "title" };

static const struct {
  const char *name;
  void (*handle) (Writer *w, const Tag *tag);
} tags[] = {
  { "b", on_bold }, { "strong", on_bold },
  { "i", on_italic }, { "em", on_italic }, { "cite", on_italic },
  { "s", on_strike }, { "strike", on_strike }, { "del", on_strike },
  { "code", on_code }, { "tt", on_code }, { "kbd", on_code }, { "samp", on_code },
  { "pre", on_pre }, { "blockquote", on_quote }, { "li", on_item }, { "hr", on_rule },
  { "a", on_link }, { "img", on_image }, { "br", on_break }, { "span", on_span },
  { "p", on_block }, { "div", on_block }, { "ul", on_block }, { "ol", on_block }, { "dl", on_block },
  { "dt", on_block }, { "dd", on_block }, { "table", on_block }, { "tr", on_block }, { "center", on_block },
  { "td", on_cell }, { "th", on_cell },
  { "h1", on_heading }, { "h2", on_heading }, { "h3", on_heading },
  { "h4", on_heading }, { "h5", on_heading }, { "h6", on_heading },
  { "html", on_block }, { "head", on_block }, { "body", on_block }, { "font", on_nothing }, { "u", on_nothing },
  { "ins", on_nothing }, { "small", on_nothing }, { "big", on_nothing }, { "sub", on_nothing }, { "sup", on_nothing },
  { "tbody", on_nothing }, { "thead", on_nothing }, { "abbr", on_nothing }, { "acronym", on_nothing },
  { "q", on_nothing }, { "label", on_nothing }, { "binary", on_nothing }, { "ft", on_nothing }, { "meta", on_nothing },
  { "script", on_nothing }, { "style", on_nothing }, { "title", on_nothing },
};

/* What follows the end tag `name`; the end of all if there is none. */
static const char *
skip_past_end_of (const char *at, const char *name)
{
  for (; *at != '\0'; at++)
    {
      Tag tag;

      if (*at == '<' && read_tag (at, &tag) && tag.closing && g_str_equal (tag.name, name))
        return tag.end + 1;
    }
  return at;
}

/* What follows the tag or comment at `at`; NULL if it is none, and so the reader's. */
static const char *
handle_tag (Writer *w, const char *at)
{
  Tag tag;

  if (g_str_has_prefix (at, "<!--"))
    {
      const char *end = w->no_comment_ends ? NULL : strstr (at + 4, "-->");

      w->no_comment_ends = end == NULL;
      return end != NULL ? end + 3 : NULL;
    }
  if (!read_tag (at, &tag))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (tags); i++)
    if (g_str_equal (tags[i].name, tag.name))
      {
        tags[i].handle (w, &tag);
        for (guint j = 0; j < G_N_ELEMENTS (hidden) && !tag.closing; j++)
          if (g_str_equal (hidden[j], tag.name))
            return skip_past_end_of (tag.end + 1, tag.name);
        return tag.end + 1;
      }
  return NULL;
}

char *
html_dup_styled (const char *html)
{
  Writer w = {
    .out = g_string_sized_new (strlen (html)),
    .blanks = g_string_new (NULL),
    .link_text = g_string_new (NULL),
  };

  for (const char *at = html; *at != '\0';)
    {
      char text[8];
      const char *next = NULL;

      if (*at == '<')
        next = handle_tag (&w, at);
      else if (*at == '&' && (next = read_entity (at, text)) != NULL)
        write_text (&w, text);
      if (next == NULL)
        {
          next = g_utf8_next_char (at);
          write_char (&w, at, (gsize) (next - at));
        }
      at = next;
    }
  end_link (&w);
  if (w.pre > 0)
    {
      w.pre = 1;
      on_pre (&w, &(Tag) { .closing = TRUE });
    }
  /* Newlines at the very end show nothing; blanks are the writer's own. */
  close_marks (&w, 0);
  if (w.newlines == 0)
    g_string_append_len (w.out, w.blanks->str, (gssize) w.blanks->len);

  g_string_free (w.blanks, TRUE);
  g_string_free (w.link_text, TRUE);
  return g_string_free (w.out, FALSE);
}
