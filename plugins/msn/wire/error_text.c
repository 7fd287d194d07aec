/* SPDX-License-Identifier: GPL-2.0-or-later */
/* error_text.c - numbers of errors as sentences. */
#include "error_text.h"

static const struct {
  guint number;
  const char *text;
} errors[] = {
  { 200, "The server does not understand a command." },
  { 201, "The server says that a value is not allowed." },
  { 204, "The server does not know this network." },
  { 205, "There is no such account." },
  { 206, "The address lacks a domain." },
  { 207, "The account is signed in already." },
  { 208, "There is no such account, or its address is wrong." },
  { 209, "This display name is not allowed." },
  { 210, "The list is full." },
  { 215, "This user is on the list, or in the conversation, already." },
  { 216, "This user is not on the list." },
  { 217, "This user is not online." },
  { 218, "This setting is in force already." },
  { 219, "This user is on the opposite list." },
  { 223, "There are too many groups." },
  { 224, "There is no such group." },
  { 225, "This user is not in that group." },
  { 227, "The group is not empty." },
  { 228, "A group of this name exists already." },
  { 229, "The name of the group is too long." },
  { 230, "This group cannot be removed." },
  { 231, "There is no such group." },
  { 240, "The server cannot read an address of the list." },
  { 241, "The server cannot read the list that was sent." },
  { 280, "The server for conversations failed." },
  { 281, "The move to another server failed." },
  { 282, "The server cannot read what was sent between the two programs." },
  { 300, "The server misses a value in a command." },
  { 301, "The server misses a value in a command." },
  { 302, "The server says that we are not signed in." },
  { 402, "The server has trouble with the list of contacts." },
  { 403, "The server has trouble with the list of contacts." },
  { 500, "The server has an internal error, or is being maintained." },
  { 501, "The server's data base failed." },
  { 502, "The server has this command disabled." },
  { 510, "The server could not work with a file." },
  { 511, "The server is out of memory." },
  { 520, "The server could not ask for permission." },
  { 540, "The server does not accept this program: its challenge was answered wrongly." },
  { 600, "The server is busy." },
  { 601, "The server is not available." },
  { 602, "A server behind this one is not available." },
  { 603, "The server cannot reach its data base." },
  { 604, "The server is going down." },
  { 605, "The server is not available." },
  { 640, "The server will go down soon." },
  { 707, "The server could not make a connection." },
  { 710, "The server does not accept this version of the program." },
  { 711, "The server could not write." },
  { 712, "The session is overloaded." },
  { 713, "Too much was done in too short a time: slow down." },
  { 714, "Too many sessions are open." },
  { 715, "The server did not expect this command now." },
  { 717, "The list of contacts on the server is damaged." },
  { 731, "The server did not expect the version of the program now." },
  { 800, "Too much was done in too short a time: slow down." },
  { 910, "The server is busy." },
  { 911, "The server refused the sign-in." },
  { 912, "The server is busy." },
  { 913, "This is not possible while we are invisible." },
  { 914, "The server is not available." },
  { 915, "The server is not available." },
  { 916, "The server is not available." },
  { 917, "The server refused the sign-in." },
  { 918, "The server is busy." },
  { 919, "The server is busy." },
  { 920, "The server takes no new users." },
  { 921, "The server is busy." },
  { 922, "The server is busy." },
  { 923, "The account belongs to a child, and a parent must consent first." },
  { 924, "The account's address was not verified yet." },
  { 928, "The server does not accept the ticket of the sign-in." },
  { 933, "The server has trouble with a circle." },
};

const char *
error_text (guint number)
{
  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    if (errors[i].number == number)
      return errors[i].text;
  return "The server reported an error that has no name.";
}

gboolean
error_is_busy (guint number)
{
  static const guint busy[] = { 600, 712, 713, 714, 800, 910, 912, 918, 919, 921, 922 };

  for (guint i = 0; i < G_N_ELEMENTS (busy); i++)
    if (busy[i] == number)
      return TRUE;
  return FALSE;
}
