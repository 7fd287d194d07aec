# SPDX-License-Identifier: GPL-2.0-or-later
"""One run: faults at seeded moments while messages flow, and the verdict."""

import asyncio
import collections
import contextlib
import dataclasses
import random

from . import ledger
from .faults import FAULTS
from .why import why
from .world import NotReady, World

WARM_SECONDS = 2
NOTICE_SECONDS = 1
DRAIN_SECONDS = 60          # at most, until everything is accounted for
QUIET_SECONDS = 8           # nothing was heard of any message for so long: nothing more will come
CONTACTS_SECONDS = 60       # IRC is asked who is there every 45 s


@dataclasses.dataclass
class Result:
    faults: tuple
    seed: int
    events: list = dataclasses.field(default_factory=list)
    messages: int = 0
    verdicts: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    reasons: collections.Counter = dataclasses.field(default_factory=collections.Counter)     # of the lost; None: ours
    lost: list = dataclasses.field(default_factory=list)        # a line for each that is ours
    repeated: list = dataclasses.field(default_factory=list)    # a line for each that came under two ids
    both: list = dataclasses.field(default_factory=list)        # some of those that were delivered and returned
    state: list = dataclasses.field(default_factory=list)       # what is not as it was before
    problems: list = dataclasses.field(default_factory=list)
    folder: str = ""

    @property
    def good(self):
        return not (self.reasons[None] or self.state or self.problems or self.verdicts[ledger.REPEATED])


async def run(faults, seed, seconds, users, rate, server="prosody", level="info", say=lambda text: None, keep=False):
    """FAULTS are names; none: nothing is broken."""
    kinds = [FAULTS[name] for name in faults]
    world = World(users, server, any(getattr(kind, "needs_disk", False) for kind in kinds), level)
    result = Result(tuple(faults), seed)
    try:
        await world.start()
        result.folder = str(world.gateway.dir)
        world.note("everybody is there")
        world.begin_sending(rate, random.Random(f"traffic {seed}"))
        await break_things(world, kinds, random.Random(f"faults {seed}"), seconds, say)
        world.end_sending()
        world.note("nothing more is sent")
        await drain(world)
        with contextlib.suppress(NotReady):
            await world.until("the same state", lambda: not world.missing(contacts=True), CONTACTS_SECONDS)
        result.state = world.missing(contacts=True)
        judge(world, kinds, result)
        await farewell(world, result)
    except (NotReady, AssertionError) as problem:
        result.problems.append(str(problem))
    finally:
        await world.stop()
    result.events = world.events
    if result.good and not keep:
        world.forget()
    return result


async def break_things(world, kinds, rng, seconds, say):
    """One event, recovery, some quiet, and the next one."""
    begin = world.now()
    await asyncio.sleep(WARM_SECONDS)
    while kinds:
        known = len(world.events)
        await rng.choice(kinds).strike(world, rng)
        for time, text in world.events[known:]:
            say(f"{time:7.2f} {text}")
        with contextlib.suppress(NotReady):     # it may take a moment until anybody notices
            await world.until("effect", world.missing, NOTICE_SECONDS)
        missing = await world.recovered()
        if missing:
            raise NotReady(f"not as before, so long after {world.events[-1][1]}: " + "; ".join(missing))
        say(f"{world.now():7.2f} all is as before")
        quiet = rng.uniform(1, 5)
        if world.now() + quiet + WARM_SECONDS > begin + seconds:
            break
        await asyncio.sleep(quiet)
    await asyncio.sleep(max(0, begin + seconds - world.now()))


async def drain(world):
    """Until everything is accounted for, or nothing more comes."""
    begin, book = world.now(), world.ledger
    proven = lambda: all(not client.unproven for client in world.clients if client.online)
    with contextlib.suppress(NotReady):
        await world.until("the last messages", lambda: proven() and not book.open() or
                          world.now() - max(begin, book.changed) > QUIET_SECONDS, DRAIN_SECONDS)


def judge(world, kinds, result):
    book = world.ledger
    result.messages, result.verdicts = len(book.entries), book.verdicts()
    for entry in book.having(ledger.LOST):
        reason = why(world, entry)
        result.reasons[reason] += 1
        if reason is None:
            result.lost.append("lost " + tell(world, entry))
    for entry in book.having(ledger.BOTH)[:3]:
        result.both.append(f"returned at {entry.returned:.2f}, delivered at {entry.arrivals[0][0]:.2f}: " + tell(world, entry))
    for entry in book.having(ledger.REPEATED):
        result.repeated.append("twice, by " + " and ".join(f"{name} at {time:.2f}" for time, name in entry.arrivals) + ": " + tell(world, entry))
    result.problems += book.strange
    if result.verdicts[ledger.DOUBLED] and not any(kind.doubles for kind in kinds):
        result.problems.append("messages came twice, and nothing had crashed")
    for time in world.restarts:
        back = next((when for when, text in world.events if when > time), time)
        until = next((when for when, text in world.events if when > back), world.now())     # that may be something that ends sessions
        seen = [f"{nick} {what}" for when, nick, what in world.witness.moves if time <= when < until]
        if seen:
            result.problems.append("the network saw the restart: " + ", ".join(seen[:5]))


def tell(world, entry):
    before = [text for time, text in world.events if time <= entry.proven]
    return (f"{entry.direction}: {entry.number} from {entry.sender} to {entry.addressee}, sent {entry.sent:.2f}, "
            f"taken {entry.proven:.2f}, after “{before[-1] if before else 'the beginning'}”")


async def farewell(world, result):
    """A gateway in good order: nothing bad in its log, and it ends when it is told to."""
    await asyncio.to_thread(world.gateway.finish)
