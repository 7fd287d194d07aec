# SPDX-License-Identifier: GPL-2.0-or-later
import argparse
import asyncio
import signal
import subprocess
import sys

from . import report
from .faults import FAULTS
from .run import Result, run


def arguments():
    parser = argparse.ArgumentParser(prog="chaos", description="Breaks things while messages flow, and accounts for each message.")
    parser.add_argument("--seconds", type=float, default=60, help="how long a run sends (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the next one has the next (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=1, help="so many runs of each (default: %(default)s)")
    parser.add_argument("--fault", nargs="+", default=["all"], metavar="NAME",
                        help="none, all (mixed), each (all, one after the other), or of: " + " ".join(FAULTS))
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--rate", type=float, default=200, help="messages that are sent a second, all together (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="so many runs at the same time (default: %(default)s)")
    parser.add_argument("--server", choices=["prosody", "ejabberd"], default="prosody")
    parser.add_argument("--keep", action="store_true", help="leave the folder with all logs")
    parser.add_argument("--debug", action="store_true", help="let the gateway log everything, and keep a record of what passes its lines")
    parser.add_argument("--json", action="store_true", help="a line of JSON for each run, instead of the table")
    given = parser.parse_args()
    unknown = set(given.fault) - set(FAULTS) - {"none", "all", "each"}
    if unknown:
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    return given


def plans(names, say):
    """The sets of faults to run with."""
    possible = []
    for name, kind in FAULTS.items():
        reason = kind.unavailable(None)
        if reason is None:
            possible.append(name)
        elif names in (["all"], ["each"]) or name in names:
            say(f"skipped: {name}: {reason}")
    if names == ["none"]:
        return [[]]
    if names == ["each"]:
        return [[name] for name in possible]
    chosen = possible if names == ["all"] else [name for name in names if name in possible]
    return [chosen] if chosen else []


async def here(given, faults, seed, say):
    say(f"-- {' '.join(faults) or 'nothing'}, seed {seed}")
    one = await run(faults, seed, given.seconds, given.users, given.rate, given.server, "debug" if given.debug else "info", say, given.keep)
    for line in report.details(one):
        say(line)
    if given.keep or not one.good:
        say(f"logs: {one.folder}")
    return one


async def apart(given, faults, seed, say):
    """In a process of its own, which says what it has to say when it has ended."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "chaos", "--json", "--fault", *(faults or ["none"]), "--seed", str(seed), "--seconds", str(given.seconds),
        "--users", str(given.users), "--rate", str(given.rate), "--server", given.server,
        *(["--keep"] if given.keep else []), *(["--debug"] if given.debug else []), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        line, said = (text.decode() for text in await child.communicate())
    finally:
        if child.returncode is None:
            child.terminate()
            await child.wait()
    one = report.from_json(line) if line else Result(tuple(faults), seed, problems=["the run died"])
    say(said.rstrip() if given.keep or not one.good else f"-- {' '.join(faults) or 'nothing'}, seed {seed}: good")
    return one


async def main(given):
    say = (lambda text: print(text, file=sys.stderr, flush=True)) if given.json else (lambda text: print(text, flush=True))
    chosen, seeds = plans(given.fault, say), range(given.seed, given.seed + given.runs)
    results, gate = [], asyncio.Semaphore(given.jobs)

    async def do(faults, seed):
        async with gate:
            one = await (apart if given.jobs > 1 else here)(given, faults, seed, say)
        results.append(one)
        if given.json:
            print(report.as_json(one), flush=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asyncio.current_task().cancel)
    ended = False
    try:
        await asyncio.gather(*(do(faults, seed) for seed in seeds for faults in chosen))
    except asyncio.CancelledError:
        say("ended before all was done")
        ended = True
    if not given.json:
        print(report.table(results))
    return 0 if not ended and all(one.good for one in results) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(arguments())))
