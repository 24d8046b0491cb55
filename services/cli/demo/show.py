"""The demo starts the service, records the story, briefs the reader, and serves on for as long as somebody watches."""

from __future__ import annotations

import socket
import time
from dataclasses import replace

import httpx2

from services import words
from services.cli.demo.briefing import Briefing
from services.cli.demo.desk import Desk
from services.cli.demo.service import Service
from services.cli.failures import Failed
from services.cli.screen import console, errors, print_paragraph
from services.settings import Settings


def run_demo(settings: Settings, *, once: bool, fixed_port: bool) -> None:
    """Brief the reader from a service on these settings; then serve until ctrl-C, or end with `once`.

    If the port is taken and was not asked for, another one does. Raises Failed.
    """
    if settings.port == 0 or not (fixed_port or _is_free(settings)):
        settings = replace(settings, port=_free_port(settings.host))
    out = console()
    print_paragraph(errors(), f"Starting the service on PostgreSQL of its own, in {settings.home} …", style="dim")
    began = time.monotonic()
    told = False
    try:
        with Service(settings) as service, Desk(service.address) as desk:
            ready = time.monotonic() - began
            print_paragraph(errors(), f"It answers at {service.address}, after {ready:.1f} s.", style="dim")
            done = desk.record_story()
            Briefing(desk, out, service.address, settings.home).tell(done)
            told = True
            if not once:
                print_paragraph(out, f"The service goes on at {service.address} until you press ctrl-C.", style="bold")
                service.wait()
    except httpx2.TransportError as error:
        raise Failed(f"the service could not be asked: {error}") from error
    except KeyboardInterrupt:
        if not told:
            raise
        # Whoever ends it after the briefing has seen what there was to see.
        out.print()
        print_paragraph(out, f"Ended; the story stays in {settings.home} until the next demo.")
        return
    if once:
        print_paragraph(
            errors(), f"Ended after {words.counted(round(time.monotonic() - began), 'second')}.", style="dim"
        )


def _is_free(settings: Settings) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError:
            return False
    return True


def _free_port(host: str) -> int:
    with socket.socket() as trial:
        trial.bind((host, 0))
        return trial.getsockname()[1]
