# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin in its host program, with the scripted server as the real one is."""

import base64

import plugin_host
import pytest

from msn import wire
from msn.state import AL, BL, FL, PL, RL

pytestmark = plugin_host.NEEDED
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 6
DIALECTS = ["12", "11", "10", "9", "8", "7"]


def puppet(scripted, me, name, lists=FL | AL, **how):
    """One who is on line and on the list of ME, who need not have an account yet; both have each other."""
    user = scripted.add_user(name(), **how)
    mine = scripted.accounts.get(me) or scripted.add_user(me)
    mine.put_on_list(user.address, lists)
    user.put_on_list(mine.address)
    mine.contact(user.address).lists = lists | RL
    return user.appear()


# Signing on

@pytest.mark.parametrize("dialect", DIALECTS)
async def test_sign_on(scripted, plugin, name, dialect):
    me = await plugin(scripted, name(), protocol_version=dialect)
    await scripted.expect(me.name, "CHG")
    await me.heard()
    assert scripted.user(me.name).session.dialect == int(dialect)


async def test_sign_on_with_a_name_that_is_kept(scripted, plugin, name):
    """Habit 5: the address must be said as the account has it."""
    scripted.add_user("Some.One@x.test")
    me = await plugin(scripted, "Some.One@x.test", account=False)
    await me.heard()


async def test_sign_on_through_the_dispatch_server(scripted, plugin, name):
    await (await plugin(scripted, name(), dispatch=True)).heard()


@pytest.mark.parametrize("split", [True, False])
async def test_sign_on_through_the_nexus(scripted, plugin, name, split):
    scripted.long_tickets = split
    scripted.login_address = scripted.plain + "/login"
    me = await plugin(scripted, name(), login_url=None, nexus_url=scripted.plain + "/rdr/pprdr.asp")
    await me.heard()
    await scripted.expect_request("/rdr/pprdr.asp")


@pytest.mark.parametrize("password", ["a,b=c%d e\"&<", "Größe☃", "x" * 16])
async def test_passwords_of_all_kinds(scripted, plugin, name, password):
    await (await plugin(scripted, name(), password)).heard()


async def test_wrong_password(scripted, plugin, name):
    for dialect in ("12", "7"):
        who = name()
        scripted.add_user(who, "right")
        me = await plugin(scripted, who, "wrong", connect=False, protocol_version=dialect)
        me.begin()
        assert (await me.fail())[0] == "password"


async def test_other_letter_case(scripted, plugin, name):
    """The ticket is good, and USR says 911: the user is told that the case matters."""
    scripted.add_user("Mixed@x.test")
    me = await plugin(scripted, "mixed@x.test", connect=False)
    me.begin()
    kind, text = await me.fail()
    assert kind == "password" and text


async def test_gateway(scripted, plugin, name):
    who = name()
    other = puppet(scripted, who, name)
    me = await plugin(scripted, who, account=False, http_method=True, http_method_server=f"127.0.0.1:{scripted.http_port}")
    await me.expect("online", who=other.address)
    await other.say(who, "over HTTP")
    await me.expect("message", 20, who=other.address, text="over HTTP...")
    me.do("say", who=other.address, text="and back")
    await other.expect_message(who, "and back", 20)


async def test_signing_on_twice(scripted, plugin, name):
    who = name()
    me = await plugin(scripted, who)
    await plugin(scripted, who, account=False)
    assert (await me.fail())[0] == "elsewhere"


async def test_server_goes_down(scripted, plugin, name):
    me = await plugin(scripted, name())
    await me.heard()
    scripted.shut_down()
    assert (await me.fail())[0] == "network"


# Messages

TEXTS = ["wherefore art thou", "Grüße ☃ 😀", "a &lt; b &amp; c", "one<br>two", "<b>bold</b>", "100% +1"]


@pytest.mark.parametrize("text", TEXTS)
async def test_messages_both_ways(scripted, plugin, name, text):
    who = name()
    other = puppet(scripted, who, name)
    me = await plugin(scripted, who, account=False)
    plain = text.replace("<b>", "").replace("</b>", "").replace("<br>", "\r\n").replace("&lt;", "<").replace("&amp;", "&")
    me.do("say", who=other.address, text=text)
    said = await other.expect_message(who, plain)
    assert ("EF=B" in said.message.get("X-MMS-IM-Format")) == ("<b>" in text), said
    await other.say(who, plain)
    shown = await me.expect("message", who=other.address)
    assert plain.replace("&", "&amp;").replace("<", "&lt;").replace("\r\n", "<br>") in shown["text"], shown


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_messages_in_every_dialect(scripted, plugin, name, dialect):
    who = name()
    other = puppet(scripted, who, name)
    me = await plugin(scripted, who, account=False, protocol_version=dialect)
    await me.expect("online", who=other.address)
    await other.say(who, "first")
    await me.expect("message", text="first...")
    me.do("say", who=other.address, text="second")
    await other.expect_message(who, "second")


@pytest.mark.parametrize("style, tag", [("FN=; EF=BI; CO=ff; CS=0; PF=0", "#ff0000"), ("FN=; EF=; CO=a0b; CS=0; PF=0", "#0b0a00"),
                                        ("FN=; EF=U; CO=ff0000; CS=0; PF=0", "#0000ff"), ("FN=Segoe%20UI", "Segoe UI")])
async def test_format(scripted, plugin, name, style, tag):
    who = name()
    other = puppet(scripted, who, name)
    me = await plugin(scripted, who, account=False)
    await me.expect("online")
    await other.say(who, "coloured", style=style)
    shown = await me.expect("message")
    assert tag in shown["text"].lower() or tag in shown["text"], shown


@pytest.mark.parametrize("caps", [0x50000020, 0x50000000], ids=["parts", "messages"])
@pytest.mark.parametrize("blank", ["", " "], ids=["no-blanks", "blanks"])
async def test_long_text_loses_nothing(scripted, plugin, name, caps, blank):
    """In parts that are joined nothing may be missing; between messages of their own a blank may."""
    who = name()
    other = puppet(scripted, who, name)
    other.caps = caps
    me = await plugin(scripted, who, account=False)
    await me.expect("online")
    text = blank.join(f"{number}☃" for number in range(1000))
    me.do("say", who=other.address, text=text)
    said = []
    while "999☃" not in (said[-1].message.text if said else ""):
        said.append(await other.expect_part(who))
        assert len(said[-1].payload) <= wire.LONGEST_MESSAGE and said[-1].message.body
    got = b"".join(one.message.body for one in said).decode()
    if any(one.message.get("Message-ID") for one in said):
        assert got == text
    else:
        assert got.replace(" ", "") == text.replace(" ", "")


async def test_parts_are_joined(scripted, plugin, name):
    """The second cuts a character in two."""
    who = name()
    other = puppet(scripted, who, name)
    me = await plugin(scripted, who, account=False)
    await me.expect("online")
    text, mark = "snow ☃ man".encode(), "{D0A5F4B6-3A5B-4C8E-9A51-000000000001}"
    first = wire.Message.make("text/plain; charset=UTF-8", text[:6], Message_ID=mark, Chunks="2").encode()
    await other.say_raw(who, first)
    await other.say_raw(who, f"Message-ID: {mark}\r\nChunk: 1\r\n\r\n".encode() + text[6:])
    await me.expect("message", text="snow ☃ man...")


async def test_typing_and_nudge(scripted, plugin, name):
    who = name()
    other = puppet(scripted, who, name)
    me = await plugin(scripted, who, account=False)
    await me.expect("online")
    await other.type(who)
    await me.expect("typing", who=other.address, state="typing")
    await other.nudge(who)
    await me.expect("message", where=lambda event: "nudge" in event["text"].lower() or int(event["flags"]) & 0x10000)
    await other.say(who, "so")
    await me.expect("message", text="so...")
    me.do("typing", who=other.address, text="typing")
    assert (await other.expect_typing(who)).message.get("TypingUser") == who


async def test_text_to_who_is_not_there_is_left_for_him(scripted, plugin, name):
    who = name()
    me = await plugin(scripted, who)
    other = scripted.add_user(name())
    scripted.user(who).put_on_list(other.address)
    me.do("say", who=other.address, text="when you are back ☃")
    while not other.stored:
        await scripted.expect_request("/OimWS/oim.asmx")
        await me.in_step()
    assert [one.text for one in other.stored] == ["when you are back ☃"]
    me.do("say", who=other.address, text="and again")
    while len(other.stored) < 2:
        await scripted.expect_request("/OimWS/oim.asmx")
        await me.in_step()
    first, second = other.stored
    assert (first.number, second.number, first.run) == (1, 2, second.run)


async def test_offline_messages_are_shown_and_deleted(scripted, plugin, name):
    who, other = name(), scripted.add_user(name())
    user = scripted.add_user(who)
    user.put_on_list(other.address)
    other.leave_message(who, "second", sent=1700000100, number=2)
    other.leave_message(who, "first ☃", sent=1700000000)
    me = await plugin(scripted, who, account=False)
    shown = [await me.expect("message", who=other.address) for _ in range(2)]
    assert ["first ☃" in shown[0]["text"], "second" in shown[1]["text"]] == [True, True], shown
    other.leave_message(who, "live")
    await me.expect("message", who=other.address, text="live...")
    while user.stored:
        await scripted.expect_request("/rsi/rsi.asmx")
        await me.in_step()


async def test_very_many_offline_messages(scripted, plugin, name):
    """More than 25: the notice says too-large, and the list is asked for."""
    who, other = name(), scripted.add_user(name())
    user = scripted.add_user(who)
    for number in range(30):
        other.leave_message(who, f"message {number}", sent=1700000000 + number)
    me = await plugin(scripted, who, account=False)
    for number in range(30):
        await me.expect("message", text=f"message {number}...")


# Contacts

async def test_list_is_shown(scripted, plugin, name):
    who, one, two, hidden = name(), name("romeo"), name("juliet"), name("hidden")
    user = scripted.add_user(who)
    for address in (one, two, hidden):
        scripted.add_user(address, name=f"Name of {address} ☃")
    user.put_on_list(one, groups=["Montague family", "Other ☃"])
    user.put_on_list(two)
    user.put_on_list(hidden, AL)
    me = await plugin(scripted, who, account=False)
    await me.heard()
    found = await me.buddies()
    assert set(found) == {one, two}
    assert found[one]["group"] in ("Montague family", "Other ☃") and found[two]["group"] == "Buddies"
    assert found[one]["server_alias"] == f"Name of {one} ☃"


@pytest.mark.parametrize("dialect", ["12", "8", "7"])
async def test_thousand_contacts(scripted, plugin, name, dialect):
    who = name()
    scripted.add_user(who).fill(1000)
    me = await plugin(scripted, who, account=False, protocol_version=dialect)
    await me.heard()
    assert len(await me.buddies()) == 1000


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_contact_is_added_seen_and_removed(scripted, plugin, name, dialect):
    me = await plugin(scripted, name(), protocol_version=dialect)
    user, other = scripted.user(me.name), scripted.add_user(name(), name="The ☃ Other").appear()
    me.do("add", who=other.address, group="Friends of mine")
    await me.expect("online", who=other.address)
    await scripted.expect(me.name, "ADC" if int(dialect) >= 10 else "ADD", lambda seen: seen.words[2] == "AL")
    await me.heard()
    await me.heard()        # a GUID must come before the contact can go into the group
    entry = user.contact(other.address)
    assert entry.lists & (FL | AL) == FL | AL and [user.groups[guid].name for guid in entry.groups] == ["Friends of mine"]
    for status, shown in (("AWY", "away"), ("BSY", "busy"), ("NLN", "available"), ("BRB", "brb"), ("PHN", "phone"), ("LUN", "lunch")):
        other.set_status(status)
        await me.expect("status", who=other.address, status=shown)
    other.set_status("HDN")
    await me.expect("offline", who=other.address)
    other.set_status("NLN")
    await me.expect("online", who=other.address)
    me.do("remove", who=other.address)
    await scripted.expect(me.name, "REM", lambda seen: seen.words[2] == "FL")
    await me.heard()
    assert not user.lists_of(other.address) & FL
    user.check_lists()


async def test_groups(scripted, plugin, name):
    who, one, two = name(), name("romeo"), name("juliet")
    user = scripted.add_user(who)
    for address in (one, two):
        scripted.add_user(address)
        user.put_on_list(address, groups=["Old"])
    me = await plugin(scripted, who, account=False)
    await me.heard()
    me.do("move", who=two, group="Other")
    await scripted.expect(who, "REM", lambda seen: len(seen.words) == 5)
    await scripted.expect(who, "ADC", lambda seen: "N=" in str(seen))       # habit 7: the repair
    await me.heard()
    assert user.group("Other") and user.contact(two).groups == [user.group("Other").guid]
    assert user.contact(two).known_to_him
    me.do("rename-group", group="Old", text="New ☃")
    await scripted.expect(who, "REG")
    await me.heard()
    assert user.contact(one).groups == [user.group("New ☃").guid]


@pytest.mark.parametrize("granted", [True, False])
async def test_being_added(scripted, plugin, name, granted):
    me = await plugin(scripted, name())
    await me.heard()
    user, other = scripted.user(me.name), scripted.add_user(name(), name="Other ☃").appear()
    other.add(me.name)
    asked = await me.expect("authorize", who=other.address)
    me.do("answer", id=asked["id"], **({"yes": "yes"} if granted else {}))
    await scripted.expect(me.name, "REM", lambda seen: seen.words[2] == "PL")
    await scripted.expect(me.name, "ADC", lambda seen: seen.words[2] == ("AL" if granted else "BL"))
    await me.heard()
    lists = user.lists_of(other.address)
    assert lists & (AL | BL) == (AL if granted else BL) and not lists & PL
    assert other.sees(user) == granted


async def test_request_from_before(scripted, plugin, name):
    """Who asked while we were away is asked about; one who is on our list already (19) is not, the mark goes."""
    who = name()
    user, stranger, friend = scripted.add_user(who), scripted.add_user(name()), scripted.add_user(name())
    user.put_on_list(friend.address)
    user.contact(friend.address).lists |= PL
    user.contact(stranger.address).lists |= PL
    me = await plugin(scripted, who, account=False)
    await me.expect("authorize", who=stranger.address)
    await scripted.expect(who, "REM", lambda seen: seen.words[2:] == ["PL", friend.address])
    await me.heard()
    me.inbox.refuse(lambda event: event["event"] == "authorize", "a question about a friend")


async def test_privacy(scripted, plugin, name):
    who = name()
    pest = puppet(scripted, who, name)
    me = await plugin(scripted, who, account=False)
    user = scripted.user(who)
    await pest.expect("NLN")
    me.do("deny", who=pest.address)
    await pest.expect("FLN")
    await me.heard()
    assert user.lists_of(pest.address) & (AL | BL) == BL
    me.do("undeny", who=pest.address)
    await pest.expect("NLN")
    await me.heard()
    assert user.lists_of(pest.address) & (AL | BL) == AL
    me.do("privacy", text="2")
    await scripted.expect(who, "BLP", lambda seen: seen.words[2] == "BL")


async def test_lists_become_libpurples(scripted, plugin, name):
    who, one, two = name(), scripted.add_user(name()), scripted.add_user(name())
    user = scripted.add_user(who)
    user.put_on_list(one.address, AL)
    user.put_on_list(two.address, BL)
    me = await plugin(scripted, who, account=False)
    await me.heard()
    me.do("lists")
    await me.expect("permit", who=one.address)
    await me.expect("deny", who=two.address)


# Own state

async def test_own_status(scripted, plugin, name):
    who = name()
    watcher = puppet(scripted, who, name)
    me = await plugin(scripted, who, account=False)
    await watcher.expect("NLN")
    for word, status in (("away", "AWY"), ("busy", "BSY"), ("brb", "BRB"), ("phone", "PHN"), ("lunch", "LUN"), ("available", "NLN")):
        me.do("status", id=word, text=f"being &lt;{word}&gt; &amp; ☃")
        await watcher.expect("NLN", lambda one: one.words[1] == status)
        await watcher.expect("UBX", lambda one: f"being &lt;{word}&gt; &amp; ☃".encode() in one.payload)
    me.do("idle", text="600")
    await watcher.expect("NLN", lambda one: one.words[1] == "IDL")
    me.do("idle", text="0")
    await watcher.expect("NLN", lambda one: one.words[1] == "NLN")
    me.do("status", id="invisible")
    await watcher.expect("FLN")


async def test_beginning_invisible(scripted, plugin, name):
    who = name()
    watcher = puppet(scripted, who, name)
    me = await plugin(scripted, who, account=False, connect=False)
    await me.sign_on(status="invisible")
    assert (await scripted.expect(who, "CHG")).words[2] == "HDN"
    await me.heard()
    watcher.got.refuse(lambda one: getattr(one, "name", None) == "NLN", "news of who is hidden")


async def test_personal_message_is_shown(scripted, plugin, name):
    who = name()
    other = puppet(scripted, who, name)
    me = await plugin(scripted, who, account=False)
    await me.expect("online")
    other.set_psm("in a <meeting> & ☃")
    await me.heard()
    shown = (await me.buddies())[other.address]
    assert shown["message"] and "meeting" in shown["message"] and "☃" in shown["message"]
    other.set_psm("", "\\0Music\\01\\0{0} - {1}\\0Title\\0Artist\\0Album\\0\\0")
    await me.heard()


async def test_names(scripted, plugin, name):
    who = name()
    other = puppet(scripted, who, name)
    me = await plugin(scripted, who, account=False)
    await me.expect("online")
    other.set_name("New ☃ 100% <name>")
    await me.heard()
    assert (await me.buddies())[other.address]["server_alias"] == "New ☃ 100% <name>"


@pytest.mark.parametrize("dialect", ["12", "10", "8"])
async def test_challenge(scripted, plugin, name, dialect):
    me = await plugin(scripted, name(), protocol_version=dialect)
    for digits in ("15570131571988941333", "22210219642164014968", "1234567890"):
        scripted.user(me.name).challenge(digits)
        await scripted.expect(me.name, "QRY")


async def test_keepalive(scripted, plugin, name):
    me = await plugin(scripted, name())
    await me.heard()
    me.do("keepalive")
    await me.heard()
