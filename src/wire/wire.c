/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire.c - the messages between the hub and its workers, as frames.
 *
 * The encoder writes JSON itself: it is by far the hottest code of both
 * processes, and a tree built only to be printed costs five times as much.  The
 * decoder is json-c's, with every field then held against the table.  Decoded
 * strings stay in json-c's tree; the structs point into it. */
#include "config.h"

#include "wire.h"

#include <gio/gio.h>
#include <json.h>
#include <string.h>

#include "text.h"

/* -- The table ------------------------------------------------------------ */

#define WIRE_ENUM_BEGIN(Enum) static const char *const values_of_##Enum[] = {
#define WIRE_VALUE(PREFIX, NAME, text) text,
#define WIRE_ENUM_END(Enum) NULL };
#include "wire-expand.h"

#define WIRE_ENUM_BEGIN(Enum) \
  const char *wire_name_of_##Enum (Wire##Enum value) { return values_of_##Enum[value]; }
#include "wire-expand.h"

#define NEEDED TRUE
#define MAYBE FALSE
#define FIELD_NAME(member) #member

#define WIRE_BEGIN(DIRECTION, NAME, member, Type) \
  static const WireField * \
  fields_of_##member (guint *n_fields) \
  { \
    typedef Wire##Type Self; \
    static const WireField fields[] = {
#define WIRE_FIELD(member, ...) { .name = FIELD_NAME (member), .offset = G_STRUCT_OFFSET (Self, member), __VA_ARGS__ },
#define WIRE_INT(member, low, high) \
  WIRE_FIELD (member, .kind = WIRE_KIND_INT, .needed = TRUE, .least = low, .most = high)
#define WIRE_BOOL(member) WIRE_FIELD (member, .kind = WIRE_KIND_BOOL)
#define WIRE_ENUM(member, Enum) \
  WIRE_FIELD (member, .kind = WIRE_KIND_ENUM, .needed = TRUE, .values = values_of_##Enum, \
              .most = G_N_ELEMENTS (values_of_##Enum) - 2)
#define WIRE_STRING(member, need, bytes) \
  WIRE_FIELD (member, .kind = WIRE_KIND_STRING, .needed = need, .most = bytes)
#define WIRE_TEXT(member, need, bytes) \
  WIRE_FIELD (member, .kind = WIRE_KIND_TEXT, .needed = need, .most = bytes)
#define WIRE_SECRET(member, need, bytes) \
  WIRE_FIELD (member, .kind = WIRE_KIND_SECRET, .needed = need, .most = bytes)
#define WIRE_LIST(member, count, bytes) \
  WIRE_FIELD (member, .kind = WIRE_KIND_LIST, .items = count, .most = bytes)
#define WIRE_SECRETS(member, count, bytes) \
  WIRE_FIELD (member, .kind = WIRE_KIND_SECRETS, .items = count, .most = bytes)
#define WIRE_END(DIRECTION, NAME, member, Type) \
    }; \
    *n_fields = G_N_ELEMENTS (fields); \
    return fields; \
  }
#include "wire-expand.h"

static WireInfo infos[WIRE_N_TYPES];
static GHashTable *types_by_name;

static char *
dup_frame_name (const char *name)
{
  return g_strdelimit (g_strdup (name), "_", '-');
}

static void
fill_info (WireType type, WireDirection direction, const char *name, const WireField *fields, guint n_fields)
{
  WireField *named = g_memdup2 (fields, n_fields * sizeof *fields);

  for (guint i = 0; i < n_fields; i++)
    named[i].name = dup_frame_name (fields[i].name);
  infos[type] = (WireInfo) {
    .name = dup_frame_name (name), .direction = direction, .fields = named, .n_fields = n_fields
  };
  g_hash_table_insert (types_by_name, (gpointer) infos[type].name, GINT_TO_POINTER (type));
}

/* Once, at the first use; kept for the life of the process. */
static void
table_init (void)
{
  static gsize done;

  if (!g_once_init_enter (&done))
    return;
  types_by_name = g_hash_table_new (g_str_hash, g_str_equal);
#define WIRE_BEGIN(DIRECTION, NAME, member, Type) \
  { \
    guint n_fields; \
    const WireField *fields = fields_of_##member (&n_fields); \
    fill_info (WIRE_##NAME, WIRE_##DIRECTION, #member, fields, n_fields); \
  }
#include "wire-expand.h"
  g_once_init_leave (&done, 1);
}

const WireInfo *
wire_info (WireType type)
{
  table_init ();
  g_assert (type > WIRE_NONE && type < WIRE_N_TYPES);
  return &infos[type];
}

static const WireField *
find_field (const WireInfo *info, const char *name)
{
  for (guint i = 0; i < info->n_fields; i++)
    if (g_str_equal (info->fields[i].name, name))
      return &info->fields[i];
  return NULL;
}

static gboolean
value_from_name (const WireField *field, const char *name, int *value)
{
  for (int i = 0; field->values[i] != NULL; i++)
    if (g_str_equal (field->values[i], name))
      {
        *value = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
wire_enum_from_name (WireType type, const char *field, const char *name, int *value)
{
  const WireField *found = find_field (wire_info (type), field);

  g_assert (found != NULL && found->kind == WIRE_KIND_ENUM);
  return value_from_name (found, name, value);
}

/* -- Dispatch ------------------------------------------------------------- */

void
wire_dispatch_command (const WireCommandHandlers *handlers, const WireMessage *message, gpointer data)
{
  switch (message->type)
    {
#define WIRE_BEGIN(DIRECTION, NAME, member, Type) CASE_##DIRECTION (NAME, member)
#define CASE_COMMAND(NAME, member) case WIRE_##NAME: handlers->member (data, &message->u.member); break;
#define CASE_EVENT(NAME, member) case WIRE_##NAME:
#include "wire-expand.h"
#undef CASE_COMMAND
#undef CASE_EVENT
    case WIRE_NONE:
    case WIRE_N_TYPES:
    default:
      g_assert_not_reached ();  /* wire_decode lets only one direction through */
    }
}

void
wire_dispatch_event (const WireEventHandlers *handlers, const WireMessage *message, gpointer data)
{
  switch (message->type)
    {
#define WIRE_BEGIN(DIRECTION, NAME, member, Type) CASE_##DIRECTION (NAME, member)
#define CASE_COMMAND(NAME, member) case WIRE_##NAME:
#define CASE_EVENT(NAME, member) case WIRE_##NAME: handlers->member (data, &message->u.member); break;
#include "wire-expand.h"
#undef CASE_COMMAND
#undef CASE_EVENT
    case WIRE_NONE:
    case WIRE_N_TYPES:
    default:
      g_assert_not_reached ();
    }
}

/* -- Encoding ------------------------------------------------------------- */

static void
append_int (GString *out, gint64 value)
{
  char digits[24];
  char *p = digits + sizeof digits;
  guint64 rest = value < 0 ? -(guint64) value : (guint64) value;

  do
    *--p = '0' + rest % 10;
  while ((rest /= 10) != 0);
  if (value < 0)
    *--p = '-';
  g_string_append_len (out, p, digits + sizeof digits - p);
}

static void
append_escaped (GString *out, const char *text, gsize length)
{
  static const char hex[] = "0123456789abcdef";
  const char *plain = text;
  const char *end = text + length;

  for (const char *p = text; p < end; p++)
    {
      guchar c = *p;

      if (c >= 0x20 && c != '"' && c != '\\')
        continue;
      g_string_append_len (out, plain, p - plain);
      plain = p + 1;
      switch (c)
        {
        case '"': g_string_append_len (out, "\\\"", 2); break;
        case '\\': g_string_append_len (out, "\\\\", 2); break;
        case '\n': g_string_append_len (out, "\\n", 2); break;
        default:
          g_string_append_len (out, "\\u00", 4);
          g_string_append_c (out, hex[c >> 4]);
          g_string_append_c (out, hex[c & 15]);
        }
    }
  g_string_append_len (out, plain, end - plain);
}

/* Writes a string that anything may be in: cut to the limit, made clean. */
static void
append_string (GString *out, const char *text, gsize most)
{
  gsize length = strlen (text);
  g_autofree char *clean = NULL;

  if (!g_utf8_validate (text, length, NULL))
    {
      clean = text_dup_clean (text, length);
      text = clean;
      length = strlen (clean);
    }
  if (length > most)
    {
      const char *cut = g_utf8_find_prev_char (text, text + most + 1);

      length = cut == NULL ? 0 : cut - text;
    }
  g_string_append_c (out, '"');
  append_escaped (out, text, length);
  g_string_append_c (out, '"');
}

static void
append_list (GString *out, const char *const *list, const WireField *field)
{
  g_string_append_c (out, '[');
  for (guint i = 0; list[i] != NULL && i < field->items; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      append_string (out, list[i], field->most);
    }
  g_string_append_c (out, ']');
}

static void
append_key (GString *out, const char *name)
{
  g_string_append_len (out, ",\"", 2);
  g_string_append (out, name);
  g_string_append_len (out, "\":", 2);
}

static void
append_field (GString *out, const WireField *field, gconstpointer self)
{
  gconstpointer at = (const char *) self + field->offset;

  switch (field->kind)
    {
    case WIRE_KIND_INT:
      {
        gint64 value = *(const gint64 *) at;

        g_assert (value >= field->least && value <= field->most);
        append_key (out, field->name);
        append_int (out, value);
        break;
      }
    case WIRE_KIND_BOOL:
      if (*(const gboolean *) at)
        {
          append_key (out, field->name);
          g_string_append_len (out, "true", 4);
        }
      break;
    case WIRE_KIND_ENUM:
      {
        int value = *(const int *) at;

        g_assert (value >= 0 && value <= field->most);
        append_key (out, field->name);
        g_string_append_c (out, '"');
        g_string_append (out, field->values[value]);
        g_string_append_c (out, '"');
        break;
      }
    case WIRE_KIND_STRING:
    case WIRE_KIND_TEXT:
    case WIRE_KIND_SECRET:
      {
        const char *value = *(const char *const *) at;

        g_assert (value != NULL || !field->needed);
        if (value != NULL)
          {
            append_key (out, field->name);
            append_string (out, value, field->most);
          }
        break;
      }
    case WIRE_KIND_LIST:
    case WIRE_KIND_SECRETS:
      {
        const char *const *value = *(const char *const *const *) at;

        if (value != NULL)
          {
            append_key (out, field->name);
            append_list (out, value, field);
          }
        break;
      }
    default:
      g_assert_not_reached ();
    }
}

void
wire_encode (GString *out, const WireMessage *message, gint64 number, gint64 acknowledged)
{
  gsize start = out->len;
  guint32 length;

  g_string_append_len (out, "\0\0\0\0{\"a\":", WIRE_HEADER_SIZE + 5);
  append_int (out, acknowledged);
  if (message != NULL)
    {
      const WireInfo *info = wire_info (message->type);

      g_string_append_len (out, ",\"t\":\"", 6);
      g_string_append (out, info->name);
      g_string_append_c (out, '"');
      if (number != 0)
        {
          g_string_append_len (out, ",\"s\":", 5);
          append_int (out, number);
        }
      for (guint i = 0; i < info->n_fields; i++)
        append_field (out, &info->fields[i], &message->u);
    }
  g_string_append_c (out, '}');
  length = GUINT32_TO_BE (out->len - start - WIRE_HEADER_SIZE);
  memcpy (out->str + start, &length, WIRE_HEADER_SIZE);
}

/* -- Decoding ------------------------------------------------------------- */

#define refuse(error, ...) (g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, __VA_ARGS__), FALSE)

static const char *
take_string (json_object *value, gsize most)
{
  const char *string;
  gsize length;

  if (!json_object_is_type (value, json_type_string))
    return NULL;
  string = json_object_get_string (value);
  length = json_object_get_string_len (value);
  return length > most || strlen (string) != length ? NULL : string;
}

static gboolean
take_int (json_object *value, gint64 least, gint64 most, gint64 *number)
{
  if (!json_object_is_type (value, json_type_int))
    return FALSE;
  *number = json_object_get_int64 (value);
  return *number >= least && *number <= most;
}

/* The strings stay in the tree; the array is the caller's to free. */
static const char **
take_list (json_object *value, const WireField *field)
{
  g_autofree const char **list = NULL;
  gsize length;

  if (!json_object_is_type (value, json_type_array))
    return NULL;
  length = json_object_array_length (value);
  if (length > field->items)
    return NULL;
  list = g_new0 (const char *, length + 1);
  for (gsize i = 0; i < length; i++)
    if ((list[i] = take_string (json_object_array_get_idx (value, i), field->most)) == NULL)
      return NULL;
  return g_steal_pointer (&list);
}

static gboolean
take_field (json_object *value, const WireField *field, gpointer self)
{
  gpointer at = (char *) self + field->offset;

  switch (field->kind)
    {
    case WIRE_KIND_INT:
      return take_int (value, field->least, field->most, at);
    case WIRE_KIND_BOOL:
      *(gboolean *) at = json_object_get_boolean (value);
      return json_object_is_type (value, json_type_boolean);
    case WIRE_KIND_ENUM:
      {
        const char *name = take_string (value, 64);

        return name != NULL && value_from_name (field, name, at);
      }
    case WIRE_KIND_STRING:
    case WIRE_KIND_TEXT:
    case WIRE_KIND_SECRET:
      return (*(const char **) at = take_string (value, field->most)) != NULL;
    case WIRE_KIND_LIST:
    case WIRE_KIND_SECRETS:
      return (*(const char ***) at = take_list (value, field)) != NULL;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
take_message (WireFrame *frame, json_object *tree, WireDirection direction, GError **error)
{
  WireMessage *message = &frame->message;
  const WireInfo *info = NULL;
  guint64 seen = 0;

  /* The header first: the fields may stand in any order. */
  json_object_object_foreach (tree, header, content)
    {
      gint64 number;
      const char *name;

      if (g_str_equal (header, "a"))
        {
          if (!take_int (content, 0, WIRE_ID_MAX, &frame->acknowledged))
            return refuse (error, "bad acknowledgement");
        }
      else if (g_str_equal (header, "s"))
        {
          if (!take_int (content, 1, WIRE_ID_MAX, &number))
            return refuse (error, "bad number");
          frame->number = number;
        }
      else if (g_str_equal (header, "t"))
        {
          if ((name = take_string (content, 64)) == NULL)
            return refuse (error, "bad type");
          message->type = GPOINTER_TO_INT (g_hash_table_lookup (types_by_name, name));
          if (message->type == WIRE_NONE)
            return refuse (error, "unknown message %s", name);
          info = &infos[message->type];
          if (info->direction != direction)
            return refuse (error, "%s goes the other way", name);
        }
    }

  json_object_object_foreach (tree, key, value)
    {
      const WireField *field;

      if (key[0] != '\0' && key[1] == '\0' && strchr ("ast", key[0]) != NULL)
        continue;
      field = info == NULL ? NULL : find_field (info, key);
      if (field == NULL)
        return refuse (error, "%s: unknown field %s", info == NULL ? "acknowledgement" : info->name, key);
      if (!take_field (value, field, &message->u))
        return refuse (error, "%s: bad value of %s", info->name, key);
      seen |= G_GUINT64_CONSTANT (1) << (field - info->fields);
    }
  for (guint i = 0; info != NULL && i < info->n_fields; i++)
    if (info->fields[i].needed && (seen & G_GUINT64_CONSTANT (1) << i) == 0)
      return refuse (error, "%s: %s is missing", info->name, info->fields[i].name);
  return TRUE;
}

gboolean
wire_decode (WireFrame *frame, const char *json, gsize length, WireDirection direction, GError **error)
{
  static _Thread_local json_tokener *tokener;

  table_init ();
  if (tokener == NULL)
    {
      tokener = json_tokener_new_ex (4);
      json_tokener_set_flags (tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    }
  json_tokener_reset (tokener);
  *frame = (WireFrame) { .tree = json_tokener_parse_ex (tokener, json, length) };
  if (frame->tree == NULL || json_tokener_get_parse_end (tokener) != length
      || !json_object_is_type (frame->tree, json_type_object))
    {
      wire_frame_clear (frame);
      return refuse (error, "not a JSON object: %s", json_tokener_error_desc (json_tokener_get_error (tokener)));
    }
  if (!take_message (frame, frame->tree, direction, error))
    {
      wire_frame_clear (frame);
      return FALSE;
    }
  return TRUE;
}

static void
wipe_string (const char *string)
{
  if (string != NULL)
    explicit_bzero ((char *) string, strlen (string));
}

void
wire_frame_clear (WireFrame *frame)
{
  if (frame->message.type != WIRE_NONE)
    {
      const WireInfo *info = &infos[frame->message.type];

      for (guint i = 0; i < info->n_fields; i++)
        {
          const WireField *field = &info->fields[i];
          gpointer at = (char *) &frame->message.u + field->offset;

          if (field->kind == WIRE_KIND_SECRET)
            wipe_string (*(const char **) at);
          if (field->kind == WIRE_KIND_SECRETS && *(const char ***) at != NULL)
            for (const char **item = *(const char ***) at; *item != NULL; item++)
              wipe_string (*item);
          if (field->kind == WIRE_KIND_LIST || field->kind == WIRE_KIND_SECRETS)
            g_free (*(const char ***) at);
        }
    }
  if (frame->tree != NULL)
    json_object_put (frame->tree);
  *frame = (WireFrame) { .tree = NULL };
}

/* -- For the log ---------------------------------------------------------- */

static void
append_log_field (GString *out, const WireField *field, gconstpointer self)
{
  gconstpointer at = (const char *) self + field->offset;

  switch (field->kind)
    {
    case WIRE_KIND_INT:
      g_string_append_printf (out, " %s=%" G_GINT64_FORMAT, field->name, *(const gint64 *) at);
      break;
    case WIRE_KIND_BOOL:
      if (*(const gboolean *) at)
        g_string_append_printf (out, " %s", field->name);
      break;
    case WIRE_KIND_ENUM:
      g_string_append_printf (out, " %s=%s", field->name, field->values[*(const int *) at]);
      break;
    case WIRE_KIND_STRING:
    case WIRE_KIND_TEXT:
    case WIRE_KIND_SECRET:
      {
        const char *value = *(const char *const *) at;

        if (value == NULL)
          break;
        if (field->kind == WIRE_KIND_STRING)
          g_string_append_printf (out, " %s=%s", field->name, value);
        else if (field->kind == WIRE_KIND_TEXT)
          g_string_append_printf (out, " %s=(%" G_GSIZE_FORMAT " bytes)", field->name, strlen (value));
        else
          g_string_append_printf (out, " %s=(secret)", field->name);
        break;
      }
    case WIRE_KIND_LIST:
    case WIRE_KIND_SECRETS:
      {
        const char *const *value = *(const char *const *const *) at;
        g_autofree char *joined = NULL;

        if (value == NULL)
          break;
        if (field->kind == WIRE_KIND_LIST)
          joined = g_strjoinv (",", (char **) value);
        else
          joined = g_strdup_printf ("%u secret", g_strv_length ((char **) value));
        g_string_append_printf (out, " %s=(%s)", field->name, joined);
        break;
      }
    default:
      g_assert_not_reached ();
    }
}

char *
wire_dup_log_form (const WireMessage *message)
{
  const WireInfo *info;
  GString *out;

  if (message->type == WIRE_NONE)
    return g_strdup ("acknowledgement");
  info = wire_info (message->type);
  out = g_string_new (info->name);
  for (guint i = 0; i < info->n_fields; i++)
    append_log_field (out, &info->fields[i], &message->u);
  return g_string_free (out, FALSE);
}
