"""Beside those who record and ask there are those who listen, build views anew, fetch everything, or behave badly."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import count

import httpx2

from bench.users import JSON, LIVE, Users, belief_of


class Crowd(Users):
    """All of them, at one service."""

    async def listen(self, path: str, seconds: float) -> None:
        """Listen to all that is new for so long, and see that no event is left out; then hang up without a word."""
        headers = {"Authorization": f"Bearer {self.keys['reader'][0]}", **LIVE}
        last = self.head if path == "/v1/events" else self.alert
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async with self.client.stream("GET", path, params={"after": last}, headers=headers) as answer:
                    async for line in answer.aiter_lines():
                        if line.startswith("id:") and path == "/v1/events":
                            last = self._heard(int(line[3:]), last)
                        elif line.startswith("id:"):
                            self.kept.ends["alerts heard"] += 1
                            self.alert = max(self.alert, int(line[3:]))
        if seconds == float("inf"):
            self.kept.complain(f"the stream {path} ended")

    def _heard(self, position: int, last: int) -> int:
        self.kept.ends["events heard"] += 1
        if position != last + 1:
            self.kept.complain(f"a stream went from {last} to {position}")
        answered = self.answered.get(position)
        if answered is not None and self.kept.now > answered:
            self.kept.took("stream", answered)
        return position

    async def follow(self, path: str, *, seconds: float | None = None) -> None:
        """Listen for ever, or again and again for some seconds."""
        while True:
            try:
                await self.listen(path, float("inf") if seconds is None else seconds * self.random.uniform(0.5, 1.5))
            except httpx2.HTTPError as error:
                self.kept.complain(f"the stream {path} broke: {error!r}")
                await asyncio.sleep(1)

    async def misbehave(self) -> None:
        """Hang up before the answer, send what cannot be read, ask for what is not there, and have no key."""
        while True:
            await asyncio.sleep(self.random.uniform(0.5, 1.5))
            body = self.random.choice(self.spoken)
            with suppress(httpx2.TimeoutException):
                match self.random.randrange(5):
                    case 0:
                        await self.call("reader", "GET", "/v1/locations/nowhere/beliefs")
                    case 1:
                        await self.call("editor", "POST", "/v1/claims", content=b'{"question":', headers=JSON)
                    case 2:
                        await self.client.get(belief_of(body), headers={"Authorization": "Bearer onr_none"})
                    case _:
                        await self.call("reader", "GET", "/v1/beliefs?limit=1000", timeout=0.01)
            self.kept.ends["misbehaved"] += 1

    async def rebuild(self, views: tuple[str, ...]) -> None:
        """Build one view after the other anew, and a what-if, which is dropped; rest three times as long as it took."""
        for number in count():
            name = (*views, "what-if")[number % (len(views) + 1)]
            began = self.kept.now
            if name == "what-if":
                name, of, body = f"soak-{number}", "picture", {"as": f"soak-{number}", "policy": "strict/1"}
            else:
                of, body = name, {}
            answer = await self.call("engineer", "POST", f"/v1/projections/{of}/replays", json=body)
            if answer.status_code != 202:
                self.kept.complain(f"replay of {name}: {answer.text}")
            ended = await self._replayed(name)
            self.kept.ends[f"replays {ended}"] += 1
            if ended != "switched" and not name.startswith("soak-"):
                self.kept.complain(f"the replay of {name} ended as {ended}")
            self.kept.took(f"replay {of}", began)
            if name != of:
                await self.call("engineer", "DELETE", f"/v1/projections/{name}")
            else:
                await self.call("engineer", "DELETE", f"/v1/projections/{name}/retired")
            await asyncio.sleep(max(20, 3 * (self.kept.now - began)))

    async def _replayed(self, name: str) -> str:
        headers = {"Authorization": f"Bearer {self.keys['engineer'][0]}", **LIVE}
        ended = "none"
        async with self.client.stream("GET", f"/v1/projections/{name}", headers=headers, timeout=900) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("event:"):
                    ended = line.partition(":")[2].strip()
        return ended

    async def export(self, every: float) -> None:
        """Fetch the whole ledger every so often."""
        headers = {"Authorization": f"Bearer {self.keys['reader'][0]}"}
        while True:
            await asyncio.sleep(every)
            began = self.kept.now
            async with self.client.stream("GET", "/v1/exports", headers=headers, timeout=300) as answer:
                async for _ in answer.aiter_bytes():
                    pass
            self.kept.took("export", began)
