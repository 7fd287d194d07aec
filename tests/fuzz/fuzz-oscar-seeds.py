# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the packets of tests/unit/plugins/data/oscar-vectors.json as seeds into folders: VECTORS SNAC-FOLDER PEER-FOLDER."""

import json
import pathlib
import sys

vectors, snac, peer = map(pathlib.Path, sys.argv[1:4])
for folder in (snac, peer):
    folder.mkdir(parents=True, exist_ok=True)
for vector in json.loads(vectors.read_text())["vectors"]:
    folder = peer if vector["layer"] in ("oft", "proxy", "odc") else snac if vector["layer"] != "crypto" else None
    if folder:
        (folder / vector["name"]).write_bytes(bytes.fromhex(vector["hex"]))
