# SPDX-License-Identifier: GPL-2.0-or-later
"""How the real server is started, with a stand-in for its program; and why it is not there where it is not."""

import json
import signal
import subprocess
import sys

import pytest

from oscar import openoscar
from oscar.openoscar import OpenOscar

STAND_IN = """#!{python}
import http.server, json, os, socket, sys
assert sys.argv[1] == "-config"
settings = dict(line.removeprefix("export ").rstrip().split("=", 1) for line in open(sys.argv[2]))
assert settings.items() <= os.environ.items() and settings["DISABLE_AUTH"] == "false"
oscar = socket.create_server(("127.0.0.1", int(settings["OSCAR_LISTENERS"].rsplit(":", 1)[1])))
class Api(http.server.BaseHTTPRequestHandler):
    def do(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        bad = "bad" in body
        self.send_response(400 if bad else 201)
        self.end_headers()
        self.wfile.write(b"invalid name" if bad else b"{{}}")
        print(self.command, self.path, body, flush=True)
    do_POST = do_PUT = do_PATCH = do_GET = do_DELETE = do
host, port = settings["API_LISTENER"].split(":")
http.server.HTTPServer((host, int(port)), Api).serve_forever()
"""


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch):
    monkeypatch.delenv("OPEN_OSCAR_SERVER", raising=False)
    monkeypatch.delenv("OPEN_OSCAR_CACHE", raising=False)
    openoscar._program.cache_clear()
    yield
    openoscar._program.cache_clear()


def test_nothing_is_downloaded_unless_asked_for():
    assert "OPEN_OSCAR_CACHE" in OpenOscar.unavailable()
    with pytest.raises(openoscar.Unavailable):
        OpenOscar()


def test_program_that_is_not_there(monkeypatch):
    monkeypatch.setenv("OPEN_OSCAR_SERVER", "/nowhere/server")
    assert "/nowhere/server" in OpenOscar.unavailable()


def test_old_go(monkeypatch, tmp_path):
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\necho go1.19.8\n")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("OPEN_OSCAR_CACHE", str(tmp_path / "cache"))
    assert "go1.19.8 is older" in OpenOscar.unavailable()


def test_installed_program_is_found_again(monkeypatch, tmp_path):
    go = tmp_path / "go"
    go.write_text('#!/bin/sh\n[ "$1" = env ] && echo go1.26.0 || echo made >"$GOBIN/server"\n')
    go.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("OPEN_OSCAR_CACHE", str(tmp_path / "cache"))
    assert OpenOscar.unavailable() is None
    go.write_text("#!/bin/sh\nexit 1\n")
    openoscar._program.cache_clear()
    assert openoscar._program()[0] == str(tmp_path / "cache" / openoscar.VERSION / "server")


def test_settings_ports_and_users(monkeypatch, tmp_path):
    program = tmp_path / "server"
    program.write_text(STAND_IN.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("OPEN_OSCAR_SERVER", str(program))
    server = OpenOscar()
    try:
        server.add_user("alice", "secret7")
        server.process.wait_line(r'POST /user \{"screen_name": "alice", "password": "secret7"\}')
        server.process.wait_line(r'PATCH /user/alice/account \{"is_bot": true\}')
        server.set_authorization("100003", False)
        server.process.wait_line(r'PUT /user/100003/icq \{"permissions": \{"auth_required": false\}\}')
        with pytest.raises(AssertionError, match="400 invalid name"):
            server.add_user("bad")
        first, server.sign_ons = server.process.child.pid, 6
        server.forget_sign_ons()
        assert server.process.child.pid == first
        server.sign_ons = 7
        server.forget_sign_ons()
        assert server.process.child.pid != first and server.process.alive and server.sign_ons == 0
    finally:
        server.stop()


def test_it_runs_alone_and_says_where(tmp_path):
    program = tmp_path / "server"
    program.write_text(STAND_IN.format(python=sys.executable))
    program.chmod(0o755)
    with subprocess.Popen([sys.executable, openoscar.__file__, "--users", "alice:secret7"], stdout=subprocess.PIPE,
                          env={"OPEN_OSCAR_SERVER": str(program), "PASSERELLE_TEST_DIR": str(tmp_path)}) as child:
        assert set(json.loads(child.stdout.readline())) == {"host", "port", "api", "log"}
        child.send_signal(signal.SIGTERM)
        assert child.wait(20) == 0


def test_it_says_why_it_does_not_run_alone():
    run = subprocess.run([sys.executable, openoscar.__file__], env={}, capture_output=True, text=True)
    assert run.returncode == 1 and "OPEN_OSCAR_CACHE" in run.stderr
