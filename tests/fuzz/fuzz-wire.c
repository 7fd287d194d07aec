/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-wire.c - a frame is refused with an error, or says the same after another round of encoding.
 *
 * Bytes alone hardly ever make JSON with the right names, so half of the inputs
 * choose among what the table knows: a message, and for each of its fields a
 * value that may fit. */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <json.h>

#include "wire.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check (const char *json, gsize size, WireDirection direction)
{
  g_auto (WireFrame) frame = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) out = NULL;
  g_autofree char *log_form = NULL;

  if (!wire_decode (&frame, json, size, direction, &error))
    {
      g_assert (error != NULL);
      return;
    }
  g_assert (error == NULL);
  out = g_string_new (NULL);
  if (frame.message.type == WIRE_NONE)
    return;
  log_form = wire_dup_log_form (&frame.message);
  wire_encode (out, &frame.message, frame.number, frame.acknowledged);
  {
    g_auto (WireFrame) again = { 0 };
    g_autoptr (GString) out_again = g_string_new (NULL);

    g_assert (wire_decode (&again, out->str + WIRE_HEADER_SIZE, out->len - WIRE_HEADER_SIZE, direction, &error));
    wire_encode (out_again, &again.message, again.number, again.acknowledged);
    g_assert (g_string_equal (out, out_again));
  }
}

/* -- Frames that nearly fit ---------------------------------------------- */

typedef struct {
  const uint8_t *data;
  size_t size;
} Input;

static guint
take (Input *input)
{
  if (input->size == 0)
    return 0;
  input->size--;
  return *input->data++;
}

static json_object *
take_string (Input *input)
{
  size_t wanted = take (input), length = MIN (wanted, input->size);
  json_object *string = json_object_new_string_len ((const char *) input->data, (int) length);

  input->data += length;
  input->size -= length;
  return string;
}

static json_object *
take_list (Input *input)
{
  json_object *list = json_object_new_array ();

  for (guint n = take (input) % 40; n > 0; n--)
    json_object_array_add (list, take_string (input));
  return list;
}

static json_object *
take_value (Input *input, const WireField *field)
{
  guint choice = take (input);

  switch (choice % 16)
    {
    case 0:
      return NULL;
    case 1:
      return json_object_new_double (1.5);
    case 2:
      return json_object_new_object ();
    case 3:
      return json_object_new_boolean (choice & 16);
    case 4:
      return take_list (input);
    case 5:
      return take_string (input);
    case 6:
      return json_object_new_int64 (G_MAXINT64 - take (input));
    case 7:
      return json_object_new_int64 (field->kind == WIRE_KIND_INT ? field->most : take (input));
    default:
      break;
    }
  switch (field->kind)
    {
    case WIRE_KIND_INT:
      return json_object_new_int64 (field->least + take (input));
    case WIRE_KIND_BOOL:
      return json_object_new_boolean (TRUE);
    case WIRE_KIND_ENUM:
      return json_object_new_string (field->values[take (input) % (guint) (field->most + 1)]);
    case WIRE_KIND_LIST:
    case WIRE_KIND_SECRETS:
      return take_list (input);
    case WIRE_KIND_STRING:
    case WIRE_KIND_TEXT:
    case WIRE_KIND_SECRET:
    default:
      return take_string (input);
    }
}

static void
check_built (Input *input)
{
  const WireInfo *info = wire_info ((WireType) (1 + take (input) % (WIRE_N_TYPES - 1)));
  json_object *frame = json_object_new_object ();
  const char *json;

  json_object_object_add (frame, "t", json_object_new_string (info->name));
  json_object_object_add (frame, "s", json_object_new_int64 (1 + take (input)));
  for (guint i = 0; i < info->n_fields; i++)
    if (take (input) % 16 != 0)
      json_object_object_add (frame, info->fields[i].name, take_value (input, &info->fields[i]));
  json = json_object_to_json_string_ext (frame, JSON_C_TO_STRING_PLAIN);
  check (json, strlen (json), info->direction);
  json_object_put (frame);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size > 0 && (*data & 1))
    check_built (&(Input) { data + 1, size - 1 });
  else
    {
      check ((const char *) data, size, WIRE_EVENT);
      check ((const char *) data, size, WIRE_COMMAND);
    }
  return 0;
}
