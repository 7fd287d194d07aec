/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text_format.h - fonts and colours of a message: X-MMS-IM-Format (msnp.md 9.1). */
#pragma once

#include <glib.h>

typedef struct {
  char *font;           /* NULL: not said */
  gboolean bold, italic, underline, strike, rtl;
  guint32 color;        /* 0xRRGGBB; black is as good as none */
} TextFormat;

void text_format_clear (TextFormat *format);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TextFormat, text_format_clear)

/* Of the header's value; VALUE may be NULL. */
void text_format_parse (const char *value, TextFormat *format);
char *text_format_build (const TextFormat *format);
/* Plain text as HTML that looks so. */
char *text_format_dup_html (const TextFormat *format, const char *text);
