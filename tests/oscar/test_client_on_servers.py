# SPDX-License-Identifier: GPL-2.0-or-later
"""The scripted client at the scripted server and at Open OSCAR Server: the same scenarios, so that the one is as the other.

Contacts, rooms and searches are in test_client_more.py."""

import asyncio

import pytest

from oscar import codec
from oscar.codec import UserInfo, tlv, u16
from oscar.link import Link, Refused

WAYS = ["md5", "single md5", "channel 1"]


async def refused(work):
    """The code with which it was refused."""
    with pytest.raises(Refused) as caught:
        await work
    return caught.value.code


# Signing on

@pytest.mark.parametrize("by", WAYS)
async def test_sign_on_with_a_name(server, friend, name, by):
    who = name("Alice W")
    one = await friend(server, who, by=by)
    assert one.info.name == who and one.info.classes & ~0x401 == 0x10
    assert one.reply.text(0x01) == who and len(one.reply.get(0x06)) == 256


@pytest.mark.parametrize("by", WAYS)
async def test_sign_on_with_a_number(server, friend, number, by):
    one = await friend(server, number(), by=by)
    assert one.info.classes & ~0x401 == 0x50
    assert len(one.info.tlvs.get(0x0C)) == 37


async def test_the_name_may_be_written_in_another_way(server, friend, name):
    server.add_user(who := name("Ali ce"))
    one = await friend(server, who.upper().replace(" ", ""), account=False)
    assert one.info.name == who


@pytest.mark.parametrize("by", WAYS)
async def test_wrong_password(server, friend, name, by):
    one = await friend(server, name(), connect=False, by=by)
    one.password = "wrong77"
    assert await refused(one.connect()) == 0x05


@pytest.mark.parametrize("who, by, code", [("nobody", "md5", 0x01), ("9999999", "md5", 0x01), ("nobody", "channel 1", 0x01),
                                           ("9999999", "channel 1", 0x08)])
async def test_unknown_user(server, friend, who, by, code):
    one = await friend(server, who, connect=False, account=False, by=by)
    assert await refused(one.connect()) == code


@pytest.mark.parametrize("why, code", [("deleted", 0x08), ("expired", 0x09), ("suspended", 0x11), ("suspended_age", 0x22)])
async def test_suspended_account(server, friend, name, why, code):
    one = await friend(server, name(), connect=False)
    server.suspend(one.name, why)
    assert await refused(one.connect()) == code


async def test_a_wrong_cookie_ends_the_connection_without_a_word(server, friend, name):
    one = await friend(server, name(), connect=False)
    await one.sign_on_at_login()
    link = await Link("a stranger").open("127.0.0.1", server.port, tlv(0x06, b"x" * 256), one.source)
    assert await link.expect_end() is None
    forgive(server)


async def test_more_sign_ons_from_one_address_than_allowed(server, friend, name):
    if hasattr(server, "logins_per_address"):
        server.logins_per_address = 10
    one = await friend(server, name(), connect=False, source="127.0.9.9")
    for _ in range(10):
        await one.sign_on_at_login()
    assert await refused(one.connect()) == 0x1D


# Several sign-ons

async def test_a_second_sign_on_ends_the_first(server, friend, name):
    first = await friend(server, name(), several=3)
    await friend(server, first.name, account=False, several=3)
    farewell = await first.expect_end()
    assert farewell.get(0x09) == b"\x01" and farewell.has(0x0B)


async def test_who_did_not_speak_of_several_gets_a_frame_without_a_length(server, friend, name):
    first = await friend(server, name(), several=None)
    await friend(server, first.name, account=False, several=None)
    assert await first.expect_end() == []


async def test_two_sign_ons_side_by_side(server, friend, name):
    first, other = await friend(server, name()), await friend(server, name())
    second = await friend(server, first.name, account=False)
    await other.say(first.name, "to both")
    await first.expect_message(other.name, "to both")
    await second.expect_message(other.name, "to both")
    first.go_away("out")
    await first.in_step()
    await other.say(first.name, "to the one that is there")
    await second.expect_message(other.name, "to the one that is there")
    await first.in_step()
    first.link.inbox.refuse(lambda snac: snac.kind == (0x04, 0x07), "a message while away")


# Presence

async def test_who_comes_and_goes_is_seen(server, friend, name):
    me, other = await friend(server, name()), await friend(server, name(), connect=False)
    assert await me.add_contact(other.name) == 0
    await other.connect()
    seen = await me.expect_online(other.name)
    assert seen.name == other.name and not seen.away and not seen.idle_minutes
    assert codec.XHTML in seen.capabilities and codec.INTEROPERATE not in seen.capabilities
    await other.quit()
    await me.expect_offline(other.name)


async def test_who_was_there_before_is_seen(server, friend, name):
    me, other = await friend(server, name()), await friend(server, name())
    await me.add_contact(other.name)
    await me.expect_online(other.name)
    await me.quit()
    await other.in_step()
    again = await friend(server, me.name, account=False)
    await again.expect_online(other.name)


async def test_away_text_and_coming_back(server, friend, name):
    me, other = await friend(server, name()), await friend(server, name())
    await me.add_contact(other.name)
    other.go_away("<HTML>Back at 5</HTML>")
    await me.expect_online(other.name, lambda user: user.away)
    user, tlvs = await me.ask_info(other.name)
    assert user.away and tlvs.text(0x04) == "<HTML>Back at 5</HTML>" and "us-ascii" in tlvs.text(0x03)
    other.go_away("")
    await me.expect_online(other.name, lambda user: not user.away)


async def test_idle_time_is_in_minutes(server, friend, name):
    me, other = await friend(server, name()), await friend(server, name())
    await me.add_contact(other.name)
    other.go_idle(600)
    await me.expect_online(other.name, lambda user: user.idle_minutes == 10)
    other.go_idle(0)
    await me.expect_online(other.name, lambda user: not user.idle_minutes)


async def test_profile(server, friend, name):
    me, other = await friend(server, name()), await friend(server, name())
    other.set_profile("<B>a rose</B>")
    await other.in_step()
    _, tlvs = await me.ask_info(other.name, 1)
    assert tlvs.text(0x02) == "<B>a rose</B>"
    _, tlvs = await me.ask_info(other.name, 4)
    assert codec.CHAT in [tlvs.get(5)[at:at + 16] for at in range(0, len(tlvs.get(5)), 16)]
    assert await refused(me.ask_info("nobody at all")) == 0x04


async def test_number_with_a_status(server, friend, number):
    me, other = await friend(server, number()), await friend(server, number(), connect=False)
    server.set_authorization(other.name, False)
    await me.add_contact(other.name)
    await other.connect(status=0x10010013)
    seen = await me.expect_online(other.name)
    assert seen.status == 0x10010013 and seen.classes & 0x40
    await other.set_status(0x0005)
    await me.expect_online(other.name, lambda user: user.status == 5)


async def test_signing_on_invisibly(server, friend, name):
    me, other = await friend(server, name()), await friend(server, name(), connect=False)
    await me.add_contact(other.name)
    await other.connect(status=0x100)
    await other.say(me.name, "I am here all the same")
    await me.expect_message(other.name, "I am here all the same")
    assert codec.normal(other.name) not in me.seen
    await other.set_status(0)
    await me.expect_online(other.name)
    await other.set_status(0x100)
    await me.expect_offline(other.name)


# Messages

@pytest.mark.parametrize("text", ["wherefore art thou", "Grüße", "Привет ☺", "a 😀 b"])
async def test_messages_both_ways(server, friend, name, text):
    me, other = await friend(server, name()), await friend(server, name())
    await me.say(other.name, text)
    message = await other.expect_message(me.name, text)
    assert not message.tlvs.has(0x03) and not message.tlvs.has(0x06)
    await other.say(me.name, text, automatic=True)
    assert (await me.expect_message(other.name, text)).tlvs.has(0x04)


async def test_messages_between_numbers_are_plain(server, friend, number):
    me, other = await friend(server, number()), await friend(server, number())
    await me.say(other.name, "a < b\r\nc")
    assert (await other.expect_message(me.name)).text == "a < b\r\nc"


async def test_tags_of_a_number_go_unless_the_receiver_knows_them(server, friend, name, number):
    me, knows = await friend(server, number()), await friend(server, name())
    other = await friend(server, name(), connect=False)
    await other.connect(capabilities=[codec.CHAT])
    await me.say(knows.name, "<b>bold</b>", html=True)
    assert "<b>" in (await knows.expect_message(me.name)).text
    await me.say(other.name, "<b>bold</b>", html=True)
    assert (await other.expect_message(me.name)).text == "bold"


async def test_message_to_nobody(server, friend, name):
    me, other = await friend(server, name()), await friend(server, name(), connect=False)
    assert await refused(me.say("nobody at all", "hello")) == 0x04
    assert await refused(me.say(other.name, "hello", store=False)) == 0x04


async def test_stored_messages(server, friend, name):
    me, other = await friend(server, name()), await friend(server, name(), connect=False)
    await me.say(other.name, "first")
    await me.say(other.name, "zweitens: Grüße")
    await other.connect()
    await other.fetch_stored()
    message = await other.expect_message(me.name, "first")
    assert message.tlvs.number(0x16)
    await other.expect_message(me.name, "zweitens: Grüße")
    await other.quit()
    again = await friend(server, other.name, account=False)
    await again.fetch_stored()
    await me.say(again.name, "now")
    await again.expect_message(me.name, "now")
    again.link.inbox.refuse(lambda snac: snac.kind == (0x04, 0x07) and b"first" in snac.body, "what was fetched before")


async def test_ten_messages_are_stored_and_no_more(server, friend, name):
    me, other = await friend(server, name()), await friend(server, name(), connect=False)
    for count in range(10):
        await me.say(other.name, f"message {count}")
    with pytest.raises(Refused) as caught:
        await me.say(other.name, "one too many")
    assert (caught.value.code, caught.value.subcode) == (0x04, 0x0F)


async def test_stored_messages_of_numbers(server, friend, number):
    me, other = await friend(server, number()), await friend(server, number(), connect=False)
    await me.say(other.name, "Grüße aus der Ferne")
    await other.connect()
    assert await other.fetch_stored_icq() == [(me.uin, "Grüße aus der Ferne")]
    assert await other.fetch_stored_icq() == []


async def test_typing(server, friend, name):
    me, other = await friend(server, name()), await friend(server, name())
    await other.say(me.name, "without")
    assert not (await me.expect_message(other.name, "without")).tlvs.has(0x0B)
    await other.disclose_typing()
    await other.say(me.name, "with")
    assert (await me.expect_message(other.name, "with")).tlvs.has(0x0B)
    for event in (2, 1, 0, 0x0F):
        me.type(other.name, event)
        await other.expect_typing(me.name, event)


async def test_warning(server, friend, name):
    me, other = await friend(server, name()), await friend(server, name())
    assert await refused(me.warn(other.name)) == 0x0D
    await other.say(me.name, "you fool")
    await me.expect_message(other.name)
    assert await me.warn(other.name) == 100
    warned = (await other.link.expect(0x01, 0x10)).reader()
    assert warned.u16() == 100 and UserInfo.read(warned).key == codec.normal(me.name)


async def test_client_error_is_passed_on(server, friend, name):
    me, other = await friend(server, name()), await friend(server, name())
    me.decline(other.name, b"cookie 1")
    error = (await other.link.expect(0x04, 0x0B)).reader()
    assert (error.take(8), error.u16(), codec.normal(error.name()), error.u16()) == (b"cookie 1", 2, codec.normal(me.name), 3)


# Limits and errors

async def test_who_sends_too_fast_is_not_heard(server, friend, name):
    me, other = await friend(server, name(), connect=False), await friend(server, name())
    server.add_user(slow := name("slow"), bot=False)
    me.name = slow
    await me.connect()
    classes = {one.id: one for one in me.rates}
    assert (classes[3].window, classes[3].limit, classes[3].max) == (20, 4000, 6000)
    for count in range(1, 10):
        me.send_message(other.name, f"message {count}")
    for count in range(1, 8):
        await other.expect_message(slow, f"message {count}")
    await me.in_step()
    await other.in_step()
    other.link.inbox.refuse(lambda snac: snac.kind == (0x04, 0x07), "a message over the limit")
    await me.link.expect(0x01, 0x0A, lambda snac: snac.reader().u16() == 3)
    forgive(server)


async def test_unknown_snacs_are_refused_in_their_family(server, friend, name):
    me = await friend(server, name())
    assert await refused(me.link.ask(0x01, 0xEE)) == 0x01
    assert await refused(me.link.ask(0x13, 0x16, codec.str8("somebody"))) == 0x01


@pytest.mark.parametrize("family, subtype, body", [
    (0x13, 0x18, codec.str8("100009") + codec.str16("please")), (0x04, 0x02, bytes(15)), (0x02, 0x04, tlv(0x05, bytes(15))),
    (0x01, 0x17, u16(1))])
async def test_what_does_not_decode_ends_the_connection(server, friend, name, family, subtype, body):
    me = await friend(server, name())
    me.link.send(family, subtype, body)
    await me.expect_end()
    forgive(server)


async def test_answers_of_icq_are_lost_before_the_client_is_on_line(server, friend, number):
    me = await friend(server, number(), connect=False)
    await me.sign_on_at_login()
    link = me.link = await Link("hasty").open(*me.address(me.reply), tlv(0x06, me.reply.get(0x06)), me.source)
    await link.negotiate()
    asking = asyncio.ensure_future(me.ask_icq(0x003C))
    await link.ask(0x01, 0x0E)
    assert not asking.done()
    link.online()
    await link.expect(0x0B, 0x02)
    assert [one.kind for one in await me.ask_icq(0x003C)] == [0x0042]
    assert not asking.done()
    asking.cancel()
    forgive(server)


async def test_password_change(server, friend, name):
    me = await friend(server, name())
    assert await refused(me.change_password("wrong77", "newone8")) == 0x02
    await me.change_password("secret7", "newone8")
    await me.quit()
    await friend(server, me.name, "newone8", account=False)


def forgive(server):
    """The scripted server has noted what the test did on purpose."""
    getattr(server, "violations", []).clear()
