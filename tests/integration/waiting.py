# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test's client has received and nobody has asked for yet."""

import asyncio

TIMEOUT = 10


async def first_of(*waits):
    """What the wait says that succeeds first; the others are given up. Fails when all fail."""
    tasks = [asyncio.ensure_future(one) for one in waits]
    problem = None
    try:
        for one in asyncio.as_completed(tasks):
            try:
                return await one
            except AssertionError as failure:
                problem = failure
        raise problem
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Inbox:
    """Things arrive with put(); expect() takes the first one that matches, now or within the time.

    What did not match stays, so that the order in which a test asks does not matter,
    and is shown when the wait fails."""

    def __init__(self, owner, show=str):
        self.owner, self.show = owner, show
        self.waiting, self.things = None, []
        self.changed = asyncio.Event()

    def put(self, thing):
        self.things.append(thing)
        self.changed.set()

    async def expect(self, matches, what, timeout=TIMEOUT, forget=lambda thing: False):
        """Waits for a thing that matches; what came before it and is to be forgotten goes with it."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while True:
            self.changed.clear()
            for number, thing in enumerate(self.things):
                if matches(thing):
                    before, self.things = self.things[:number], self.things[number + 1:]
                    self.things[:0] = [other for other in before if not forget(other)]
                    return thing
            try:
                await asyncio.wait_for(self.changed.wait(), end - loop.time())
            except asyncio.TimeoutError:
                got = "\n".join("  " + self.show(thing) for thing in self.things) or "  nothing"
                raise AssertionError(f"{self.owner} waited {timeout} s for {what} and got:\n{got}") from None

    def refuse(self, matches, what):
        """Fails when something that matches is there. Ask after an event that would come later."""
        for thing in self.things:
            assert not matches(thing), f"{self.owner} got {what}: {self.show(thing)}"

    def take(self, matches):
        """All that is there now and matches."""
        taken = [thing for thing in self.things if matches(thing)]
        self.things = [thing for thing in self.things if not matches(thing)]
        return taken

    def clear(self):
        self.things.clear()
