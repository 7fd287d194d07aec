# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration file, --check-config, and passerellectl."""

import pathlib
import socket
import subprocess

import pytest

from conftest import running
from gateway import BUILD, Gateway, irc, program

GOOD = """[component]
secret = s
[storage]
uri = sqlite:{dir}/passerelle.db
[gateway irc.example.org]
network = irc
"""


def check(where, content):
    path = where / "passerelle.conf"
    path.write_text(content.format(dir=where))
    return subprocess.run([program("passerelled"), "--config", path, "--check-config"], capture_output=True, text=True,
                          timeout=20)


def test_a_good_file(tmp_path):
    done = check(tmp_path, GOOD)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "passerelle.db").exists(), "a check must not create anything"


@pytest.mark.parametrize("old, new, line, word", [
    ("secret = s", "", None, "secret"),
    ("secret = s", "secret = s\nport = many", 3, "port"),
    ("secret = s", "secret = s\nport = 70000", 3, "port"),
    ("secret = s", "secret = s\nprot = 5347", 3, "prot"),
    ("network = irc", "network = gopher", 6, "network"),
    ("network = irc", "", None, "network"),
    ("network = irc", "network = irc\nverify = perhaps", 7, "verify"),
    ("network = irc", "network = irc\nlock.server = maybe", 7, "lock.server"),
    ("network = irc", "network = irc\nmax-message = 0", 7, "max-message"),
    ("[gateway irc.example.org]", "[gateway]", 5, "gateway"),
    ("[gateway irc.example.org]", "[getaway irc.example.org]", 5, "getaway"),
    ("[gateway irc.example.org]", "[gateway not a domain]", 5, "not a domain"),
    ("uri = sqlite:{dir}/passerelle.db", "uri = oracle:x", 4, "uri"),
    ("[component]", "[component", 1, "")])
def test_mistakes_are_named_with_file_line_and_key(tmp_path, old, new, line, word):
    done = check(tmp_path, GOOD.replace(old, new))
    said = done.stderr + done.stdout
    assert done.returncode > 0, said
    assert "passerelle.conf" in said and word in said, said
    if line:
        assert f"passerelle.conf:{line}" in said or f"line {line}" in said, said


def test_several_mistakes_are_told_at_once(tmp_path):
    said = check(tmp_path, GOOD.replace("secret = s", "secret = s\nport = many").replace("network = irc", "network = gopher")).stderr
    assert "port" in said and "gopher" in said, said


def test_a_file_that_is_not_there(tmp_path):
    done = subprocess.run([program("passerelled"), "--config", tmp_path / "none.conf"], capture_output=True, text=True, timeout=20)
    assert done.returncode > 0 and "none.conf" in done.stderr


def test_the_secret_may_be_in_a_file(prosody, ngircd):
    gateway = Gateway(prosody, {"irc": irc(ngircd.port)})
    secret = gateway.dir / "secret"
    secret.write_text(gateway.sections["component"].pop("secret") + "\n")
    gateway.sections["component"]["secret-file"] = secret
    gateway.configure()
    with gateway:
        gateway.check()


def test_the_sample_file_is_good(tmp_path):
    done = check(tmp_path, (BUILD / "etc" / "passerelle.conf.sample").read_text().replace("{", "{{").replace("}", "}}"))
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def gateway(prosody, ngircd):
    with running(prosody, {"irc": irc(ngircd.port)}) as gateway:
        yield gateway


async def test_the_control_tool_tells(gateway, on_irc):
    for word in ("status", "gateways", "workers", "accounts"):
        plain = subprocess.run([program("passerellectl"), "--config", gateway.conf, word], capture_output=True, text=True, timeout=10)
        assert plain.returncode == 0, plain.stderr
        assert gateway.ctl(word)
    assert gateway.jid("irc") in str(gateway.ctl("gateways"))
    assert on_irc.me.jid in str(gateway.ctl("accounts"))


def test_no_process_dumps_core(gateway):
    """A core would hold passwords."""
    for pid in (gateway.child.pid, *gateway.workers()):
        limit = next(line for line in pathlib.Path(f"/proc/{pid}/limits").read_text().splitlines() if "core file" in line)
        assert limit.split()[4:6] == ["0", "0"], limit


def test_the_control_tool_knows_its_words(gateway):
    done = subprocess.run([program("passerellectl"), "--config", gateway.conf, "dance"], capture_output=True, text=True, timeout=10)
    assert done.returncode > 0 and "dance" in done.stderr + done.stdout


def test_the_control_tool_without_a_daemon(tmp_path):
    (tmp_path / "passerelle.conf").write_text(f"[component]\nsecret=s\n[daemon]\nruntime-dir={tmp_path}\n[gateway a.b]\nnetwork=irc\n")
    done = subprocess.run([program("passerellectl"), "--config", tmp_path / "passerelle.conf", "status"],
                          capture_output=True, text=True, timeout=10)
    assert done.returncode > 0 and done.stderr


def test_stop_by_the_control_tool(prosody, ngircd):
    gateway = Gateway(prosody, {"echo": irc(ngircd.port)}).start()
    done = subprocess.run([program("passerellectl"), "--config", gateway.conf, "stop"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 0, done.stderr
    assert gateway.wait_end(5) == 0


async def test_the_control_tool_acts(gateway, on_irc):
    me, domain = on_irc.me, gateway.jid("irc")
    gateway.ctl("sign-out", me.jid, domain)
    await me.expect_lost(domain)
    gateway.ctl("sign-in", me.jid, domain)
    await me.expect_signed_in(domain)
    worker = next(row["worker"] for row in gateway.ctl("accounts") if row["owner"] == me.jid)
    gateway.ctl("kill-worker", str(worker))
    await me.expect_lost(domain)
    await me.expect_signed_in(domain, timeout=60)
    gateway.ctl("unregister", me.jid, domain)
    await me.expect_lost(domain)
    assert not [row for row in gateway.ctl("accounts") if row["owner"] == me.jid]
    gateway.ctl("reload")


def test_systemd_is_told(prosody, ngircd):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        gateway = Gateway(prosody, {"echo": irc(ngircd.port)})
        told.bind(str(gateway.dir / "notify"))
        told.settimeout(20)
        gateway.env["NOTIFY_SOCKET"] = str(gateway.dir / "notify")
        gateway.start()
        words = ""
        while "READY=1" not in words:
            words += told.recv(4096).decode()
        gateway.finish()
        while "STOPPING=1" not in words:
            words += told.recv(4096).decode()


def test_two_daemons_do_not_share_a_folder(gateway):
    done = subprocess.run(gateway.argv, capture_output=True, text=True, timeout=20)
    assert done.returncode > 0 and done.stderr
    gateway.check()
