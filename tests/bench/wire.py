"""Plain HTTP over a socket of our own, so that every byte that travels is counted. Called by the benches."""

import http.client
import re
import socket
import urllib.parse
from dataclasses import dataclass

from tests.browser.conftest import PASSWORD, Site

ENCODING = "gzip, deflate, br, zstd"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    #: Status line, headers and body as they came.
    received: int
    #: Request line, headers and body as they went.
    sent: int


class Visitor:
    """Somebody with cookies, without a browser."""

    def __init__(self, site: Site):
        self.site, self.cookies = site, {}

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        lines = {
            "Host": f"127.0.0.1:{self.site.port}",
            "Accept-Encoding": ENCODING,
            **({"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}),
            **({"Content-Length": str(len(body))} if body or method == "POST" else {}),
            **(headers or {}),
        }
        text = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n"
        request = text.encode() + body
        with socket.create_connection(("127.0.0.1", self.site.port), timeout=60) as connection:
            connection.sendall(request)
            parts = []
            # gunicorn's sync worker closes after each answer.
            while part := connection.recv(65536):
                parts.append(part)
        received = b"".join(parts)
        head, _, rest = received.partition(b"\r\n\r\n")
        status, *fields = head.decode("latin-1").split("\r\n")
        found: dict[str, str] = {}
        for line in fields:
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                key, _, text = value.partition(";")[0].partition("=")
                self.cookies[key] = text
            found[name.lower()] = value
        if found.get("transfer-encoding") == "chunked":
            rest = _joined(rest)
        return Answer(int(status.split()[1]), found, rest, len(received), len(request))

    def sign_in(self, staff_number: str = "CB-0001", password: str = PASSWORD) -> "Visitor":
        form = self.ask("GET", "/accounts/login/", headers={"Accept-Encoding": "identity"}).body.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
        data = {"csrfmiddlewaretoken": token, "username": staff_number, "password": password}
        answer = self.ask(
            "POST",
            "/accounts/login/",
            urllib.parse.urlencode(data).encode(),
            {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.site.url},
        )
        if answer.status != http.client.FOUND:
            raise RuntimeError(f"sign-in answered {answer.status}")
        return self

    def browser_cookies(self, url: str) -> list[dict]:
        return [{"name": name, "value": value, "url": url} for name, value in self.cookies.items()]


def _joined(body: bytes) -> bytes:
    out = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        out.append(body[:length])
        body = body[length + 2 :]
    return b"".join(out)
