"""A message is posted to the very address that was looked at, and no receiver holds us up, slow or talkative."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore2
import httpx2

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[Address]]

DEADLINE = 10.0
"""Seconds for the whole of it: the name, the connection, the handshake, the message and the answer."""
MOST_READ = 64 * 1024
"""Bytes of an answer that are read, its head included."""
_NAT64 = IPv6Network("64:ff9b::/96")
_RESOLVING = ThreadPoolExecutor(8, thread_name_prefix="names")


class NotDelivered(Exception):
    """The message was not taken; says why. `is_final`: trying again would be of no use."""

    def __init__(self, said: str, *, is_final: bool = False) -> None:
        super().__init__(said)
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class Reply:
    """What a receiver answered; `retry_after` are the seconds that it asked for."""

    status: int
    retry_after: float | None = None


def unfit(url: str) -> str | None:
    """Return why messages cannot be posted to the URL; None if they can, as far as it is written down."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return str(error)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "it is no http or https URL with a host"
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "it has a user, a password or a fragment"
    if port == 0 or not url.isascii() or any(mark <= " " or mark == "\x7f" for mark in url):
        return "it is not written as a URL has to be"
    return None


def is_public(address: Address) -> bool:
    """Tell whether an address is on the open internet: not private, loopback, link-local, shared, reserved, multicast.

    An IPv4 address inside of an IPv6 one is what counts.
    """
    inner = _inner(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _inner(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None or address.sixtofour is not None:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def resolved(host: str, port: int) -> list[Address]:
    """Return the addresses of a host; raises OSError if there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(str(one[4][0]).partition("%")[0]) for one in found))


class Post:
    """Posts messages; `allowed` are the networks beyond the open internet that may be posted to.

    Without encryption nothing leaves these networks. Redirects are answers like any other, and are not followed. No
    proxy of the environment is used.
    """

    def __init__(
        self, allowed: Iterable[Network] = (), *, resolve: Resolve = resolved, deadline: float = DEADLINE
    ) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve
        self._deadline = deadline
        self._context: ssl.SSLContext | None = None

    def send(self, url: str, headers: Mapping[str, str], content: bytes) -> Reply:
        """Post the content, and return the answer's status. Raises NotDelivered."""
        if (said := unfit(url)) is not None:
            raise NotDelivered(said, is_final=True)
        parts = urlsplit(url)
        line = _Line(self._addresses(parts), time.monotonic() + self._deadline)
        if parts.scheme == "https" and self._context is None:
            self._context = httpx2.create_ssl_context()
        try:
            with httpcore2.ConnectionPool(
                ssl_context=self._context, network_backend=line, max_connections=1, max_keepalive_connections=0
            ) as pool:
                return _posted(pool, url, headers, content)
        except _Late:
            raise NotDelivered(f"it took longer than {self._deadline:g} seconds") from None
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            raise NotDelivered(f"{type(error).__name__}: {error}"[:300]) from error

    def _addresses(self, parts: SplitResult) -> list[Address]:
        """Return the addresses that may be connected to: nobody is asked for them a second time."""
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        try:
            found = _RESOLVING.submit(self._resolve, host, port).result(self._deadline / 2)
        except TookTooLong:
            raise NotDelivered(f"nobody tells the address of {host}") from None
        except (OSError, UnicodeError) as error:
            raise NotDelivered(f"{host} has no address: {error}") from error
        plain = parts.scheme == "http"
        fit = [one for one in found if self._is_allowed(one) or (is_public(one) and not plain)]
        if not fit:
            why = "without encryption" if plain and any(is_public(one) for one in found) else "that is not public"
            told = ", ".join(map(str, found)) or "no address"
            raise NotDelivered(f"{host} is {told}: nothing is sent to an address {why}, unless a setting allows it")
        return fit

    def _is_allowed(self, address: Address) -> bool:
        real = _inner(address) or address
        return any(real.version == network.version and real in network for network in self._allowed)


def _posted(pool: httpcore2.ConnectionPool, url: str, headers: Mapping[str, str], content: bytes) -> Reply:
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    with pool.stream("POST", url, headers=[*sent, (b"Connection", b"close")], content=content) as answer:
        told = {name.lower(): value for name, value in answer.headers}
        for _ in answer.iter_stream():
            pass  # some receivers take a message as refused that is not read to its end
        return Reply(answer.status, _seconds(told.get(b"retry-after")))


def _seconds(text: bytes | None) -> float | None:
    """Return the seconds of a Retry-After; a date, which some send, is left to our own pauses."""
    return float(text) if text is not None and text.isdigit() and len(text) <= 6 else None


class _Late(Exception):
    pass


class _Line(httpcore2.NetworkBackend):
    """Connects to given addresses and to no other, whatever the name says by now."""

    def __init__(self, addresses: Sequence[Address], give_up: float) -> None:
        self._addresses = addresses
        self._give_up = give_up

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address that answers."""
        del host, timeout, local_address, socket_options
        for address in self._addresses[:-1]:
            try:
                return self._connected(address, port, share=2)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return self._connected(self._addresses[-1], port)

    def _connected(self, address: Address, port: int, share: int = 1) -> httpcore2.NetworkStream:
        left = _left(self._give_up) / share
        return _Bounded(httpcore2.SyncBackend().connect_tcp(str(address), port, left), self._give_up)


class _Bounded(httpcore2.NetworkStream):
    """A connection that ends at an instant, and after so many bytes."""

    def __init__(self, stream: httpcore2.NetworkStream, give_up: float) -> None:
        self._stream = stream
        self._give_up = give_up
        self._read = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some more; what comes behind the most is not asked for."""
        del timeout
        if self._read >= MOST_READ:
            raise httpcore2.ReadError("the answer is too long")
        found = self._stream.read(min(max_bytes, MOST_READ - self._read), _left(self._give_up))
        self._read += len(found)
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        del timeout
        self._stream.write(buffer, _left(self._give_up))

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Encrypt from here on; the certificate must be that of the name, not of the address."""
        del timeout
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, _left(self._give_up)), self._give_up)

    def get_extra_info(self, info: str) -> object:
        """Return what the library asks of its own streams."""
        return self._stream.get_extra_info(info)


def _left(give_up: float) -> float:
    left = give_up - time.monotonic()
    if left <= 0:
        raise _Late
    return left
