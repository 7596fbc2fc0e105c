"""A link that does not tell the truth: a relay in front of the server that cuts answers off or answers in its place.

One connection carries one request, because gunicorn's sync workers close after each answer.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable

PORTAL = b"<!doctype html><title>Wi-Fi</title><h1>Welcome to the guest house</h1>"


class HostileLink:
    """``portal`` says of which paths a captive portal answers; ``cut`` is (part of a path, bytes let through)."""

    def __init__(self, site):
        self.upstream = site.port
        self.portal: Callable[[str], bool] = lambda path: False
        self.cut: tuple[str, int] | None = None
        self.lied_about: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        site.url = self.url
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            first = client.recv(65536)
            if not first:
                return
            path = first.split(b" ", 2)[1].decode()
            if self.portal(path):
                self.lied_about.append(path)
                head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(PORTAL)}\r\n"
                client.sendall(head.encode() + b"Connection: close\r\n\r\n" + PORTAL)
                client.shutdown(socket.SHUT_WR)
                # Read to the end: closing on what is still coming would reset what was sent.
                while client.recv(65536):
                    pass
                return
            limit = self.cut[1] if self.cut and self.cut[0] in path else None
            with socket.create_connection(("127.0.0.1", self.upstream), timeout=20) as server:
                server.sendall(first)
                threading.Thread(target=_pump, args=(client, server), daemon=True).start()
                whole = _pump(server, client, limit)
                if limit is not None and not whole:
                    # A reset, as a lost signal looks, and not the orderly end of an answer.
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                # Closing alone would leave the connection open for as long as the other thread reads from it.
                for end in (client, server):
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.listener.close()


def _pump(source: socket.socket, target: socket.socket, limit: int | None = None) -> bool:
    """False when the limit stopped it."""
    sent = 0
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if limit is not None and sent + len(data) > limit:
                target.sendall(data[: limit - sent])
                return False
            target.sendall(data)
            sent += len(data)
    return True
