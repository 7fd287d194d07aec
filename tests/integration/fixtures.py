# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures that the scenarios of the gateway and those of the plugins share; each conftest.py imports what it needs."""

import shutil

import process
import pytest
import pytest_asyncio


@pytest.fixture(scope="session", autouse=True)
def base_folder(request):
    yield process.BASE
    if request.session.testsfailed:
        print(f"\nlogs are in {process.BASE}")
    else:
        shutil.rmtree(process.BASE, ignore_errors=True)


@pytest_asyncio.fixture
async def plugins():
    """A list for the plugins that a test starts: in the end each must end well."""
    plugins = []
    yield plugins
    for one in plugins:
        await one.quit()
