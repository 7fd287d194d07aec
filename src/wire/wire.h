/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire.h - the messages between the hub and its workers (wire.def), as structs
 * and as frames.
 *
 * A frame is a length (32 bits, big-endian, of what follows) and a JSON object:
 * {"t":"peer-message","s":12,"a":7,"account":3,...}.  "s" numbers the frames of
 * one direction from 1 without gaps, "a" says up to which number the other
 * direction was handled; a frame with "a" alone is a mere acknowledgement. */
#pragma once

#include <glib.h>

#define WIRE_VERSION 3

/* What JSON numbers hold exactly. */
#define WIRE_ID_MAX G_GINT64_CONSTANT (9007199254740991)

/* The longest JSON object of a frame, in bytes. */
#define WIRE_FRAME_MAX (2 * 1024 * 1024)

#define WIRE_HEADER_SIZE 4

typedef enum { WIRE_COMMAND = 1, WIRE_EVENT = 2 } WireDirection;

typedef enum {
  WIRE_KIND_INT,
  WIRE_KIND_BOOL,
  WIRE_KIND_ENUM,
  WIRE_KIND_STRING,
  WIRE_KIND_TEXT,
  WIRE_KIND_SECRET,
  WIRE_KIND_LIST,
  WIRE_KIND_SECRETS,
} WireKind;

/* The enumerations: WireShow with WIRE_SHOW_AWAY, ... */
#define WIRE_ENUM_BEGIN(Enum) typedef enum {
#define WIRE_VALUE(PREFIX, NAME, text) WIRE_##PREFIX##_##NAME,
#define WIRE_ENUM_END(Enum) } Wire##Enum;
#include "wire-expand.h"

/* The message types: WIRE_SIGN_IN, ...  WIRE_NONE is a mere acknowledgement. */
typedef enum {
  WIRE_NONE,
#define WIRE_BEGIN(DIRECTION, NAME, member, Type) WIRE_##NAME,
#include "wire-expand.h"
  WIRE_N_TYPES
} WireType;

/* The messages: WireSignIn, ...  Whoever fills one keeps what it points to; of a
 * decoded one everything belongs to the WireMessage. */
#define WIRE_BEGIN(DIRECTION, NAME, member, Type) typedef struct {
#define WIRE_INT(member, least, most) gint64 member;
#define WIRE_BOOL(member) gboolean member;
#define WIRE_ENUM(member, Enum) Wire##Enum member;
#define WIRE_STRING(member, need, bytes) const char *member;
#define WIRE_TEXT WIRE_STRING
#define WIRE_SECRET WIRE_STRING
#define WIRE_LIST(member, items, bytes) const char *const *member;
#define WIRE_SECRETS WIRE_LIST
#define WIRE_END(DIRECTION, NAME, member, Type) } Wire##Type;
#include "wire-expand.h"

typedef struct {
  WireType type;
  union {
#define WIRE_BEGIN(DIRECTION, NAME, member, Type) Wire##Type member;
#include "wire-expand.h"
  } u;
} WireMessage;

/* What both ends do with a message, by type.  Every member must be set. */
typedef struct {
#define WIRE_BEGIN(DIRECTION, NAME, member, Type) WIRE_HANDLER_##DIRECTION (member, Type)
#define WIRE_HANDLER_COMMAND(member, Type) void (*member) (gpointer data, const Wire##Type *message);
#define WIRE_HANDLER_EVENT(member, Type)
#include "wire-expand.h"
#undef WIRE_HANDLER_COMMAND
#undef WIRE_HANDLER_EVENT
} WireCommandHandlers;

typedef struct {
#define WIRE_BEGIN(DIRECTION, NAME, member, Type) WIRE_HANDLER_##DIRECTION (member, Type)
#define WIRE_HANDLER_COMMAND(member, Type)
#define WIRE_HANDLER_EVENT(member, Type) void (*member) (gpointer data, const Wire##Type *message);
#include "wire-expand.h"
#undef WIRE_HANDLER_COMMAND
#undef WIRE_HANDLER_EVENT
} WireEventHandlers;

void wire_dispatch_command (const WireCommandHandlers *handlers, const WireMessage *message, gpointer data);
void wire_dispatch_event (const WireEventHandlers *handlers, const WireMessage *message, gpointer data);

/* The table itself, for tests and tools. */
typedef struct {
  const char *name;           /* as in the frame: '-' for the member's '_' */
  WireKind kind;
  gsize offset;               /* in the message's struct */
  gboolean needed;
  gint64 least, most;         /* of INT; ENUM: 0 and the last value; strings: most bytes */
  guint items;                /* of lists: most strings */
  const char *const *values;  /* of ENUM: the names, by value */
} WireField;

typedef struct {
  const char *name;
  WireDirection direction;
  const WireField *fields;
  guint n_fields;
} WireInfo;

const WireInfo *wire_info (WireType type);

/* The names of values: "away" for WIRE_SHOW_AWAY. */
#define WIRE_ENUM_BEGIN(Enum) const char *wire_name_of_##Enum (Wire##Enum value);
#include "wire-expand.h"

/* The number for a name, FALSE if there is none.  For WireShow, ... */
gboolean wire_enum_from_name (WireType type, const char *field, const char *name, int *value);

/* Appends a frame.  `message` may be NULL (a mere acknowledgement), and then
 * `number` is not written.  It must keep the limits of wire.def: what does not
 * is the caller's mistake, except that too long strings are cut between two
 * characters and invalid UTF-8 is replaced, because such come from networks. */
void wire_encode (GString *out, const WireMessage *message, gint64 number, gint64 acknowledged);

typedef struct {
  WireMessage message;
  gint64 number;              /* 0: not numbered */
  gint64 acknowledged;        /* 0: says nothing of it */
  /*< private >*/
  gpointer tree;
} WireFrame;

/* Decodes the JSON object of one frame.  Refuses, with a G_IO_ERROR_INVALID_DATA
 * that names message and field: what is no JSON object, invalid UTF-8, unknown
 * types and fields, another direction than `direction`, fields missing, mistyped
 * or beyond their limits.  Free with wire_frame_clear. */
gboolean wire_decode (WireFrame *frame, const char *json, gsize length, WireDirection direction, GError **error);
void wire_frame_clear (WireFrame *frame);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WireFrame, wire_frame_clear)

/* "peer-message account=3 peer=bob text=(12 bytes)": no text, no secret. */
char *wire_dup_log_form (const WireMessage *message);
