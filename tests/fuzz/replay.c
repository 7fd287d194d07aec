/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replay.c - a fuzz target as an ordinary test, where there is no clang: it gets
 * words by themselves, then strung together, and spoilt, the same at each run.
 *
 * FUZZ_NAME is the target's.  FUZZ_CHOICES, where the first byte of an input chooses
 * among so many.  */
#include "config.h"

#include <stdint.h>

#include "replay.h"
#include "unit.h"

#define INPUTS 3000
#ifndef FUZZ_CHOICES
#define FUZZ_CHOICES 1
#endif

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
run (GByteArray *input)
{
  /* A fuzzer gives no NULL either. */
  LLVMFuzzerTestOneInput (input->len > 0 ? input->data : (const uint8_t *) "", input->len);
}

static GByteArray *
begin (guint n)
{
  GByteArray *input = g_byte_array_new ();
  guint8 choice = (guint8) (n % FUZZ_CHOICES);

  if (FUZZ_CHOICES > 1)
    g_byte_array_append (input, &choice, 1);
  return input;
}

static void
add_word (GByteArray *input, const GPtrArray *words, guint index)
{
  const GByteArray *word = words->pdata[index];

  g_byte_array_append (input, word->data, word->len);
}

static void
test_words (void)
{
  g_autoptr (GPtrArray) words = replay_read_words ();

  for (guint n = 0; n < words->len * FUZZ_CHOICES; n++)
    {
      g_autoptr (GByteArray) input = begin (n);

      add_word (input, words, n / FUZZ_CHOICES);
      run (input);
    }
}

static void
test_replay (void)
{
  g_autoptr (GPtrArray) words = replay_read_words ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint n = 0; n < INPUTS; n++)
    {
      g_autoptr (GByteArray) input = begin (g_rand_int (rand));
      guint count = n % replay_words_most;

      for (guint i = 0; i < count; i++)
        add_word (input, words, (guint) g_rand_int_range (rand, 0, (gint32) words->len));
      for (gint32 spoilt = g_rand_int_range (rand, 0, 3); spoilt > 0 && input->len > 0; spoilt--)
        input->data[g_rand_int_range (rand, 0, (gint32) input->len)] = (guint8) g_rand_int (rand);
      run (input);
    }
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/fuzz/" FUZZ_NAME "/takes-words-alone", test_words);
  g_test_add_func ("/fuzz/" FUZZ_NAME "/takes-strange-input", test_replay);
  return unit_run ();
}
