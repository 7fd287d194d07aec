# SPDX-License-Identifier: GPL-2.0-or-later
"""What is done to the world.  A fault takes its own time; what follows from it is waited for by the run."""

import asyncio
import os
import signal


class Fault:
    """One kind of event.  DOUBLES: a message may come twice because of it, with the same id."""

    name = None
    doubles = True

    def unavailable(self, world):
        """Why it cannot be done here; None: it can."""
        return None

    async def strike(self, world, rng):
        raise NotImplementedError


async def stopped(pid):
    """Waits until no thread of the process runs any more."""
    while True:
        states = []
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/stat") as stat:
                states.append(stat.read().rpartition(")")[2].split()[0])
        if all(state in "TZ" for state in states):
            return
        await asyncio.sleep(0.001)


async def pause(world, pids, seconds):
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(seconds)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


class XmppKill(Fault):
    name = "xmpp-kill"

    async def strike(self, world, rng):
        world.note("the XMPP server is killed")
        for conn in world.xmpp_line.open:
            conn.server_killed = world.now()
        await asyncio.to_thread(world.server.process.kill)
        await asyncio.sleep(rng.uniform(0, 3))
        await asyncio.to_thread(world.server.start)
        world.note("the XMPP server is there again")


class XmppStop(Fault):
    name, doubles = "xmpp-stop", False

    async def strike(self, world, rng):
        world.note("the XMPP server stands still")
        await pause(world, [world.server.process.child.pid], rng.uniform(1, 6))
        world.note("the XMPP server runs on")


class XmppRestart(Fault):
    name = "xmpp-restart"

    async def strike(self, world, rng):
        world.note("the XMPP server ends in good order")
        for conn in world.xmpp_line.open:
            conn.server_killed = world.now()
        await asyncio.to_thread(world.server.stop)
        await asyncio.sleep(rng.uniform(0, 3))
        await asyncio.to_thread(world.server.start)
        world.note("the XMPP server is there again")


class HubKill(Fault):
    name = "hub-kill"

    async def strike(self, world, rng):
        """It is stopped for the moment that it takes to see what its kernel holds and it has not read."""
        pid = world.gateway.child.pid
        os.kill(pid, signal.SIGSTOP)
        await stopped(pid)
        unread = sum([await conn.hub_dies() for conn in world.xmpp_line.open])
        world.note(f"the hub is killed, with {unread} bytes unread")
        await asyncio.to_thread(world.gateway.crash)
        await asyncio.to_thread(world.gateway.start)
        world.note("a new hub is ready")


class HubRestart(Fault):
    name = "hub-restart"

    async def strike(self, world, rng):
        world.note("the hub restarts")
        world.restarts.append(world.now())
        mark = world.gateway.mark()
        await asyncio.to_thread(world.gateway.ctl, "restart")
        await world.gateway.line(world.gateway.ready, since=mark)
        world.note("a new hub is ready")


def some_worker(world, rng):
    return rng.choice(sorted(world.leftover()))


class WorkerKill(Fault):
    name = "worker-kill"

    async def strike(self, world, rng):
        pid = some_worker(world, rng)
        world.note(f"worker {pid} is killed")
        world.worker_kills.append(world.now())
        os.kill(pid, signal.SIGKILL)


class WorkerStop(Fault):
    name, doubles = "worker-stop", False

    async def strike(self, world, rng):
        pid = some_worker(world, rng)
        world.note(f"worker {pid} stands still")
        await pause(world, [pid], rng.uniform(1, 6))
        world.note(f"worker {pid} runs on")


class IrcKill(Fault):
    name = "irc-kill"

    async def strike(self, world, rng):
        world.note("the IRC server is killed")
        for conn in world.irc_line.open:
            conn.server_killed = world.now()
        await asyncio.to_thread(world.ircd.process.kill)
        await asyncio.sleep(rng.uniform(0, 2))
        await asyncio.to_thread(world.ircd.start)
        world.note("the IRC server is there again")


class IrcStop(Fault):
    name, doubles = "irc-stop", False

    async def strike(self, world, rng):
        world.note("the IRC server stands still")
        await pause(world, [world.ircd.process.child.pid], rng.uniform(1, 6))
        world.note("the IRC server runs on")


class DiskFull(Fault):
    name, doubles = "disk-full", False
    needs_disk = True

    def unavailable(self, world):
        return None if os.getuid() == 0 else "a small tmpfs needs root"

    async def strike(self, world, rng):
        world.note("the disk is full")
        path = world.disk / "filler"
        with open(path, "wb", buffering=0) as filler:
            for size in (1 << 16, 1 << 9, 1):
                try:
                    while filler.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass
        await asyncio.sleep(rng.uniform(2, 6))
        path.unlink()
        world.note("the disk has room again")


class LinkCut(Fault):
    """Either line: ended in good order, or reset, at once or after a while in which nothing passes."""

    name = "link-cut"

    async def strike(self, world, rng):
        line = rng.choice([world.xmpp_line, world.irc_line])
        reset, silent, gone = rng.random() < 0.5, rng.choice([0, rng.uniform(1, 5)]), rng.uniform(0, 3)
        world.note(f"the {line.name} line is {'silent, then ' if silent else ''}{'reset' if reset else 'closed'}")
        if silent:
            line.hold(True)
            await asyncio.sleep(silent)
        line.down = True
        line.cut(reset)
        line.hold(False)
        await asyncio.sleep(gone)
        line.down = False
        world.note(f"the {line.name} line can be had again")


class LinkStall(Fault):
    """A line on which nothing passes for a while, and then everything: packets that are sent again."""

    name, doubles = "link-stall", False

    async def strike(self, world, rng):
        line = rng.choice([world.xmpp_line, world.irc_line])
        world.note(f"nothing passes the {line.name} line")
        line.hold(True)
        await asyncio.sleep(rng.uniform(1, 6))
        line.hold(False)
        world.note(f"the {line.name} line passes all again")


class LinkDelay(Fault):
    name, doubles = "link-delay", False

    async def strike(self, world, rng):
        line = rng.choice([world.xmpp_line, world.irc_line])
        line.delay, line.pace = rng.uniform(0.05, 1), rng.choice([0, 50000])
        world.note(f"the {line.name} line is {line.delay:.2f} s slow{', and narrow' if line.pace else ''}")
        await asyncio.sleep(rng.uniform(2, 6))
        line.delay = line.pace = 0
        world.note(f"the {line.name} line is fast again")


class ClientStop(Fault):
    name, doubles = "client-stop", False

    async def strike(self, world, rng):
        clients = rng.sample(world.clients, max(1, len(world.clients) // 4))
        world.note("these read nothing: " + ", ".join(client.name for client in clients))
        for client in clients:
            client.stop_reading(True)
        await asyncio.sleep(rng.uniform(1, 6))
        for client in clients:
            client.stop_reading(False)
        world.note("they read again")


FAULTS = {kind.name: kind() for kind in (XmppKill, XmppStop, XmppRestart, HubKill, HubRestart, WorkerKill, WorkerStop, IrcKill, IrcStop,
                                         DiskFull, LinkCut, LinkStall, LinkDelay, ClientStop)}
