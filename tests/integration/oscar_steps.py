# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of AIM and of ICQ share: a user of the gateway, and the account on the network."""

import contextlib
import re

from client import NS, submit, text
from conftest import running
from gateway import oscar

PASSWORD = "secret7"


class Oscar:
    """One network, a gateway to it, and its users."""

    def __init__(self, kind, network, gateway, user):
        self.kind, self.network, self.gateway, self._user = kind, network, gateway, user
        self.domain = gateway.jid(kind)

    def contact(self, name):
        return self.gateway.jid(self.kind, name)

    async def sign_up(self, name, account=True, **options):
        """A user of the gateway with this account there."""
        if account:
            self.network.add_user(name, PASSWORD)
        me = await self._user(self.gateway.server)
        await me.sign_up(self.domain, username=name, password=PASSWORD, **options)
        return me

    async def sign_out_and(self, me, meanwhile=None):
        """Signs out and in again; MEANWHILE runs in between."""
        me.presence("unavailable", self.domain)
        await me.expect("presence", self.domain, "unavailable")
        if meanwhile:
            await meanwhile()
        me.available(to=self.domain)
        await me.expect_signed_in(self.domain)


@contextlib.contextmanager
def serving(kind, network, prosody, user, **more):
    with running(prosody, {kind: oscar(kind, network, **more)}) as gateway:
        yield Oscar(kind, network, gateway, user)


async def said(me, sender, about, timeout=10):
    """A chat message of SENDER's that has ABOUT in it; its text."""
    message = await me.expect("message", sender, where=lambda m: about in (text(m, "c:body") or ""), timeout=timeout)
    return text(message, "c:body")


async def choose(me, domain, label):
    """An entry of the network's menu."""
    me.message(domain, "menu")
    menu = await said(me, domain, "offers")
    found = re.search(rf"^(\d+) – .*{label}.*$", menu, re.M)
    assert found, menu
    me.message(domain, f"menu {found[1]}")


async def open_form(me, domain):
    """The fields of the gateway's next form."""
    message = await me.expect("message", domain, has="x:x")
    return {field.get("var"): field for field in message.iterfind("x:x/x:field", NS)}


def fill_in(me, domain, form, **fields):
    """Submits it; FIELDS by var."""
    assert set(fields) <= set(form), list(form)
    name = form["passerelle#question"].find("x:value", NS).text
    me.message(domain, None, submit("", **{"passerelle#question": name}, **fields))


def groups(item):
    return [group.text for group in item.iterfind("roster:group", NS)]
