# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugins libaim.so and libicq.so in their host program (tests/integration/plugin_host.py)."""

from oscar import codec
from plugin_host import HostedPlugin
from waiting import TIMEOUT


class Plugin(HostedPlugin):
    """An account of ICQ where its name is a number, else of AIM."""

    def __init__(self, port, name, password="secret7", protocol=None, **options):
        super().__init__(name, password, protocol or ("prpl-icq" if name.isdigit() else "prpl-aim"),
                         {"server": "127.0.0.1", "port": port, **options})

    async def heard(self, timeout=TIMEOUT):
        """Returns when the server has dealt with all that the plugin has sent: libpurple says signed-on before it has."""
        self.do("info", who=self.name)
        await self.expect("info", timeout, lambda event: codec.normal(event["who"]) == codec.normal(self.name))
