# SPDX-License-Identifier: GPL-2.0-or-later
"""The real servers of the tests, each on 127.0.0.1 with free ports and a folder of its own."""

import json
import os
import shutil
import socket
import subprocess
import urllib.request

from process import Process, folder, free_port

SECRET = "component-secret"
PASSWORD = "user-password"


def certificate(where, name):
    """A self-signed certificate, as (certificate, key)."""
    crt, key = where / f"{name}.crt", where / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", crt],
                   check=True, capture_output=True)
    key.chmod(0o644)
    return crt, key


class Server:
    """What all servers share; a subclass writes its files and says what process runs them."""

    user = None

    def __init__(self, name):
        self.name = name
        self.dir = folder(name, self.user)
        self.process = None

    def run(self, argv, **more):
        self.process = Process(self.name, argv, self.dir / "log", user=self.user, cwd=self.dir, **more)
        return self.start()

    def start(self):
        self.process.start()
        self.wait_ready()
        return self

    def stop(self):
        self.process.stop()

    def write(self, name, text):
        path = self.dir / name
        path.write_text(text)
        return path


class Prosody(Server):
    """An XMPP server; COMPONENTS are the domains that a gateway may take with SECRET.

    With privilege=True it grants them mod_privilege (XEP-0356 in the namespace ':2'). Text in GENERAL and
    HOSTS is put into those parts of the configuration as it is."""

    user = "prosody"

    def __init__(self, domain="p.test", components=(), privilege=False, tls=False, port=0, modules=(), general="", hosts=""):
        super().__init__("prosody-" + domain)
        self.domain, self.component_wanted = domain, components or "component_secret" in hosts
        self.port, self.component_port = free_port(port), free_port()
        grant = '{ roster = "both", message = "outgoing", presence = "roster", iq = { ["http://jabber.org/protocol/pubsub"] = "get" } }'
        modules = ["roster", "saslauth", "disco", "ping", "carbons", "offline", *modules]
        if privilege:
            modules.append("privilege")
        if tls:
            modules.append("tls")
        lines = [
            f'data_path = "{self.dir}/data"',
            'log = { { levels = { min = "info" }, to = "console" } }',
            'plugin_paths = { "/usr/lib/prosody/modules" }',
            f'c2s_ports = {{ {self.port} }}', 'c2s_interfaces = { "127.0.0.1" }',
            f'component_ports = {{ {self.component_port} }}', 'component_interfaces = { "127.0.0.1" }',
            "modules_enabled = { " + ", ".join(f'"{module}"' for module in modules) + " }",
            'modules_disabled = { "s2s" }', 'authentication = "internal_plain"',
            'allow_unencrypted_plain_auth = true', 'c2s_require_encryption = false', 'storage = "internal"']
        if tls:
            crt, key = certificate(self.dir, domain)
            lines += [f'ssl = {{ certificate = "{crt}", key = "{key}" }}']
        lines += [general] + ([] if "VirtualHost" in hosts else [f'VirtualHost "{domain}"']) + [hosts]
        if privilege:
            lines += ["privileged_entities = {", *(f'  ["{name}"] = {grant},' for name in components), "}"]
        for name in components:
            lines += [f'Component "{name}"', f'  component_secret = "{SECRET}"',
                      '  component_conflict_resolve = "kick_old"']
            if privilege:
                lines += ['  modules_enabled = { "privilege" }']
        conf = self.write("prosody.cfg.lua", "\n".join(lines) + "\n")
        self.run(["prosody", "--config", conf, "-F"])

    def wait_ready(self):
        self.process.wait_port(self.port)
        if self.component_wanted:
            self.process.wait_port(self.component_port)

    def add_user(self, name, password=PASSWORD):
        """Makes the account by its file, which is what prosodyctl would write."""
        encoded = lambda text: "".join(c if c.isalnum() else f"%{ord(c):02x}" for c in text)
        place = self.dir / "data" / encoded(self.domain) / "accounts"
        place.mkdir(parents=True, exist_ok=True)
        file = place / f"{encoded(name)}.dat"
        file.write_text(f'return {{ ["password"] = "{password}"; }};\n')
        if os.getuid() == 0:
            for path in (place, place.parent, place.parent.parent, file):
                shutil.chown(path, self.user)
        return f"{name}@{self.domain}"


class Ejabberd(Server):
    """The other XMPP server; privilege is XEP-0356 in the namespace ':1', where roster writing fails in 23.01.

    WRITTEN are further pieces of configuration, decoded; a listener in them takes the place of ours."""

    user = "ejabberd"

    def __init__(self, domain="e.test", components=(), privilege=False, written=()):
        super().__init__("ejabberd-" + domain)
        self.domain = domain
        self.port, self.component_port, self.http_port = free_port(), free_port(), free_port()
        config = {
            "hosts": [domain], "loglevel": "info", "registration_timeout": "infinity",
            "listen": [
                {"port": self.port, "ip": "127.0.0.1", "module": "ejabberd_c2s", "starttls": False},
                {"port": self.component_port, "ip": "127.0.0.1", "module": "ejabberd_service", "global_routes": False,
                 "max_stanza_size": 524288, "hosts": {name: {"password": SECRET} for name in components}},
                {"port": self.http_port, "ip": "127.0.0.1", "module": "ejabberd_http",
                 "request_handlers": {"/api": "mod_http_api"}}],
            "api_permissions": {"tests": {"who": {"ip": "127.0.0.1/8"}, "what": ["register"]}},
            "acl": {"gateway": [{"server": name} for name in components or ["none.test"]]},
            "access_rules": {"gateway": [{"allow": "gateway"}], "nobody": [{"deny": "all"}]},
            "s2s_access": "nobody",
            "modules": {"mod_disco": {}, "mod_roster": {}, "mod_offline": {}, "mod_ping": {}, "mod_carboncopy": {},
                        "mod_caps": {}, "mod_privacy": {}, "mod_vcard": {}, "mod_http_api": {}, "mod_adhoc": {}}}
        if privilege:
            config["modules"]["mod_privilege"] = {
                "roster": {"both": "gateway"}, "message": {"outgoing": "gateway"},
                "presence": {"managed_entity": "gateway", "roster": "gateway"}}
        for more in written:
            for section, content in more.items():
                if section == "listen":
                    config["listen"] = [entry for entry in config["listen"] if entry["module"] != content[0]["module"]]
                    config["listen"] += [{**entry, "port": self.component_port} for entry in content]
                else:
                    config[section].update(content)
        conf = self.write("ejabberd.yml", json.dumps(config, indent=1))  # JSON is YAML
        self.run(["erl", "-noinput", "-mnesia", "dir", f'"{self.dir}/db"', "-s", "ejabberd"],
                 env={"EJABBERD_CONFIG_PATH": str(conf), "EJABBERD_LOG_PATH": f"{self.dir}/ejabberd.log",
                      "ERL_LIBS": "/usr/lib/x86_64-linux-gnu", "HOME": str(self.dir),
                      "ERL_CRASH_DUMP": f"{self.dir}/crash.dump"})

    def wait_ready(self):
        for port in (self.port, self.component_port, self.http_port):
            self.process.wait_port(port, timeout=60)

    def add_user(self, name, password=PASSWORD):
        body = json.dumps({"user": name, "host": self.domain, "password": password}).encode()
        ask = urllib.request.Request(f"http://127.0.0.1:{self.http_port}/api/register", body,
                                     {"Content-Type": "application/json"})
        with urllib.request.urlopen(ask, timeout=10) as answer:
            assert answer.status == 200
        return f"{name}@{self.domain}"


class Ngircd(Server):
    """A plain IRC server; tls=True opens a second port with a self-signed certificate."""

    user = "irc"

    def __init__(self, name="irc.one.test", password=None, tls=False, port=0):
        super().__init__("ngircd")
        self.domain, self.port, self.tls_port = name, free_port(port), free_port()
        lines = ["[Global]", f"Name = {name}", "Info = test", f"Ports = {self.port}", "Listen = 127.0.0.1",
                 "MotdPhrase = hello", f"PidFile = {self.dir}/pid", "AdminEMail = a@b.test"]
        if password:
            lines += [f"Password = {password}"]
        lines += ["[Limits]", "MaxConnectionsIP = 0", "MaxNickLength = 30", "PingTimeout = 120", "MaxPenaltyTime = 0",
                  "[Options]", "DNS = no", "Ident = no", "PAM = no", "SyslogFacility = local1"]
        if tls:
            self.crt, key = certificate(self.dir, name)
            lines += ["[SSL]", f"CertFile = {self.crt}", f"KeyFile = {key}", f"Ports = {self.tls_port}"]
        conf = self.write("ngircd.conf", "\n".join(lines) + "\n")
        self.run(["ngircd", "-n", "-f", conf])

    def wait_ready(self):
        self.process.wait_port(self.port)


class Inspircd(Server):
    """The IRC server that links to services: SASL and NickServ come from services.py on the link port."""

    user = "irc"

    def __init__(self, name="irc.two.test"):
        super().__init__("inspircd")
        self.domain, self.port, self.tls_port, self.link_port = name, free_port(), free_port(), free_port()
        crt, key = certificate(self.dir, name)
        modules = ("cap", "sasl", "services_account", "spanningtree", "ssl_gnutls", "md5", "monitor")
        self.write("motd", "hello\n")
        conf = self.write("inspircd.conf", "\n".join([
            f'<server name="{name}" description="test" network="test" id="0AA">',
            '<admin name="a" nick="a" email="a@b.test">',
            *(f'<module name="{module}">' for module in modules),
            f'<sslprofile name="test" provider="gnutls" certfile="{crt}" keyfile="{key}">',
            f'<bind address="127.0.0.1" port="{self.port}" type="clients">',
            f'<bind address="127.0.0.1" port="{self.tls_port}" type="clients" sslprofile="test">',
            f'<bind address="127.0.0.1" port="{self.link_port}" type="servers">',
            '<connect allow="*" timeout="60" pingfreq="120" localmax="5000" globalmax="5000" fakelag="no"'
            ' threshold="10000" commandrate="100000" recvq="65536" softsendq="65536" hardsendq="1048576" resolvehostnames="no">',
            '<link name="services.test" ipaddr="127.0.0.1" allowmask="127.0.0.1" port="1" timeout="30"'
            ' sendpass="link" recvpass="link">',
            '<uline server="services.test" silent="yes">', '<sasl target="services.test" requiressl="no">',
            f'<files motd="{self.dir}/motd">', f'<pid file="{self.dir}/pid">',
            f'<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="{self.dir}/log">',
            '<options prefixquit="Quit: " defaultmodes="not">', '<performance somaxconn="128" netbuffersize="10240">',
            '<limits maxnick="31" maxchan="64">', '<dns server="127.0.0.1" timeout="1">',
            f'<path configdir="{self.dir}" datadir="{self.dir}" logdir="{self.dir}" moduledir="/usr/lib/inspircd/modules">'])
            + "\n")
        self.run(["inspircd", "--config", conf, "--nofork", "--nolog"])

    def wait_ready(self):
        self.process.wait_port(self.port)


class Kamailio(Server):
    """A SIP registrar with presence (RFC 3856, 3903) for one domain; every user's password is PASSWORD."""

    user = "kamailio"

    def __init__(self, domain="sip.test"):
        super().__init__("kamailio")
        self.domain, self.port = domain, free_port()
        database = self.dir / "kamailio.db"
        for script in ("standard", "presence"):
            with open(f"/usr/share/kamailio/db_sqlite/{script}-create.sql") as sql:
                subprocess.run(["sqlite3", database], stdin=sql, check=True)
        if os.getuid() == 0:
            shutil.chown(database, self.user)
        conf = self.write("kamailio.cfg", KAMAILIO.format(domain=domain, port=self.port, password=PASSWORD,
                                                          database=database))
        self.run(["kamailio", "-f", conf, "-DD", "-E", "-Y", self.dir, "-P", self.dir / "pid", "-m", "32", "-M", "8"])

    def wait_ready(self):
        self.process.wait_port(self.port)


KAMAILIO = """#!KAMAILIO
debug=2
log_stderror=yes
children=2
tcp_children=2
auto_aliases=no
alias="{domain}"
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
loadmodule "db_sqlite.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "nathelper.so"
loadmodule "xlog.so"
loadmodule "presence.so"
loadmodule "presence_xml.so"
modparam("presence", "db_url", "sqlite://{database}")
modparam("presence", "server_address", "sip:presence@127.0.0.1:{port};transport=tcp")
modparam("presence", "publ_cache", 2)
modparam("presence", "subs_db_mode", 0)
modparam("presence", "notifier_processes", 0)
modparam("presence", "send_fast_notify", 1)
modparam("presence", "min_expires", 0)
modparam("presence_xml", "force_active", 1)
modparam("nathelper|registrar", "received_avp", "$avp(RECEIVED)")
modparam("usrloc", "db_mode", 0)
modparam("registrar", "max_contacts", 5)

request_route {{
  if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  force_rport();
  if (has_totag() && !uri == myself && loose_route()) {{ t_relay(); exit; }}
  if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
  if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
  if (is_method("REGISTER")) {{
    if (!pv_www_authenticate("$fd", "{password}", "0")) {{ www_challenge("$fd", "1"); exit; }}
    fix_nated_register();
    save("location");
    exit;
  }}
  if (is_method("PUBLISH|SUBSCRIBE") && uri == myself) {{
    if (!t_newtran()) {{ sl_reply_error(); exit; }}
    if (is_method("PUBLISH")) handle_publish(); else handle_subscribe();
    t_release();
    exit;
  }}
  if (uri == myself) {{
    if (!lookup("location")) {{ sl_send_reply("404", "Not Found"); exit; }}
  }}
  t_relay();
}}
"""
