# SPDX-License-Identifier: GPL-2.0-or-later
"""The exchange that ./quickstart shows: every line is printed when it has happened."""

import asyncio
import os
import pathlib
import sys
import textwrap

import process
from client import User, form, show, text
from gateway import Gateway, irc
from irc import IrcFriend
from servers import PASSWORD, Ngircd, Prosody

DOMAIN, GATEWAY, NICK = "localhost", "irc.localhost", "romeo"

STOP = """#!/bin/sh
# Ends what ./quickstart left running here, and only that.
cd "$(dirname "$0")" || exit 1
ours () { grep -qs "$PWD" "/proc/$1/cmdline"; }
for pid in $(cat pids); do          # the gateway first, so that it can sign everybody out
  ours "$pid" && kill "$pid"
  while ours "$pid"; do sleep 0.1; done
done
rm -f pids
echo "all ended; the files are still in $PWD"
"""


class Story:
    """Prints and counts the steps."""

    def __init__(self):
        self.passed = 0

    def tell(self, who, what):
        self.passed += 1
        print(f"  {who:>9}  {what}", flush=True)


async def exchange(story, prosody, ngircd):
    prosody.add_user(NICK)
    romeo = await User(prosody, NICK, "quickstart").login()
    story.tell("romeo", f"logged in at the XMPP server as {romeo.jid}")
    fields = form(await romeo.ask(GATEWAY, "<query xmlns='jabber:iq:register'/>"))
    assert "username" in fields
    settings = [name for name in fields if name and name.startswith("option.")]
    story.tell("gateway", f"asks for username and password, and offers {len(settings)} settings of the IRC plugin")
    reply = await romeo.register(GATEWAY, username=NICK)
    assert reply.get("type") == "result", show(reply)
    story.tell("romeo", f"registered as {NICK}: the gateway has tried it on the IRC server first")
    await romeo.expect_signed_in(GATEWAY)
    story.tell("gateway", f"{GATEWAY} is shown as online: signed in")
    juliet = await IrcFriend("juliet", ngircd.port).connect()
    story.tell("juliet", "is on IRC with a client of her own")
    contact = f"{juliet.nick}@{GATEWAY}"
    juliet.say(NICK, "hello romeo, this is IRC")
    heard = await romeo.expect("message", contact, body="hello romeo, this is IRC")
    story.tell("romeo", f"reads in his XMPP client, from {heard.get('from')}: {text(heard, 'c:body')!r}")
    romeo.message(contact, "hello juliet, this is XMPP")
    await juliet.expect_message(NICK, "hello juliet, this is XMPP")
    story.tell("juliet", "reads in her IRC client, from romeo: 'hello juliet, this is XMPP'")
    await romeo.add_contact(contact)
    await romeo.expect("presence", contact, "")
    story.tell("romeo", f"added {contact} to his contacts and sees her online")
    await juliet.quit()
    await romeo.logout()


def farewell(prosody, ngircd, gateway):
    print(textwrap.dedent(f"""
        It is running. Log in with your own XMPP client:

            JID {NICK}@{DOMAIN}   password {PASSWORD}   server 127.0.0.1   port {prosody.port}
            (the server's certificate is self-signed; without TLS it lets you in too)

            profanity:  /connect {NICK}@{DOMAIN} server 127.0.0.1 port {prosody.port} tls disable

        The gateway is {GATEWAY}: say "help" to gateway@{GATEWAY}, or look for it in your client's service discovery.
        IRC is on 127.0.0.1 port {ngircd.port}: let a friend connect there, and write to NICK@{GATEWAY}.

            configuration   {gateway.conf}
            log             {gateway.log}
            its state       {gateway.argv[0].replace('passerelled', 'passerellectl')} --config {gateway.conf} status

        Stop it with {process.BASE}/stop
        """))


def main():
    once, story, started = "--once" in sys.argv, Story(), []
    try:
        prosody = Prosody(DOMAIN, [GATEWAY], tls=True, port=5222)
        started.append(prosody)
        story.tell("prosody", f"the XMPP server is up on 127.0.0.1:{prosody.port}")
        ngircd = Ngircd("irc.quickstart.test", port=6667)
        started.append(ngircd)
        story.tell("ngircd", f"the IRC server is up on 127.0.0.1:{ngircd.port}")
        gateway = Gateway(prosody, {"irc": irc(ngircd.port, name="IRC")}).start()
        started.append(gateway)
        story.tell("gateway", f"passerelled is up, as {GATEWAY}")
        asyncio.run(exchange(story, prosody, ngircd))
        gateway.check()
        if once:
            gateway.finish()
            story.tell("gateway", "signed everybody out and left in good order")
    except (AssertionError, OSError) as failure:
        print(f"\nfailed: {failure}\n\nthe logs are in {process.BASE}")
        once, failed = True, 1
    except KeyboardInterrupt:
        once, failed = True, 1
    else:
        failed = 0
    if once:
        for one in reversed(started):
            one.stop()
        print(f"{story.passed} passed, {failed} failed")
        return failed
    pids = [gateway.child.pid, ngircd.process.child.pid, prosody.process.child.pid]
    (process.BASE / "pids").write_text("\n".join(map(str, pids)) + "\n")
    stop = process.BASE / "stop"
    stop.write_text(STOP)
    stop.chmod(0o755)
    process.leave_running()
    farewell(prosody, ngircd, gateway)
    return 0


if __name__ == "__main__":
    sys.exit(main())
