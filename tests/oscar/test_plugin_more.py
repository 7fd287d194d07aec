# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin's rarer doings: the account's menu, searches, privacy lists, other sign-ons of the same account."""

import asyncio
import base64
import json

import plugin_host
import pytest

from oscar import codec, rates
from oscar.codec import RateClass, Tlvs
from oscar.test_plugin import PNG, json_text

pytestmark = plugin_host.NEEDED


async def choose(me, action, text="", **fields):
    """Chooses from the account's menu, and answers what it asks."""
    me.do("action", text=action)
    asked = await me.expect("request")
    me.do("answer", id=asked["id"], yes="yes", text=text, fields=fields)


async def told(me, words, timeout=10):
    """Something shown to the user that has all the words."""
    return await me.inbox.expect(
        lambda event: event["event"] in ("notify", "search", "info", "conv-system", "conv-error")
        and all(word in json_text(event) for word in words), f"something with {words}", timeout)


async def test_search_by_number(server, plugin, friend, number):
    me, other = await plugin(server, number()), await friend(server, number())
    await other.set_names("Nick", "Först", "Last", "n@example.org")
    await choose(me, "by Number", other.name)
    await told(me, [other.name, "Nick", "Först"])
    await choose(me, "by Number", "4999999")
    await me.inbox.expect(lambda event: event["event"] in ("notify", "search"), "that nobody was found")


async def test_search_by_name(server, plugin, friend, number, name):
    me, first = await plugin(server, number()), name("Dorabella")
    others = [await friend(server, number()) for _ in range(2)]
    for other in others:
        await other.set_names(first=first)
    await choose(me, "by Name", first=first)
    await told(me, [other.name for other in others])


async def test_search_by_address(server, plugin, friend, number, name):
    me, other, address = await plugin(server, number()), await friend(server, number()), name("nick") + "@example.org"
    await other.set_names("Nick", email=address)
    await choose(me, "by Email", address)
    await told(me, [other.name])


async def test_directory(server, plugin, friend, name):
    me, other, first = await plugin(server, name()), await friend(server, name()), name("Fiordiligi")
    await choose(me, "Directory Entry", first=first, last="Rossi")
    async with asyncio.timeout(10):
        while await other.search_directory(first=first) != [codec.normal(me.name)]:
            pass
    await choose(me, "by Name", first=first)
    await told(me, [codec.normal(me.name)])


async def test_search_by_address_of_aim(scripted, plugin, name):
    me, other = await plugin(scripted, name()), scripted.add_user(name())
    other.email = "romeo@example.org"
    await choose(me, "by Email", "romeo@example.org")
    await told(me, [other.name])
    await choose(me, "by Email", "nobody@example.org")
    await me.inbox.expect(lambda event: event["event"] in ("notify", "search"), "that nobody was found")


async def test_registered_address(scripted, plugin, name):
    me = await plugin(scripted, name())
    await choose(me, "Change Registered", "romeo@example.org")
    await told(me, [])
    assert scripted.user(me.name).email == "romeo@example.org"
    me.do("action", text="Display Registered")
    await told(me, ["romeo@example.org"])


async def test_wrong_old_password(scripted, plugin, name):
    me = await plugin(scripted, name())
    me.do("password", old="wrong77", new="newone8")
    await told(me, [])
    assert scripted.user(me.name).password == "secret7"


@pytest.mark.parametrize("needed", [True, False])
async def test_privacy_options_of_numbers(scripted, plugin, number, needed):
    me = await plugin(scripted, number())
    scripted.user(me.name).authorize = not needed
    await choose(me, "Privacy Options", authorization=needed, web_aware=True)
    async with asyncio.timeout(10):
        while scripted.user(me.name).authorize != needed:
            await scripted.user(me.name).settled()


DETAILS = {"nick": "Rosa", "first": "Röschen", "last": "Müller", "email": "rosa@example.org", "homepage": "http://example.org/",
           "street": "Am Markt 1", "city": "Köln", "state": "NRW", "phone": "0221 1", "cell": "0170 1",
           "notes": "eine Rose\nist eine Rose", "gender": 1}


async def details(me):
    """The form for the own details: its id, and what is in it."""
    me.do("action", text="My Details")
    asked = await me.expect("request", kind="fields")
    return asked["id"], json.loads(asked["fields"])


async def test_own_details(scripted, plugin, number):
    """The form has what the server has. What is left as it is stays, and what is in no form too."""
    who = scripted.add_user(number())
    others = {"fax": "0221 2", "zip": "50667", "country": 49, "year": 1980, "month": 2, "day": 3, "work": {"company": "ACME"}}
    who.icq.update({**DETAILS, **others, "hidden": 0})
    me = await plugin(scripted, who.name, account=False)
    form, values = await details(me)
    assert values == {**DETAILS, "publish": True}
    me.do("answer", id=form, yes="yes", fields={"nick": "Rosi ☺", "phone": "", "gender": 2, "publish": False})
    await told(me, ["details were changed"])
    changed = {**DETAILS, "nick": "Rosi ☺", "phone": "", "gender": 2}
    assert who.icq == {**changed, **others, "hidden": 1}
    _, values = await details(me)
    assert values == {**changed, "phone": None, "publish": False}


async def test_own_details_are_seen_by_others(server, plugin, friend, number):
    me, other = await plugin(server, number()), await friend(server, number())
    for nick, email in (("Rosa ☺", "rosa@example.org"), ("Rosi", "")):
        form, _ = await details(me)
        me.do("answer", id=form, yes="yes", fields={"nick": nick, "email": email})
        await told(me, ["details were changed"])
        seen = await other.short_info(int(me.name))
        assert (seen["nick"], seen["email"]) == (nick, email)


@pytest.mark.parametrize("request_of, answer, words", [(0x04D0, 0x00C8, "cannot be fetched"), (0x0C3A, 0x0C3F, "were not changed")])
async def test_own_details_are_refused(scripted, plugin, number, request_of, answer, words):
    me = await plugin(scripted, number())
    scripted.refused_meta[request_of] = answer
    me.do("action", text="My Details")
    if request_of == 0x0C3A:
        asked = await me.expect("request", kind="fields")
        me.do("answer", id=asked["id"], yes="yes", fields={"nick": "Rosa"})
    await told(me, [words])
    assert scripted.user(me.name).icq["nick"] == ""


async def test_buddies_awaiting_authorization(scripted, plugin, number):
    who, other = scripted.add_user(number()), number()
    who.put_on_list(other, pending=True)
    me = await plugin(scripted, who.name, account=False)
    me.do("action", text="Awaiting")
    await told(me, [other])


async def test_closed_window_is_told_to_who_cares(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name())
    puppet.appear([codec.XHTML, codec.TYPING])
    puppet.store(codec.Item("", 0, 0x100, codec.PREFERENCES, Tlvs([(0xC9, codec.u32(0x400000)), (0xD6, codec.u32(0x400000))])))
    puppet.say(me.name, "hello")
    await me.expect("message")
    me.do("close-conv", who=puppet.name)
    await puppet.expect_typing(me.name, 0x0F)


async def test_typing_is_told_only_to_who_cares(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    puppet.say(me.name, "hello")
    await me.expect("message")
    me.do("typing", who=puppet.name, text="typing")
    me.do("say", who=puppet.name, text="done")
    await puppet.expect_message(me.name, "done")
    puppet.puppet.got.refuse(lambda snac: snac.kind == (0x04, 0x14), "04/14")


async def test_another_sign_on_changes_the_list(server, plugin, friend, name):
    me, other = await plugin(server, name()), name("other")
    second = await friend(server, me.name, account=False)
    await second.add_contact(other, "Friends", alias="Bob")
    await me.expect("buddy-added", who=other, group="Friends")
    await second.rename_contact(other, "Robert")
    await me.expect("alias", who=other, alias="Robert")
    await second.remove_contact(other)
    await me.expect("buddy-removed", who=other)


async def test_privacy_lists_come_back(server, plugin, friend, name):
    first, denied, permitted = await friend(server, name()), name("pest"), name("dear")
    await first.deny(denied)
    await first.deny(permitted, codec.PERMIT)
    await first.set_privacy(3)
    await first.quit()
    me = await plugin(server, first.name, account=False)
    me.do("lists")
    await me.expect("permit", who=permitted)
    await me.expect("deny", who=denied)
    await me.expect("lists-end", mode="3")


async def test_only_the_permitted(server, plugin, friend, name):
    me, one, two = await plugin(server, name()), await friend(server, name()), await friend(server, name())
    await two.add_contact(me.name)
    await one.add_contact(me.name)
    await two.expect_online(me.name)
    me.do("permit", who=one.name)
    me.do("privacy", text="3")
    await two.expect_offline(me.name)
    await one.say(me.name, "hello")
    await me.expect("message", who=one.name)
    me.do("privacy", text="1")
    await two.expect_online(me.name)


async def test_group_is_removed(scripted, plugin, name):
    me, user = await plugin(scripted, name()), scripted.user
    me.do("add", who="romeo", group="Friends")
    await scripted.expect(me.name, 0x13, 0x08, lambda snac: b"romeo" in snac.body)
    await me.heard()
    me.do("remove", who="romeo")
    me.do("remove-group", group="Friends")
    async with asyncio.timeout(10):
        while user(me.name).entry("romeo") or any(item.name == "Friends" for item in user(me.name).of_kind(codec.GROUP)):
            await user(me.name).settled()
        while True:
            await user(me.name).settled()
            try:
                user(me.name).check_list()
                break
            except AssertionError:
                pass


async def test_icon_of_the_account_goes(scripted, plugin, name):
    me, user = await plugin(scripted, name()), scripted.user
    me.do("icon", text=base64.b64encode(PNG).decode())
    await scripted.expect(me.name, 0x10, 0x02)
    await me.heard()
    assert user(me.name).icon()
    me.do("icon")
    async with asyncio.timeout(10):
        while user(me.name).icon() and user(me.name).icon().hash != bytes.fromhex("0201d20472"):
            await user(me.name).settled()


async def test_message_outcomes(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    me.do("say", who=puppet.name, text="hello")
    await me.expect("delivered", who=puppet.name)
    me.do("say", who="nobody at all", text="hello")
    assert (await me.expect("failed"))["text"]


async def test_on_and_off_and_on(scripted, plugin, name):
    who = scripted.add_user(name())
    who.fill_list(50)
    me = await plugin(scripted, who.name, connect=False, account=False)
    me.begin()
    await me.expect("signed-on")
    for _ in range(10):
        me.do("disconnect")
        await me.expect("signed-off")
        me.do("connect")
        await me.expect("signed-on")
    assert len(await me.buddies()) == 50


async def test_name_with_spaces_and_capitals_is_one_contact(server, plugin, friend, name):
    me, other = await plugin(server, name()), await friend(server, name("Bo Bby"))
    me.do("add", who=other.name)
    await me.expect("online")
    await other.say(me.name, "hello")
    await me.expect("message", text="hello")
    me.do("say", who=other.name, text="and you")
    await other.expect_message(me.name, "and you")
    assert list(await me.buddies()) in ([other.name], [codec.normal(other.name)])


async def test_aim_user_adds_a_number(server, plugin, friend, name, number):
    """The server asks in his name; when it is granted the contact comes on line."""
    me, other = await plugin(server, name()), await friend(server, number())
    me.do("add", who=other.name)
    await other.expect_authorization_request(me.name)
    other.authorize(me.name, True)
    await me.expect("online", who=other.name)


async def test_long_messages_arrive_whole(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    text = " ".join(f"word{count} ☺ 😀" for count in range(300))
    me.do("say", who=puppet.name, text=text)
    me.do("say", who=puppet.name, text="the end")
    await puppet.expect_message(me.name, "the end")
    failed = [event for event in me.inbox.things if event["event"] in ("failed", "conv-error")]
    messages = [codec.Icbm.read_received(snac.reader()) for snac in puppet.puppet.got.things if snac.kind == (0x04, 0x07)]
    pieces = [codec.plain(message.text) for message in messages]
    assert failed or " ".join(" ".join(pieces).split()) == text


async def test_many_changes_stay_within_the_limits(scripted, plugin, name):
    scripted.rate_classes = [RateClass(1, 10, 400, 300, 200, 50, 1000, 1000), *rates.CLASSES[1:]]
    who = scripted.add_user(name(), bot=False)
    me = await plugin(scripted, who.name, account=False)
    for count in range(8):
        me.do("add", who=f"contact{count}", group="Crowd")
    groups = lambda: [len(item.order) for item in who.of_kind(codec.GROUP) if item.name == "Crowd"]
    async with asyncio.timeout(40):
        while len(who.of_kind(codec.BUDDY)) < 8 or groups() != [8]:
            scripted.seen.changed.clear()
            await scripted.seen.changed.wait()
    assert scripted.over_limit == []
    who.check_list()


async def test_invitation_is_declined(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    cookie = puppet.invite(me.name, "Den")
    await me.expect("invited")
    puppet.cancel(me.name, cookie)
    await scripted.user(me.name).settled()


async def test_whisper_in_a_room(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    member = puppet.enter("Den")
    me.do("join", room="Den")
    await member.expect_users(0x03, me.name)
    member.say("psst", only=me.name)
    assert "psst" in (await me.expect("chat-message"))["text"]


async def test_the_same_room_twice(scripted, plugin, name):
    me = await plugin(scripted, name())
    me.do("join", room="Den")
    await me.expect("chat-joined")
    me.do("join", room="den")
    await me.heard()
    await me.in_step()
    assert len(scripted.rooms) == 1 and len(next(iter(scripted.rooms.values())).members) == 1


async def test_three_rooms_at_once(scripted, plugin, name):
    me = await plugin(scripted, name())
    for room in ("One", "Two", "Three"):
        me.do("join", room=room)
    for _ in range(3):
        await me.expect("chat-joined")
    assert {room.name for room in scripted.rooms.values()} == {"One", "Two", "Three"}


@pytest.mark.parametrize("icq", [False, True], ids=["aim", "icq"])
async def test_what_a_room_is_named_by(scripted, plugin, name, number, icq):
    """Whoever knows the name alone comes to the private room of that name: the rest is the plugin's default."""
    me, puppet = await plugin(scripted, number() if icq else name()), scripted.add_user(name()).appear()
    me.do("room-keys")
    room, exchange = await me.expect("room-key"), await me.expect("room-key")
    await me.expect("room-keys-end")
    assert (room["name"], room["required"], room["least"]) == ("room", "1", None)
    assert (exchange["name"], exchange["required"], exchange["least"], exchange["most"]) == ("exchange", "0", "4", "20")
    member = puppet.enter("Den")
    me.do("join", room="Den")
    await me.expect("chat-joined", room="Den")
    await member.expect_users(0x03, me.name)
    assert [(one.exchange, one.name) for one in scripted.rooms.values()] == [(4, "Den")]


async def test_who_is_in_a_room(scripted, plugin, name):
    """Those who were there before are no news; oneself is among them."""
    me, first, second = await plugin(scripted, name()), scripted.add_user(name()).appear(), scripted.add_user(name()).appear()
    first.enter("Den")
    me.do("join", room="Den")
    there = [await me.expect("chat-user-in", room="Den", new="0") for _ in range(2)]
    assert {codec.normal(one["who"]) for one in there} == {codec.normal(me.name), first.key}
    member = second.enter("Den")
    await me.expect("chat-user-in", room="Den", new="1", who=second.name)
    member.leave()
    await me.expect("chat-user-out", room="Den", who=second.name)


async def test_public_room(server, plugin, friend, name):
    """It is not where the name alone leads to."""
    me, room = await plugin(server, name()), name("Square")
    server.make_public_room(room)
    me.do("join", room=room, exchange="5")
    await me.expect("chat-joined", room=room)
    other = await friend(server, name())
    visit = await other.join(room, exchange=5)
    me.do("chat-say", room=room, text="hear, hear")
    await visit.expect_talk(me.name, "hear, hear")


async def test_public_room_that_is_not_there(scripted, plugin, name):
    me = await plugin(scripted, name())
    me.do("join", room="Town Square", exchange="5")
    await told(me, [])


async def test_stored_messages_come_in_order(scripted, plugin, name, number):
    for make in (name, number):
        who, other = scripted.add_user(make()), scripted.add_user(make())
        for count in range(5):
            other.leave_message(who.name, f"message {count}")
        me = await plugin(scripted, who.name, account=False)
        shown = [(await me.expect("message", who=other.name))["text"] for _ in range(5)]
        assert [codec.plain(text) for text in shown] == [f"message {count}" for count in range(5)]
        assert who.stored == []


async def test_warned(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    scripted.user(me.name).receive(0x01, 0x10, codec.u16(100) + puppet.info().encode())
    await told(me, [puppet.name])


async def test_missed_messages_are_told(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    puppet.say(me.name, "hello")
    await me.expect("message")
    scripted.user(me.name).receive_missed(puppet.name, 2, 2)
    await me.inbox.expect(lambda event: event["event"] in ("notify", "conv-system", "conv-error"), "that messages were missed")


async def test_comment_is_kept(scripted, plugin, name):
    who = scripted.add_user(name())
    item = who.put_on_list("romeo", "Friends", "Bob")
    item.tlvs = item.tlvs.with_(0x9999, b"odd")
    me = await plugin(scripted, who.name, account=False)
    me.do("menu", who="romeo", text="Comment")
    asked = await me.expect("request")
    me.do("answer", id=asked["id"], yes="yes", text="met in Verona")
    async with asyncio.timeout(10):
        while who.entry("romeo").tlvs.text(codec.COMMENT) != "met in Verona":
            await who.settled()
    assert who.entry("romeo").tlvs.text(codec.ALIAS) == "Bob" and who.entry("romeo").tlvs.get(0x9999) == b"odd"


async def test_moving_keeps_the_attributes(scripted, plugin, name):
    who = scripted.add_user(name())
    item = who.put_on_list("romeo", "Friends", "Bob")
    item.tlvs = item.tlvs.with_(0x9999, b"odd")
    me = await plugin(scripted, who.name, account=False)
    me.do("move", who="romeo", group="Foes")
    async with asyncio.timeout(10):
        while True:
            await who.settled()
            group = next((one.group for one in who.of_kind(codec.GROUP) if one.name == "Foes"), None)
            found = [one for one in who.of_kind(codec.BUDDY) if one.name == "romeo"]
            if group and [one.group for one in found] == [group]:
                break
    assert found[0].tlvs.text(codec.ALIAS) == "Bob" and found[0].tlvs.get(0x9999) == b"odd"
