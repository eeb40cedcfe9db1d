"""Another site's accounts, as OpenID Connect Core 1.0 has them, on a loopback port for the time of a test."""

from __future__ import annotations

import json
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "forum", "provider-secret"
ABSENT = object()
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider(ThreadingHTTPServer):
    """Signs everybody in at once as `person`, or sends them back with nothing if it `refuses`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://localhost:{self.server_port}"
        self.person: dict[str, Any] = {"sub": "1", "email": "alice@example.org", "email_verified": True}
        self.userinfo: Any = None  # in place of `person` at the userinfo endpoint, if not None
        self.id_token: dict[str, Any] = {}  # claims that differ in the id_token; those of ABSENT are left out
        self.token: dict[str, Any] = {}  # members of the token besides its own
        self.refuses = False
        self.says: dict[str, Any] = {}  # in place of its own answer, by path: JSON, or as it stands if it is bytes
        self.drips: dict[str, str] = {}  # by path: "headers" or "body", which then comes byte by byte
        self.asked: list[str] = []  # the paths
        self.is_over, self.hung_up = Event(), Event()
        self.challenges: dict[str, str] = {}  # by authorisation code (RFC 7636 section 4.4)

    @property
    def settings(self) -> dict[str, Any]:
        """SOCIALACCOUNT_PROVIDERS, as forum/settings.py makes it of the OIDC_ variables."""
        app = {
            "provider_id": "oidc",
            "name": "Example",
            "client_id": CLIENT_ID,
            "secret": CLIENT_SECRET,
            "settings": {"server_url": self.url, "scope": ["openid", "email"], "oauth_pkce_enabled": True},
        }
        return {"openid_connect": {"APPS": [app]}}


class Answers(BaseHTTPRequestHandler):
    server: Provider

    def parse_request(self) -> bool:
        """Reads the request, and answers it here if the test says how."""
        is_ours = super().parse_request()
        path = urlsplit(self.path).path if is_ours else ""
        self.server.asked.append(path)
        if path in self.server.drips:
            self.drip(self.server.drips[path])
        elif path in self.server.says:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            self.send_json(self.server.says[path])
        return is_ours and path not in self.server.drips and path not in self.server.says

    def drip(self, part: str) -> None:
        """Sends a byte every 50 ms until the other end hangs up or the test is over, 30 seconds at most."""
        start, endless = b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n", b"X-Drip: "
        if part == "body":
            start, endless = start + b"Content-Length: 1000\r\n\r\n", b" "
        try:
            self.wfile.write(start + endless)
            for _ in range(600):
                if self.server.is_over.wait(0.05):
                    return
                self.wfile.write(b" ")
        except OSError:
            self.server.hung_up.set()

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path == "/.well-known/openid-configuration":
            self.send_json(self.configuration())
        elif address.path == "/authorize" and asked["client_id"] == CLIENT_ID and asked["response_type"] == "code":
            self.send_back(asked)
        elif address.path == "/userinfo" and self.headers["Authorization"] == "Bearer opens-userinfo":
            self.send_json(self.server.person if self.server.userinfo is None else self.server.userinfo)
        elif address.path == "/jwks":
            key = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
            self.send_json({"keys": [{**key, "kid": "1", "use": "sig", "alg": "RS256"}]})
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        verifier = sha256(sent["code_verifier"].encode()).digest()
        proven = urlsafe_b64encode(verifier).decode().rstrip("=")
        known = self.server.challenges.pop(sent["code"], None)
        if (sent["client_id"], sent["client_secret"], proven) != (CLIENT_ID, CLIENT_SECRET, known):
            self.send_error(400)
            return
        claims = {"iss": self.server.url, "aud": CLIENT_ID, "iat": int(time.time()), "exp": int(time.time()) + 60}
        said = {**claims, **self.server.person, **self.server.id_token}
        kept = json.dumps({name: value for name, value in said.items() if value is not ABSENT})
        id_token = jwt.PyJWS().encode(kept.encode(), KEY, algorithm="RS256", headers={"kid": "1"})
        token = {"access_token": "opens-userinfo", "token_type": "Bearer", "id_token": id_token}
        self.send_json(token | self.server.token)

    def configuration(self) -> dict[str, Any]:
        url = self.server.url
        return {
            "issuer": url,
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
            "userinfo_endpoint": f"{url}/userinfo",
            "jwks_uri": f"{url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def send_back(self, asked: dict[str, str]) -> None:
        answer = {"state": asked["state"]}
        if self.server.refuses:
            answer["error"] = "access_denied"
        else:
            answer["code"] = secrets.token_urlsafe()
            self.server.challenges[answer["code"]] = asked["code_challenge"]
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(answer)}")
        self.end_headers()

    def send_json(self, data: Any) -> None:
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the tests say what went wrong."""


@contextmanager
def running_provider() -> Iterator[Provider]:
    with Provider() as provider:
        thread = Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield provider
        provider.is_over.set()
        provider.shutdown()
        thread.join()
