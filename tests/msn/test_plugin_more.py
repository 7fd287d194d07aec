# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin with the scripted server: switchboards and chats, pictures, files, emoticons."""

import asyncio
import base64

import plugin_host
import pytest

from msn import wire
from msn.test_plugin import PICTURE, puppet

pytestmark = plugin_host.NEEDED


async def met(scripted, plugin, name, **options):
    """The plugin, and a puppet that it sees."""
    who = name()
    other = puppet(scripted, who, name)
    me = await plugin(scripted, who, account=False, **options)
    await me.expect("online", who=other.address)
    return me, other


# Switchboards

async def test_one_switchboard_for_many_messages(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    for number in range(5):
        me.do("say", who=other.address, text=f"number {number}")
    boards = {id((await other.expect_message(me.name, f"number {number}")).board) for number in range(5)}
    assert len(boards) == 1
    await other.say(me.name, "and back")
    await me.expect("message", text="and back...")
    assert len(scripted.switchboards) == 1


async def test_other_leaves_and_is_called_again(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    me.do("say", who=other.address, text="first")
    (await other.expect_message(me.name, "first")).board.leave(idle=True)
    await me.heard()
    me.do("say", who=other.address, text="second")
    await other.expect_message(me.name, "second")


async def test_conversation_is_closed(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    me.do("say", who=other.address, text="first")
    board = (await other.expect_message(me.name, "first")).board
    me.do("close-conv", who=other.address)
    await board.expect_leave(me.name)


async def test_call_is_refused(scripted, plugin, name):
    """He is on line for us, and cannot be called: what was to be said is left for him, or the user is told."""
    me, other = await met(scripted, plugin, name)
    scripted.call_error = 217
    me.do("say", who=other.address, text="lost?")
    async with asyncio.timeout(10):
        while not other.stored:
            await scripted.expect_request("/OimWS/oim.asmx")
            await me.in_step()
    assert other.stored[0].text == "lost?"


async def test_he_does_not_come(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    other.answers = False
    me.do("say", who=other.address, text="hello?")
    await other.expect("RNG")
    other.answers = True
    await other.say(me.name, "was there something")
    await me.expect("message", text="was there something...")
    await me.in_step()


# Chats

async def test_chat_is_made_by_a_third(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    third = scripted.add_user(name("third")).appear()
    board = await other.call(me.name)
    board.say("just us")
    await me.expect("message", text="just us...")
    await other.call(third.address, board=board)
    room = (await me.expect("chat-joined"))["room"]
    third.boards[0].say("all of us")
    await me.expect("chat-message", who=third.address, text="all of us...")
    me.do("chat-say", room=room, text="me too")
    await other.expect_message(me.name, "me too")
    await third.expect_message(me.name, "me too")
    third.boards[0].leave()
    await me.expect("chat-user-out", who=third.address)
    me.do("leave", room=room)
    await board.expect_leave(me.name)


async def test_called_into_a_chat_and_inviting(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    third, fourth = scripted.add_user(name("third")).appear(), scripted.add_user(name("fourth")).appear()
    board = await other.call(third.address, me.name)
    room = (await me.expect("chat-joined"))["room"]
    me.do("invite", room=room, who=fourth.address, text="come")
    await board.expect_join(fourth.address)
    await me.expect("chat-user-in", who=fourth.address)
    fourth.boards[0].say("here")
    await me.expect("chat-message", who=fourth.address, text="here...")
    other.boards[0].say("private?")
    me.do("say", who=other.address, text="only you")
    said = await other.expect_message(me.name, "only you")
    assert said.board is not board


# Pictures

def digest(user):
    return wire.object_fields(wire.unquote(user.object))["SHA1D"]


async def shown(me, other):
    """The checksum of his picture, which libpurple knows a little after it has told of the change."""
    await me.expect("icon", who=other.address)
    return (await me.buddies())[other.address]["icon"]


async def test_picture_of_a_contact(scripted, plugin, name):
    who = name()
    other = puppet(scripted, who, name)
    other.set_picture(PICTURE)
    me = await plugin(scripted, who, account=False)
    assert await shown(me, other) == digest(other)


async def test_new_picture(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    for number in (1, 2):
        other.set_picture(PICTURE + bytes([number]))
        assert await shown(me, other) == digest(other)


async def test_broken_picture_is_not_shown(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    other.set_picture(PICTURE, broken=True)
    async with asyncio.timeout(10):
        while not any(one.first.startswith("BYE") for one in other.negotiations):
            await me.in_step()
    assert not (await me.buddies())[other.address]["icon"]


async def test_own_picture(scripted, plugin, name):
    """It is asked for by the object that the server tells, and habit 4 does not keep it from people."""
    me, other = await met(scripted, plugin, name)
    me.show(PICTURE)
    told = await other.expect("NLN", lambda one: "SHA1D" in one.words[-1])
    text = wire.unquote(told.words[-1])
    data = await other.fetch_picture(me.name, text)
    assert wire.object_fields(text)["Size"] == str(len(data)) and data == PICTURE
    assert wire.object_text(me.name, data, location=wire.object_fields(text)["Location"]).count(wire.object_fields(text)["SHA1D"])
    assert await other.fetch_picture(me.name, wire.object_text(me.name, b"nothing like it")) == "declined"


# Files

def write(me, size):
    data = bytes(number * 7 % 251 for number in range(size))
    path = me.dir / f"größe {size}.bin"
    path.write_bytes(data)
    return path, data


async def accept(me):
    """Says yes to a file, and where it is to be kept."""
    asked = await me.expect("request", kind="action")
    me.do("answer", id=asked["id"], yes="yes")
    asked = await me.expect("request", kind="file")
    target = me.dir / "received"
    me.do("answer", id=asked["id"], yes="yes", text=str(target))
    return target


@pytest.mark.parametrize("size", [1, 1202, 1203, 100000])
async def test_sending_a_file(scripted, plugin, name, size):
    me, other = await met(scripted, plugin, name)
    path, data = write(me, size)
    me.do("send-file", who=other.address, text=str(path))
    peer, text, transfer = await other.expect_file()
    assert (transfer.name, transfer.size) == (path.name, size)
    peer.answer(text, "200 OK")
    assert await asyncio.wait_for(transfer.outcome, 30) == data
    await me.expect("file-done", name=path.name)


async def test_sent_file_is_declined(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    path, _ = write(me, 3000)
    me.do("send-file", who=other.address, text=str(path))
    peer, text, _ = await other.expect_file()
    peer.answer(text, "603 Decline")
    await me.expect("file-cancelled")


async def test_receiver_of_a_file_leaves(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    path, _ = write(me, 3000)
    me.do("send-file", who=other.address, text=str(path))
    await other.expect_file()
    other.vanish()
    await me.expect("file-cancelled")


@pytest.mark.parametrize("size", [1, 1202, 5000])
async def test_receiving_a_file(scripted, plugin, name, size):
    me, other = await met(scripted, plugin, name)
    data = bytes(range(256)) * 20
    transfer = await other.offer_file(me.name, "../né/x.txt", data[:size])
    target = await accept(me)
    await me.expect("file-done")
    await me.in_step()          # then it is written and closed
    assert target.read_bytes() == data[:size]
    assert await asyncio.wait_for(transfer.outcome, 10) == "sent"


async def test_received_file_is_declined(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    transfer = await other.offer_file(me.name, "x.txt", b"data")
    asked = await me.expect("request", kind="action")
    me.do("answer", id=asked["id"])
    assert await asyncio.wait_for(transfer.outcome, 10) == "declined"


async def test_sender_of_a_file_cancels(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    other.stalls_files = True
    transfer = await other.offer_file(me.name, "x.txt", b"data")
    await accept(me)
    await me.expect("file-begun")
    (await other.board_with(me.name)).peer(me.name).bye(transfer)
    await me.expect("file-cancelled")


@pytest.mark.parametrize("kind", ["4BD96FC0-AB17-4425-A14A-439185962DC8", "00000000-0000-0000-0000-000000000000"])
async def test_unknown_invitations_are_declined(scripted, plugin, name, kind):
    me, other = await met(scripted, plugin, name)
    transfer = (await other.board_with(me.name)).peer(me.name).invite(kind, 4, b"x")
    assert await asyncio.wait_for(transfer.outcome, 10) == "declined"


# Emoticons, and what else comes

async def test_text_keeps_the_shortcut_of_an_emoticon(scripted, plugin, name):
    """The host program has nowhere to show it, so that it is not fetched."""
    me, other = await met(scripted, plugin, name)
    text = wire.object_text(other.address, b"GIF89a", kind=2, location="emo.dat")
    await other.say_raw(me.name, wire.Message.make("text/x-mms-emoticon", f"(x)\t{text}\t").encode())
    await other.say(me.name, "look (x)")
    await me.expect("message", text="look (x)...")
    me.inbox.refuse(lambda event: event["event"] == "message", "the emoticon as a message")


SMILEYS = {"(x)": b"GIF89a" + bytes(range(256)) * 20, "<3": b"GIF89a", "(unused)": b"GIF89aa", "a\tb": b"GIF89aaa"}


async def with_smileys(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    for shortcut, data in SMILEYS.items():
        me.do("smiley", text=shortcut, data=base64.b64encode(data).decode())
    return me, other


async def test_own_emoticons(scripted, plugin, name):
    """Those that are in the text are announced before it, and can be fetched."""
    me, other = await with_smileys(scripted, plugin, name)
    me.do("say", who=other.address, text="look (x) &lt;3 a\tb")
    objects = await other.expect_emoticons(me.name)
    assert set(objects) == {"(x)", "<3"}
    await other.expect_message(me.name)
    for shortcut, text in objects.items():
        assert wire.object_fields(text)["Type"] == "2"
        assert await other.fetch_picture(me.name, text) == SMILEYS[shortcut]
    me.do("say", who=other.address, text="look x")
    await other.expect_message(me.name, "look x")
    other.got.refuse(lambda one: "emoticon" in str(getattr(one, "payload", "")), "an emoticon that is not in the text")
    assert await other.fetch_picture(me.name, wire.object_text(me.name, b"no such one", kind=2)) == "declined"


async def test_own_emoticons_in_a_chat(scripted, plugin, name):
    me, other = await with_smileys(scripted, plugin, name)
    third = puppet(scripted, me.name, name)
    board = await other.call(me.name)
    await other.call(third.address, board=board)
    room = (await me.expect("chat-joined"))["room"]
    me.do("chat-say", room=room, text="look (x)")
    for one in (other, third):
        assert set(await one.expect_emoticons(me.name)) == {"(x)"}
        await one.expect_message(me.name, "look (x)")


async def test_nudge_is_sent(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    me.do("attention", who=other.address)
    await other.expect_nudge(me.name)


async def test_nudge_that_is_not_delivered(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    other.vanish()
    await me.expect("offline", who=other.address)
    me.do("attention", who=other.address)
    await me.expect("conv-error", conv=other.address, text="The nudge was not delivered...")


@pytest.mark.parametrize("kind", ["text/x-msmsgsprofile", "text/x-msmsgsoimnotification", "application/x-msmsgssystemmessage",
                                  "text/x-clientcaps", "text/x-whatever", ""])
async def test_other_types_say_nothing(scripted, plugin, name, kind):
    """Also those that only Hotmail may send, on the notification server."""
    me, other = await met(scripted, plugin, name)
    body = "Mail-Data: <MD><M><T>11</T><E>a@b.test</E><I>X</I></M></MD>\r\nType: 1\r\nArg1: 5\r\n"
    await other.say_raw(me.name, wire.Message.make(kind, body).encode())
    await other.say(me.name, "after")
    await me.expect("message", text="after...")
    me.inbox.refuse(lambda event: event["event"] == "message", "a message")
    assert not [one for one in scripted.requests.things if "asmx" in one.path]


async def test_old_invitation_is_refused(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    body = ("Application-Name: File Transfer\r\nApplication-GUID: {5D3E02AB-6190-11d3-BBBB-00C04F795683}\r\n"
            "Invitation-Command: INVITE\r\nInvitation-Cookie: 33267\r\nApplication-File: a.txt\r\n\r\n")
    await other.say_raw(me.name, wire.Message.make("text/x-msmsgsinvite; charset=UTF-8", body).encode())
    said = await other._expect_message(me.name, "refusal", lambda message: message.kind == "text/x-msmsgsinvite", 10)
    assert b"Invitation-Command: CANCEL" in said.message.body and b"33267" in said.message.body
