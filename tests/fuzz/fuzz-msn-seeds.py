# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes what stands in tests/unit/plugins/data/msnp-vectors.json as seeds into folders: VECTORS LINES MESSAGES WEB."""

import json
import pathlib
import sys

vectors, lines, messages, web = map(pathlib.Path, sys.argv[1:5])
for folder in (lines, messages, web):
    folder.mkdir(parents=True, exist_ok=True)
for vector in json.loads(vectors.read_text())["vectors"]:
    data = vector["text"].encode() if "text" in vector else bytes.fromhex(vector["hex"])
    name = vector["name"]
    if vector["channel"] in ("HTTP", "HTTPS"):
        (web / name).write_bytes(data)
        (web / (name + "-body")).write_bytes(data.partition(b"\r\n\r\n")[2])
        continue
    # The first byte chooses the dialect.
    dialect = 0 if "msnp7" in name else 2 if "msnp9" in name else 5
    (lines / name).write_bytes(bytes([dialect]) + data)
    payload = data.partition(b"\r\n")[2]
    if payload:
        (messages / name).write_bytes(payload)
        (messages / (name + "-body")).write_bytes(payload.partition(b"\r\n\r\n")[2])
