# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures: the scripted server for one test, raw clients and the plugin on it."""

import itertools
import signal

import pytest
import pytest_asyncio

from fixtures import base_folder, plugins
from msn.client import RawClient
from msn.host import Plugin
from msn.server import ScriptedMsn

_names = itertools.count(1)


@pytest.fixture(autouse=True)
def limit():
    """No test takes for ever, whatever it waits for."""
    def end(*_):
        raise AssertionError("the test takes more than a minute")
    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def name():
    """A new address at each call."""
    return lambda stem="user": f"{stem}{next(_names)}@x.test"


@pytest_asyncio.fixture
async def scripted():
    """The scripted server. After the test no client may have done what the real one punishes, unless the test cleared it."""
    server = await ScriptedMsn().start()
    yield server
    await server.stop()
    server.check()


@pytest_asyncio.fixture
async def raw(scripted):
    """raw(address) makes the account and signs in; with signed_in=False only connects."""
    clients = []

    async def make(address, signed_in=True, account=True, **how):
        if account:
            scripted.add_user(address)
        one = RawClient(scripted, address)
        clients.append(one)
        return await (one.sign_in(**how) if signed_in else one.connect())

    yield make
    for one in clients:
        await one.quit()


@pytest.fixture
def plugin(plugins):
    """plugin(server, address, **options) makes the account and signs the plugin on; in the end it must end well."""
    async def make(server, who, password="secret", connect=True, account=True, **options):
        if account and connect:
            server.add_user(who, password)
        one = await Plugin(server, who, password, **options).start()
        plugins.append(one)
        if connect:
            await one.sign_on()
        return one

    return make
