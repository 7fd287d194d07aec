# SPDX-License-Identifier: GPL-2.0-or-later
"""A SIP user with presence (the friend of the SIMPLE tests), over UDP."""

import asyncio
import hashlib
import itertools
import re

from process import free_port
from waiting import TIMEOUT, Inbox

PIDF = ('<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:{aor}"><tuple id="t1"><status>'
        '<basic>{basic}</basic></status>{note}</tuple></presence>')


class SipFriend(asyncio.DatagramProtocol):
    """Requests that arrive are answered with 200, a MESSAGE with .answer, and kept; replies are found by their Call-ID and CSeq."""

    def __init__(self, name, domain, port, password):
        self.aor, self.name, self.domain = f"{name}@{domain}", name, domain
        self.proxy, self.password, self.count = ("127.0.0.1", port), password, itertools.count(1)
        self.requests = Inbox(f"SIP user {name}", lambda text: text.replace("\r\n", "\n  "))
        self.replies = Inbox(f"SIP user {name}", lambda text: text.replace("\r\n", "\n  "))
        self.etag = None
        self.answer = lambda text: "200 OK"

    async def connect(self):
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = self.transport.get_extra_info("sockname")[1]
        await self.ask("REGISTER", f"sip:{self.domain}", to=self.aor, more="Expires: 300\r\n")
        return self

    def datagram_received(self, data, peer):
        text = data.decode(errors="replace")
        if text.startswith("SIP/2.0"):
            self.replies.put(text)
            return
        if text.strip():
            self.requests.put(text)
            if not text.startswith("ACK"):
                keep = re.findall(r"(?im)^((?:via|from|to|call-id|cseq):.*?)\r$", text)
                status = self.answer(text) if text.startswith("MESSAGE ") else "200 OK"
                answer = f"SIP/2.0 {status}\r\n" + "".join(line + "\r\n" for line in keep) + "Content-Length: 0\r\n\r\n"
                self.transport.sendto(answer.encode(), peer)

    async def ask(self, method, uri, to, body="", more="", status="2"):
        """Sends a request, with the password when asked for it; the final reply."""
        call, proof = f"call-{next(self.count)}-{self.port}", ""
        for sequence in (1, 2):
            head = (f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bK{call}{sequence}\r\n"
                    f"Max-Forwards: 70\r\nFrom: <sip:{self.aor}>;tag={call}\r\nTo: <sip:{to}>\r\nCall-ID: {call}\r\n"
                    f"CSeq: {sequence} {method}\r\nContact: <sip:{self.name}@127.0.0.1:{self.port}>\r\n{proof}{more}"
                    f"Content-Length: {len(body.encode())}\r\n\r\n{body}")
            self.transport.sendto(head.encode(), self.proxy)
            reply = await self.replies.expect(
                lambda text: call in text and f"CSeq: {sequence} " in text and not text.startswith("SIP/2.0 1"),
                f"the reply to {method}")
            if not reply.startswith("SIP/2.0 401"):
                break
            nonce = re.search('nonce="([^"]*)"', reply).group(1)
            first = hashlib.md5(f"{self.name}:{self.domain}:{self.password}".encode()).hexdigest()
            second = hashlib.md5(f"{method}:{uri}".encode()).hexdigest()
            answer = hashlib.md5(f"{first}:{nonce}:{second}".encode()).hexdigest()
            proof = (f'Authorization: Digest username="{self.name}", realm="{self.domain}", nonce="{nonce}", uri="{uri}", '
                     f'response="{answer}", algorithm=MD5\r\n')
        assert reply.startswith("SIP/2.0 " + status), reply
        return reply

    async def say(self, to, text):
        await self.ask("MESSAGE", f"sip:{to}", to, text, "Content-Type: text/plain\r\n")

    async def publish(self, basic, note=""):
        """Own presence: 'open' or 'closed', with a status text."""
        more = "Event: presence\r\nExpires: 300\r\nContent-Type: application/pidf+xml\r\n"
        if self.etag:
            more += f"SIP-If-Match: {self.etag}\r\n"
        body = PIDF.format(aor=self.aor, basic=basic, note=f"<note>{note}</note>" if note else "")
        reply = await self.ask("PUBLISH", f"sip:{self.aor}", self.aor, body, more)
        self.etag = re.search(r"(?i)SIP-ETag: *(\S+)", reply).group(1)

    async def watch(self, who):
        await self.ask("SUBSCRIBE", f"sip:{who}", who,
                       more="Event: presence\r\nExpires: 300\r\nAccept: application/pidf+xml\r\n")

    async def expect(self, method, pattern="", timeout=TIMEOUT):
        return await self.requests.expect(lambda text: text.startswith(method + " ") and re.search(pattern, text),
                                          f"{method} with /{pattern}/", timeout)

    async def quit(self):
        self.transport.close()
