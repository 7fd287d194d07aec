# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures: the scripted server for one test, the real one for the whole run, friends on either."""

import itertools

import pytest
import pytest_asyncio

from fixtures import base_folder, plugins
from oscar.client import OscarFriend
from oscar.host import Plugin
from oscar.openoscar import OpenOscar
from oscar.server import ScriptedOscar

_names, _numbers = itertools.count(1), itertools.count(100003)


@pytest.fixture
def name():
    """A new screen name at each call."""
    return lambda stem="user": f"{stem}{next(_names)}"


@pytest.fixture
def number():
    """A new ICQ number at each call."""
    return lambda: str(next(_numbers))


@pytest.fixture(scope="session")
def open_oscar():
    reason = OpenOscar.unavailable()
    if reason:
        pytest.skip("no Open OSCAR Server: " + reason)
    server = OpenOscar()
    yield server
    server.stop()


@pytest_asyncio.fixture
async def scripted():
    """The scripted server. After the test no client may have done what the real one punishes, unless the test cleared it."""
    server = await ScriptedOscar().start()
    yield server
    await server.stop()
    server.check()


@pytest_asyncio.fixture(params=["scripted", "open-oscar"])
async def server(request):
    """The one server and the other: what a test says of it is true of both."""
    if request.param == "open-oscar":
        real = request.getfixturevalue("open_oscar")
        real.forget_sign_ons()
        yield real
        return
    server = await ScriptedOscar().start()
    yield server
    await server.stop()
    server.check()


@pytest_asyncio.fixture
async def friend():
    """friend(server, name) makes the account and signs on; without connect=True only the first."""
    friends = []

    async def make(server, who, password="secret7", connect=True, account=True, **how):
        if account:
            server.add_user(who, password)
        one = OscarFriend(who, server.port, password, **how)
        friends.append(one)
        return await one.connect() if connect else one

    yield make
    for one in friends:
        await one.quit()


@pytest.fixture
def plugin(plugins):
    """plugin(server, name, **options) makes the account and signs the plugin on; in the end it must end well."""
    async def make(server, who, password="secret7", connect=True, account=True, **options):
        if account and connect:
            server.add_user(who, password)
        if isinstance(server, OpenOscar):
            server.sign_ons += 1
        one = await Plugin(server.port, who, password, **options).start()
        plugins.append(one)
        if connect:
            await one.sign_on()
            await one.heard()
        return one

    return make
