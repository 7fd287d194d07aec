# SPDX-License-Identifier: GPL-2.0-or-later
"""What the scripted server can do to its own commands, each a trick for server.misbehave().

NAMES are the commands to do it to, as "USR" or "SB USR"; none means all. SKIP lets the first ones pass, TIMES is how often,
None for ever. Afterwards .done is how often it was played; .played can be waited for."""

import asyncio
import random

from msn import wire


class Hangup:
    """A trick's answer that cuts the connection after some bytes."""

    def __init__(self, last_words=b""):
        self.last_words = last_words


class Trick:
    def __init__(self, *names, times=None, skip=0):
        self.names, self.left, self.skip, self.done = names, times, skip, 0
        self.played = asyncio.Event()

    def apply(self, connection, command, data):
        """The bytes to send instead, None for nothing, or a Hangup."""
        if self.names and command.name not in self.names and f"{connection.service} {command.name}" not in self.names:
            return data
        if self.skip:
            self.skip -= 1
            return data
        if self.left == 0:
            return data
        if self.left:
            self.left -= 1
        self.done += 1
        self.played.set()
        return self.change(connection, command, data)

    def change(self, connection, command, data):
        raise NotImplementedError


class Silent(Trick):
    """The command does not come."""

    def change(self, connection, command, data):
        return None


class Twice(Trick):
    """The command comes twice."""

    def change(self, connection, command, data):
        return data + data


class Cut(Trick):
    """The connection ends in the middle of the command."""

    def change(self, connection, command, data):
        return Hangup(data[:max(1, len(data) // 2)])


class Hung(Trick):
    """The connection ends where the command should have come."""

    def change(self, connection, command, data):
        return Hangup()


class Goodbye(Trick):
    """OUT with a REASON comes in place of the command."""

    def __init__(self, *names, reason=None, **more):
        super().__init__(*names, **more)
        self.reason = reason

    def change(self, connection, command, data):
        return Hangup(b"OUT" + (b" " + self.reason.encode() if self.reason else b"") + b"\r\n")


class Error(Trick):
    """An error of that CODE comes in place of the answer."""

    def __init__(self, code, *names, **more):
        super().__init__(*names, **more)
        self.code = code

    def change(self, connection, command, data):
        return f"{self.code:03} {command.number if command.number is not None else 0}\r\n".encode()


class WrongNumber(Trick):
    """The transaction id is of nothing that was asked."""

    def __init__(self, *names, number="4294967295", **more):
        super().__init__(*names, **more)
        self.number = number

    def change(self, connection, command, data):
        if command.number is None:
            return data
        return wire.Command([command.words[0], self.number, *command.words[2:]], command.payload).encode()


class Words(Trick):
    """Only the first KEEP words come, and what payload there is, with its length."""

    def __init__(self, *names, keep=1, **more):
        super().__init__(*names, **more)
        self.keep = keep

    def change(self, connection, command, data):
        return wire.Command(command.words[:self.keep], command.payload).encode()


class Length(Trick):
    """The payload's length is another: a number that is added, or a word that stands in its place."""

    def __init__(self, *names, by=0, word=None, **more):
        super().__init__(*names, **more)
        self.by, self.word = by, word

    def change(self, connection, command, data):
        if command.payload is None:
            return data
        word = self.word or str(max(0, len(command.payload) + self.by))
        return " ".join([*command.words, word]).encode() + b"\r\n" + command.payload


class ShortPayload(Trick):
    """The payload is only the first part, and the length says so."""

    def __init__(self, *names, keep=0.5, **more):
        super().__init__(*names, **more)
        self.keep = keep

    def change(self, connection, command, data):
        payload = command.payload and command.payload[:int(len(command.payload) * self.keep)]
        return wire.Command(command.words, payload).encode()


class Before(Trick):
    """Some bytes come before the command: lines that nobody knows, or WHAT."""

    STRANGERS = (b"XYZ 1 what is this\r\nNOT 5\r\nabcde999 0\r\n\r\n \r\nIPG 3\r\n<a>FOO\r\nGCF 0 Nothing 4\r\n<b/>"
                 b"BPR PHH\r\nBPR\r\nPRP\r\nLST\r\nILN\r\nNLN\r\nFLN\r\nUBX 0\r\nUBX a@b.test 0\r\n"
                 b"RNG\r\nMSG 0\r\nMSG a b 3\r\nabcADC 0\r\nREM 0\r\nADD 0 RL\r\nSBS\r\nUUX\r\nXFR 0\r\nQNG\r\n"
                 b"IRO\r\nJOI\r\nBYE\r\nACK\r\nNAK 4294967296\r\n217\r\n\xff\xfe\r\nnlN b\r\n")

    def __init__(self, *names, what=STRANGERS, **more):
        super().__init__(*names, **more)
        self.what = what

    def change(self, connection, command, data):
        return self.what + data


class Instead(Before):
    """Some bytes come in place of the command."""

    def change(self, connection, command, data):
        return self.what


class BareLines(Trick):
    """Lines end in LF alone, after some blanks."""

    def change(self, connection, command, data):
        line, end, rest = data.partition(b"\r\n")
        return line + b"  \n" + rest


class Quoted(Trick):
    """Names are written as other servers do: all but letters and digits is percent-encoded."""

    def change(self, connection, command, data):
        words = [word if number < 1 or "%" not in word and word.isascii() else wire.quote_all(wire.unquote(word))
                 for number, word in enumerate(command.words)]
        return wire.Command(words, command.payload).encode()


class Challenge(Trick):
    """A challenge comes before the command."""

    def change(self, connection, command, data):
        if connection.service == "NS" and connection.ready and connection.challenge is None:
            connection.challenge = str(random.randrange(10 ** 19, 10 ** 20))
            return f"CHL 0 {connection.challenge}\r\n".encode() + data
        return data


class Fuzz(Trick):
    """Some bytes are others; the same ones for the same SEED. Line ends and payloads' lengths stay, unless WHOLE."""

    def __init__(self, *names, seed=1, share=0.05, whole=False, **more):
        super().__init__(*names, **more)
        self.random, self.share, self.whole = random.Random(seed), share, whole

    def change(self, connection, command, data):
        changed = bytearray(data)
        line = data.index(b"\r\n")
        for at in range(4, len(changed)):
            kept = at >= line - (10 if command.payload is not None else 0) and at < line + 2
            if self.random.random() < self.share and (self.whole or not kept):
                changed[at] = self.random.choice(b" %\0\xff\xc3<>&=;,:{}0123456789\r\nAZaz@") if self.random.random() < 0.5 \
                    else self.random.randrange(256)
                if not self.whole and at < line and changed[at] in b"\r\n":
                    changed[at] = 0x3F
        return bytes(changed)
