/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_modes.c - the modes of a channel. */
#include "config.h"

#include "irc_modes.h"

#include <string.h>

#define KEY_LENGTH 23
#define MASK_MAX_BYTES 200
/* No server has more letters. */
#define LETTERS_MAX 64

/* -- What the server says ------------------------------------------------- */

void
irc_support_init (IrcSupport *support)
{
  *support = (IrcSupport) { .lists = g_strdup ("beI"), .always = g_strdup ("k"), .when_set = g_strdup ("l"), .ranks = g_strdup ("ohv"),
                            .key_length = KEY_LENGTH };
}

void
irc_support_clear (IrcSupport *support)
{
  g_clear_pointer (&support->lists, g_free);
  g_clear_pointer (&support->always, g_free);
  g_clear_pointer (&support->when_set, g_free);
  g_clear_pointer (&support->ranks, g_free);
}

static void
take (char **member, const char *letters, gsize length)
{
  g_free (*member);
  *member = g_strndup (letters, MIN (length, LETTERS_MAX));
}

/* "beI,k,l,imnpst" */
static void
read_modes (IrcSupport *support, const char *text)
{
  char **members[] = { &support->lists, &support->always, &support->when_set };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      gsize length = strcspn (text, ", \r\n");

      take (members[i], text, length);
      if (text[length] != ',')
        return;
      text += length + 1;
    }
}

void
irc_support_read (IrcSupport *support, const char *line)
{
  const char *modes = strstr (line, " CHANMODES=");
  const char *ranks = strstr (line, " PREFIX=(");
  const char *key = strstr (line, " KEYLEN=");

  if (modes != NULL)
    read_modes (support, modes + strlen (" CHANMODES="));
  if (ranks != NULL)
    take (&support->ranks, ranks + strlen (" PREFIX=("), strcspn (ranks + strlen (" PREFIX=("), ") \r\n"));
  if (key != NULL)
    support->key_length = (guint) CLAMP (g_ascii_strtoll (key + strlen (" KEYLEN="), NULL, 10), 1, 200);
}

static gboolean
is_in (const char *letters, char letter)
{
  return letters != NULL && strchr (letters, letter) != NULL;
}

static gboolean
takes_word (const IrcSupport *support, char letter, gboolean set)
{
  return is_in (support->ranks, letter) || is_in (support->lists, letter) || is_in (support->always, letter)
         || (set && is_in (support->when_set, letter));
}

void
irc_modes_foreach (const IrcSupport *support, const char *text, IrcModeFunc func, gpointer data)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \r\n", -1);
  char **word = words[0] != NULL ? words + 1 : words;
  gboolean set = TRUE;

  for (const char *c = words[0]; c != NULL && *c != '\0'; c++)
    {
      const char *own = NULL;

      if (*c == '+' || *c == '-')
        {
          set = *c == '+';
          continue;
        }
      while (*word != NULL && **word == '\0')
        word++;
      /* A list without a word is asked for, or the server left it out. */
      if (takes_word (support, *c, set) && *word != NULL)
        own = **word == ':' && word[1] == NULL ? *word++ + 1 : *word++;
      func (*c, set, own, data);
    }
}

/* -- What is set ---------------------------------------------------------- */

static int
bit_of (char letter)
{
  return g_ascii_islower (letter) ? letter - 'a' : g_ascii_isupper (letter) ? 26 + letter - 'A' : -1;
}

gboolean
irc_modes_has (const IrcModes *modes, char letter)
{
  int bit = bit_of (letter);

  return bit >= 0 && (modes->letters >> bit & 1) != 0;
}

void
irc_modes_set (IrcModes *modes, char letter, gboolean set)
{
  int bit = bit_of (letter);

  if (bit < 0)
    return;
  modes->letters = set ? modes->letters | (guint64) 1 << bit : modes->letters & ~((guint64) 1 << bit);
}

void
irc_modes_set_key (IrcModes *modes, const char *key)
{
  char *copy = g_strdup (key);

  g_free (modes->key);
  modes->key = copy;
}

void
irc_modes_clear (IrcModes *modes)
{
  g_free (modes->key);
  *modes = (IrcModes) { 0 };
}

void
irc_modes_copy (IrcModes *modes, const IrcModes *other)
{
  irc_modes_set_key (modes, other->key);
  modes->known = other->known;
  modes->letters = other->letters;
  modes->limit = other->limit;
}

/* Servers show a star to who may not know it. */
static gboolean
is_key (const char *word)
{
  return word != NULL && *word != '\0' && !g_str_equal (word, "*") && !g_str_equal (word, "<key>");
}

static gboolean
is_same (const IrcModes *modes, const IrcModes *other)
{
  return modes->letters == other->letters && modes->limit == other->limit && g_strcmp0 (modes->key, other->key) == 0;
}

typedef struct {
  IrcModes *modes;
  const IrcSupport *support;
} Applying;

static void
apply_one (char letter, gboolean set, const char *word, gpointer data)
{
  const Applying *applying = data;
  IrcModes *modes = applying->modes;

  if (is_in (applying->support->ranks, letter) || is_in (applying->support->lists, letter))
    return;
  irc_modes_set (modes, letter, set);
  if (letter == 'k')
    irc_modes_set_key (modes, set && is_key (word) ? word : NULL);
  if (letter == 'l')
    modes->limit = set && word != NULL ? (guint) CLAMP (g_ascii_strtoll (word, NULL, 10), 0, G_MAXINT) : 0;
}

gboolean
irc_modes_apply (IrcModes *modes, const IrcSupport *support, const char *text)
{
  g_auto (IrcModes) before = { 0 };

  irc_modes_copy (&before, modes);
  irc_modes_foreach (support, text, apply_one, &(Applying) { modes, support });
  return !is_same (&before, modes);
}

gboolean
irc_modes_replace (IrcModes *modes, const IrcSupport *support, const char *text)
{
  g_auto (IrcModes) before = { 0 };

  irc_modes_copy (&before, modes);
  irc_modes_clear (modes);
  modes->known = TRUE;
  irc_modes_foreach (support, text, apply_one, &(Applying) { modes, support });
  return !before.known || !is_same (&before, modes);
}

/* -- Changes -------------------------------------------------------------- */

typedef struct {
  GString *letters, *words;
  char sign;
} Change;

static void
add (Change *change, gboolean set, char letter, const char *word)
{
  char sign = set ? '+' : '-';

  if (change->sign != sign)
    g_string_append_c (change->letters, sign);
  change->sign = sign;
  g_string_append_c (change->letters, letter);
  if (word != NULL)
    g_string_append_printf (change->words, " %s", word);
}

static char *
end (Change *change)
{
  char *text = change->letters->len == 0 ? NULL : g_strconcat (change->letters->str, change->words->str, NULL);

  g_string_free (change->letters, TRUE);
  g_string_free (change->words, TRUE);
  return text;
}

/* Which letters are there. */
static char
letter_of (int bit)
{
  return (char) (bit < 26 ? 'a' + bit : 'A' + bit - 26);
}

char *
irc_modes_dup_change (const IrcModes *from, const IrcModes *to)
{
  Change change = { g_string_new (NULL), g_string_new (NULL), '\0' };
  gboolean had_key = irc_modes_has (from, 'k'), has_key = irc_modes_has (to, 'k');
  gboolean new_key = has_key && to->key != NULL && g_strcmp0 (from->key, to->key) != 0;
  g_autofree char *limit = g_strdup_printf ("%u", to->limit);

  for (int bit = 0; bit < 52; bit++)
    {
      char letter = letter_of (bit);

      if (letter != 'k' && irc_modes_has (from, letter) && !irc_modes_has (to, letter))
        add (&change, FALSE, letter, NULL);
    }
  /* Servers do not replace it; some want to hear the former one, others take any word. */
  if (had_key && (!has_key || new_key))
    add (&change, FALSE, 'k', from->key != NULL ? from->key : "*");
  if (new_key)
    add (&change, TRUE, 'k', to->key);
  if (irc_modes_has (to, 'l') && (!irc_modes_has (from, 'l') || from->limit != to->limit))
    add (&change, TRUE, 'l', limit);
  for (int bit = 0; bit < 52; bit++)
    {
      char letter = letter_of (bit);

      if (letter != 'k' && letter != 'l' && irc_modes_has (to, letter) && !irc_modes_has (from, letter))
        add (&change, TRUE, letter, NULL);
    }
  return end (&change);
}

gboolean
irc_modes_are_as_wanted (const IrcModes *modes, const IrcModes *from, const IrcModes *to)
{
  guint64 touched = from->letters ^ to->letters;

  if (((modes->letters ^ to->letters) & touched) != 0 || (from->limit != to->limit && modes->limit != to->limit))
    return FALSE;
  return to->key == NULL || g_strcmp0 (from->key, to->key) == 0 || g_strcmp0 (modes->key, to->key) == 0;
}

/* -- For the plugin ------------------------------------------------------- */

typedef struct {
  const IrcSupport *support;
  Change with, without;
  gboolean seen, wrong;       /* a letter without a word; and one with a word behind it */
} Mending;

static void
mend_one (char letter, gboolean set, const char *word, gpointer data)
{
  Mending *mending = data;

  add (word != NULL ? &mending->with : &mending->without, set, letter, word);
  mending->wrong = mending->wrong || (word != NULL && mending->seen);
  mending->seen = mending->seen || word == NULL;
}

char *
irc_modes_dup_mended (const IrcSupport *support, const char *text)
{
  Mending mending = { .support = support, .with = { g_string_new (NULL), g_string_new (NULL), '\0' },
                      .without = { g_string_new (NULL), g_string_new (NULL), '\0' } };
  char *mended = NULL;

  irc_modes_foreach (support, text, mend_one, &mending);
  if (mending.wrong)
    mended = g_strconcat (mending.with.letters->str, mending.without.letters->str, mending.with.words->str, NULL);
  g_free (end (&mending.with));
  g_free (end (&mending.without));
  return mended;
}

gboolean
irc_modes_is_mask (const char *mask)
{
  if (*mask == '\0' || strlen (mask) > MASK_MAX_BYTES || strchr (":+-", *mask) != NULL)
    return FALSE;
  for (const char *c = mask; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c) || strchr (" ,", *c) != NULL)
      return FALSE;
  return TRUE;
}
