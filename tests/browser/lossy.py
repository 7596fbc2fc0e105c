"""A real network that loses replies: a TCP relay in front of the server, used by the stories about lost answers.

Intercepting in the browser would not do: a request that never leaves is not a request whose reply is lost.
"""

import contextlib
import socket
import threading


class LossyLink:
    """Relays to the server. While ``losing`` is set, answers to deliveries are read from the server and dropped."""

    def __init__(self, port: int):
        self.upstream = port
        self.losing = threading.Event()
        self.lost = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with client:
            try:
                server = socket.create_connection(("127.0.0.1", self.upstream), timeout=20)
            except OSError:
                return
            with server:
                first = client.recv(65536)
                losing = self.losing.is_set() and first.startswith(b"POST /api/sync/")
                server.sendall(first)
                threading.Thread(target=self._pump, args=(client, server), daemon=True).start()
                # gunicorn's sync workers close after each answer, so the end of the stream is the end of the answer.
                self._pump(server, None if losing else client)
                if losing:
                    self.lost += 1
                # Closing alone would leave the connection open for as long as the other thread reads from it.
                for end in (client, server):
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket | None) -> None:
        try:
            while data := source.recv(65536):
                if target:
                    target.sendall(data)
        except OSError:
            pass

    def close(self) -> None:
        self.listener.close()
