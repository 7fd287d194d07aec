# SPDX-License-Identifier: GPL-2.0-or-later
"""What hubs and workers that are none have to know of src/wire/wire.h."""

VERSION = 3                     # WIRE_VERSION
