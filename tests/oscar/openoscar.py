# SPDX-License-Identifier: GPL-2.0-or-later
"""Open OSCAR Server, the real thing, on 127.0.0.1 with free ports; users come by its management API.

The program is the one that OPEN_OSCAR_SERVER names, or is installed by the go command (1.26 or later) at VERSION into the
folder that OPEN_OSCAR_CACHE names, where the next run finds it. With neither set nothing is downloaded, and there is no
such server. Nothing of it is part of this project. Alone it prints its ports as one line of JSON and stays until interrupted:
    python3 tests/oscar/openoscar.py --users alice:secret7,100003:secret7"""

import argparse
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
from process import BASE, free_port  # noqa: E402
from servers import Server  # noqa: E402

MODULE = "github.com/mk6i/open-oscar-server"
VERSION = "29530dc"     # a commit of 2026-07-20, the one that the protocol description was written from
GO_NEEDED = (1, 26)


class Unavailable(Exception):
    pass


def _go():
    """The go command; Unavailable says why there is none."""
    go = shutil.which("go")
    if not go:
        raise Unavailable("no go command to install it with")
    said = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, timeout=60).stdout
    found = re.match(r"go(\d+)\.(\d+)", said)
    if not found or tuple(map(int, found.groups())) < GO_NEEDED:
        raise Unavailable(f"{said.strip() or 'this go'} is older than go1.26, which {MODULE} needs")
    return go


@functools.cache
def _program():
    """The program as (path, None), or (None, reason). Asked once for a run: a build takes minutes, a refusal stays one."""
    given = os.environ.get("OPEN_OSCAR_SERVER")
    if given:
        return (given, None) if os.access(given, os.X_OK) else (None, f"OPEN_OSCAR_SERVER={given} is no program")
    cache = os.environ.get("OPEN_OSCAR_CACHE")
    if not cache:
        return None, "neither OPEN_OSCAR_SERVER (a program) nor OPEN_OSCAR_CACHE (where to install it) is set"
    program = pathlib.Path(cache).resolve() / VERSION / "server"
    if program.exists():
        return str(program), None
    program.parent.mkdir(parents=True, exist_ok=True)
    try:
        run = subprocess.run(["nice", _go(), "install", "-p", "1", f"{MODULE}/cmd/server@{VERSION}"], capture_output=True,
                             text=True, timeout=900, cwd=program.parent, env={**os.environ, "GOBIN": str(program.parent)})
    except Unavailable as reason:
        return None, str(reason)
    except subprocess.TimeoutExpired:
        return None, f"go install {MODULE} took more than 15 minutes"
    if run.returncode or not program.exists():
        return None, f"go install {MODULE}@{VERSION} failed: ..." + " ".join(run.stderr.split())[-120:]
    return str(program), None


class OpenOscar(Server):
    """Its log is trace; accounts and passwords are checked; nobody is told of other sign-ons.

    Users are bots (no rate limits) unless said otherwise."""

    def __init__(self, port=0):
        program, reason = _program()
        if reason:
            raise Unavailable(reason)
        super().__init__("open-oscar-server")
        self.sign_ons = 0       # from 127.0.0.1, as who makes them counts them
        self.host, self.port, self.api_port, self.toc_port = "127.0.0.1", free_port(port), free_port(), free_port()
        here = f"LOCAL://{self.host}:{self.port}"
        settings = {
            "OSCAR_LISTENERS": here, "OSCAR_ADVERTISED_LISTENERS_PLAIN": here, "OSCAR_ADVERTISED_LISTENERS_SSL": "",
            "KERBEROS_LISTENERS": "", "TOC_LISTENERS": f"127.0.0.1:{self.toc_port}", "API_LISTENER": f"127.0.0.1:{self.api_port}",
            "DB_PATH": str(self.dir / "oscar.sqlite"), "DISABLE_AUTH": "false", "DISABLE_MULTI_LOGIN_NOTIF": "true",
            "LOG_LEVEL": "trace", "ICQ_LEGACY_ENABLED": "false"}
        conf = self.write("settings.env", "".join(f"export {name}={value}\n" for name, value in settings.items()))
        self.run([program, "-config", conf], env=settings)

    @staticmethod
    def unavailable():
        """Why there is no such server here, or None."""
        return _program()[1]

    def forget_sign_ons(self, most=6):
        """Begins anew where a test may come near to the limit of sign-ons from 127.0.0.1; call it while nobody is on line."""
        if self.sign_ons > most:
            self.stop()
            self.start()
            self.sign_ons = 0

    def wait_ready(self):
        for port in (self.port, self.api_port):
            self.process.wait_port(port, timeout=30)

    def ask(self, method, path, **fields):
        """A request of the management API; its answer, decoded where it is JSON."""
        body = json.dumps(fields).encode() if fields else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.api_port}{path}", body,
                                         {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}") from None
        try:
            return json.loads(text) if text else None
        except ValueError:
            return text

    def add_user(self, name, password="secret7", bot=True):
        """AIM passwords have 4 to 16 bytes, ICQ ones 6 to 8."""
        self.ask("POST", "/user", screen_name=name, password=password)
        if bot:
            self.ask("PATCH", f"/user/{urllib.parse.quote(name)}/account", is_bot=True)
        return name

    def set_authorization(self, uin, required):
        path = f"/user/{uin}/icq"
        profile = self.ask("GET", path)
        profile.setdefault("permissions", {})["auth_required"] = required
        self.ask("PUT", path, **profile)

    def suspend(self, name, why):
        """WHY is suspended, deleted, expired or suspended_age; empty to let the user in again."""
        self.ask("PATCH", f"/user/{urllib.parse.quote(name)}/account", suspended_status=why)

    def kick(self, name):
        self.ask("DELETE", f"/session/{urllib.parse.quote(name)}")

    def make_public_room(self, name):
        self.ask("POST", "/chat/room/public", name=name)


def main():
    parser = argparse.ArgumentParser(description="Runs Open OSCAR Server until interrupted.")
    parser.add_argument("--users", default="", help="name:password,...")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--look", action="store_true", help="only install it if need be; the status says whether it is there")
    parser.add_argument("--limits", action="store_true", help="the users have the ordinary rate limits")
    options = parser.parse_args()
    server = None
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        if options.look:
            sys.exit(OpenOscar.unavailable())
        server = OpenOscar(options.port)
        for user in filter(None, options.users.split(",")):
            server.add_user(*user.split(":", 1), bot=not options.limits)
        print(json.dumps({"host": server.host, "port": server.port, "api": server.api_port, "log": str(server.process.log)}),
              flush=True)
        while True:
            signal.pause()
    except Unavailable as reason:
        sys.exit(f"Open OSCAR Server is not to be had here: {reason}")
    finally:
        if server:
            server.stop()
        if "PASSERELLE_TEST_DIR" not in os.environ:
            shutil.rmtree(BASE, ignore_errors=True)


if __name__ == "__main__":
    main()
