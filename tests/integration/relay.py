# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands between a client and its server, and can lose what they say."""

import asyncio

from waiting import TIMEOUT


class Relay:
    """Listens at .port, and passes on to the server at PORT; what clients say is kept in .said, too."""

    def __init__(self, port):
        self.target, self.writers, self.said, self.heard = port, [], b"", asyncio.Event()
        self.swallows = False       # what clients say
        self.mute = False           # ... and what the server says

    async def start(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def _serve(self, reader, writer):
        ahead = await asyncio.open_connection("127.0.0.1", self.target)
        self.writers += [writer, ahead[1]]
        await asyncio.gather(self._pass(reader, ahead[1], True), self._pass(ahead[0], writer, False))

    async def _pass(self, reader, writer, is_client):
        try:
            while data := await reader.read(65536):
                if is_client:
                    self.said += data
                    self.heard.set()
                if not (self.swallows if is_client else self.mute):
                    writer.write(data)
        except ConnectionError:
            pass
        writer.close()

    async def expect(self, words):
        """Returns when a client has said these."""
        async with asyncio.timeout(TIMEOUT):
            while words.encode() not in self.said:
                self.heard.clear()
                await self.heard.wait()

    def cut(self):
        """Ends all connections without a word."""
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()

    def stop(self):
        self.cut()
        self.server.close()
