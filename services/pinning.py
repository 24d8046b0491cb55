"""What is told is linked to the ledger as it was: the address of an answer names its position, time and judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from domain.belief.word import At
from domain.claims import Question
from domain.registry_view import RegistryView
from domain.times import show
from services.cuts import Cutting, Query
from services.scopes import About

PATHS = {"story": "stories", "location": "locations", "source": "sources"}


class Pinning:
    """Makes addresses that give the same answer again; `asked` is the query, with the zone that its dates are in."""

    def __init__(self, view: RegistryView, about: About, cutting: Cutting, asked: Query) -> None:
        self._view = view
        self._about = about
        self._cutting = cutting
        self._asked = asked

    def belief(self, question: Question) -> str:
        """Return the path of a belief at the cut."""
        path = f"/v1/locations/{question.location}/beliefs/{question.aspect}"
        whole = path if question.subject is None else f"{path}/{question.subject}"
        at = self._given() or ({"valid_at": str(show(self._cutting.at.now.start))} if self._is_state(question) else {})
        return f"{whole}?{self._written({'as_of': self._cutting.position, **at})}"

    def cutting(self, question: Question) -> Cutting:
        """Return the cut that the path of a belief names."""
        at = self._cutting.at
        if at.given is None and self._is_state(question):
            return replace(self._cutting, at=At(at.now, at.now))
        return self._cutting

    def answer(self, what: str, given: Mapping[str, object]) -> str:
        """Return the path of a whole answer, such as a `timeline`, asked with `given`."""
        path = f"/v1/{PATHS[self._about.kind]}/{self._about.slug}/{what}"
        return f"{path}?{self._written({**given, **self._given()})}"

    def _is_state(self, question: Question) -> bool:
        # Where no time is given, what happened is believed by its latest episode: no time says the same.
        aspect = self._view.aspect(question.aspect)
        return aspect is None or aspect.kind not in ("occurrence", "tally")

    def _given(self) -> dict[str, str]:
        return {"valid_at": self._asked.valid_at, "tz": str(self._asked.tz)} if self._asked.valid_at else {}

    def _written(self, given: Mapping[str, object]) -> str:
        if self._asked.projection is not None:
            return urlencode([*given.items(), ("projection", self._asked.projection)])
        left_out = [("without", slug) for slug in self._asked.without]
        return urlencode([*given.items(), ("policy", self._cutting.policy.name), *left_out])
