# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin libmsn.so in its host program (tests/integration/plugin_host.py)."""

import base64

from plugin_host import HostedPlugin


class Plugin(HostedPlugin):
    """The ticket comes over plain HTTP, unless the options say where from. DISPATCH is the way in of old."""

    def __init__(self, server, name, password="secret", dispatch=False, **options):
        port = server.dispatch_port if dispatch else server.port
        options = {"server": server.host, "port": port, "login_url": server.plain + "/login", **options}
        super().__init__(name, password, "prpl-msn", {key: value for key, value in options.items() if value is not None})
        self.server = server

    async def heard(self):
        """Returns when all that the server has sent until now was dealt with: the plugin has answered a challenge."""
        self.server.user(self.name).challenge()
        await self.server.expect(self.name, "QRY")
        await self.in_step()

    def show(self, picture):
        self.do("icon", text=base64.b64encode(picture).decode())
