"""Whatever takes long goes on no longer than whoever asked would be let in: a stream, an export, a file coming in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import anyio.from_thread
from fastapi import Request

from api.access import credential_of, known
from services.access.gate import Access, Everybody
from services.access.refused import IdentityProviderAway, NotAdmitted
from services.errors import StoreUnavailable

LOOK = 3.0
"""Seconds after which it is asked again about somebody who waits for the next part; the gate may be `HOLDS` behind."""


class CutOff(Exception):
    """An answer that has begun is not completed, and its connection closed: nobody takes it for the whole."""


async def stands(request: Request) -> bool:
    """Tell whether whoever was let in would be let in now, too."""
    access: Access = request.app.state.access
    if isinstance(access, Everybody):
        return True
    try:
        await known(access, credential_of(request) or "")
    except NotAdmitted:
        return False
    except (StoreUnavailable, IdentityProviderAway):
        pass  # the stream will find out by itself, if it needs the database at all
    return True


async def while_admitted(
    request: Request, stream: AsyncIterator[bytes], *ends: asyncio.Future[Any]
) -> AsyncIterator[bytes]:
    """Yield what the stream does, until one of `ends` is done.

    Raises CutOff once whoever takes it would not be let in any more, also while there is nothing to yield.
    """
    waiting: list[asyncio.Future[Any]] = [*ends]
    try:
        while True:
            following = asyncio.ensure_future(anext(stream))
            waiting[len(ends) :] = [following]
            while not (await asyncio.wait(waiting, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED))[0]:
                await _refuse_fallen(request)
            if not following.done():
                return
            try:
                part = following.result()
            except StopAsyncIteration:
                return
            await _refuse_fallen(request)
            yield part
    finally:
        # Also where the listener has gone away in between: nobody is left who would take what comes next.
        for one in waiting:
            one.cancel()


async def _refuse_fallen(request: Request) -> None:
    if not await stands(request):
        raise CutOff


def written_while_admitted(request: Request, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks, in a thread of the event loop. Raises NotAdmitted once the caller would not be let in."""
    for chunk in chunks:
        if not anyio.from_thread.run(stands, request):
            raise NotAdmitted("whoever asked is not let in any more")
        yield chunk


async def sent_while_admitted(request: Request) -> AsyncIterator[bytes]:
    """Yield the body as it comes in. Raises NotAdmitted once whoever sends it would not be let in any more."""
    async for part in request.stream():
        if not await stands(request):
            raise NotAdmitted("whoever sent this is not let in any more: the rest was not taken in")
        yield part
