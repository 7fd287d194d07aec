/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replay-dict.c - the words of the dictionary FUZZ_DICT. */
#include "replay.h"

const guint replay_words_most = 12;

/* A line of a dictionary is "WORD", with \xHH, \" and \\ in it. */
static GByteArray *
read_word (const char *line)
{
  GByteArray *word = g_byte_array_new ();

  for (const char *p = line + 1; *p != '\0' && *p != '"'; p++)
    {
      guint8 byte = (guint8) *p;

      if (p[0] == '\\' && p[1] == 'x' && g_ascii_isxdigit (p[2]) && g_ascii_isxdigit (p[3]))
        {
          byte = (guint8) (g_ascii_xdigit_value (p[2]) << 4 | g_ascii_xdigit_value (p[3]));
          p += 3;
        }
      else if (p[0] == '\\' && p[1] != '\0')
        byte = (guint8) *++p;
      g_byte_array_append (word, &byte, 1);
    }
  return word;
}

GPtrArray *
replay_read_words (void)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "..", "fuzz", FUZZ_DICT, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GPtrArray *words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);

  if (!g_file_get_contents (file, &text, NULL, NULL))
    g_error ("%s cannot be read", file);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (**line == '"')
      g_ptr_array_add (words, read_word (*line));
  g_assert_cmpuint (words->len, >, 0);
  return words;
}
