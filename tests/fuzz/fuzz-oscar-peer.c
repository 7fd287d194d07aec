/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-oscar-peer.c - what another program says when a file goes over, and a proxy, is read without harm. */
#include <stddef.h>
#include <stdint.h>

#include "oft.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  gsize length = oft_header_length (data, size);
  g_auto (OftHeader) header = { 0 };
  guint32 whole, half;
  ProxyFrame frame;
  gsize used = proxy_parse (data, size, &frame);

  g_assert (used == G_MAXSIZE || used <= size);
  if (length != 0 && length != G_MAXSIZE)
    {
      g_assert (length <= size);
      if (oft_header_parse (reader_of (data, length), "CP1251", &header))
        {
          g_autoptr (GByteArray) again = oft_header_build (&header);

          g_assert (g_utf8_validate (header.name, -1, NULL));
          g_assert (oft_header_length (again->data, again->len) == again->len);
        }
    }
  whole = oft_checksum (OFT_CHECKSUM_START, data, size, 0);
  half = oft_checksum (OFT_CHECKSUM_START, data, size / 2, 0);
  g_assert (oft_checksum_equal (oft_checksum (half, data + size / 2, size - size / 2, size / 2), whole));
  return 0;
}
