"""`python -m api` is the service: it opens the ledger that the settings name and answers until it is told to stop."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from uvicorn import Server

from api.app import create_app
from api.desks import Desks
from api.logs import log_as, log_what_nobody_catches
from api.serve import server_on
from services.access.gate import Access
from services.access.opening import access_of, nobody_of, provider_of, refuse_carelessness, who_may_come_in
from services.bootstrap import Addresses, Newsroom, open_database, open_newsroom
from services.carrier import Carrier
from services.cli.failures import Failed, told
from services.desks import addresses_of, desk_called, known_desk, listed, migrated
from services.errors import NoSigningKey
from services.layers import layers_of
from services.reading import reading_of
from services.settings import BadSetting, Settings, read_settings
from services.signing import Signer, signer_of
from services.traces import traced
from services.watch import outward_of

if TYPE_CHECKING:
    from services.access.provider import Provider


SWITCH = 0.001
"""Seconds after which a thread that works lets another go on, in place of Python's five milliseconds.

A call waits for its turn after each statement that it has the database answer, and beside one that judges hundreds of
questions that is most of what it waits for.
"""


def main() -> int:
    """Serve, and return the exit status: 0 after SIGINT or SIGTERM, 1 if it could not begin."""
    # Both ask for the same: server, views and database end in this order, and all that was taken in is kept.
    signal.signal(signal.SIGTERM, _interrupt)
    sys.setswitchinterval(SWITCH)
    try:
        _serve(read_settings())
    except KeyboardInterrupt:
        return 0
    except Exception as error:
        sentence = told(error)
        if sentence is None:
            raise
        print(f"onrecord: {sentence}", file=sys.stderr)  # noqa: T201 (the terminal is who asked)
        return 1
    return 0


def _serve(settings: Settings) -> None:
    refuse_carelessness(settings)
    if settings.desk is not None:
        raise BadSetting("ONRECORD_DESK", settings.desk, "none, since the service serves every desk,")
    provider = provider_of(settings)
    with (
        traced(),
        open_database(settings) as addresses,
        Carrier(partial(log_as, settings.log)) as carrier,
        _opened(settings, addresses, provider, carrier) as (newsroom, access),
        closing(_bound(settings.host, settings.port)) as listening,
        listed(addresses, reading=settings.reading) as names,
    ):
        try:
            main = create_app(newsroom, access, calls_a_minute=settings.calls_a_minute)
            nobody = None if settings.access == "open" else nobody_of(settings, newsroom.keys, provider)
            opened = partial(_desk, settings, provider, addresses, carrier)
            desks = Desks(main, names, opened, nobody, settings.calls_a_minute)
            server = server_on(desks, desks, settings.host, settings.port, settings.log)
            log_what_nobody_catches()
            # From before anybody is told of it: an interruption of whatever it is doing could get lost there.
            signal.signal(signal.SIGINT, partial(_end, server))
            signal.signal(signal.SIGTERM, partial(_end, server))
            host, port = listening.getsockname()[:2]
            address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
            kept = "a database of your own" if settings.database_url else f"the ledger in {settings.home}"
            serves = "answers questions on" if settings.reading else "serves"
            print(f"OnRecord {serves} {kept} at {address} (ctrl-C ends it)", flush=True)  # noqa: T201 (as above)
            print(who_may_come_in(settings, newsroom.keys), flush=True)  # noqa: T201 (as above)
            with desks.kept():
                server.run(sockets=[listening])
        finally:
            # The end has begun, and a second wish for it would only cut it short.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)


@contextmanager
def _opened(
    settings: Settings,
    addresses: Addresses,
    provider: Provider | None,
    carrier: Carrier,
    followed: Callable[[str], Addresses] | None = None,
) -> Generator[tuple[Newsroom, Access]]:
    """Open the ledger of the desk that the settings name, keep watch over it, and tell who is let in."""
    with (
        open_newsroom(
            addresses,
            signer=_signing(settings),
            sealing=settings.checkpoint_every,
            outward=outward_of(settings),
            layers=layers_of(settings),
            followed=followed,
            reading=reading_of(settings),
            carrier=carrier,
        ) as newsroom,
        newsroom.watch.kept(),
    ):
        yield newsroom, access_of(settings, newsroom.keys, provider)


@contextmanager
def _desk(
    settings: Settings, provider: Provider | None, main: Addresses, carrier: Carrier, name: str
) -> Generator[tuple[Newsroom, Access]]:
    """Open a desk beside the main one. The database of one that is embedded is migrated here, as the main one is."""
    is_migrated = settings.database_url is None and not settings.reading
    addresses = migrated(main, name) if is_migrated else addresses_of(main, name)

    def followed(desk: str) -> Addresses:
        return known_desk(main, desk_called(desk))

    with _opened(replace(settings, desk=name), addresses, provider, carrier, followed) as opened:
        yield opened


def _signing(settings: Settings) -> Callable[[], Signer]:
    """Return how to sign. The key is read, or made, at once: what is wrong with it is told before anybody is served."""
    try:
        signer = signer_of(settings)
    except NoSigningKey as missing:
        if settings.reading:
            return partial(signer_of, settings)
        print(f"onrecord: {missing}", file=sys.stderr)  # noqa: T201 (as above)
        return partial(signer_of, settings)
    return lambda: signer


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address; raises Failed if it is taken or not ours."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        try:
            if os.name == "posix":
                # A service that was restarted need not wait for connections that are only being forgotten.
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        advice = "end what listens there, or choose another port with --port or ONRECORD_PORT"
        raise Failed(f"cannot listen at {host} port {port}: {error.strerror or error}; {advice}") from error
    return listening


def _end(server: Server, number: int, frame: FrameType | None) -> None:
    server.should_exit = True


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
