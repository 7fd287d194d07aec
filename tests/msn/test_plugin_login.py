# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin and the web side of a login: certificates, the nexus, and RST in its place."""

import plugin_host
import pytest
import servers
from msn.server import certificate
from msn.web import Answer, WebTrick

pytestmark = plugin_host.NEEDED


async def over_tls(scripted, plugin, who, **options):
    """Ready to sign on."""
    scripted.add_user(who)
    return await plugin(scripted, who, connect=False, **(options or {"login_url": scripted.secure + "/login"}))


def pin(me, name, text):
    """As libpurple keeps a certificate that its user has accepted."""
    where = me.dir / "certificates" / "x509" / "tls_peers"
    where.mkdir(parents=True, exist_ok=True)
    (where / name).write_text(text)


@pytest.mark.parametrize("trusted", [True, False])
async def test_certificate_is_asked_about(scripted, plugin, name, trusted):
    """It is self-signed: the user decides."""
    me = await over_tls(scripted, plugin, name())
    me.begin()
    asked = await me.expect("request", kind="action")
    scripted.requests.refuse(lambda request: True, "a password before there is trust")
    me.do("answer", id=asked["id"], **({"yes": "yes"} if trusted else {}))
    assert await me.ended() == ("signed-on" if trusted else "certificate")
    if not trusted:
        scripted.requests.refuse(lambda request: True, "a password without trust")


@pytest.mark.parametrize("way", ["login", "nexus"])
async def test_a_known_certificate_is_not_asked_about(scripted, plugin, name, way):
    options = {"login_url": None, "nexus_url": scripted.secure + "/rdr/pprdr.asp"} if way == "nexus" else {}
    me = await over_tls(scripted, plugin, name(), **options)
    pin(me, scripted.host, certificate()[0].read_text())
    await me.sign_on()
    me.inbox.refuse(lambda event: event["event"] == "request", "a question")
    assert (await scripted.expect_request("/login")).tls


async def test_another_certificate_than_the_known_is_refused(scripted, plugin, name):
    """Whoever has not accepted it says no, and hears why."""
    me = await over_tls(scripted, plugin, name())
    pin(me, scripted.host, servers.certificate(me.dir, "another")[0].read_text())
    me.begin()
    me.do("answer", id=(await me.expect("request", kind="action"))["id"])
    kind, text = await me.fail()
    assert kind == "certificate" and "certificate" in text.lower(), text


# RST

NO_NEXUS = {"no nexus": Answer(404), "broken nexus": Answer(500)}


@pytest.mark.parametrize("answer", NO_NEXUS)
@pytest.mark.parametrize("password", ["secret", "a<b>&\"'ü☃"])
async def test_rst_in_place_of_the_nexus(scripted, plugin, name, answer, password):
    scripted.misbehave(WebTrick("/rdr/pprdr.asp", NO_NEXUS[answer]))
    me = await plugin(scripted, name(), password, login_url=None, nexus_url=scripted.plain + "/rdr/pprdr.asp")
    await scripted.expect_request("/RST.srf")
    await me.heard()


async def test_rst_over_tls(scripted, plugin, name):
    scripted.misbehave(WebTrick("/rdr/pprdr.asp", NO_NEXUS["no nexus"]))
    me = await over_tls(scripted, plugin, name(), login_url=None, nexus_url=scripted.secure + "/rdr/pprdr.asp")
    pin(me, scripted.host, certificate()[0].read_text())
    await me.sign_on()
    assert (await scripted.expect_request("/RST.srf")).tls


async def test_a_wrong_password_at_rst(scripted, plugin, name):
    who = name()
    scripted.add_user(who, "another")
    scripted.misbehave(WebTrick("/rdr/pprdr.asp", NO_NEXUS["no nexus"]))
    me = await plugin(scripted, who, connect=False, login_url=None, nexus_url=scripted.plain + "/rdr/pprdr.asp")
    me.begin()
    assert (await me.fail())[0] == "password"


@pytest.mark.parametrize("answer", [Answer(500), Answer(body=b"<html>no"), Answer(body=b""),
                                    Answer(body=b"<wst:RequestSecurityTokenResponse><wsa:Address>messenger.msn.com</wsa:Address>"
                                                b"<wsse:BinarySecurityToken>two words\r\nOUT</wsse:BinarySecurityToken>")])
async def test_no_ticket_from_rst(scripted, plugin, name, answer):
    who = name()
    scripted.add_user(who)
    scripted.misbehave(WebTrick("/rdr/pprdr.asp", NO_NEXUS["no nexus"]))
    scripted.misbehave(WebTrick("/RST.srf", answer))
    me = await plugin(scripted, who, connect=False, login_url=None, nexus_url=scripted.plain + "/rdr/pprdr.asp")
    me.begin()
    assert (await me.fail())[0] == "network"
