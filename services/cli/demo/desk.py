"""Everything the demo knows it was told over HTTP, as any newsroom tool would be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Self, cast

import httpx2

from services import story
from services.cli.explained import Reader
from services.cli.failures import Failed
from services.cli.screen import visible

Json = dict[str, object]
_SECONDS = 60.0


class Desk:
    """A client of the service that always asks for answers which include what it has recorded."""

    def __init__(self, address: str) -> None:
        # A proxy of the environment has no business between a program and its own child.
        self._client = httpx2.Client(base_url=address, timeout=_SECONDS, trust_env=False)
        self.position = 0
        self.reader = Reader(
            lambda slug: self._found(f"/v1/sources/{slug}"),
            lambda slug: self._found(f"/v1/locations/{slug}"),
            lambda name: self._found(f"/v1/claims/{name}"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def record_story(self) -> Json:
        """Send the story's two files as one import and return the last line of the report; raises Failed if refused."""
        lines = [*story.lines("registry"), *story.lines("claims")]
        headers = {"Content-Type": "application/x-ndjson"}
        answer = self._client.post("/v1/imports", content=b"\n".join(lines) + b"\n", headers=headers)
        rows: list[Json] = [json.loads(line) for line in self._checked(answer).text.splitlines()]
        done = rows[-1]
        if done["report"] != "done" or done["refused"]:
            raise Failed(f"the service refused a part of the story: {rows[0].get('detail') or rows[0]}")
        self.position = cast("int", done["position"])
        return done

    def ask(self, path: str, **parameters: str) -> Json:
        """Return what a path answers; raises Failed with what the service said against it."""
        headers = {"Ledger-Position": str(self.position)}
        return visible(self._checked(self._client.get(path, params=parameters, headers=headers)).json())

    def _found(self, path: str) -> Json | None:
        answer = self._client.get(path, headers={"Ledger-Position": str(self.position)})
        return None if answer.status_code == HTTPStatus.NOT_FOUND else visible(self._checked(answer).json())

    def _checked(self, answer: httpx2.Response) -> httpx2.Response:
        if answer.is_error:
            told: Mapping[str, object] = answer.json()
            raise Failed(f"the service answered {answer.status_code}: {told.get('detail') or told.get('title')}")
        return answer
