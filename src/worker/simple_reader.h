/* SPDX-License-Identifier: GPL-2.0-or-later */
/* simple_reader.h - one SIP message for each read of libpurple's SIMPLE plugin.
 *
 * Of what it reads from a TCP connection it handles the first message only, and
 * leaves the next ones until something else comes: a message could wait for
 * minutes.  So no read gives it more than the end of one message; the rest stays
 * in the socket, and the event loop calls it again. */
#pragma once

#include <glib.h>

/* Descriptors of the plugin, from when it watches them. */
void simple_reader_add (int fd);

/* In place of read, for all descriptors: FALSE if it is none of the plugin's. */
gboolean simple_reader_read (int fd, void *data, gsize size, gssize *result);

/* The length of the SIP message at the beginning of `data`, 0 if its end is not there yet. */
gsize simple_reader_message_length (const char *data, gsize length);
