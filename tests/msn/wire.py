# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines, payloads and the few computations of the protocol; no connection."""

import base64
import hashlib
import re
import struct
import urllib.parse
import uuid
import xml.sax.saxutils
from dataclasses import dataclass, field

#: Commands whose last word is the length of what follows, by who says them.
FROM_CLIENT = {"MSG", "UUX", "QRY"}
FROM_SERVER = {"MSG", "UBX", "NOT", "GCF", "UUX", "IPG"}
LONGEST_LINE, LONGEST_PAYLOAD = 8192, 1 << 20
LONGEST_MESSAGE = 1664

STATUSES = ("NLN", "BSY", "IDL", "BRB", "AWY", "PHN", "LUN", "HDN")
NO_OBJECT = "%3Cmsnobj%2F%3E"
EMPTY_PSM = b"<Data><PSM></PSM><CurrentMedia></CurrentMedia></Data>"
#: Version 5 of peer to peer, messages in several parts.
CAPABILITIES = 0x50000020


class Malformed(Exception):
    """What came cannot be a command."""


@dataclass
class Command:
    words: list
    payload: bytes = None

    @property
    def name(self):
        return self.words[0]

    @property
    def number(self):
        """The transaction id, or None."""
        return int(self.words[1]) if len(self.words) > 1 and self.words[1].isdecimal() else None

    def encode(self):
        words = self.words if self.payload is None else [*self.words, str(len(self.payload))]
        return " ".join(map(str, words)).encode() + b"\r\n" + (self.payload or b"")

    def __str__(self):
        return " ".join(map(str, self.words)) + (f" | {self.payload!r}" if self.payload is not None else "")


class Lines:
    """Cuts what arrives, in whatever pieces, into commands."""

    def __init__(self, with_payload):
        self.with_payload, self.held, self.bare = with_payload, b"", 0

    def feed(self, data):
        self.held += data

    def take(self):
        """The next command, or None while it is not complete."""
        end = self.held.find(b"\n")
        if end < 0 or end > LONGEST_LINE:
            if len(self.held) > LONGEST_LINE:
                raise Malformed("a line of more than 8 KiB")
            return None
        line = self.held[:end]
        if not line.endswith(b"\r"):
            self.bare += 1
        try:
            words = line.rstrip(b"\r").decode().split(" ")
        except UnicodeDecodeError:
            raise Malformed(f"a line that is not UTF-8: {line!r}") from None
        if words[0] not in self.with_payload:
            self.held = self.held[end + 1:]
            return Command(words)
        filled = [word for word in words if word]
        if words[0] == "UUX" and not filled[-1].isdecimal() or len(filled) < 2:
            self.held = self.held[end + 1:]
            return Command(words)
        if not filled[-1].isdecimal() or int(filled[-1]) > LONGEST_PAYLOAD:
            raise Malformed(f"no length that can be meant: {line!r}")
        length = int(filled[-1])
        if len(self.held) < end + 1 + length:
            return None
        payload, self.held = self.held[end + 1:end + 1 + length], self.held[end + 1 + length:]
        return Command(filled[:-1], payload)


def quote(text):
    """As Escargot writes names: only percent, space and line ends."""
    return text.replace("%", "%25").replace(" ", "%20").replace("\r", "%0D").replace("\n", "%0A")


def quote_all(text):
    """As other servers write names: every byte that is not a letter or a digit."""
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}" for byte in text.encode())


def unquote(word):
    return urllib.parse.unquote(word)


def address_key(address):
    return address.lower()


def new_guid():
    return str(uuid.uuid4())


# Messages

@dataclass
class Message:
    """The payload of MSG: headers in their order, and the body."""

    headers: list = field(default_factory=list)
    body: bytes = b""

    @classmethod
    def make(cls, kind, body=b"", **headers):
        """HEADERS with _ for -."""
        if isinstance(body, str):
            body = body.encode()
        first = [("MIME-Version", "1.0"), ("Content-Type", kind)]
        return cls(first + [(name.replace("_", "-"), value) for name, value in headers.items()], body)

    @classmethod
    def read(cls, data):
        head, _, body = data.partition(b"\r\n\r\n")
        headers = []
        for line in head.decode(errors="replace").split("\r\n"):
            name, colon, value = line.partition(":")
            if colon:
                headers.append((name.strip(), value.strip()))
        return cls(headers, body)

    def encode(self):
        return "".join(f"{name}: {value}\r\n" for name, value in self.headers).encode() + b"\r\n" + self.body

    def get(self, name, default=""):
        return next((value for key, value in self.headers if key.lower() == name.lower()), default)

    @property
    def kind(self):
        return self.get("Content-Type").partition(";")[0].strip().lower()

    @property
    def text(self):
        return self.body.decode(errors="replace")


def text_message(text, style="FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0"):
    return Message.make("text/plain; charset=UTF-8", text.encode(), X_MMS_IM_Format=style).encode()


def typing_message(address):
    return Message.make("text/x-msmsgscontrol", b"\r\n", TypingUser=address).encode()


def datacast_message(number, data=None):
    return Message.make("text/x-msnmsgr-datacast", f"ID: {number}\r\n" + (f"Data: {data}\r\n" if data else "") + "\r\n").encode()


def personal_message(text, media=""):
    escape = xml.sax.saxutils.escape
    return f"<Data><PSM>{escape(text)}</PSM><CurrentMedia>{escape(media)}</CurrentMedia></Data>".encode()


def encoded_word(text):
    """RFC 2047, as Escargot writes it."""
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="


def decode_word(word):
    found = re.match(r"=\?utf-8\?B\?(.*?) *\?=$", word, re.I)
    return base64.b64decode(found[1]).decode() if found else word


# Objects

def object_text(creator, data, kind=3, location="TFR0001.dat"):
    digest = base64.b64encode(hashlib.sha1(data).digest()).decode()
    fields = [("Creator", creator), ("Size", len(data)), ("Type", kind), ("Location", location), ("Friendly", "AAA="),
              ("SHA1D", digest)]
    whole = hashlib.sha1("".join(f"{name}{value}" for name, value in fields).encode()).digest()
    fields.append(("SHA1C", base64.b64encode(whole).decode()))
    return "<msnobj " + " ".join(f'{name}="{value}"' for name, value in fields) + "/>"


def object_fields(text):
    return dict(re.findall(r'(\w+)="([^"]*)"', text))


# The challenge

PRODUCTS = {"PROD0101{0RM?UBW": "CFHUR$52U_{VIX5T", "PROD0090YUAUV{2B": "YMM8C_H7KCQ2S_KL",
            "PROD0113H11T8$X_": "RG@XY*28Q5QHS%Q5"}
OLD_PRODUCTS = {"msmsgs@msnmsgr.com": "Q1P7W2E4J9R8U3S5"}


def old_answer(challenge, key):
    return hashlib.md5((challenge + key).encode()).hexdigest()


def answer(challenge, product, key):
    """Of MSNP11 and later."""
    modulus, words = 0x7FFFFFFF, struct.unpack("<4I", hashlib.md5((challenge + key).encode()).digest())
    keys = [word & modulus for word in words]
    string = challenge + product
    string += "0" * (-len(string) % 8)
    parts = struct.unpack(f"<{len(string) // 4}I", string.encode())
    high = low = 0
    for first, second in zip(parts[::2], parts[1::2]):
        step = 0x0E79A9C1 * first % modulus
        step = ((step + high) * keys[0] + keys[1]) % modulus
        high = ((second + step) % modulus * keys[2] + keys[3]) % modulus
        low += high + step
    high, low = (high + keys[1]) % modulus, (low + keys[3]) % modulus
    return struct.pack("<4I", words[0] ^ high, words[1] ^ low, words[2] ^ high, words[3] ^ low).hex()


def right_answer(dialect, challenge, product):
    """What QRY must carry, or None for a product that is not known in that dialect."""
    if dialect <= 10:
        return old_answer(challenge, OLD_PRODUCTS[product]) if product in OLD_PRODUCTS else None
    return answer(challenge, product, PRODUCTS[product]) if product in PRODUCTS else None
