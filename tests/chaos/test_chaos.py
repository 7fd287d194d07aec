# SPDX-License-Identifier: GPL-2.0-or-later
"""A short run of each fault, always with the same seed.  Longer ones, and other seeds: make chaos."""

import asyncio

import pytest

from chaos import report
from chaos.conftest import results
from chaos.faults import FAULTS
from chaos.run import run

SECONDS, USERS, RATE, SEED = 5, 10, 150, 1


def account_for(fault, server):
    reason = None if fault == "none" else FAULTS[fault].unavailable(None)
    if reason:
        pytest.skip(reason)
    said = []
    result = asyncio.run(run([] if fault == "none" else [fault], SEED, SECONDS, USERS, RATE, server, say=said.append))
    results.append(result)
    assert result.good, "\n".join([*said, *report.details(result), report.table([result]), f"logs: {result.folder}"])


@pytest.mark.parametrize("fault", ["none", *FAULTS])
def test_every_message_is_accounted_for(fault):
    account_for(fault, "prosody")


@pytest.mark.parametrize("fault", ["xmpp-kill", "hub-kill"])
def test_on_ejabberd_too(fault):
    account_for(fault, "ejabberd")
