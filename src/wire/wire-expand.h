/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire-expand.h - expands wire.def once with the macros that the includer has
 * defined, the others being nothing; undefines all of them at the end. */
#ifndef WIRE_ENUM_BEGIN
#define WIRE_ENUM_BEGIN(Enum)
#endif
#ifndef WIRE_VALUE
#define WIRE_VALUE(PREFIX, NAME, text)
#endif
#ifndef WIRE_ENUM_END
#define WIRE_ENUM_END(Enum)
#endif
#ifndef WIRE_BEGIN
#define WIRE_BEGIN(DIRECTION, NAME, member, Type)
#endif
#ifndef WIRE_INT
#define WIRE_INT(member, least, most)
#endif
#ifndef WIRE_BOOL
#define WIRE_BOOL(member)
#endif
#ifndef WIRE_ENUM
#define WIRE_ENUM(member, Enum)
#endif
#ifndef WIRE_STRING
#define WIRE_STRING(member, need, bytes)
#endif
#ifndef WIRE_TEXT
#define WIRE_TEXT(member, need, bytes)
#endif
#ifndef WIRE_SECRET
#define WIRE_SECRET(member, need, bytes)
#endif
#ifndef WIRE_LIST
#define WIRE_LIST(member, items, bytes)
#endif
#ifndef WIRE_SECRETS
#define WIRE_SECRETS(member, items, bytes)
#endif
#ifndef WIRE_END
#define WIRE_END(DIRECTION, NAME, member, Type)
#endif
#include "wire.def"
#undef WIRE_ENUM_BEGIN
#undef WIRE_VALUE
#undef WIRE_ENUM_END
#undef WIRE_BEGIN
#undef WIRE_INT
#undef WIRE_BOOL
#undef WIRE_ENUM
#undef WIRE_STRING
#undef WIRE_TEXT
#undef WIRE_SECRET
#undef WIRE_LIST
#undef WIRE_SECRETS
#undef WIRE_END
