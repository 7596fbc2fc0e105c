"""A network that does not do what it should: a relay in front of the server that cuts answers off, loses them, or
answers in the server's place.

Called by conftest.py's ``link``. Intercepting in the browser would not do: a request that never leaves is not a request
whose reply is lost. One connection carries one request, because gunicorn's sync workers close after each answer.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable

#: Seconds the server may take for an answer.
PATIENCE = 90
PORTAL = b"<!doctype html><title>Wi-Fi</title><h1>Welcome to the guest house</h1>"


class Link:
    """Relays to the server at a port, truly until told otherwise.

    ``portal`` says of which paths a captive portal answers; ``cut`` is (part of a path, bytes let through); while
    ``losing`` is true, answers to deliveries are read from the server and dropped. ``on_delivery`` is called once, when
    the next delivery has gone to the server and its answer has not come back.
    """

    def __init__(self, port: int):
        self.upstream = port
        self.portal: Callable[[str], bool] = lambda path: False
        self.cut: tuple[str, int] | None = None
        self.losing = False
        self.on_delivery: Callable[[], None] | None = None
        #: What came of it: paths the portal answered, answers cut off, answers lost.
        self.lied_about: list[str] = []
        self.cuts = self.lost = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
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
            method, path, _ = first.decode("latin-1").split(" ", 2)
            if self.portal(path):
                self.lied_about.append(path)
                _answer(client)
                return
            cut = self.cut
            limit = cut[1] if cut and method == "GET" and cut[0] in path else None
            delivers = method == "POST" and path == "/api/sync/"
            losing = self.losing and delivers
            with socket.create_connection(("127.0.0.1", self.upstream), timeout=PATIENCE) as server:
                server.sendall(first)
                threading.Thread(target=_pump, args=(client, server), daemon=True).start()
                if delivers and self.on_delivery:
                    happen, self.on_delivery = self.on_delivery, None
                    happen()
                # The end of the stream is the end of the answer.
                whole = _pump(server, None if losing else client, limit)
                self.lost += losing
                if not whole:
                    self.cuts += 1
                    # A reset, as a lost signal looks, and not the orderly end of an answer.
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                # Closing alone would leave the connection open for as long as the other thread reads from it.
                for end in (client, server):
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        # Closing alone would not wake who waits for the next connection.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def _answer(client: socket.socket) -> None:
    """As a captive portal does, whatever was asked."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(PORTAL)}\r\n"
    client.sendall(head.encode() + b"Connection: close\r\n\r\n" + PORTAL)
    client.shutdown(socket.SHUT_WR)
    # Read to the end: closing on what is still coming would reset what was sent.
    while client.recv(65536):
        pass


def _pump(source: socket.socket, target: socket.socket | None, limit: int | None = None) -> bool:
    """False when the limit stopped it."""
    sent = 0
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if limit is not None and sent + len(data) > limit:
                target.sendall(data[: limit - sent])
                return False
            if target:
                target.sendall(data)
            sent += len(data)
    return True
