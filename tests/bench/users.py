"""A newsroom's users over HTTP record claims, see what became of them, and ask, each call by somebody's key."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

import httpx2

from bench.ledgers import Sent
from bench.world import story_of

READS = (
    *("belief",) * 8, *("place",) * 5, *("search",) * 4, *("past belief",) * 2, *("source",) * 2, *("map",) * 2,
    "story", "timeline",
)  # fmt: skip
"""What is asked, as often as it stands here."""
MOST_UNDER_WAY = 100
"""Calls of one kind that may wait for their answers; what is due beyond that is left out, and told."""
A_WRITE = 4
"""Questions asked for each claim recorded, beside that of whoever recorded it."""
_KEYED = ("/v1/claims", "/v1/imports")
MAP = {"Accept": "application/geo+json"}
JSON = {"Content-Type": "application/json"}
LIVE = {"Accept": "text/event-stream"}


class Took(NamedTuple):
    """When something was due, in seconds of the run, and the milliseconds until it was there."""

    at: float
    milliseconds: float


@dataclass
class Kept:
    """What users met: how long each kind of call took, how it ended, and what nobody should have met."""

    began: float = field(default_factory=time.perf_counter)
    times: defaultdict[str, list[Took]] = field(default_factory=lambda: defaultdict(list))
    ends: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return time.perf_counter() - self.began

    def took(self, kind: str, due: float) -> None:
        """Note that what was due then (in seconds of the run) is there now."""
        self.times[kind].append(Took(due, (self.now - due) * 1_000))

    def complain(self, said: str) -> None:
        """Note what should not have happened; the first hundred of it word for word."""
        self.ends["complaints"] += 1
        if len(self.complaints) < 100:
            self.complaints.append(f"{self.now:,.0f} s: {said[:400]}")


class Users:
    """All of them, at one service; `lines` are what is left to record, in order."""

    def __init__(self, client: httpx2.AsyncClient, keys: dict[str, list[str]], lines: Iterator[Sent]) -> None:
        self.client = client
        self.keys = keys
        self.lines = lines
        self.random = Random("users")
        self.spoken: deque[dict[str, Any]] = deque(maxlen=1_000)
        self._under_way: dict[str, asyncio.Event] = {}
        self.answered: dict[int, float] = {}
        self.head = 0
        self.alert = 0
        self.kept = Kept()

    def begin_anew(self) -> None:
        """Forget what was measured so far."""
        self.kept = Kept()

    async def call(self, role: str, method: str, path: str, **given: Any) -> httpx2.Response:  # noqa: ANN401
        """Call as one of those with the role, and as often as the service says to come back later."""
        headers = {"Authorization": f"Bearer {self.random.choice(self.keys[role])}", **given.pop("headers", {})}
        while True:
            try:
                answer = await self.client.request(method, path, headers=headers, **given)
            except (httpx2.ReadError, httpx2.RemoteProtocolError):
                # A connection that was kept may be closed at the very moment in which it is used again.
                # A line may be sent again: it has a key.
                if method != "GET" and path.partition("?")[0] not in _KEYED:
                    raise
                self.kept.ends["sent again"] += 1
                continue
            self.kept.ends[f"{answer.status_code}"] += 1
            if answer.status_code not in (429, 503):
                return answer
            await asyncio.sleep(float(answer.headers.get("retry-after", "1")))

    async def record(self, due: float) -> dict[str, Any] | None:
        """Record the next line; return its body if it was a claim, when its own belief was there."""
        sent = next(self.lines)
        claims = _claims_of(sent.body)
        waited = list(self._under_way.values() if sent.type == "edition" else
                      [self._under_way[one] for one in claims if one in self._under_way])  # fmt: skip
        done = asyncio.Event()
        self._under_way |= {one: done for one in claims if one not in self._under_way}
        try:
            await asyncio.gather(*(one.wait() for one in waited))
            if sent.type == "claim":
                return await self._claim(sent, max(due, self.kept.now) if waited else due)
            answer = await self.call("editor", "POST", "/v1/imports?atomic=true", content=sent.line() + b"\n",
                                     headers={"Content-Type": "application/x-ndjson"})  # fmt: skip
            if '"accepted":1' not in answer.text:
                self.kept.complain(f"{sent.type}: {answer.text}")
            return None
        finally:
            done.set()
            for one in [name for name, event in self._under_way.items() if event is done]:
                del self._under_way[one]

    async def _claim(self, sent: Sent, due: float) -> dict[str, Any] | None:
        answer = await self.call("editor", "POST", "/v1/claims", content=sent.line(), headers=JSON)
        if answer.status_code not in (200, 201):
            self.kept.complain(f"a claim was answered with {answer.status_code}: {answer.text}")
            return None
        self.kept.took("record", due)
        answered = self.kept.now
        position = int(answer.headers["ledger-position"])
        self.head = max(self.head, position)
        self.answered[position] = answered
        self.spoken.append(sent.body)
        await self._get("own belief", belief_of(sent.body), answered, headers={"Ledger-Position": str(position)})
        return sent.body

    async def ask(self, due: float) -> None:
        """Ask the next question."""
        kind = self.random.choice(READS)
        body = self.random.choice(self.spoken)
        place = body["question"]["location"]
        match kind:
            case "belief":
                path, headers = belief_of(body), {}
            case "past belief":
                path, headers = f"{belief_of(body)}?as_of={self.random.randrange(self.head // 2, self.head) + 1}", {}
            case "place":
                path, headers = f"/v1/locations/{place}/beliefs", {}
            case "map":
                path, headers = "/v1/beliefs?aspect=control&limit=1000", MAP
            case "story":
                path, headers = f"/v1/stories/{story_of(int(place[1:4]))}/beliefs", {}
            case "timeline":
                path, headers = f"/v1/locations/{place}/timeline", {}
            case "source":
                path, headers = f"/v1/sources/{body['chain'][0]['source']}/stances", {}
            case _:
                path, headers = f"/v1/claims?location={place}&order=newest", {}
        await self._get(kind, path, due, headers=headers)

    async def _get(self, kind: str, path: str, due: float, headers: dict[str, str]) -> None:
        answer = await self.call("reader", "GET", path, headers=headers)
        if answer.status_code != 200:
            self.kept.complain(f"{path} was answered with {answer.status_code}: {answer.text}")
            return
        self.kept.took(kind, due)

    async def at_a_rate(self, rate: float, act: Callable[[float], Awaitable[object]]) -> None:
        """Begin an act so often a second on average, at random moments, whether or not those before have ended."""
        due, under_way = self.kept.now, set[asyncio.Task[None]]()
        async with asyncio.TaskGroup() as acts:
            while True:
                due += self.random.expovariate(rate)
                await asyncio.sleep(max(0, due - self.kept.now))
                if len(under_way) >= MOST_UNDER_WAY:
                    self.kept.ends["left out"] += 1
                    continue
                begun = acts.create_task(self._told(act, due))
                under_way.add(begun)
                begun.add_done_callback(under_way.discard)

    async def work(self, users: int, seconds: float) -> float:
        """Let so many users record, see what became of it, and ask, one after the other; return the rounds a second."""
        until, rounds = self.kept.now + seconds, Counter[str]()

        async def user() -> None:
            while self.kept.now < until:
                await self._told(self.record, self.kept.now)
                for _ in range(A_WRITE):
                    await self._told(self.ask, self.kept.now)
                rounds["done"] += 1

        await asyncio.gather(*(user() for _ in range(users)))
        return rounds["done"] / self.kept.now

    async def _told(self, act: Callable[[float], Awaitable[object]], due: float) -> None:
        try:
            await act(due)
        except httpx2.HTTPError as error:
            self.kept.complain(f"{act.__name__}: {error!r}")


def belief_of(body: dict[str, Any]) -> str:
    asked = body["question"]
    subject = f"/{asked['subject']}" if "subject" in asked else ""
    return f"/v1/locations/{asked['location']}/beliefs/{asked['aspect']}{subject}"


def _claims_of(body: dict[str, Any]) -> list[str]:
    """Return the ids of claims that a command makes or names."""
    named = [body.get("id"), body.get("claim"), body.get("replacement", {}).get("id"), *body.get("claims", ())]
    relations = [*body.get("relations", ()), *([body["relation"]] if isinstance(body.get("relation"), dict) else [])]
    return [one for one in [*named, *(relation["claim"] for relation in relations)] if isinstance(one, str)]


async def answers_of(client: httpx2.AsyncClient, path: str, key: str = "") -> AsyncIterator[int]:
    """Yield what a path is answered with, again and again; 0 while nobody answers."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    while True:
        try:
            yield (await client.get(path, headers=headers)).status_code
        except httpx2.TransportError:
            yield 0
        await asyncio.sleep(0.2)
