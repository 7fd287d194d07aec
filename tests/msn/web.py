# SPDX-License-Identifier: GPL-2.0-or-later
"""The HTTP side: nexus, login, RST, the services of offline messages, and the gateway; the same on the plain and the TLS port."""

import asyncio
import re
import time
import urllib.parse
import uuid
import xml.etree.ElementTree
import xml.sax.saxutils
from dataclasses import dataclass

from msn import contacts, login, oim, switchboard, wire
from msn.connection import Connection, Held

REASONS = {200: "OK", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 500: "Internal Server Error",
           503: "Service Unavailable"}
WSSE = "http://schemas.xmlsoap.org/ws/2003/06/secext"
WSA = "http://schemas.xmlsoap.org/ws/2004/03/addressing"
NS_HANDLERS = {**login.HANDLERS, **contacts.HANDLERS}


@dataclass
class Request:
    method: str
    path: str
    query: dict
    headers: dict
    body: bytes
    tls: bool

    @property
    def text(self):
        return self.body.decode(errors="replace")


@dataclass
class Answer:
    """CHUNKED in pieces of so many bytes; RAW in place of all else; SILENT for none, with the connection left open."""

    status: int = 200
    headers: tuple = ()
    body: bytes = None
    kind: str = "text/plain; charset=utf-8"
    chunked: int = 0
    raw: bytes = None
    silent: bool = False

    def encode(self, close):
        if self.raw is not None:
            return self.raw
        body = f"{self.status}: {REASONS[self.status]}".encode() if self.body is None else self.body
        lines = [f"HTTP/1.1 {self.status} {REASONS[self.status]}", *(f"{name}: {value}" for name, value in self.headers),
                 f"Content-Type: {self.kind}"]
        lines.append("Transfer-Encoding: chunked" if self.chunked else f"Content-Length: {len(body)}")
        lines.append("Connection: close" if close else "Connection: keep-alive")
        if self.chunked:
            pieces = [body[at:at + self.chunked] for at in range(0, len(body), self.chunked)]
            body = b"".join(f"{len(one):x}\r\n".encode() + one + b"\r\n" for one in [*pieces, b""])
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Web:
    """One listener's conversations."""

    def __init__(self, server, tls):
        self.server, self.tls = server, tls

    async def serve(self, reader, writer):
        try:
            while request := await self._read(reader):
                await self._answer(request, writer)
                if writer.is_closing():
                    break
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass
        except ValueError as problem:
            self.server.violations.append(f"HTTP: {problem}")
        finally:
            writer.close()

    async def _read(self, reader):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as cut:
            if cut.partial:
                raise ValueError(f"a request that ends too soon: {cut.partial!r}") from None
            return None
        first, *lines = head.decode().rstrip("\r\n").split("\r\n")
        found = re.fullmatch(r"(GET|POST) (\S+) HTTP/1\.[01]", first)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if not found:
            raise ValueError(f"not a request: {first!r}")
        if "host" not in headers:
            raise ValueError(f"no Host: {head!r}")
        if found[1] == "POST" and "content-length" not in headers:
            raise ValueError(f"no Content-Length: {head!r}")
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        path, _, query = found[2].partition("?")
        path = re.sub(r"^https?://[^/]+", "", path)
        return Request(found[1], path, dict(urllib.parse.parse_qsl(query)), headers, body, self.tls)

    async def _answer(self, request, writer):
        server = self.server
        server.requests.put(request)
        trick = next((one for one in server.web_tricks if one.path == request.path and one.left != 0), None)
        if trick:
            answer = trick.play(request)
        else:
            answer = await ROUTES.get((request.method, request.path), _missing)(server, request)
        if answer.silent:
            await asyncio.sleep(3600)
        if server.chunked and answer.raw is None:
            answer.chunked = server.chunked
        close = "close" in request.headers.get("connection", "").lower() or not server.keep_alive or answer.raw is not None
        data = answer.encode(close)
        if server.trickle:
            for at in range(len(data)):
                writer.write(data[at:at + 1])
                await asyncio.sleep(server.trickle)
        else:
            writer.write(data)
        await writer.drain()
        if close:
            writer.close()


class WebTrick:
    """Answers requests for PATH with ANSWER, TIMES often."""

    def __init__(self, path, answer, times=None):
        self.path, self.answer, self.left, self.done = path, answer, times, 0
        self.played = asyncio.Event()

    def play(self, request):
        if self.left:
            self.left -= 1
        self.done += 1
        self.played.set()
        return self.answer


async def _missing(server, request):
    server.violations.append(f"HTTP: nothing is at {request.method} {request.path}")
    return Answer(404)


# Tickets

async def on_nexus(server, request):
    name, value = server.nexus_header
    return Answer(headers=((name, value.format(login=server.login_address)),))


async def on_login(server, request):
    said = request.headers.get("authorization")
    if said is None:
        server.violations.append("HTTP: /login without Authorization")
        return Answer(500, body=b"500 Internal Server Error\n\nServer got itself in trouble")
    found = re.fullmatch(r"Passport1\.4 (.*)", said)
    fields = dict(one.partition("=")[::2] for one in found[1].split(",")) if found else {}
    if fields.get("OrgVerb") != "GET" or not {"sign-in", "pwd", "OrgURL"} <= set(fields) or server.policy not in said:
        server.violations.append(f"HTTP: an Authorization that is not understood: {said!r}")
    if server.redirects:
        server.redirects -= 1
        where = server.redirect_to or f"{server.secure if request.tls else server.plain}/login?lc=1033"
        return Answer(302, (("Location", where), ("Authentication-Info", "Passport1.4 da-status=redir")))
    account = server.accounts.get(wire.address_key(wire.unquote(fields.get("sign-in", ""))))
    if account is None or account.password != wire.unquote(fields.get("pwd", "")):
        text = f"Passport1.4 da-status=failed{server.refusal_text and ',cbtxt=' + server.refusal_text}"
        return Answer(401, (("WWW-Authenticate", text),))
    info = f"Passport1.4 da-status=success,{server.login_fields}from-PP='{server.issue_ticket(account)}'"
    return Answer(headers=(("Authentication-Info", info),))


RST = """<?xml version="1.0" encoding="utf-8"?>
<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsse="{wsse}" \
xmlns:wst="http://schemas.xmlsoap.org/ws/2004/04/trust" xmlns:wsp="http://schemas.xmlsoap.org/ws/2002/12/policy" \
xmlns:wsa="{wsa}"><S:Body>{body}</S:Body></S:Envelope>"""
TOKEN = """<wst:RequestSecurityTokenResponse><wst:TokenType>urn:passport:legacy</wst:TokenType><wsp:AppliesTo>\
<wsa:EndpointReference><wsa:Address>{address}</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>\
<wst:RequestedSecurityToken><wsse:BinarySecurityToken Id="{id}">{token}</wsse:BinarySecurityToken>\
</wst:RequestedSecurityToken></wst:RequestSecurityTokenResponse>"""
FAILED = "<S:Fault><faultcode>wsse:FailedAuthentication</faultcode><faultstring>Authentication Failure</faultstring></S:Fault>"


async def on_rst(server, request):
    try:
        root = xml.etree.ElementTree.fromstring(request.body)
        name, password = (next(root.iter(f"{{{WSSE}}}{field}")).text for field in ("Username", "Password"))
        addresses = [one.text for one in root.iter(f"{{{WSA}}}Address")]
    except (xml.etree.ElementTree.ParseError, StopIteration) as problem:
        server.violations.append(f"HTTP: an RST that is not understood ({problem!r}): {request.text}")
        return Answer(500)
    account = server.accounts.get(wire.address_key(name or ""))
    body = FAILED
    if account and account.password == password:
        body = "<wst:RequestSecurityTokenResponseCollection>" + "".join(
            TOKEN.format(address=address, id=f"Compact{at}", token=xml.sax.saxutils.escape(
                server.issue_ticket(account, seconds=86400, split=True))) for at, address in enumerate(addresses)
        ) + "</wst:RequestSecurityTokenResponseCollection>"
    return Answer(kind="text/xml; charset=utf-8", body=RST.format(wsse=WSSE, wsa=WSA, body=body).encode())


# Offline messages

async def on_store(server, request):
    if request.headers.get("soapaction") != f'"{oim.STORE}Store"':
        server.violations.append(f"HTTP: Store with the action {request.headers.get('soapaction')}")
    status, body = oim.store(server, request.body)
    return Answer(status, body=body.encode(), kind="text/xml; charset=utf-8")


async def on_fetch(server, request):
    action = request.headers.get("soapaction", "").strip('"')
    if not action.startswith(oim.FETCH + "/"):
        server.violations.append(f"HTTP: no such action: {action}")
        return Answer(500)
    status, body = oim.fetch(server, action.rpartition("/")[2], request.body)
    return Answer(status, body=body.encode(), kind="text/xml; charset=utf-8")


# The gateway

class Tunnel:
    def __init__(self, server, service, target):
        self.link, self.id, self.target = Held(), str(uuid.uuid4()), target
        self.connection = Connection(server, self.link, service)
        self.connection.local_port = server.port if service == "NS" else server.switchboard_port
        self.busy, self.used = False, time.monotonic()


async def on_gateway(server, request):
    query = request.query
    if query.get("Action") == "open":
        service = query.get("Server")
        if service not in ("NS", "SB") or "IP" not in query:
            server.violations.append(f"HTTP: a gateway session to nowhere: {query}")
            return Answer(400)
        tunnel = Tunnel(server, service, query["IP"])
        server.tunnels[tunnel.id] = tunnel
        server.connections.add(tunnel.connection)
    else:
        tunnel = server.tunnels.get(query.get("SessionID"))
        if tunnel and time.monotonic() - tunnel.used > 60:
            tunnel.connection.abort()
            del server.tunnels[tunnel.id]
            tunnel = None
        if tunnel is None:
            return Answer(400)
    if tunnel.busy:
        server.violations.append("HTTP: two requests at a time in a gateway session")
    tunnel.busy, tunnel.used = True, time.monotonic()
    said_goodbye = request.body.endswith(b"OUT\r\n")
    connection = tunnel.connection
    if request.body:
        connection.feed(request.body, NS_HANDLERS if connection.service == "NS" else switchboard.HANDLERS)
        if connection.lines.held:
            connection.violate(f"a command in two bodies: {connection.lines.held!r}")
    await asyncio.sleep(server.gateway_delay)
    tunnel.busy = False
    state = f"SessionID={tunnel.id}; GW-IP={tunnel.target}"
    if tunnel.link.closing:
        server.tunnels.pop(tunnel.id, None)
        state += "" if said_goodbye else "; Session=close"
    headers = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "POST"),
               ("Access-Control-Expose-Headers", "X-MSN-Messenger"), ("X-MSN-Messenger", state))
    return Answer(headers=headers, body=tunnel.link.take(), kind="application/x-msn-messenger")


ROUTES = {("GET", "/rdr/pprdr.asp"): on_nexus, ("GET", "/nexus-mock"): on_nexus, ("GET", "/login"): on_login,
          ("POST", "/RST.srf"): on_rst, ("POST", "/OimWS/oim.asmx"): on_store, ("POST", "/rsi/rsi.asmx"): on_fetch,
          ("POST", "/gateway/gateway.dll"): on_gateway}
