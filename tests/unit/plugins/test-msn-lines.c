/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every recorded line of servers is understood, however it arrives. */
#include "contact_list.h"
#include "msn-vectors.h"
#include "personal_message.h"
#include "picture_object.h"
#include "presence_line.h"
#include "switchboard_lines.h"
#include "unit.h"

#include <string.h>

/* -- Framing ---------------------------------------------------------------- */

/* In lines of old dialects, the id counts as an argument there. */
static void
check_args (const MsnVector *vector, const Command *command)
{
  struct json_object *args = msn_field (vector->fields, "args");
  gsize count = args != NULL ? json_object_array_length (args) : 0;
  gsize skip = g_str_equal (vector->group, "wire-legacy") && command->has_id ? 1 : 0;

  /* Blanks at the end are no argument. */
  while (count > 0 && *json_object_get_string (json_object_array_get_idx (args, count - 1)) == '\0')
    count--;
  for (gsize i = skip; i < count; i++)
    {
      g_autofree char *text = command_dup_text (command, (guint) (i - skip));

      g_assert_cmpstr (text, ==, json_object_get_string (json_object_array_get_idx (args, i)));
    }
}

static void
check_command (const MsnVector *vector, const Command *command)
{
  struct json_object *id = msn_field (vector->fields, "trid");
  struct json_object *length = msn_field (vector->fields, "payload_len");
  const char *name = msn_field_string (vector->fields, "cmd");

  g_test_message ("%s", vector->name);
  g_assert_cmpstr (command->name, ==, name);
  /* LST and LSG of MSNP7 have one that list_lines.c takes. */
  if (id != NULL && !g_str_equal (name, "LST") && !g_str_equal (name, "LSG"))
    {
      g_assert_true (command->has_id);
      g_assert_cmpuint (command->id, ==, json_object_get_int64 (id));
    }
  if (length != NULL)
    g_assert_cmpuint (command->length, ==, json_object_get_int64 (length));
  if (!g_str_equal (name, "LST") && !g_str_equal (name, "LSG"))
    check_args (vector, command);
}

static gboolean
is_received_line (const MsnVector *vector)
{
  return g_str_has_prefix (vector->group, "wire-msnp") && g_str_equal (vector->direction, "server to client");
}

static gboolean
is_line (const MsnVector *vector)
{
  return (is_received_line (vector) || (g_str_equal (vector->group, "wire-legacy") && msn_field (vector->fields, "cmd") != NULL))
         && !(g_str_equal (vector->direction, "client to server") && g_str_has_prefix ((char *) vector->bytes->data, "MSG"));
}

static void
test_lines_byte_by_byte (void)
{
  guint checked = 0;

  for (guint i = 0; i < msn_vectors_count (); i++)
    {
      MsnVector *vector = msn_vectors_nth (i);
      Framer *framer;
      g_auto (Command) command = { 0 };
      g_auto (Command) other = { 0 };

      if (!is_line (vector))
        continue;
      framer = framer_new ();
      for (guint k = 0; k < vector->bytes->len; k++)
        {
          g_assert_cmpint (framer_next (framer, &command), ==, FRAMER_MORE);
          framer_feed (framer, vector->bytes->data + k, 1);
        }
      g_assert_cmpint (framer_next (framer, &command), ==, FRAMER_COMMAND);
      check_command (vector, &command);
      g_assert_cmpint (framer_next (framer, &other), ==, FRAMER_MORE);
      framer_free (framer);
      checked++;
    }
  g_assert_cmpuint (checked, >, 250);
}

static void
test_lines_at_once (void)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  Framer *framer = framer_new ();

  for (guint i = 0; i < msn_vectors_count (); i++)
    if (is_line (msn_vectors_nth (i)))
      g_byte_array_append (all, msn_vectors_nth (i)->bytes->data, msn_vectors_nth (i)->bytes->len);
  framer_feed (framer, all->data, all->len);
  for (guint i = 0; i < msn_vectors_count (); i++)
    {
      g_auto (Command) command = { 0 };

      if (!is_line (msn_vectors_nth (i)))
        continue;
      g_assert_cmpint (framer_next (framer, &command), ==, FRAMER_COMMAND);
      check_command (msn_vectors_nth (i), &command);
    }
  framer_free (framer);
}

static void
test_coalesced (void)
{
  static const char *const names[] = { "parse-coalesced", "parse-empty-payload", "parse-split" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      MsnVector *vector = msn_vectors_get (names[i]);
      struct json_object *commands = msn_field (vector->fields, "commands");
      Framer *framer = framer_new ();

      framer_feed (framer, vector->bytes->data, vector->bytes->len);
      for (gsize k = 0; k < (commands != NULL ? json_object_array_length (commands) : 1); k++)
        {
          struct json_object *fields = commands != NULL ? json_object_array_get_idx (commands, k) : vector->fields;
          struct json_object *length = msn_field (fields, "payload_len");
          g_auto (Command) command = { 0 };

          g_assert_cmpint (framer_next (framer, &command), ==, FRAMER_COMMAND);
          g_assert_cmpstr (command.name, ==, msn_field_string (fields, "cmd"));
          g_assert_cmpuint (command.length, ==, length != NULL ? json_object_get_int64 (length) : 0);
        }
      framer_free (framer);
    }
}

static void
test_limits (void)
{
  static const char *const broken[] = { "MSG a b 1048577\r\n", "MSG a b x\r\n", "UBX\r\n", "NOT -1\r\n", "MSG a b 99999999999999999999\r\n" };
  g_autofree char *longest = g_strnfill (COMMAND_LONGEST_LINE + 1, 'A');
  Framer *framer = framer_new ();
  g_auto (Command) command = { 0 };

  framer_feed (framer, longest, strlen (longest));
  g_assert_cmpint (framer_next (framer, &command), ==, FRAMER_BROKEN);
  framer_free (framer);
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      framer = framer_new ();
      framer_feed (framer, broken[i], strlen (broken[i]));
      g_assert_cmpint (framer_next (framer, &command), ==, FRAMER_BROKEN);
      framer_free (framer);
    }
}

static void
test_odd_lines (void)
{
  static const char text[] = "\r\nfoo bar\nQNG\n  \nUUX 8\r\n913 22\r\n9134 1\r\n";
  static const char *const names[] = { "???", "QNG", "???", "UUX", "913", "???" };
  Framer *framer = framer_new ();

  framer_feed (framer, text, sizeof text - 1);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_auto (Command) command = { 0 };

      g_assert_cmpint (framer_next (framer, &command), ==, FRAMER_COMMAND);
      g_assert_cmpstr (command.name, ==, names[i]);
      g_assert_cmpuint (command.error, ==, g_str_equal (names[i], "913") ? 913 : 0);
      if (command.error > 0)
        g_assert_cmpuint (command.id, ==, 22);
    }
  framer_free (framer);
}

/* -- Lists ------------------------------------------------------------------ */

static void
check_groups (struct json_object *fields, char **groups)
{
  struct json_object *list = msn_field (fields, "groups");
  gsize count = list != NULL ? json_object_array_length (list) : 0;

  g_assert_cmpuint (g_strv_length (groups), ==, count);
  for (gsize i = 0; i < count; i++)
    g_assert_cmpstr (groups[i], ==, json_object_get_string (json_object_array_get_idx (list, i)));
}

static void
check_contact (const MsnVector *vector, struct json_object *fields, guint dialect)
{
  g_auto (Command) command = { 0 };
  g_auto (ContactLine) line = { 0 };
  const char *name = msn_field_string (fields, "friendly");

  g_test_message ("%s", vector->name);
  msn_vector_command (vector, &command);
  g_assert_true (contact_line_parse (dialect, &command, &line));
  g_assert_cmpstr (line.address, ==, msn_field_string (fields, "email"));
  if (name != NULL)
    g_assert_cmpstr (line.name, ==, name);
  g_assert_cmpstr (line.guid, ==, msn_field_string (fields, "guid"));
  if (dialect > 7)
    g_assert_cmpuint (line.lists, ==, msn_field_int (fields, "lists"));
  check_groups (fields, line.groups);
}

static void
test_contacts (void)
{
  static const struct {
    const char *name;
    guint dialect;
  } rows[] = { { "parse-trailing-space", 12 }, { "parse-lst-groups", 12 }, { "parse-lst-9", 9 },
               { "parse-lst-7-fl", 7 }, { "parse-lst-7-rl", 7 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    check_contact (msn_vectors_get (rows[i].name), msn_vectors_get (rows[i].name)->fields, rows[i].dialect);
  for (guint i = 0; i < msn_vectors_count (); i++)
    {
      MsnVector *vector = msn_vectors_nth (i);
      struct json_object *decoded = msn_field (vector->fields, "decoded");

      if (is_received_line (vector) && g_strcmp0 (msn_field_string (vector->fields, "cmd"), "LST") == 0 && decoded != NULL)
        check_contact (vector, decoded, 12);
    }
}

static void
test_contacts_of_between (void)
{
  static const char *const names[] = { "parse-lst-msnp10", "parse-lst-11", "parse-lst-11-nogroup", "parse-lst-12-pending-and-mine" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      MsnVector *vector = msn_vectors_get (names[i]);
      g_auto (Command) command = { 0 };
      g_auto (ContactLine) line = { 0 };

      msn_vector_command (vector, &command);
      g_assert_true (contact_line_parse (11, &command, &line));
      g_assert_cmpuint (line.lists, ==, msn_field_int (vector->fields, "lists"));
      check_groups (vector->fields, line.groups);
    }
}

static void
test_old_lists (void)
{
  g_auto (Command) nine = { 0 }, seven = { 0 }, empty = { 0 }, sync = { 0 }, added = { 0 };
  g_auto (GroupLine) group = { 0 }, other = { 0 };
  g_auto (ContactLine) contact = { 0 };
  g_auto (SyncLine) start = { 0 };
  g_auto (ChangeLine) change = { 0 };

  msn_vector_command (msn_vectors_get ("parse-lsg-9"), &nine);
  g_assert_true (group_line_parse (9, &nine, &group));
  g_assert_cmpstr (group.id, ==, "1");
  g_assert_cmpstr (group.name, ==, "Work mates");
  msn_vector_command (msn_vectors_get ("parse-lsg-7"), &seven);
  g_assert_true (group_line_parse (7, &seven, &other));
  g_assert_cmpstr (other.id, ==, "1");
  g_assert_cmpstr (other.name, ==, "Work mates");
  g_assert_cmpuint (other.index, ==, 2);
  msn_vector_command (msn_vectors_get ("parse-lst-7-empty"), &empty);
  g_assert_true (contact_line_parse (7, &empty, &contact));
  g_assert_true (contact.empty);
  msn_vector_command (msn_vectors_get ("parse-syn-9"), &sync);
  g_assert_true (sync_line_parse (9, &sync, &start));
  g_assert_true (start.counted);
  g_assert_cmpuint (start.contacts, ==, 2);
  msn_vector_command (msn_vectors_get ("parse-add-9-async"), &added);
  g_assert_true (change_line_parse (9, &added, &change));
  g_assert_cmpint (change.list, ==, LIST_REVERSE);
  g_assert_cmpstr (change.address, ==, "alice@example.com");
}

/* Feeds lines to a list; the result of the last. */
static ListSyncResult
feed (guint dialect, ContactList *list, const char *text, char **stamps)
{
  ListSync *sync = list_sync_new (dialect, list);
  Framer *framer = framer_new ();
  ListSyncResult result = LIST_SYNC_MORE;
  g_auto (Command) command = { 0 };

  framer_feed (framer, text, strlen (text));
  while (framer_next (framer, &command) == FRAMER_COMMAND)
    {
      result = list_sync_take (sync, &command);
      command_clear (&command);
    }
  if (stamps != NULL)
    *stamps = list_sync_dup_stamps (sync);
  framer_free (framer);
  list_sync_free (sync);
  return result;
}

static void
test_sync (void)
{
  static const char twelve[] = "SYN 5 a b 2 1\r\nGTC A\r\nBLP BL\r\nPRP MFN Alice%20X\r\nPRP PHH 555%20123\r\nLSG Work%20mates f4c8-1\r\n"
                               "LST N=Bob@example.com F=Bob C=0cfb-1 11 1 f4c8-1\r\nBPR PHH 555\r\nLST N=carol@example.com F=carol@example.com 16 1 \r\n";
  static const char nine[] = "SYN 5 1 1 1\r\nGTC A\r\nBLP AL\r\nLSG 0 Other%20Contacts 0\r\nLST bob@example.com Bob 11 0\r\n";
  static const char seven[] = "SYN 5 1\r\nGTC 5 1 A\r\nBLP 5 1 AL\r\nLSG 5 1 1 1 0 Other 0\r\nLST 5 FL 1 1 1 bob@example.com Bob 0\r\n"
                              "LST 5 AL 1 1 1 bob@example.com Bob\r\nLST 5 BL 1 0 0\r\nLST 5 RL 1 0 0\r\n";
  ContactList *list = contact_list_new ();
  ContactList *copy;
  g_autofree char *stamps = NULL;
  g_autofree char *text = NULL;
  ListContact *contact;

  g_assert_cmpint (feed (12, list, twelve, &stamps), ==, LIST_SYNC_DONE);
  g_assert_cmpstr (stamps, ==, "a b");
  g_assert_true (list->strangers_blocked);
  g_assert_cmpstr (list->own_name, ==, "Alice X");
  g_assert_cmpstr (list->phones[PHONE_HOME], ==, "555 123");
  contact = contact_list_get (list, "BOB@example.com");
  g_assert_nonnull (contact);
  g_assert_cmpuint (contact->lists, ==, 11);
  g_assert_cmpstr (contact->address, ==, "bob@example.com");
  g_assert_cmpstr (contact_list_get_exact (list, "bob@example.com"), ==, "Bob@example.com");
  g_assert_cmpstr (contact_list_get_exact (list, "dave@example.com"), ==, "dave@example.com");
  g_assert_true (list_contact_has_group (contact, "f4c8-1"));
  g_assert_cmpstr (contact->phones[PHONE_HOME], ==, "555");
  g_assert_false (list_contact_must_be_asked (contact));
  g_assert_true (list_contact_must_be_asked (contact_list_get (list, "carol@example.com")));

  text = contact_list_dup_copy (list);
  copy = contact_list_from_copy (text);
  g_assert_nonnull (copy);
  g_assert_cmpuint (g_hash_table_size (copy->contacts), ==, 2);
  g_assert_cmpstr (contact_list_get (copy, "bob@example.com")->guid, ==, "0cfb-1");
  g_assert_cmpstr (contact_list_find_group (copy, "Work mates")->id, ==, "f4c8-1");
  g_assert_true (copy->strangers_blocked);
  g_assert_null (contact_list_from_copy ("SYN 1 0 0 3 0\r\nGTC A\r\n"));
  contact_list_free (copy);
  contact_list_free (list);

  list = contact_list_new ();
  g_assert_cmpint (feed (9, list, nine, NULL), ==, LIST_SYNC_DONE);
  g_assert_cmpuint (g_hash_table_size (list->contacts), ==, 1);
  contact_list_free (list);
  list = contact_list_new ();
  g_assert_cmpint (feed (7, list, seven, NULL), ==, LIST_SYNC_DONE);
  g_assert_cmpuint (contact_list_get (list, "bob@example.com")->lists, ==, 3);
  contact_list_free (list);
  list = contact_list_new ();
  g_assert_cmpint (feed (12, list, "SYN 5 a b 1 0\r\nLST\r\nLSG\r\nLST N=\r\nBPR\r\nPRP\r\n", NULL), ==, LIST_SYNC_MORE);
  g_assert_cmpint (feed (12, list, "SYN 5 a b\r\n", NULL), ==, LIST_SYNC_UNCHANGED);
  g_assert_cmpint (feed (12, list, "SYN 5 a b 0 0\r\n", NULL), ==, LIST_SYNC_DONE);
  contact_list_free (list);
}

static void
test_changes (void)
{
  for (guint i = 0; i < msn_vectors_count (); i++)
    {
      MsnVector *vector = msn_vectors_nth (i);
      struct json_object *decoded = msn_field (vector->fields, "decoded");
      g_auto (Command) command = { 0 };
      g_auto (ChangeLine) line = { 0 };

      if (!is_received_line (vector) || decoded == NULL || !g_str_equal (msn_field_string (vector->fields, "cmd"), "ADC"))
        continue;
      g_test_message ("%s", vector->name);
      msn_vector_command (vector, &command);
      g_assert_true (change_line_parse (12, &command, &line));
      g_assert_cmpstr (list_bit_name (line.list), ==, msn_field_string (decoded, "list"));
      g_assert_cmpstr (line.address, ==, msn_field_string (decoded, "email"));
      g_assert_cmpstr (line.name, ==, msn_field_string (decoded, "friendly"));
      g_assert_cmpstr (line.guid, ==, msn_field_string (decoded, "guid"));
      g_assert_cmpstr (line.group, ==, msn_field_string (decoded, "group"));
    }
}

/* -- Presence and switchboards ---------------------------------------------- */

static void
check_presence (const Command *command, struct json_object *decoded)
{
  g_auto (PresenceLine) line = { 0 };

  g_assert_true (presence_line_parse (command, &line));
  g_assert_cmpstr (line.code, ==, msn_field_string (decoded, "status"));
  g_assert_cmpstr (line.address, ==, msn_field_string (decoded, "email"));
  g_assert_cmpstr (line.name, ==, msn_field_string (decoded, "friendly"));
  g_assert_cmpuint (line.capabilities, ==, msn_field_int (decoded, "caps"));
  g_assert_cmpint (line.object != NULL, ==, msn_field (decoded, "msnobj") != NULL);
  if (line.object != NULL)
    {
      g_auto (PictureObject) object = { 0 };

      g_assert_true (picture_object_parse (line.object, &object));
      g_assert_cmpuint (object.type, ==, OBJECT_PICTURE);
    }
}

static void
check_transfer (const Command *command, struct json_object *decoded)
{
  g_auto (TransferLine) line = { 0 };

  g_assert_true (transfer_line_parse (command, &line));
  g_assert_true (line.to_switchboard);
  g_assert_cmpstr (line.host, ==, msn_field_string (decoded, "host"));
  g_assert_cmpint (line.port, ==, msn_field_int (decoded, "port"));
  g_assert_cmpstr (line.token, ==, msn_field_string (decoded, "token"));
  g_assert_cmpstr (line.session, ==, msn_field_string (decoded, "session_id"));
  g_assert_cmpstr (line.address, ==, msn_field_string (decoded, "inviter"));
}

static void
check_member (const Command *command, struct json_object *decoded)
{
  g_auto (MemberLine) line = { 0 };

  g_assert_true (member_line_parse (command, &line));
  g_assert_cmpstr (line.address, ==, msn_field_string (decoded, "email"));
  g_assert_cmpstr (line.name, ==, msn_field_string (decoded, "friendly"));
  g_assert_cmpuint (line.capabilities, ==, msn_field_int (decoded, "caps"));
  if (command_is (command, "IRO"))
    g_assert_cmpuint (line.total, ==, msn_field_int (decoded, "total"));
}

static void
check_personal (const Command *command, struct json_object *decoded)
{
  g_auto (PersonalMessage) message = { 0 };

  personal_message_parse (command->payload, command->length, &message);
  g_assert_cmpstr (message.text, ==, msn_field_string (decoded, "psm"));
  g_assert_cmpint (message.title != NULL, ==, *msn_field_string (decoded, "current_media") != '\0');
  if (message.title != NULL)
    {
      g_assert_cmpstr (message.shown, ==, "Song - Artist");
      g_assert_cmpstr (message.title, ==, "Song");
      g_assert_cmpstr (message.artist, ==, "Artist");
      g_assert_cmpint (message.kind, ==, MEDIA_MUSIC);
    }
}

static void
test_decoded (void)
{
  static const struct {
    const char *name;
    void (*check) (const Command *command, struct json_object *decoded);
  } rows[] = { { "NLN", check_presence }, { "ILN", check_presence }, { "XFR", check_transfer }, { "RNG", check_transfer },
               { "IRO", check_member }, { "JOI", check_member }, { "UBX", check_personal } };
  guint checked = 0;

  for (guint i = 0; i < msn_vectors_count (); i++)
    {
      MsnVector *vector = msn_vectors_nth (i);
      struct json_object *decoded = msn_field (vector->fields, "decoded");

      for (guint k = 0; is_received_line (vector) && decoded != NULL && k < G_N_ELEMENTS (rows); k++)
        {
          g_auto (Command) command = { 0 };

          if (!g_str_equal (msn_field_string (vector->fields, "cmd"), rows[k].name))
            continue;
          g_test_message ("%s", vector->name);
          msn_vector_command (vector, &command);
          rows[k].check (&command, decoded);
          checked++;
        }
    }
  g_assert_cmpuint (checked, >, 30);
}

static void
test_odd_presence (void)
{
  g_auto (Command) bad = { 0 }, old = { 0 }, ns = { 0 }, plain = { 0 }, bye = { 0 };
  g_auto (PresenceLine) broken = { 0 }, seven = { 0 };
  g_auto (TransferLine) moved = { 0 }, unsaid = { 0 };
  g_auto (MemberLine) gone = { 0 };

  msn_vector_command (msn_vectors_get ("parse-bad-utf8"), &bad);
  g_assert_true (presence_line_parse (&bad, &broken));
  g_assert_cmpstr (broken.name, ==, "caf\xef\xbf\xbd");
  msn_vector_command (msn_vectors_get ("msnp7-462-NLN"), &old);
  g_assert_true (presence_line_parse (&old, &seven));
  g_assert_cmpstr (seven.name, ==, "Bob New");
  g_assert_cmpuint (seven.capabilities, ==, 0);
  msn_vector_command (msn_vectors_get ("parse-xfr-ns"), &ns);
  g_assert_true (transfer_line_parse (&ns, &moved));
  g_assert_false (moved.to_switchboard);
  msn_vector_command (msn_vectors_get ("parse-xfr-ns-noport"), &plain);
  g_assert_true (transfer_line_parse (&plain, &unsaid));
  g_assert_cmpstr (unsaid.host, ==, "ns.example.net");
  g_assert_cmpint (unsaid.port, ==, 1863);
  msn_vector_command (msn_vectors_get ("parse-bye-endpoint"), &bye);
  g_assert_true (member_line_parse (&bye, &gone));
  g_assert_cmpstr (gone.address, ==, "bob@example.com");
}

/* Cut between characters, wherever the limit falls. */
static void
test_long_media (void)
{
  for (guint before = 0; before < 4; before++)
    {
      g_autofree char *format = g_strdup_printf ("%.*s{0}", (int) before, "abc");
      g_autofree char *title = g_strnfill (2000, '~');
      g_auto (GStrv) parts = g_strsplit (title, "~", -1);
      g_autofree char *snow = g_strjoinv ("☃", parts);
      g_autofree char *direct = g_strdup_printf ("<Data><CurrentMedia>\\0Music\\01\\0%s\\0%s\\0</CurrentMedia></Data>", format, snow);
      g_autofree char *in_format = g_strdup_printf ("<Data><CurrentMedia>\\0Music\\01\\0%.*s%s\\0x\\0</CurrentMedia></Data>", (int) before, "abc", snow);
      g_auto (PersonalMessage) value = { 0 };
      g_auto (PersonalMessage) constant = { 0 };

      personal_message_parse (direct, strlen (direct), &value);
      personal_message_parse (in_format, strlen (in_format), &constant);
      g_assert_true (g_utf8_validate (value.shown, -1, NULL));
      g_assert_cmpuint (strlen (value.shown), <=, 1024);
      g_assert_cmpuint (strlen (value.shown), >, 1020);
      g_assert_cmpstr (constant.shown, ==, value.shown);
    }
}

int
main (int argc, char **argv)
{
  int result;

  unit_init (&argc, &argv);
  msn_vectors_load ();
  g_test_add_func ("/msn/lines-byte-by-byte", test_lines_byte_by_byte);
  g_test_add_func ("/msn/lines-at-once", test_lines_at_once);
  g_test_add_func ("/msn/payloads-have-no-line-end", test_coalesced);
  g_test_add_func ("/msn/lines-have-limits", test_limits);
  g_test_add_func ("/msn/odd-lines-are-lines", test_odd_lines);
  g_test_add_func ("/msn/contacts", test_contacts);
  g_test_add_func ("/msn/contacts-of-msnp10-and-11", test_contacts_of_between);
  g_test_add_func ("/msn/lists-of-old-dialects", test_old_lists);
  g_test_add_func ("/msn/list-comes-whole", test_sync);
  g_test_add_func ("/msn/list-changes", test_changes);
  g_test_add_func ("/msn/presence-and-switchboards", test_decoded);
  g_test_add_func ("/msn/odd-presence", test_odd_presence);
  g_test_add_func ("/msn/long-media-is-cut-between-characters", test_long_media);
  result = unit_run ();
  msn_vectors_free ();
  return result;
}
