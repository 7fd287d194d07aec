# SPDX-License-Identifier: GPL-2.0-or-later
"""Rate limits as Open OSCAR Server has them: a level for each class of SNACs, falling with each one that is sent."""

import copy
import time

from oscar.codec import RateClass

ALERT, LIMITED, CLEARED = 2, 3, 4

#: The classes of Open OSCAR Server; every one begins at its maximum.
CLASSES = [RateClass(1, 80, 2500, 2000, 1500, 800, 6000, 6000), RateClass(2, 80, 3000, 2000, 1500, 1000, 6000, 6000),
           RateClass(3, 20, 5100, 5000, 4000, 3000, 6000, 6000), RateClass(4, 20, 5500, 5300, 4200, 3000, 8000, 8000),
           RateClass(5, 10, 5500, 5300, 4200, 3000, 8000, 8000)]

#: The same, but for messages: three at once are well, the fourth is dropped; then two a second are.
SMALL = [*CLASSES[:2], RateClass(3, 5, 900, 800, 500, 200, 1000, 1000), *CLASSES[3:]]

#: What is in which class; whatever is not named is in class 1.
MEMBERS = [(1, [(0x01, 0x02), (0x01, 0x04), (0x02, 0x04), (0x02, 0x15), (0x13, 0x08), (0x13, 0x09), (0x13, 0x0A)]),
           (2, [(0x03, 0x04), (0x03, 0x05), (0x09, 0x05), (0x09, 0x06), (0x09, 0x07), (0x09, 0x08), (0x0E, 0x05)]),
           (3, [(0x04, 0x06), (0x02, 0x05)]), (4, [(0x02, 0x09), (0x02, 0x0B)]), (5, [])]

CLASS_OF = {kind: number for number, kinds in MEMBERS for kind in kinds}


class Rates:
    """What one session has left. Times are in milliseconds."""

    def __init__(self, classes, now=None):
        self.now = now or (lambda: int(time.monotonic() * 1000))
        self.classes = {one.id: copy.copy(one) for one in classes}
        self.last = dict.fromkeys(self.classes, self.now())
        self.told = dict.fromkeys(self.classes, CLEARED)     # what the client knows

    def take(self, kind):
        """Counts a SNAC that came: 'pass', 'alert', 'drop' or 'disconnect'."""
        number = CLASS_OF.get(kind, 1)
        one, now = self.classes[number], self.now()
        one.current = min(one.max, (one.current * (one.window - 1) + now - self.last[number]) // one.window)
        self.last[number] = now
        if one.current < one.disconnect:
            return "disconnect"
        if one.limited and one.current >= one.clear:
            one.limited = 0
        if one.current < one.limit:
            one.limited = 1
        return "drop" if one.limited else "alert" if one.current < one.alert else "pass"

    def changes(self):
        """The codes and classes that 01/0A is to tell of, once each."""
        found = []
        for number, one in self.classes.items():
            state = (LIMITED if one.limited else ALERT if one.current < one.alert else
                     CLEARED if one.current >= one.clear else self.told[number])
            if state != self.told[number]:
                self.told[number] = state
                found.append((state, one))
        return found
