# SPDX-License-Identifier: GPL-2.0-or-later
"""Offline messages: the notices on the notification server, and the two SOAP services behind them."""

import base64
import re
import time
import uuid
import xml.etree.ElementTree
import xml.sax.saxutils
from dataclasses import dataclass, field

from msn import wire

STORE = "http://messenger.msn.com/ws/2004/09/oim/"
FETCH = "http://www.hotmail.msn.com/ws/2004/09/oim/rsi"
RM = "http://schemas.xmlsoap.org/ws/2003/03/rm"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
LOCK = "1850937852"

ENVELOPE = """<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xmlns:xsd="http://www.w3.org/2001/XMLSchema">
{}</soap:Envelope>"""
BODY = "\t<soap:Body>\n{}\t</soap:Body>\n"
FAULT = BODY.format("""\t\t<soap:Fault>
\t\t\t<faultcode xmlns:q0="http://messenger.msn.com/ws/2004/09/oim/">q0:{code}</faultcode>
\t\t\t<faultstring>Exception of type System.Web.Services.Protocols.SoapException was thrown.</faultstring>
\t\t\t<faultactor>https://ows.messenger.msn.com/OimWS/oim.asmx</faultactor>
{detail}\t\t</soap:Fault>
""")
STORED = """\t<soap:Header>
\t\t<SequenceAcknowledgment xmlns="http://schemas.xmlsoap.org/ws/2003/03/rm">
\t\t\t<Identifier xmlns="http://schemas.xmlsoap.org/ws/2002/07/utility">http://messenger.msn.com</Identifier>
\t\t\t<AcknowledgmentRange Upper="{number}" Lower="{number}" />
\t\t</SequenceAcknowledgment>
\t</soap:Header>
""" + BODY.format("""\t\t<StoreResponse xmlns="http://messenger.msn.com/ws/2004/09/oim/">
\t\t\t<PointsConsumed>0</PointsConsumed>
\t\t</StoreResponse>
""")
GOT = BODY.format("""\t\t<GetMessageResponse xmlns="http://www.hotmail.msn.com/ws/2004/09/oim/rsi">
\t\t\t<GetMessageResult>{}</GetMessageResult>
\t\t</GetMessageResponse>
""")
DELETED = BODY.format("""\t\t<DeleteMessagesResponse xmlns="http://www.hotmail.msn.com/ws/2004/09/oim/rsi" />
""")
METADATA = BODY.format("""\t\t<GetMetadataResponse xmlns="http://www.hotmail.msn.com/ws/2004/09/oim/rsi">
\t\t\t{}
\t\t</GetMetadataResponse>
""")
MAIL = """X-Message-Info: cwRBnLifKNE8dVZlNj6AiX8142B67OTjG9BFMLMyzuui1H4Xx7m3NQ==
Received: from OIM-SSI02.phx.gbl ([65.54.237.206]) by oim1-f1.hotmail.com with Microsoft SMTPSVC(6.0.3790.211);
\t {date}
Received: from mail pickup service by OIM-SSI02.phx.gbl with Microsoft SMTPSVC;
\t {date}
From: {name} <{sender}>
To: {receiver}
Subject: 
X-OIM-originatingSource: 127.0.0.1
X-OIMProxy: MSNMSGR
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: base64
X-OIM-Message-Type: OfflineMessage
X-OIM-Run-Id: {run}
X-OIM-Sequence-Num: {number}
Message-ID: <OIM-SSI02zDv60gxapz00061a8b@OIM-SSI02.phx.gbl>
X-OriginalArrivalTime: {arrival} (UTC) FILETIME=[48A65D00:01DD7A69]
Return-Path: ndr@oim.messenger.msn.com

{body}"""


@dataclass
class Offline:
    """One message that waits. TIME is in seconds."""

    sender: str
    name: str
    receiver: str
    text: str
    run: str = "{F7D7A5D2-45BA-4A5B-9E6E-0C2B3D6E1F10}"
    number: int = 1
    time: float = field(default_factory=time.time)
    id: str = field(default_factory=lambda: str(uuid.uuid4()).upper())

    def mail(self):
        when = time.gmtime(self.time)
        body = base64.b64encode(self.text.encode()).decode()
        return MAIL.format(date=time.strftime("%a, %d %b %Y %H:%M:%S +0000", when), name=wire.encoded_word(self.name),
                           sender=self.sender, receiver=self.receiver, run=self.run, number=self.number,
                           arrival=time.strftime("%d %b %Y %H:%M:%S.0000", when),
                           body="\n".join(body[at:at + 76] for at in range(0, len(body), 76)))

    def entry(self, live=False):
        received = "" if live else time.strftime("<RT>%Y-%m-%dT%H:%M:%SZ</RT>", time.gmtime(self.time))
        folder = ".!!OIM" if live else "00000000-0000-0000-0000-000000000009"
        name = wire.encoded_word(self.name)
        name = name[:-2] + " ?=" if live else name
        return (f"<M><T>11</T><S>6</S>{received}<RS>0</RS><SZ>{len(self.mail())}</SZ><E>{self.sender}</E><I>{self.id}</I>"
                f"<F>{folder}</F><N>{name}</N></M>")


def _waiting(account):
    entries = "".join(one.entry() for one in account.stored)
    return ("<MD><E><I>0</I><IU>0</IU><O>0</O><OU>0</OU></E><Q><QTM>409600</QTM><QNM>204800</QNM></Q>" + entries + "</MD>")


def tell_waiting(account):
    """After the first CHG; more than 25 are too many for the notice."""
    data = "too-large" if len(account.stored) > 25 else _waiting(account)
    message = wire.Message.make("text/x-msmsgsinitialmdatanotification; charset=UTF-8", f"Mail-Data: {data}\r\n")
    account.session.send(["MSG", "Hotmail", "Hotmail"], message.encode())


def keep(account, message):
    account.stored.append(message)
    if account.session and account.status:
        data = f"<MD>{message.entry(live=True)}<SU> </SU></MD>"
        notice = wire.Message.make("text/x-msmsgsoimnotification; charset=UTF-8", f"Mail-Data: {data}\r\n")
        account.session.send(["MSG", "Hotmail", "Hotmail"], notice.encode())


# The services: each returns a status and a body

def _fault(code, detail=""):
    return 500, ENVELOPE.format(FAULT.format(code=code, detail=detail))


def store(server, body):
    """The real server looks at every line of Content, and so does this."""
    try:
        root = xml.etree.ElementTree.fromstring(body)
        head = root.find(f"{{{SOAP}}}Header")
        sender, receiver, ticket = (head.find(f"{{{STORE}}}{name}") for name in ("From", "To", "Ticket"))
        number = int(head.find(f"{{{RM}}}Sequence/{{{RM}}}MessageNumber").text)
        kind = root.find(f"{{{SOAP}}}Body/{{{STORE}}}MessageType").text
        content = root.find(f"{{{SOAP}}}Body/{{{STORE}}}Content").text
        name = wire.decode_word(sender.attrib["friendlyName"])
        account = server.accounts[wire.address_key(sender.attrib["memberName"])]
        passport, lock = ticket.attrib["passport"], ticket.attrib["lockkey"]
        receiver, product = receiver.attrib["memberName"], ticket.attrib["appid"]
    except (xml.etree.ElementTree.ParseError, AttributeError, KeyError, TypeError, ValueError) as problem:
        server.violations.append(f"HTTP: a Store that is not understood ({problem!r}): {body!r}")
        return _fault("InvalidContent")
    if server.store_fault:
        return _fault(server.store_fault)
    if server.knows_ticket(passport) is not account:
        server.violations.append(f"HTTP {account.key}: a Store with the ticket {passport!r}")
        return _fault("AuthenticationFailed", "\t\t\t<detail>\n\t\t\t\t<TweenerChallenge xmlns=\"" + STORE
                      + "\">" + server.policy + "</TweenerChallenge>\n\t\t\t</detail>\n")
    if not lock:
        detail = (f'\t\t\t<detail>\n\t\t\t\t<TweenerChallenge xmlns="{STORE}">{server.policy}</TweenerChallenge>\n'
                  f'\t\t\t\t<LockKeyChallenge xmlns="{STORE}">{LOCK}</LockKeyChallenge>\n\t\t\t</detail>\n')
        return _fault("AuthenticationFailed", detail)
    if product not in wire.PRODUCTS or lock != wire.answer(LOCK, product, wire.PRODUCTS[product]):
        server.violations.append(f"HTTP {account.key}: the lock key {lock!r} is wrong for {product}")
    if kind != "text" or len(name.encode()) > 48:
        return _fault("InvalidContent")
    return _store_content(server, account, name, receiver, number, content.replace("\r\n", "\n"))


def _store_content(server, account, name, receiver, number, content):
    found = re.fullmatch(r"MIME-Version: 1\.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: base64\n"
                         r"X-OIM-Message-Type: OfflineMessage\nX-OIM-Run-Id: (\{[0-9A-F-]{36}\})\nX-OIM-Sequence-Num: (\d+)\n\n"
                         r"((?:[A-Za-z0-9+/=]{1,76}\n?)*)", content)
    if not found or int(found[2]) != number:
        server.violations.append(f"HTTP {account.key}: content that is refused, as number {number}: {content!r}")
        return _fault("InvalidContent")
    other = server.accounts.get(wire.address_key(receiver))
    if other is None or not other.admits(account):
        return _fault("SystemUnavailable")
    text = base64.b64decode(found[3]).decode()
    keep(other, Offline(account.address, name, other.address, text, found[1], number))
    return 200, ENVELOPE.format(STORED.format(number=number))


def fetch(server, action, body):
    try:
        root = xml.etree.ElementTree.fromstring(body)
        cookie = root.find(f"{{{SOAP}}}Header/{{{FETCH}}}PassportCookie")
        ticket = cookie.find(f"{{{FETCH}}}t").text
        method = root.find(f"{{{SOAP}}}Body")[0]
        wanted = [one.text for one in method.iter(f"{{{FETCH}}}messageId")]
    except (xml.etree.ElementTree.ParseError, AttributeError, IndexError, TypeError) as problem:
        server.violations.append(f"HTTP: a request that is not understood ({problem!r}): {body!r}")
        return 500, "500 Internal Server Error"
    account = server.knows_ticket(ticket)
    if account is None:
        server.violations.append(f"HTTP: {action} with the ticket {ticket!r}")
        return 500, "500 Internal Server Error"
    if action == "GetMetadata" and len(method):
        return 200, ENVELOPE.format(METADATA.format(xml.sax.saxutils.escape(_waiting(account))))
    found = [one for one in account.stored if one.id in wanted]
    if action == "GetMessage" and found:
        return 200, ENVELOPE.format(GOT.format(xml.sax.saxutils.escape(found[0].mail())))
    if action == "DeleteMessages":
        account.stored = [one for one in account.stored if one not in found]
        if found and account.session:
            gone = f"Src-Folder: .!!OIM\r\nDest-Folder: .!!trAsH\r\nMessage-Delta: {len(found)}\r\n"
            notice = wire.Message.make("text/x-msmsgsactivemailnotification; charset=UTF-8", gone)
            account.session.send(["MSG", "Hotmail", "Hotmail"], notice.encode())
        return 200, ENVELOPE.format(DELETED)
    server.violations.append(f"HTTP {account.key}: {action} of {wanted}, which is not there")
    return 500, "500 Internal Server Error"
