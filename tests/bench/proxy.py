"""What stands between a phone and the server in a measurement: a counter of bytes, or a long, thin link.

``Counter`` lets everything through and keeps, for each connection, what it carried: gunicorn answers one request a
connection, so that is the weight of a request, whoever made it, the service worker included. ``LongLink`` speaks
TLS and keeps connections alive as the web server in front of gunicorn does, behind a line with the delay of a real
round trip for the TCP connection, the TLS handshake and every request, and with a rate shared by all connections:
CDP's emulation leaves connection set-up out.
"""

import asyncio
import base64
import contextlib
import datetime
import hashlib
import ipaddress
import ssl
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SEGMENT = 1_400


class _Loop(ABC):
    """An event loop in a thread; what it serves begins and ends with the block."""

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self.serve(), self.loop).result(10)
        return self

    def __exit__(self, *failure):
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def _end(self):
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @abstractmethod
    async def serve(self): ...


@dataclass
class Carried:
    """One connection: its request line, and the bytes of both directions, headers included."""

    request: str = ""
    up: int = 0
    down: int = 0


class Counter(_Loop):
    def __init__(self, port: int):
        self.behind = port
        self.carried: list[Carried] = []

    async def serve(self):
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def _connected(self, reader, writer):
        carried = Carried()
        with contextlib.suppress(OSError):
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.behind)
            await asyncio.gather(
                self._through(reader, there_writer, carried, "up"), self._through(there_reader, writer, carried, "down")
            )

    async def _through(self, reader, writer, carried, direction):
        with contextlib.suppress(OSError):
            while part := await reader.read(65_536):
                if direction == "up" and not carried.request:
                    # A connection opened in advance and never used carries nothing and is not listed.
                    carried.request = part.split(b"\r\n", 1)[0].decode("latin-1").removesuffix(" HTTP/1.1")
                    self.carried.append(carried)
                setattr(carried, direction, getattr(carried, direction) + len(part))
                writer.write(part)
                await writer.drain()
        writer.close()

    @property
    def down(self) -> int:
        return sum(one.down for one in self.carried)

    @property
    def up(self) -> int:
        return sum(one.up for one in self.carried)


class _Line:
    """One direction of a link: what is sent waits for its turn, then travels."""

    def __init__(self, delay: float, rate: float):
        self.delay, self.rate, self.free = delay, rate, 0.0

    def arrives(self, size: int, now: float) -> float:
        self.free = max(self.free, now) + size / self.rate
        return self.free + self.delay


class LongLink(_Loop):
    """``round_trip`` in seconds, ``rate`` in bytes a second for each direction."""

    def __init__(self, port: int, place: Path, round_trip: float = 0.4, rate: float = 50_000):
        self.behind, self.round_trip = port, round_trip
        self.to_server, self.to_phone = _Line(round_trip / 2, rate), _Line(round_trip / 2, rate)
        self.certificate, self.key_hash = _certificate(place)

    async def serve(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        context.set_alpn_protocols(["http/1.1"])
        near = await asyncio.start_server(self._secured, "127.0.0.1", 0, ssl=context)
        self.near = near.sockets[0].getsockname()[1]
        far = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = far.sockets[0].getsockname()[1]
        self.url = f"https://127.0.0.1:{self.port}"

    # --- the line ------------------------------------------------------------------------------------------------

    async def _connected(self, reader, writer):
        # The phone's first bytes leave after the answer to its SYN, one round trip after it asked to be connected.
        opened = self.loop.time()
        with contextlib.suppress(OSError):
            near_reader, near_writer = await asyncio.open_connection("127.0.0.1", self.near)
            await asyncio.gather(
                self._travel(reader, near_writer, self.to_server, opened + self.round_trip * 1.5),
                self._travel(near_reader, writer, self.to_phone, 0.0),
            )

    async def _travel(self, reader, writer, line, not_before):
        under_way: asyncio.Queue = asyncio.Queue()

        async def arrive():
            while True:
                at, part = await under_way.get()
                await asyncio.sleep(max(0.0, at - self.loop.time()))
                if not part:
                    writer.close()
                    return
                with contextlib.suppress(OSError):
                    writer.write(part)

        arriving = asyncio.create_task(arrive())
        part = b"-"
        while part:
            try:
                part = await reader.read(SEGMENT)
            except OSError:
                part = b""
            at = line.arrives(len(part), self.loop.time()) if part else line.free + line.delay
            under_way.put_nowait((max(at, not_before), part))
        await arriving

    # --- the web server in front of gunicorn -----------------------------------------------------------------------

    async def _secured(self, reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _field(head, b"content-length")
                body = await reader.readexactly(int(length)) if length else b""
                writer.write(await self._answer(head, body))
                await writer.drain()
        writer.close()

    async def _answer(self, head: bytes, body: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.behind)
        first, *lines = head.rstrip().split(b"\r\n")
        kept = [line for line in lines if not line.lower().startswith((b"connection:", b"x-forwarded"))]
        kept += [b"Connection: close", b"X-Forwarded-Proto: https", b"X-Forwarded-For: 127.0.0.1"]
        writer.write(b"\r\n".join([first, *kept]) + b"\r\n\r\n" + body)
        answer = await reader.read(-1)
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        if not _field(head, b"content-length") and not _field(head, b"transfer-encoding"):
            lines.append(b"Content-Length: %d" % len(body))
        return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _field(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip()
    return b""


def _certificate(place: Path) -> tuple[Path, str]:
    """A certificate for 127.0.0.1, and the hash by which Chromium is told to trust it (workers need a trusted one)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    path = place / "link.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return path, base64.b64encode(hashlib.sha256(public).digest()).decode()
