/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "irc_text.h"
#include "unit.h"

static void
assert_split (const char *text, const char *expected)
{
  g_auto (GStrv) pieces = irc_text_split (text, "romeo", "juliet");
  g_autofree char *joined = g_strjoinv ("|", pieces);

  g_assert_cmpstr (joined, ==, expected);
}

static void
test_lines (void)
{
  static const struct { const char *text, *pieces; } rows[] = {
    { "hello", "hello" },
    { "one\ntwo", "one|two" },
    { "one\r\ntwo\rthree", "one|two|three" },
    { "\n\none\n \n\ntwo\n", "one|two" },
    { "  indented", "  indented" },
    { "", "" },
    { "\n \n", "" },
    { "/quit", "/quit" },
    { "//me", "//me" },
    { "/me", "/me" },
    { "/me waves", "\001ACTION waves\001" },
    { "/me waves\nand leaves", "\001ACTION waves\001|\001ACTION and leaves\001" },
    { "bell\a and \001VERSION\001", "bell and VERSION" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_split (rows[i].text, rows[i].pieces);
}

/* The whole line as others get it, with the longest prefix there is. */
static gsize
line_length (const char *nick, const char *target, const char *text)
{
  return strlen (":!@ PRIVMSG  :\r\n") + strlen (nick) + 11 + 63 + strlen (target) + strlen (text);
}

static void
test_long_text_is_cut_to_fit (void)
{
  static const char *const words[] = { "word ", "ä", "€uro", "👩‍👩‍👧", "nospacesatallnospacesatall" };

  for (gsize w = 0; w < G_N_ELEMENTS (words); w++)
    for (int is_action = 0; is_action < 2; is_action++)
      {
        g_autoptr (GString) text = g_string_new (is_action ? "/me " : "");
        g_auto (GStrv) pieces = NULL;

        for (int i = 0; i < 600; i++)
          g_string_append (text, words[w]);
        pieces = irc_text_split (text->str, "romeo", "juliet");
        g_assert_cmpuint (g_strv_length (pieces), >, 1);
        for (char **piece = pieces; *piece != NULL; piece++)
          {
            g_assert_true (g_utf8_validate (*piece, -1, NULL));
            g_assert_cmpuint (line_length ("romeo", "juliet", *piece), <=, 512);
            if (piece[1] != NULL)
              g_assert_cmpuint (strlen (*piece), >, 200);
            g_assert_cmpint (g_str_has_prefix (*piece, "\001ACTION "), ==, is_action);
          }
      }
}

static void
test_nothing_is_lost_by_cutting (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *joined = NULL;
  g_auto (GStrv) pieces = NULL;

  for (int i = 0; i < 5000; i++)
    g_string_append_c (text, (char) ('a' + i % 26));
  pieces = irc_text_split (text->str, "romeo", "juliet");
  joined = g_strjoinv ("", pieces);
  g_assert_cmpstr (joined, ==, text->str);
}

static void
test_limit_never_is_nothing (void)
{
  g_autofree char *nick = g_strnfill (600, 'n');

  g_assert_cmpuint (irc_text_limit (nick, nick, TRUE), >=, 32);
  g_assert_cmpuint (irc_text_limit ("a", "b", FALSE), <, 512);
}

static void
test_replies (void)
{
  static const struct { const char *line; int number; const char *target, *text; } rows[] = {
    { ":irc.example.net 401 me bob :No such nick/channel", 401, "bob", "No such nick/channel" },
    { ":irc.example.net 464 me :Password incorrect", 464, NULL, "Password incorrect" },
    { ":irc.example.net 401 me bob", 401, "bob", "" },
    { ":irc.example.net 401  me  bob  :two blanks", 401, "bob", "two blanks" },
    { ":irc.example.net 401 me", 401, NULL, NULL },
    { ":irc.example.net 401 ", 401, NULL, NULL },
    { ":irc.example.net 401", 0, NULL, NULL },
    { ":irc.example.net 40", 0, NULL, NULL },
    { ":irc.example.net 4011 me bob :x", 0, NULL, NULL },
    { ":irc.example.net PRIVMSG me :401 me bob :x", 0, NULL, NULL },
    { "401 me bob :x", 0, NULL, NULL },
    { ":", 0, NULL, NULL },
    { "", 0, NULL, NULL },
    { ":x 401 me b\xff :bad \xfe", 401, "b\xff", "bad \357\277\275" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (IrcReply) reply = { 0 };

      irc_text_parse_reply (rows[i].line, &reply);
      g_assert_cmpint (reply.number, ==, rows[i].number);
      g_assert_cmpstr (reply.target, ==, rows[i].target);
      g_assert_cmpstr (reply.text, ==, rows[i].text);
    }
}

static void
test_undelivered (void)
{
  g_assert_true (irc_text_is_undelivered (401));
  g_assert_true (irc_text_is_undelivered (404));
  g_assert_false (irc_text_is_undelivered (0));
  g_assert_false (irc_text_is_undelivered (301));
  g_assert_false (irc_text_is_undelivered (433));
}

static void
test_lines_about_rooms (void)
{
  static const struct { const char *line, *parsed; } rows[] = {
    { ":juliet!j@host JOIN :#garden\r\n", "juliet JOIN #garden - -" },
    { ":juliet!j@host KICK #garden romeo :too loud: go\r\n", "juliet KICK #garden romeo too loud: go" },
    { ":juliet!j@host KICK #garden romeo", "juliet KICK #garden romeo -" },
    { ":juliet!j@host PART #garden", "juliet PART #garden - -" },
    { ":juliet!j@host QUIT :", "juliet QUIT  - -" },
    { ":irc.test MODE #garden +ov  romeo romeo", "irc.test MODE #garden +ov romeo" },
    { ":juliet NICK capulet", "juliet NICK capulet - -" },
    { ":juliet!j@host PRIVMSG #garden :KICK", NULL },
    { ":irc.test 353 romeo = #garden :romeo", NULL },
    { "PING :irc.test", NULL },
    { ":", NULL },
    { ": ", NULL },
    { "", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (IrcLine) line = { 0 };
      g_autofree char *parsed = NULL;

      g_assert_cmpint (irc_text_parse_line (rows[i].line, &line), ==, rows[i].parsed != NULL);
      if (rows[i].parsed == NULL)
        continue;
      parsed = g_strjoin (" ", line.nick, line.command, line.params[0] ? line.params[0] : "-", line.params[1] ? line.params[1] : "-",
                          line.params[2] ? line.params[2] : "-", NULL);
      g_assert_cmpstr (parsed, ==, rows[i].parsed);
    }
}

static void
test_what_programs_say (void)
{
  static const struct { const char *line; gboolean is_ctcp; } rows[] = {
    { ":juliet!j@h PRIVMSG romeo :\001VERSION\001\r", TRUE },
    { ":juliet!j@h PRIVMSG #garden :\001PING 123\001", TRUE },
    { ":juliet!j@h NOTICE romeo :\001VERSION x :y\001", TRUE },
    { ":juliet!j@h PRIVMSG romeo :\001ACTION waves\001", FALSE },
    { ":juliet!j@h PRIVMSG romeo :\001ACTION\001", TRUE },
    { ":juliet!j@h PRIVMSG romeo :Received CTCP 'VERSION'", FALSE },
    { ":juliet!j@h PRIVMSG romeo :hear :\001VERSION\001", FALSE },
    { ":juliet!j@h PRIVMSG romeo :\001unended", FALSE },
    { ":juliet!j@h PRIVMSG romeo :\001", FALSE },
    { ":juliet!j@h TOPIC #garden :\001VERSION\001", FALSE },
    { "PRIVMSG romeo :\001VERSION\001", FALSE },
    { ":", FALSE },
    { "", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (irc_text_is_ctcp (rows[i].line), ==, rows[i].is_ctcp);
}

static void
test_pongs (void)
{
  static const struct { const char *line, *token; } rows[] = {
    { ":irc.example.net PONG irc.example.net :passerelle-17", "passerelle-17" },
    { ":irc.example.net PONG irc.example.net passerelle-17", "passerelle-17" },
    { "PONG :17", "17" },
    { "PONG irc.example.net :17", "17" },
    { ":irc.example.net PING :17", NULL },
    { ":juliet!j@h PRIVMSG romeo :PONG x :17", NULL },
    { ":PONG x :17", NULL },
    { "PONG", NULL },
    { ":", NULL },
    { "", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpstr (irc_text_find_pong (rows[i].line), ==, rows[i].token);
}

static void
test_colours_go (void)
{
  static const struct { const char *text, *plain; } rows[] = {
    { "plain", "plain" },
    { "", "" },
    { "\00304red\003 and \00304,12both\003,", "red and both," },
    { "\0034 one digit, \003045 three", " one digit, 5 three" },
    { "\0034,x \0034", ",x " },
    { "\002bold\002 \037under\017", "bold under" },
    { "\003", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *plain = irc_text_dup_plain (rows[i].text);

      g_assert_cmpstr (plain, ==, rows[i].plain);
    }
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/worker/irc-text/lines", test_lines);
  g_test_add_func ("/worker/irc-text/long-text-is-cut-to-fit", test_long_text_is_cut_to_fit);
  g_test_add_func ("/worker/irc-text/nothing-is-lost-by-cutting", test_nothing_is_lost_by_cutting);
  g_test_add_func ("/worker/irc-text/limit-never-is-nothing", test_limit_never_is_nothing);
  g_test_add_func ("/worker/irc-text/replies", test_replies);
  g_test_add_func ("/worker/irc-text/undelivered", test_undelivered);
  g_test_add_func ("/worker/irc-text/lines-about-rooms", test_lines_about_rooms);
  g_test_add_func ("/worker/irc-text/what-programs-say", test_what_programs_say);
  g_test_add_func ("/worker/irc-text/pongs", test_pongs);
  g_test_add_func ("/worker/irc-text/colours-go", test_colours_go);
  return unit_run ();
}
