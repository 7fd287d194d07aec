# SPDX-License-Identifier: GPL-2.0-or-later
"""Breaking things under load: every message is delivered, or its sender gets an error.

From tests/:  /usr/bin/python3 -m chaos --help"""

import os
import pathlib
import sys

_tests = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [place for place in (str(_tests), str(_tests / "integration")) if place not in sys.path]
os.environ.setdefault("PASSERELLE_BUILD", str(_tests.parent / "build" / "check"))     # as ./check builds it
