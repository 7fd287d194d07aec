# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin in its host program, with a well-behaved server: the scripted one, or Open OSCAR Server."""

import asyncio
import base64

import plugin_host
import pytest

from oscar import codec, rates
from oscar.codec import Icbm, Reader, u16

pytestmark = plugin_host.NEEDED
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


# With either server

@pytest.mark.parametrize("way", ["md5_login", "md5_single", "channel1_login"])
async def test_sign_on(server, plugin, name, number, way):
    me = await plugin(server, name("Al ice"), login_type=way)
    other = await plugin(server, number(), login_type=way)
    await me.in_step()
    await other.in_step()


async def test_wrong_password(server, plugin, name, number):
    for who in (name(), number()):
        me = await plugin(server, who, "wrong77", connect=False)
        server.add_user(who, "secret7")
        me.begin()
        assert (await me.fail())[0] == "password"


async def test_unknown_user(server, plugin, name):
    me = await plugin(server, name(), connect=False)
    me.begin()
    assert (await me.fail())[0] == "name"


@pytest.mark.parametrize("text", ["wherefore art thou", "Grüße", "Привет ☺", "a 😀 b", "a &lt; b &amp; c", "one<br>two"])
async def test_messages_both_ways(server, plugin, friend, name, text):
    me, other = await plugin(server, name()), await friend(server, name())
    me.do("say", who=other.name, text=text)
    message = await other.expect_message(me.name, codec.plain(text))
    assert message.text.upper().startswith("<HTML>")
    await other.say(me.name, text)
    await me.expect("message", who=other.name, text=text)


@pytest.mark.parametrize("html, text", [("wherefore", "wherefore"), ("Grüße", "Grüße"), ("<b>bold</b>", "bold"),
                                        ("a &lt; b &amp;amp;", "a < b &amp;"), ("one<br>two", "one\r\ntwo")])
async def test_messages_between_numbers(server, plugin, friend, number, html, text):
    me, other = await plugin(server, number()), await friend(server, number())
    me.do("say", who=other.name, text=html)
    assert (await other.expect_message(me.name)).text == text
    await other.say(me.name, text, html=False)
    shown = await me.expect("message", who=other.name)
    assert codec.plain(shown["text"]).replace("\r", "") == text.replace("\r", "")


async def test_stored_messages(server, plugin, friend, name, number):
    for make in (name, number):
        who, other = make(), await friend(server, make())
        server.add_user(who)
        await other.say(who, "while you were out")
        me = await plugin(server, who, account=False)
        shown = await me.expect("message", who=other.name)
        assert codec.plain(shown["text"]) == "while you were out" and int(shown["flags"]) & 0x0400, shown
        await other.say(who, "and now")
        await me.expect("message", who=other.name, text="and now...")


async def test_typing(server, plugin, friend, name):
    me, other = await plugin(server, name()), await friend(server, name())
    await other.disclose_typing()
    await other.say(me.name, "hello")
    assert not (await me.expect("message"))["text"] == ""
    me.do("typing", who=other.name, text="typing")
    await other.expect_typing(me.name, 2)
    me.do("say", who=other.name, text="so that you know")
    assert (await other.expect_message(me.name)).tlvs.has(0x0B)
    for event, state in ((2, "typing"), (1, "typed"), (0, "stopped"), (2, "typing"), (0x0F, "stopped")):
        other.type(me.name, event)
        await me.expect("typing", who=other.name, state=state)


async def test_contact_is_added_seen_and_removed(server, plugin, friend, name):
    me, other = await plugin(server, name()), await friend(server, name())
    me.do("add", who=other.name, group="Friends")
    await me.expect("online", who=other.name)
    other.go_away("out")
    await me.expect("status", who=other.name, status="away")
    other.go_away("")
    await me.expect("status", who=other.name, status="available")
    other.go_idle(1200)
    await me.expect("idle", who=other.name, idle="20")
    await other.quit()
    await me.expect("offline", who=other.name)
    me.do("remove", who=other.name)
    again = await friend(server, me.name, account=False)
    async with asyncio.timeout(10):
        while again.contact(other.name):
            await again.fetch_list()


async def test_list_of_the_server_is_shown(server, plugin, friend, name):
    before, one, two = await friend(server, name()), name("Ro meo"), name("juliet")
    await before.add_contact(one, "Montague", alias="Röschen")
    await before.add_contact(two, "Capulet")
    await before.quit()
    me = await plugin(server, before.name, account=False)
    found = await me.buddies()
    assert set(found) == {codec.normal(one), two}
    assert (found[codec.normal(one)]["group"], found[codec.normal(one)]["alias"]) == ("Montague", "Röschen")
    assert found[two]["group"] == "Capulet"


async def test_changes_reach_the_list(server, plugin, friend, name):
    me, one, two = await plugin(server, name()), name("romeo"), name("juliet")
    me.do("add", who=one, group="Old")
    me.do("add", who=two, group="Old")
    me.do("alias", who=one, text="Röschen")
    me.do("move", who=two, group="Other")
    me.do("rename-group", group="Old", text="New")
    watch = await friend(server, me.name, account=False)
    async with asyncio.timeout(10):
        while True:
            await watch.fetch_list()
            first, second = watch.contact(one), watch.contact(two)
            if first and second and watch.group("New") and watch.group("Other") and second.group == watch.group("Other").group \
                    and first.tlvs.text(codec.ALIAS) == "Röschen" and first.id in watch.group("New").order:
                break
    assert first.group == watch.group("New").group
    if hasattr(server, "user"):
        await server.user(me.name).orderly()


async def test_number_asks_and_is_let_in(server, plugin, friend, number):
    me, other = await plugin(server, number()), await friend(server, number())
    me.do("add", who=other.name, text="please")
    request = asyncio.ensure_future(other.expect_authorization_request(me.name))
    asked = asyncio.ensure_future(me.expect("request", kind="input"))
    done, _ = await asyncio.wait({request, asked}, return_when=asyncio.FIRST_COMPLETED, timeout=10)
    if asked in done:
        me.do("answer", id=asked.result()["id"], yes="yes", text="please")
    assert await request == "please"
    asked.cancel()
    other.authorize(me.name, True, "welcome")
    await me.expect("online", who=other.name)


@pytest.mark.parametrize("granted", [True, False])
async def test_number_is_asked(server, plugin, friend, number, granted):
    me, other = await plugin(server, number()), await friend(server, number())
    await other.add_contact(me.name, pending=True)
    other.ask_authorization(me.name, "please")
    asked = await me.expect("authorize", who=other.name, text="please")
    me.do("answer", id=asked["id"], **({"yes": "yes"} if granted else {}))
    if not granted:
        reason = asyncio.ensure_future(me.expect("request", kind="input"))
        answer = asyncio.ensure_future(other.expect_authorization_answer(me.name))
        done, _ = await asyncio.wait({reason, answer}, return_when=asyncio.FIRST_COMPLETED, timeout=10)
        if reason in done:
            me.do("answer", id=reason.result()["id"], yes="yes", text="no")
        assert (await answer)[0] is False
        reason.cancel()
    else:
        assert (await other.expect_authorization_answer(me.name))[0] is True


async def test_who_is_denied_reaches_nobody(server, plugin, friend, name):
    me, pest = await plugin(server, name()), await friend(server, name())
    await pest.add_contact(me.name)
    await pest.expect_online(me.name)
    me.do("privacy", text="4")
    me.do("deny", who=pest.name)
    await pest.expect_offline(me.name)
    me.do("undeny", who=pest.name)
    await pest.expect_online(me.name)


@pytest.mark.parametrize("word, status", [(0x0000, "available"), (0x0001, "away"), (0x0013, "dnd"), (0x0005, "na"),
                                          (0x0011, "occupied"), (0x0020, "free4chat"), (0x2001, "lunch"), (0x3000, "evil"),
                                          (0x4000, "depression"), (0x5000, "athome"), (0x6000, "atwork")])
async def test_states_of_numbers(server, plugin, friend, number, word, status):
    me, other = await plugin(server, number()), await friend(server, number())
    server.set_authorization(other.name, False)
    server.set_authorization(me.name, False)
    me.do("add", who=other.name)
    await me.expect("online", who=other.name)
    await other.set_status(0x0004 if word != 0x0005 else 0x0001)
    await me.expect("status", who=other.name, status="na" if word != 0x0005 else "away")
    await other.set_status(word)
    await me.expect("status", who=other.name, status=status)
    await other.add_contact(me.name)
    me.do("status", id=status)
    await other.expect_online(me.name, lambda user: user.status & 0xFFFF == word)


async def test_going_away_and_coming_back(server, plugin, friend, name):
    me, other = await plugin(server, name()), await friend(server, name())
    await other.add_contact(me.name)
    me.do("status", id="away", text="Zurück um 5")
    await other.expect_online(me.name, lambda user: user.away)
    _, tlvs = await other.ask_info(me.name)
    assert codec.plain(codec.decode_mime(tlvs.get(3), tlvs.get(4))) == "Zurück um 5"
    me.do("status", id="available")
    await other.expect_online(me.name, lambda user: not user.away)
    me.do("idle", text="900")
    await other.expect_online(me.name, lambda user: user.idle_minutes == 15)
    me.do("status", id="invisible")
    await other.expect_offline(me.name)


async def test_signing_on_invisibly(server, plugin, friend, name):
    other, who = await friend(server, name()), name()
    server.add_user(who)
    await other.add_contact(who)
    me = await plugin(server, who, connect=False, account=False)
    await me.sign_on(status="invisible")
    me.do("say", who=other.name, text="boo")
    await other.expect_message(who, "boo")
    assert codec.normal(who) not in other.seen


async def test_profile_both_ways(server, plugin, friend, name):
    me, other = await plugin(server, name()), await friend(server, name())
    me.do("profile", text="<b>Röschen</b>")
    other.set_profile("<B>a rose</B>")
    await other.in_step()
    me.do("info", who=other.name)
    assert "a rose" in (await me.expect("info", who=other.name))["text"]
    _, tlvs = await other.ask_info(me.name, 1)
    assert codec.plain(codec.decode_mime(tlvs.get(1), tlvs.get(2))) == "Röschen"


async def test_info_about_a_number(server, plugin, friend, number):
    me, other = await plugin(server, number()), await friend(server, number())
    await other.set_names("Nick", "Först", "Last", "n@example.org", "Oslo")
    me.do("info", who=other.name)
    info = (await me.expect("info", who=other.name))["text"]
    assert all(word in info for word in ("Nick", "Först", "Last", "n@example.org", "Oslo")), info


async def test_icon_both_ways(server, plugin, friend, name):
    me, other = await plugin(server, name()), await friend(server, name())
    await other.add_contact(me.name)
    me.do("icon", text=base64.b64encode(PNG).decode())
    seen = await other.expect_online(me.name, lambda user: user.icon and not user.icon.flags & 0x40)
    assert len(await other.fetch_icon(seen)) > 30
    me.do("add", who=other.name)
    await me.expect("online", who=other.name)
    await other.set_icon(PNG + other.name.encode())
    await me.expect("icon", who=other.name)


async def test_room(server, plugin, friend, name):
    me, other, room = await plugin(server, name()), await friend(server, name()), name("My Room")
    me.do("join", room=room)
    joined = (await me.expect("chat-joined"))["room"]
    visit = await other.join(room)
    if codec.normal(me.name) not in visit.users:
        await visit.expect_in(me.name)
    await me.expect("chat-user-in", where=lambda event: codec.normal(event["who"]) == codec.normal(other.name))
    me.do("chat-say", room=joined, text="Grüße &amp; <b>Küsse</b>")
    await visit.expect_talk(me.name, "Grüße & Küsse")
    visit.say("for all", "unicode-2-0")
    await me.expect("chat-message", room=joined, text="for all...")
    me.do("leave", room=joined)
    await visit.expect_out(me.name)


async def test_invitations_both_ways(server, plugin, friend, name):
    me, other, room = await plugin(server, name()), await friend(server, name()), name("Party")
    visit = await other.join(room)
    other.invite(me.name, visit.room, "Join me")
    asked = await me.expect("invited", text="Join me...")
    assert asked["exchange"] == "4" and codec.normal(asked["who"]) == codec.normal(other.name)
    me.do("join", room=asked["room"], exchange=asked["exchange"])
    await visit.expect_in(me.name)
    joined = (await me.expect("chat-joined"))["room"]
    third = await friend(server, name())
    me.do("invite", room=joined, who=third.name, text="you too")
    place, text = await third.expect_invitation(me.name)
    assert text == "you too" and place.cookie == visit.room.cookie


async def test_signed_on_elsewhere(server, plugin, friend, name):
    me = await plugin(server, name(), allow_multiple_logins=False)
    await friend(server, me.name, account=False, several=3)
    assert (await me.fail())[0] == "elsewhere"


# With the scripted one

async def test_password_change(scripted, plugin, name):
    me = await plugin(scripted, name())
    me.do("password", old="secret7", new="newone8")
    await scripted.expect(me.name, 0x07, 0x04)
    await me.expect("notify")
    assert scripted.user(me.name).password == "newone8"


async def test_many_messages_stay_within_the_limits(scripted, plugin, name):
    scripted.rate_classes, scripted.quiet = rates.SMALL, 0.2
    who, puppet = scripted.add_user(name(), bot=False).name, scripted.add_user(name()).appear()
    me = await plugin(scripted, who, account=False)
    for count in range(10):
        me.do("say", who=puppet.name, text=f"message {count}")
    for count in range(10):
        await puppet.expect_message(who, f"message {count}", timeout=20)
    assert scripted.over_limit == []


async def test_paused(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    scripted.user(me.name).receive_pause(0x04)
    answer = await scripted.expect(me.name, 0x01, 0x0C)
    assert answer.body == u16(0x04)
    me.do("say", who=puppet.name, text="patience")
    await me.in_step()
    scripted.user(me.name).receive_pause(0x0B)
    await scripted.expect(me.name, 0x01, 0x0C)
    puppet.puppet.got.refuse(lambda snac: snac.kind == (0x04, 0x07), "a message during a pause")
    scripted.user(me.name).receive_resume()
    await puppet.expect_message(me.name, "patience")


async def test_migration(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    first, = scripted.of(me.name)
    scripted.user(me.name).migrate()
    async with asyncio.timeout(10):
        while scripted.of(me.name) in ([first], []) or not scripted.user(me.name).online or first in scripted.of(me.name):
            scripted.seen.changed.clear()
            await scripted.seen.changed.wait()
    puppet.say(me.name, "still here?")
    await me.expect("message", who=puppet.name)
    me.do("say", who=puppet.name, text="yes")
    await puppet.expect_message(me.name, "yes")


@pytest.mark.parametrize("kind, text, shown", [
    (0x01, "plain", "plain"), (0x04, "look\xfehttp://example.org/", "http://example.org/"),
    (0x0D, "Bob\xfe\xfe\xfeb@x.org\xfe\xfehi you", "hi you"), (0x0E, "Bob\xfe\xfe\xfeb@x.org\xfe\xfehi you", "hi you"),
    (0x13, "1\xfe100009\xfeNick\xfe", "100009")])
async def test_old_messages(scripted, plugin, number, kind, text, shown):
    me = await plugin(scripted, number())
    scripted.user(me.name).receive_old_message("100009", kind, text.encode("iso-8859-1"))
    await me.expect("message", who="100009", text=shown + "...")


async def test_old_requests(scripted, plugin, number):
    me, puppet = await plugin(scripted, number()), scripted.add_user(number()).appear()
    scripted.user(me.name).receive_old_message(puppet.name, 0x06, b"Nick\xfeFirst\xfeLast\xfen@x.org\xfe1\xfeplease")
    await me.expect("authorize", who=puppet.name, text="please")
    scripted.user(me.name).receive_old_message(puppet.name, 0x0C, b"Nick\xfeFirst\xfeLast\xfen@x.org")
    await me.expect("added", who=puppet.name)


async def test_charsets(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    to = scripted.user(me.name)
    for charset, data, shown in ((3, "grün".encode("iso-8859-1"), "grün"), (0, "grün".encode(), "grün"), (0, b"gr\xfcn", "grün"),
                                 (2, "grün".encode("utf-16-be"), "grün"), (13, "grün".encode(), "grün"), (9, b"green", "green")):
        to.receive_message(puppet.name, data, charset)
        await me.expect("message", who=puppet.name, text=shown)
    to.receive_message(puppet.name, "odd".encode("utf-16-be") + b"x", 2)
    await me.expect("message", text="odd...")


async def test_unknown_rendezvous_is_declined(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    cookie = puppet.offer(me.name, codec.DIRECT_IM, [(0x0A, u16(1)), (0x0F, b""), (0x03, bytes(4)), (0x05, u16(5190))])
    declined = (await puppet.expect(0x04, 0x0B)).reader()
    assert declined.take(8) == cookie


async def test_file_offer_is_told(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    data = u16(1) + u16(1) + codec.u32(12345) + b"photo.png\0"
    cookie = puppet.offer(me.name, codec.FILE, [(0x0A, u16(1)), (0x0F, b""), (0x03, b"\x7f\0\0\1"), (0x05, u16(9)),
                                                (0x2711, data)])
    asked = await me.expect("request", where=lambda event: "photo.png" in json_text(event))
    puppet.cancel(me.name, cookie, codec.FILE)
    await scripted.user(me.name).settled()
    me.do("answer", id=asked["id"])
    await me.in_step()


def json_text(event):
    return " ".join(str(value) for value in event.values())


async def test_server_changes_the_list(scripted, plugin, name):
    me, user = await plugin(scripted, name()), scripted.user
    item = user(me.name).put_on_list("romeo", "Friends", "Bob")
    root, group = user(me.name).items[0, 0], user(me.name).items[item.group, 0]
    user(me.name).change_list(0x08, root, group, item)
    async with asyncio.timeout(10):
        while "romeo" not in await me.buddies():
            pass
    user(me.name).change_list(0x0A, item)
    async with asyncio.timeout(10):
        while "romeo" in await me.buddies():
            pass


async def test_thousand_contacts(scripted, plugin, name):
    who = scripted.add_user(name()).name
    scripted.user(who).fill_list(1000)
    for parts in (1, 9):
        scripted.list_parts = parts
        me = await plugin(scripted, who, account=False)
        assert len(await me.buddies()) == 1000
        await me.quit()
    scripted.user(who).check_list()


async def test_name_of_the_server_is_shown_as_written(scripted, plugin, friend, name):
    me, other = await plugin(scripted, name()), await friend(scripted, name("Bo bby"))
    await other.say(me.name, "hello")
    assert codec.normal((await me.expect("message", text="hello"))["who"]) == codec.normal(other.name)


async def test_icon_is_not_uploaded_again(scripted, plugin, name):
    me = await plugin(scripted, name())
    me.do("icon", text=base64.b64encode(PNG).decode())
    await scripted.expect(me.name, 0x10, 0x02)
    me.do("icon", text=base64.b64encode(PNG).decode())
    await me.in_step()
    await scripted.user(me.name).settled()
    scripted.seen.refuse(lambda seen: seen.kind == (0x10, 0x02), "a second upload")


async def test_ignored_users_are_not_heard(scripted, plugin, number):
    who = scripted.add_user(number()).name
    puppet, other = scripted.add_user(number()).appear(), scripted.add_user(number()).appear()
    scripted.user(who).put_on_list(puppet.name, kind=codec.IGNORE)
    me = await plugin(scripted, who, account=False)
    puppet.say(who, "spam")
    other.say(who, "ham")
    await me.expect("message", text="ham")
    me.inbox.refuse(lambda event: event["event"] == "message", "a message of an ignored user")


async def test_preferences_disclose_typing(scripted, plugin, name):
    me = await plugin(scripted, name())
    item = (await scripted.expect(me.name, 0x13, 0x08, lambda snac: any(
        one.kind == codec.PREFERENCES for one in codec.read_items(snac.reader())))).reader()
    item = next(one for one in codec.read_items(item) if one.kind == codec.PREFERENCES)
    assert item.tlvs.number(0xC9) & item.tlvs.number(0xD6) & 0x400000


async def test_messages_of_the_plugin_ask_for_acknowledgement_and_storing(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    me.do("say", who=puppet.name, text="hello")
    message = Icbm.read_sent((await scripted.expect(me.name, 0x04, 0x06)).reader())
    assert message.tlvs.has(0x03) and message.tlvs.has(0x06) and message.cookie != bytes(8)
    assert Reader(message.tlvs.get(2))


async def test_long_message_is_refused_or_cut_into_pieces(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    me.do("say", who=puppet.name, text="long " * 2000)
    me.do("say", who=puppet.name, text="short")
    await puppet.expect_message(me.name, "short", timeout=40)     # behind the pieces, at the pace of the rate limits
