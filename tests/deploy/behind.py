"""A site as deploy/ runs it, with production settings, behind a real web server: a browser to ask it, and its mail."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from tests.mail_server import MailServer
from tests.pages import Element, read_html

ROOT = Path(__file__).resolve().parents[2]
HOST = "agenda.example.org"
WITHIN = 30  # seconds that a start may take


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    deadline = time.monotonic() + WITHIN
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if time.monotonic() > deadline:
            raise TimeoutError("The server did not start.")
        time.sleep(0.05)


def production(folder: Path, mail: MailServer, **more: str) -> dict[str, str]:
    """The environment of a public site whose data is in the folder."""
    return {
        "PATH": os.environ["PATH"],
        "AGENDA_PYTHON": sys.executable,
        "SITE_URL": f"https://{HOST}",
        "TRUSTED_PROXY_COUNT": "1",
        "SECRET_KEY": "a-key-for-tests-only-" + "0123456789abcdef" * 3,
        "CALENDAR_SECRETS": "another-for-tests-only-" + "0123456789abcdef" * 3,
        "EMAIL_URL": f"smtp://127.0.0.1:{mail.server_address[1]}",
        "DEFAULT_FROM_EMAIL": f"agenda@{HOST}",
        "VAR_DIR": str(folder),
        "STATIC_DIR": str(folder / "static"),
        "WORKERS": "1",
        **more,
    }


@contextmanager
def running_site(folder: Path, mail: MailServer, **more: str) -> Iterator[int]:
    """The port of a migrated site with no programme; it listens at this machine alone."""
    port = free_port()
    environment = production(folder, mail, PORT=str(port), **more)
    folder.mkdir()
    entry = ROOT / "deploy" / "agenda"
    subprocess.run([entry, "manage", "collectstatic", "--no-input", "--verbosity", "0"], env=environment, check=True)
    subprocess.run([entry, "migrate"], env=environment, check=True)
    with (folder / "site.log").open("wb") as log:
        server = subprocess.Popen([entry, "web"], env=environment, stdout=log, stderr=log)
        try:
            wait_for(port)
            yield port
        finally:
            server.terminate()
            server.wait()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of the site's name that nobody has signed, and its key."""
    certificate, key = folder / "fullchain.pem", folder / "privkey.pem"
    made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"]
    command = ["openssl", "req", "-x509", *made, "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


def nginx(folder: Path, sites: Sequence[int], https: int, http: int) -> list[str]:
    """The command of an nginx with deploy/nginx.conf, at these ports, in front of the sites' ports."""
    certificate(folder)
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    (server,) = re.findall(r"server 127\.0\.0\.1:8000.*;", text)
    text = text.replace(server, " ".join(server.replace("8000", str(site)) for site in sites))
    text = text.replace("/etc/letsencrypt/live/agenda.example.org", str(folder))
    text = re.sub(r" *listen \[::\].*\n", "", text).replace("listen 443", f"listen 127.0.0.1:{https}")
    return nginx_with(folder, text.replace("listen 80;", f"listen 127.0.0.1:{http};"))


def nginx_with(folder: Path, text: str) -> list[str]:
    """The command of an nginx that has this in its sites-enabled, and all its files in the folder."""
    (folder / "agenda.conf").write_text(text)
    bodies = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    ours = f"include {folder}/agenda.conf;"
    user = "user root; " if os.geteuid() == 0 else ""  # another could not write its files into the test's folder
    (folder / "nginx.conf").write_text(
        f"daemon off; {user}pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; {bodies} {ours} }}"
    )
    return [str(nginx_program()), "-e", "stderr", "-c", str(folder / "nginx.conf")]


def nginx_program() -> str | None:
    return shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")


def caddy(folder: Path, sites: Sequence[int], https: int, http: int) -> list[str]:
    """The command of a Caddy with the Caddyfile for its version, at other ports, with a certificate of its own."""
    program = str(shutil.which("caddy"))
    said = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:3])
    name = "Caddyfile" if version >= (2, 6, 4) else "Caddyfile.debian12"
    servers = " ".join(f"127.0.0.1:{site}" for site in sites)
    text = (ROOT / "deploy" / name).read_text().replace("{$UPSTREAM:127.0.0.1:8000}", servers)
    pem, key = certificate(folder)
    text = text.replace(
        "{$SITE:agenda.example.org} {", f"https://agenda.example.org {{\n\tbind 127.0.0.1\n\ttls {pem} {key}", 1
    )
    options = f"{{\n\tadmin off\n\thttps_port {https}\n\thttp_port {http}\n}}\n"
    (folder / "Caddyfile").write_text(options + text)
    return [program, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


class Browser:
    """Asks the site by its name over https, as a browser would: with cookies and the address of the page before."""

    def __init__(self, https: int) -> None:
        self.https = https
        self.cookies: dict[str, str] = {}
        self.attributes: dict[str, str] = {}
        self.context = ssl._create_unverified_context()  # noqa: S323 (nobody has signed the certificate)

    def connect(self) -> HTTPSConnection:
        connection = HTTPSConnection(HOST, self.https, context=self.context, timeout=20)
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=20)
        connection.sock = self.context.wrap_socket(plain, server_hostname=HOST)
        return connection

    def ask(self, method: str, path: str, body: str | bytes = "", **headers: str) -> tuple[HTTPResponse, str]:
        sent = {"Host": HOST, "Referer": f"https://{HOST}{path}", "Origin": f"https://{HOST}"}
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(self.connect()) as connection:
            connection.request(method, path, body or None, sent | {k.replace("_", "-"): v for k, v in headers.items()})
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name], self.attributes[name] = morsel.value, line
        return response, text

    def open(self, path: str, **headers: str) -> Element:
        response, text = self.ask("GET", path, **headers)
        assert response.status == 200, (response.status, text[:300])
        return read_html(text)

    def send(self, page: Element, path: str, **fields: str) -> tuple[HTTPResponse, str]:
        """Sends the form of the page that goes to this path."""
        form = next(form for form in page.all("form") if form.attributes.get("action", path) == path)
        return self.ask("POST", path, urlencode(form.fields() | fields))


def ask_in_the_open(http: int, path: str) -> tuple[int, str]:
    """Status and Location of the answer without https."""
    connection = HTTPConnection("127.0.0.1", http, timeout=20)
    connection.request("GET", path, headers={"Host": HOST})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, response.getheader("Location", "")
