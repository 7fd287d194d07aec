/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xmpp_rooms.c - how the rooms of other XMPP servers are set up, who is banned there, and what rank somebody has. */
#include "config.h"

#include "xmpp_rooms.h"

#include <string.h>

#include "hub.h"
#include "protocol.h"
#include "room_requests.h"
#include "rooms.h"
#include "text.h"
#include "xmpp.h"

#define NS_MUC_USER "http://jabber.org/protocol/muc#user"
#define NS_MUC_ADMIN "http://jabber.org/protocol/muc#admin"
#define NS_MUC_OWNER "http://jabber.org/protocol/muc#owner"
#define NS_CONFIG "http://jabber.org/protocol/muc#roomconfig"
#define NS_INFO "http://jabber.org/protocol/disco#info"
#define NS_FORMS "jabber:x:data"

/* What is asked and not answered yet, of one account. */
#define MOST_ASKS 64
#define ASK_SECONDS 90
/* A room that has not answered a leave by then never will. */
#define PART_SECONDS 10
#define MOST_BANS 1000
#define MOST_SETTINGS 256
/* Of one room; a larger one has the ranks that the plugin tells. */
#define MOST_RANKS 50000

struct XmppRooms {
  GHashTable *asks;           /* id to Ask, owned */
  GHashTable *rooms;          /* folded name to RoomRanks, owned */
  GHashTable *parting;        /* folded name to the time at which we said so, monotonic microseconds */
};

typedef struct Ask Ask;
struct Ask {
  RoomRequest request;        /* `number` 0: it is ours, for the traits */
  gint64 since;
  gboolean changed;           /* of traits */
  gboolean is_order;          /* answered by room-done or room-refused */
  void (*take) (const Ask *ask, xmlnode *result);
};

typedef struct {
  GHashTable *ranks;          /* nick to a role and an affiliation */
  gboolean asking;            /* for its traits */
  char **traits;              /* as last told; NULL: not yet */
} RoomRanks;

/* -- Asking --------------------------------------------------------------- */

static void
ask_free (gpointer data)
{
  Ask *ask = data;

  g_free (ask->request.room);
  g_free (ask);
}

static void
ranks_free (gpointer data)
{
  RoomRanks *room = data;

  g_hash_table_unref (room->ranks);
  g_strfreev (room->traits);
  g_free (room);
}

static XmppRooms *
rooms_of (Account *account)
{
  if (account->xmpp_rooms == NULL)
    {
      account->xmpp_rooms = g_new0 (XmppRooms, 1);
      account->xmpp_rooms->asks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, ask_free);
      account->xmpp_rooms->rooms = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, ranks_free);
      account->xmpp_rooms->parting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    }
  return account->xmpp_rooms;
}

static RoomRanks *
find_room (Account *account, const char *name)
{
  g_autofree char *key = account->xmpp_rooms != NULL ? g_utf8_casefold (name, -1) : NULL;

  return key != NULL ? g_hash_table_lookup (account->xmpp_rooms->rooms, key) : NULL;
}

void
xmpp_rooms_forget (Account *account)
{
  XmppRooms *all = g_steal_pointer (&account->xmpp_rooms);

  if (all == NULL)
    return;
  g_hash_table_unref (all->asks);
  g_hash_table_unref (all->rooms);
  g_hash_table_unref (all->parting);
  g_free (all);
}

static gboolean
is_old (gpointer id, gpointer value, gpointer data)
{
  return ((const Ask *) value)->since < g_get_monotonic_time () - ASK_SECONDS * G_USEC_PER_SEC;
}

static xmlnode *
new_iq (const char *type, const char *room, const char *ns, xmlnode **query)
{
  xmlnode *iq = xmlnode_new ("iq");

  xmlnode_set_attrib (iq, "type", type);
  xmlnode_set_attrib (iq, "to", room);
  *query = xmlnode_new_child (iq, "query");
  xmlnode_set_namespace (*query, ns);
  return iq;
}

/* Takes the stanza.  What is answered with an error needs no `take`.  NULL: too many wait, which was answered. */
static Ask *
ask (Account *account, xmlnode *iq, const RoomRequest *request, gboolean changed, void (*take) (const Ask *ask, xmlnode *result))
{
  XmppRooms *all = rooms_of (account);
  char *id = g_strdup_printf ("passerelle-%08x%08x", g_random_int (), g_random_int ());
  g_autofree char *xml = NULL;
  Ask *one;
  int length;

  xmlnode_set_attrib (iq, "id", id);
  xml = xmlnode_to_str (iq, &length);
  xmlnode_free (iq);
  if (g_hash_table_size (all->asks) >= MOST_ASKS)
    g_hash_table_foreach_remove (all->asks, is_old, NULL);
  if (g_hash_table_size (all->asks) >= MOST_ASKS)
    {
      if (request->number != 0)
        room_request_answer (request, WIRE_ROOM_OUTCOME_LATER, "Too much waits for the other server's answer.");
      g_free (id);
      return NULL;
    }
  one = g_new (Ask, 1);
  *one = (Ask) { .request = { request->account, request->number, g_strdup (request->room) }, .since = g_get_monotonic_time (),
                 .changed = changed, .take = take };
  g_hash_table_insert (all->asks, id, one);
  protocol_get_info ()->send_raw (accounts_get_connection (account), xml, length);
  return one;
}

static WireRoomOutcome
outcome_of (const char *condition)
{
  static const struct {
    const char *condition;
    WireRoomOutcome outcome;
  } outcomes[] = {
    { "forbidden", WIRE_ROOM_OUTCOME_FORBIDDEN },
    { "not-authorized", WIRE_ROOM_OUTCOME_FORBIDDEN },
    { "conflict", WIRE_ROOM_OUTCOME_FORBIDDEN },         /* the last owner would be none any more */
    { "bad-request", WIRE_ROOM_OUTCOME_UNFIT },
    { "not-acceptable", WIRE_ROOM_OUTCOME_UNFIT },
    { "jid-malformed", WIRE_ROOM_OUTCOME_UNFIT },
    { "item-not-found", WIRE_ROOM_OUTCOME_UNKNOWN },
    { "not-allowed", WIRE_ROOM_OUTCOME_IMPOSSIBLE },
    { "feature-not-implemented", WIRE_ROOM_OUTCOME_IMPOSSIBLE },
    { "service-unavailable", WIRE_ROOM_OUTCOME_IMPOSSIBLE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    if (g_strcmp0 (condition, outcomes[i].condition) == 0)
      return outcomes[i].outcome;
  return WIRE_ROOM_OUTCOME_LATER;
}

static void
take_error (const Ask *one, xmlnode *iq)
{
  g_autofree char *text = NULL;
  g_autofree char *words = NULL;
  const char *condition;

  if (one->request.number == 0 && !one->is_order)
    return;
  xmpp_read_error (iq, &condition, &text);
  words = text_dup_clean (text != NULL && *text != '\0' ? text : condition != NULL ? condition : "", -1);
  if (one->is_order)
    rooms_refused (accounts_find (one->request.account, FALSE), one->request.room, WIRE_ROOM_DEED_MODERATION, WIRE_CAUSE_REFUSED, words);
  else
    room_request_answer (&one->request, outcome_of (condition), words);
}

static gboolean
on_iq (PurpleConnection *connection, const char *type, const char *id, const char *from, xmlnode *iq, gpointer data)
{
  Account *account = accounts_of_connection (connection);
  Ask *one = account != NULL && account->xmpp_rooms != NULL && id != NULL ? g_hash_table_lookup (account->xmpp_rooms->asks, id) : NULL;
  g_autofree char *key = NULL;

  /* Nobody else may answer for the room. */
  if (one == NULL || from == NULL || purple_utf8_strcasecmp (from, one->request.room) != 0)
    return FALSE;
  if (g_strcmp0 (type, "result") != 0 && g_strcmp0 (type, "error") != 0)
    return FALSE;
  g_hash_table_steal_extended (account->xmpp_rooms->asks, id, (gpointer *) &key, NULL);
  if (g_str_equal (type, "error"))
    take_error (one, iq);
  else
    one->take (one, iq);
  ask_free (one);
  return TRUE;
}

static void
take_done (const Ask *one, xmlnode *result)
{
  room_request_answer (&one->request, WIRE_ROOM_OUTCOME_DONE, NULL);
}

/* -- Settings ------------------------------------------------------------- */

static gboolean
find_kind (const char *type, WireSettingKind *kind)
{
  for (int i = WIRE_SETTING_TEXT; i <= WIRE_SETTING_HIDDEN; i++)
    if (g_strcmp0 (type, wire_name_of_SettingKind (i)) == 0)
      {
        *kind = (WireSettingKind) i;
        return TRUE;
      }
  return FALSE;
}

static char *
dup_text (xmlnode *node)
{
  g_autofree char *data = node != NULL ? xmlnode_get_data (node) : NULL;

  return text_dup_clean (data != NULL ? data : "", -1);
}

static char *
dup_attribute (xmlnode *node, const char *name)
{
  const char *value = xmlnode_get_attrib (node, name);

  return value != NULL ? text_dup_clean (value, -1) : NULL;
}

static GPtrArray *
read_values (xmlnode *field)
{
  GPtrArray *values = g_ptr_array_new_with_free_func (g_free);

  for (xmlnode *value = xmlnode_get_child (field, "value"); value != NULL; value = xmlnode_get_next_twin (value))
    g_ptr_array_add (values, dup_text (value));
  g_ptr_array_add (values, NULL);
  return values;
}

static GPtrArray *
read_choices (xmlnode *field)
{
  GPtrArray *choices = g_ptr_array_new_with_free_func (g_free);

  for (xmlnode *option = xmlnode_get_child (field, "option"); option != NULL; option = xmlnode_get_next_twin (option))
    {
      char *value = dup_text (xmlnode_get_child (option, "value"));
      char *label = dup_attribute (option, "label");

      g_ptr_array_add (choices, value);
      g_ptr_array_add (choices, label != NULL ? label : g_strdup (value));
    }
  g_ptr_array_add (choices, NULL);
  return choices;
}

static void
tell_setting (const RoomRequest *request, xmlnode *field)
{
  g_autofree char *key = dup_attribute (field, "var");
  g_autofree char *label = dup_attribute (field, "label");
  g_autoptr (GPtrArray) values = read_values (field);
  g_autoptr (GPtrArray) choices = read_choices (field);
  WireSettingKind kind = WIRE_SETTING_TEXT;

  if (!find_kind (xmlnode_get_attrib (field, "type"), &kind) && choices->len > 1)
    kind = WIRE_SETTING_ONE_OF;
  if ((key == NULL && kind != WIRE_SETTING_NOTE) || g_strcmp0 (key, "FORM_TYPE") == 0)
    return;
  hub_tell (room_setting, ROOM_SETTING, .account = request->account, .room = request->room, .request = request->number, .key = key,
            .kind = kind, .label = label, .values = values->len > 1 ? (const char *const *) values->pdata : NULL,
            .choices = choices->len > 1 ? (const char *const *) choices->pdata : NULL, .needed = xmlnode_get_child (field, "required") != NULL);
}

static void
take_form (const Ask *one, xmlnode *result)
{
  xmlnode *query = xmlnode_get_child_with_namespace (result, "query", NS_MUC_OWNER);
  xmlnode *form = query != NULL ? xmlnode_get_child_with_namespace (query, "x", NS_FORMS) : NULL;
  guint n = 0;

  if (form == NULL)
    {
      room_request_answer (&one->request, WIRE_ROOM_OUTCOME_IMPOSSIBLE, "The other server has no form for this room.");
      return;
    }
  for (xmlnode *field = xmlnode_get_child (form, "field"); field != NULL && n < MOST_SETTINGS; field = xmlnode_get_next_twin (field), n++)
    tell_setting (&one->request, field);
  room_request_answer (&one->request, WIRE_ROOM_OUTCOME_DONE, NULL);
}

void
xmpp_rooms_get_settings (Account *account, const WireGetSettings *command)
{
  xmlnode *query;
  xmlnode *iq = new_iq ("get", command->room, NS_MUC_OWNER, &query);

  ask (account, iq, &(RoomRequest) { command->account, command->request, (char *) command->room }, FALSE, take_form);
}

static xmlnode *
add_field (xmlnode *form, const char *key)
{
  xmlnode *field = xmlnode_new_child (form, "field");

  xmlnode_set_attrib (field, "var", key);
  return field;
}

static void
add_value (xmlnode *field, const char *text)
{
  if (*text != '\0')
    xmlnode_insert_data (xmlnode_new_child (field, "value"), text, -1);
}

void
xmpp_rooms_set_settings (Account *account, const WireSetSettings *command)
{
  const char *const *values = command->values;
  xmlnode *query, *form, *field;
  xmlnode *iq = new_iq ("set", command->room, NS_MUC_OWNER, &query);

  form = xmlnode_new_child (query, "x");
  xmlnode_set_namespace (form, NS_FORMS);
  xmlnode_set_attrib (form, "type", "submit");
  field = add_field (form, "FORM_TYPE");
  add_value (field, NS_CONFIG);
  /* The values of a field follow each other. */
  for (guint i = 0; values != NULL && values[i] != NULL && values[i + 1] != NULL; i += 2)
    {
      if (i == 0 || !g_str_equal (values[i], values[i - 2]))
        field = add_field (form, values[i]);
      add_value (field, values[i + 1]);
    }
  ask (account, iq, &(RoomRequest) { command->account, command->request, (char *) command->room }, FALSE, take_done);
}

/* -- Bans ----------------------------------------------------------------- */

static void
take_bans (const Ask *one, xmlnode *result)
{
  xmlnode *query = xmlnode_get_child_with_namespace (result, "query", NS_MUC_ADMIN);
  guint n = 0;

  for (xmlnode *item = query != NULL ? xmlnode_get_child (query, "item") : NULL; item != NULL && n < MOST_BANS;
       item = xmlnode_get_next_twin (item), n++)
    {
      g_autofree char *who = dup_attribute (item, "jid");
      g_autofree char *text = dup_text (xmlnode_get_child (item, "reason"));

      if (who != NULL && *who != '\0' && g_strcmp0 (xmlnode_get_attrib (item, "affiliation"), "outcast") == 0)
        hub_tell (room_ban, ROOM_BAN, .account = one->request.account, .room = one->request.room, .request = one->request.number, .who = who,
                  .text = *text != '\0' ? text : NULL);
    }
  room_request_answer (&one->request, WIRE_ROOM_OUTCOME_DONE, NULL);
}

void
xmpp_rooms_list_bans (Account *account, const WireListBans *command)
{
  xmlnode *query;
  xmlnode *iq = new_iq ("get", command->room, NS_MUC_ADMIN, &query);

  xmlnode_set_attrib (xmlnode_new_child (query, "item"), "affiliation", "outcast");
  ask (account, iq, &(RoomRequest) { command->account, command->request, (char *) command->room }, FALSE, take_bans);
}

void
xmpp_rooms_set_ban (Account *account, const WireSetBan *command)
{
  const RoomRequest request = { command->account, command->request, (char *) command->room };
  xmlnode *query, *item, *iq;

  if (strchr (command->who, '@') == NULL && strchr (command->who, '.') == NULL)
    {
      room_request_answer (&request, WIRE_ROOM_OUTCOME_UNFIT, "Nobody of this name is in the room, and this is no XMPP address.");
      return;
    }
  iq = new_iq ("set", command->room, NS_MUC_ADMIN, &query);
  item = xmlnode_new_child (query, "item");
  xmlnode_set_attrib (item, "affiliation", command->banned ? "outcast" : "none");
  xmlnode_set_attrib (item, "jid", command->who);
  if (command->text != NULL && *command->text != '\0')
    xmlnode_insert_data (xmlnode_new_child (item, "reason"), command->text, -1);
  ask (account, iq, &request, FALSE, take_done);
}

/* -- Ranks ---------------------------------------------------------------- */

static void
take_obeyed (const Ask *one, xmlnode *result)
{
  if (one->request.number != 0)
    hub_tell (room_done, ROOM_DONE, .account = one->request.account, .room = one->request.room, .request = one->request.number);
}

void
xmpp_rooms_moderate (Account *account, const WireModerate *command)
{
  static const struct {
    const char *attribute, *value;
  } ranks[] = {
    [WIRE_MODERATION_KICK] = { "role", "none" },
    [WIRE_MODERATION_VISITOR] = { "role", "visitor" },
    [WIRE_MODERATION_PARTICIPANT] = { "role", "participant" },
    [WIRE_MODERATION_MODERATOR] = { "role", "moderator" },
    [WIRE_MODERATION_BAN] = { "affiliation", "outcast" },
    [WIRE_MODERATION_NO_AFFILIATION] = { "affiliation", "none" },
    [WIRE_MODERATION_MEMBER] = { "affiliation", "member" },
    [WIRE_MODERATION_ADMIN] = { "affiliation", "admin" },
  };
  const RoomRequest request = { command->account, 0, (char *) command->room };
  xmlnode *query, *iq = new_iq ("set", command->room, NS_MUC_ADMIN, &query);
  xmlnode *item = xmlnode_new_child (query, "item");
  Ask *one;

  xmlnode_set_attrib (item, "nick", command->nick);
  xmlnode_set_attrib (item, ranks[command->what].attribute, ranks[command->what].value);
  if (command->text != NULL && *command->text != '\0')
    xmlnode_insert_data (xmlnode_new_child (item, "reason"), command->text, -1);
  one = ask (account, iq, &request, FALSE, take_obeyed);
  if (one != NULL)
    {
      one->is_order = TRUE;
      one->request.number = command->request;
    }
  else
    rooms_refused (account, command->room, WIRE_ROOM_DEED_MODERATION, WIRE_CAUSE_BUSY, "Too much waits for the other server's answer.");
}

/* -- Leaving -------------------------------------------------------------- */

void
xmpp_rooms_part (Account *account, const char *name)
{
  gint64 now = g_get_monotonic_time ();

  if (protocol_is_xmpp ())
    g_hash_table_replace (rooms_of (account)->parting, g_utf8_casefold (name, -1), g_memdup2 (&now, sizeof now));
}

gboolean
xmpp_rooms_is_parting (Account *account, const char *name)
{
  g_autofree char *key = account->xmpp_rooms == NULL ? NULL : g_utf8_casefold (name, -1);
  const gint64 *since = key == NULL ? NULL : g_hash_table_lookup (account->xmpp_rooms->parting, key);

  return since != NULL && *since > g_get_monotonic_time () - PART_SECONDS * G_USEC_PER_SEC;
}

static gboolean
is_our_own (xmlnode *presence)
{
  xmlnode *x = xmlnode_get_child_with_namespace (presence, "x", NS_MUC_USER);

  for (xmlnode *status = x != NULL ? xmlnode_get_child (x, "status") : NULL; status != NULL; status = xmlnode_get_next_twin (status))
    if (g_strcmp0 (xmlnode_get_attrib (status, "code"), "110") == 0)
      return TRUE;
  return FALSE;
}

static gboolean
on_parted (gpointer data)
{
  g_autofree gint64 *number = data;
  Account *account = accounts_find (*number, FALSE);

  if (account != NULL && accounts_is_online (account))
    rooms_join_held (account);
  return G_SOURCE_REMOVE;
}

void
xmpp_rooms_unavailable (Account *account, const char *name, xmlnode *presence)
{
  g_autofree char *key = account->xmpp_rooms == NULL ? NULL : g_utf8_casefold (name, -1);

  /* The plugin reads it after us. */
  if (key != NULL && is_our_own (presence) && g_hash_table_remove (account->xmpp_rooms->parting, key))
    g_idle_add (on_parted, g_memdup2 (&account->number, sizeof account->number));
}

/* -- What the room is ----------------------------------------------------- */

static void
take_info (const Ask *one, xmlnode *result)
{
  Account *account = accounts_find (one->request.account, FALSE);
  RoomRanks *room = account != NULL ? find_room (account, one->request.room) : NULL;
  xmlnode *query = xmlnode_get_child_with_namespace (result, "query", NS_INFO);
  const char *traits[17] = { NULL };
  guint n = 0;

  if (room == NULL)
    return;
  room->asking = FALSE;
  for (xmlnode *feature = query != NULL ? xmlnode_get_child (query, "feature") : NULL; feature != NULL && n < G_N_ELEMENTS (traits) - 1;
       feature = xmlnode_get_next_twin (feature))
    {
      const char *var = xmlnode_get_attrib (feature, "var");

      if (var != NULL && g_str_has_prefix (var, "muc_"))
        traits[n++] = var;
    }
  g_strfreev (room->traits);
  room->traits = g_strdupv ((char **) traits);
  hub_tell (room_traits, ROOM_TRAITS, .account = one->request.account, .room = one->request.room, .traits = traits, .changed = one->changed);
}

void
xmpp_rooms_tell_again (Account *account, const char *name)
{
  const RoomRanks *room = find_room (account, name);

  if (room != NULL && room->traits != NULL)
    hub_tell (room_traits, ROOM_TRAITS, .account = account->number, .room = name, .traits = (const char *const *) room->traits);
}

static void
ask_for_info (Account *account, const char *name, gboolean changed)
{
  RoomRanks *room = find_room (account, name);
  xmlnode *query;

  if (room == NULL || (room->asking && !changed))
    return;
  room->asking = TRUE;
  ask (account, new_iq ("get", name, NS_INFO, &query), &(RoomRequest) { account->number, 0, (char *) name }, changed, take_info);
}

void
xmpp_rooms_joined (Account *account, const char *name)
{
  if (protocol_is_xmpp ())
    ask_for_info (account, name, FALSE);
}

void
xmpp_rooms_left (Account *account, const char *name)
{
  g_autofree char *key = g_utf8_casefold (name, -1);

  if (account->xmpp_rooms != NULL)
    g_hash_table_remove (account->xmpp_rooms->rooms, key);
}

void
xmpp_rooms_message (Account *account, const char *name, xmlnode *message)
{
  xmlnode *x = xmlnode_get_child_with_namespace (message, "x", NS_MUC_USER);

  for (xmlnode *status = x != NULL ? xmlnode_get_child (x, "status") : NULL; status != NULL; status = xmlnode_get_next_twin (status))
    if (g_strcmp0 (xmlnode_get_attrib (status, "code"), "104") == 0)
      {
        ask_for_info (account, name, TRUE);
        return;
      }
}

/* -- Ranks ---------------------------------------------------------------- */

static int
find_name (const char *name, const char *(*name_of) (int value), int first, int last)
{
  for (int i = first; i <= last; i++)
    if (g_strcmp0 (name, name_of (i)) == 0)
      return i;
  return -1;
}

static const char *
role_name (int value)
{
  return wire_name_of_Role ((WireRole) value);
}

static const char *
affiliation_name (int value)
{
  return wire_name_of_Affiliation ((WireAffiliation) value);
}

static RoomRanks *
make_room (Account *account, const char *name)
{
  RoomRanks *room = find_room (account, name);

  if (room == NULL)
    {
      room = g_new0 (RoomRanks, 1);
      room->ranks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_hash_table_insert (rooms_of (account)->rooms, g_utf8_casefold (name, -1), room);
    }
  return room;
}

#define PACK(role, affiliation) GINT_TO_POINTER (1 + (role) + 16 * (affiliation))

void
xmpp_rooms_presence (Account *account, const char *name, const char *nick, xmlnode *presence)
{
  xmlnode *x = xmlnode_get_child_with_namespace (presence, "x", NS_MUC_USER);
  xmlnode *item = x != NULL ? xmlnode_get_child (x, "item") : NULL;
  RoomRanks *room = make_room (account, name);
  int role = item != NULL ? find_name (xmlnode_get_attrib (item, "role"), role_name, WIRE_ROLE_VISITOR, WIRE_ROLE_MODERATOR) : -1;
  int affiliation = item != NULL
                    ? find_name (xmlnode_get_attrib (item, "affiliation"), affiliation_name, WIRE_AFFILIATION_NONE, WIRE_AFFILIATION_OWNER) : -1;

  if (role < 0 || affiliation < 0)
    {
      g_hash_table_remove (room->ranks, nick);
      return;
    }
  if (g_hash_table_lookup (room->ranks, nick) == PACK (role, affiliation) || g_hash_table_size (room->ranks) >= MOST_RANKS)
    return;
  g_hash_table_replace (room->ranks, g_strdup (nick), PACK (role, affiliation));
  /* The plugin tells of what it knows only. */
  rooms_tell_rank (account, name, nick);
}

gboolean
xmpp_rooms_find_rank (Account *account, const char *name, const char *nick, WireRole *role, WireAffiliation *affiliation)
{
  RoomRanks *room = find_room (account, name);
  int packed = room != NULL ? GPOINTER_TO_INT (g_hash_table_lookup (room->ranks, nick)) : 0;

  if (packed == 0)
    return FALSE;
  *role = (WireRole) ((packed - 1) % 16);
  *affiliation = (WireAffiliation) ((packed - 1) / 16);
  return TRUE;
}

void
xmpp_rooms_init (void)
{
  static int handle;

  purple_signal_connect (protocol_get_plugin (), "jabber-receiving-iq", &handle, PURPLE_CALLBACK (on_iq), NULL);
}
