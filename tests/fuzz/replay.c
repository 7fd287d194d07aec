/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replay.c - a fuzz target as an ordinary test, where there is no clang: it gets
 * words of its dictionary strung together, and spoilt, the same at each run. */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "unit.h"

#define INPUTS 3000
#define WORDS_MOST 12

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

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

static GPtrArray *
read_dictionary (void)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "..", "fuzz", FUZZ_NAME ".dict", NULL);
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

static void
test_replay (void)
{
  g_autoptr (GPtrArray) words = read_dictionary ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint n = 0; n < INPUTS; n++)
    {
      g_autoptr (GByteArray) input = g_byte_array_new ();
      guint count = n % WORDS_MOST;

      for (guint i = 0; i < count; i++)
        {
          GByteArray *word = words->pdata[g_rand_int_range (rand, 0, (gint32) words->len)];

          g_byte_array_append (input, word->data, word->len);
        }
      for (guint spoilt = n % 3; spoilt > 0 && input->len > 0; spoilt--)
        input->data[g_rand_int_range (rand, 0, (gint32) input->len)] = (guint8) g_rand_int (rand);
      /* A fuzzer gives no NULL either. */
      LLVMFuzzerTestOneInput (input->len > 0 ? input->data : (const uint8_t *) "", input->len);
    }
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/fuzz/" FUZZ_NAME "/takes-strange-input", test_replay);
  return unit_run ();
}
