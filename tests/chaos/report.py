# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of results, by what was done."""

import collections
import json

from .ledger import BOTH, DELIVERED, DOUBLED, LOST, REPEATED, RETURNED, UNSURE
from .run import Result
from .why import REASONS

COLUMNS = (DELIVERED, DOUBLED, RETURNED, BOTH, REPEATED, UNSURE, LOST)
NAMELESS = "nothing"


def title(result):
    return " ".join(result.faults) if len(result.faults) <= 3 else "all"


def table(results):
    """Markdown.  "lost" is all that is lost; "by the gateway" what has no other explanation."""
    by_fault = collections.defaultdict(list)
    for one in results:
        by_fault[title(one) or NAMELESS].append(one)
    lines = ["| fault | runs | good | messages | " + " | ".join(COLUMNS) + " | by the gateway | explained |",
             "|---" + "|--:" * (len(COLUMNS) + 4) + "|---|"]
    for fault, runs in by_fault.items():
        verdicts = sum((one.verdicts for one in runs), collections.Counter())
        reasons = sum((one.reasons for one in runs), collections.Counter())
        explained = ", ".join(f"{reasons[reason]} {reason}" for reason in REASONS if reasons[reason])
        cells = [fault, len(runs), sum(one.good for one in runs), sum(one.messages for one in runs),
                 *(verdicts[name] for name in COLUMNS), reasons[None], explained]
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join(lines)


def details(result, most=20):
    """What was wrong with a run; nothing of a good one."""
    lines = [f"problem: {text}" for text in result.problems] + [f"not as before: {text}" for text in result.state]
    for some in (result.lost, result.repeated, result.both):
        lines += some[:most]
        if len(some) > most:
            lines.append(f"and {len(some) - most} more")
    return lines


def as_json(result):
    """A line; of the reasons "" is that of the gateway's losses."""
    return json.dumps({**vars(result), "good": result.good, "reasons": {reason or "": count for reason, count in result.reasons.items()}})


def from_json(line):
    fields = {name: value for name, value in json.loads(line).items() if name != "good"}
    fields["verdicts"] = collections.Counter(fields["verdicts"])
    fields["reasons"] = collections.Counter({reason or None: count for reason, count in fields["reasons"].items()})
    return Result(**fields)
