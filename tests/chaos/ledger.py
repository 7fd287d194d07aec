# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of each message.

A message has a number, which is in its text, and an entry for everybody who is to get it.  It counts only when the
server that its sender speaks to has provably taken it: an XMPP client follows its messages with a ping to its server,
an IRC client each of its own with a PING.  What was not proven when that connection ended may have been in the
client's own socket; it is "unsure", whatever became of it: not lost, and not delivered either.

What is said in a room is owed to each of our users who was in the channel when the IRC server passed it on.  A
witness, who is in all channels, sees everything in the server's own order."""

import collections
import dataclasses
import re

# Of a message, seen from the gateway's user.
OUT, IN, ROOM_OUT, ROOM_IN = "to the network", "from the network", "to a room", "from a room"

NUMBER = re.compile(r"n=(\d+);")

DELIVERED, DOUBLED, REPEATED, RETURNED, BOTH, LOST, UNSURE = (
    "delivered", "doubled", "repeated", "returned", "both", "lost", "unsure")
VERDICTS = (DELIVERED, DOUBLED, REPEATED, RETURNED, BOTH, LOST, UNSURE)


@dataclasses.dataclass
class Entry:
    """A message and somebody who is to get it."""

    number: int
    direction: str
    sender: str
    addressee: str
    sent: float
    proven: float = None
    returned: float = None
    said: int = 1                   # how often it was said in its room: IRC has no ids, and the twice said has two of ours
    arrivals: list = dataclasses.field(default_factory=list)        # (time, id)

    @property
    def verdict(self):
        if self.proven is None:
            return UNSURE
        if not self.arrivals:
            return LOST if self.returned is None else RETURNED
        if len({name for _, name in self.arrivals}) > self.said:
            return REPEATED             # twice, and the client cannot know it
        if len(self.arrivals) > 1:
            return DOUBLED
        return DELIVERED if self.returned is None else BOTH

    @property
    def settled(self):
        return self.proven is None or bool(self.arrivals) or self.returned is not None


class Ledger:
    """Times are of CLOCK, which is given for the tests of this file."""

    def __init__(self, clock):
        self.clock = clock
        self.entries = {}               # (number, addressee)
        self.of_number = collections.defaultdict(list)
        self.strange = []               # what should not happen at all
        self.numbers = 0
        self.changed = clock()          # when something was last heard of a message

    def next_number(self):
        self.numbers += 1
        return self.numbers

    def sent(self, number, direction, sender, addressee):
        entry = Entry(number, direction, sender, addressee, self.clock())
        self.entries[number, addressee] = entry
        self.of_number[number].append(entry)
        return entry

    def proven(self, number):
        """The sender's server has it."""
        for entry in self.of_number.get(number, ()):
            entry.proven = entry.proven or self.clock()

    def passed_on(self, number, sender, addressees):
        """The witness heard it said in a room: it is owed to these."""
        for addressee in addressees:
            entry = self.entries.get((number, addressee)) or self.sent(number, ROOM_IN, sender, addressee)
            entry.said += entry.proven is not None
            entry.sender, entry.proven = sender, self.clock()

    def arrived(self, number, addressee, name=None, again=False):
        """NAME is the stanza's id.  AGAIN: it says of itself that it is history, which a client shows once by its id."""
        entry = self.entries.get((number, addressee))
        self.changed = self.clock()
        if entry is None:
            # The stream of the witness and that of the user's client are not in step.
            entry = self.sent(number, ROOM_IN, "?", addressee)
        if not (again and any(known == name for _, known in entry.arrivals)):
            entry.arrivals.append((self.clock(), name))

    def sent_back(self, number):
        """An error came back to the sender, who cannot know whom it did not reach."""
        self.changed = self.clock()
        if not 0 < number <= self.numbers:
            self.strange.append(f"an error for message {number}, which nobody has sent")
        for entry in self.of_number.get(number, ()):
            if entry.direction != ROOM_IN and entry.returned is None:
                entry.returned = self.clock()

    def open(self):
        """What is still to be accounted for."""
        return [entry for entry in self.entries.values() if not entry.settled]

    def verdicts(self):
        return collections.Counter(entry.verdict for entry in self.entries.values())

    def having(self, verdict):
        return sorted((entry for entry in self.entries.values() if entry.verdict == verdict), key=lambda entry: entry.sent)
