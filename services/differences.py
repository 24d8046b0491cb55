"""Two cuts of a story, a place or a source are laid over each other: what appeared, changed and went, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.belief.explain import outcome_json, question_json
from domain.belief.judge import Outcome
from domain.entries import Edition
from domain.times import show
from services.beliefs import Beliefs
from services.changes import ChangeFinder
from services.cuts import Answer, Cutting, Query
from services.errors import BadQuery, Wrong
from services.facts import Facts
from services.scopes import About, Scopes
from services.shown import Json
from services.store.event_log import EventLog
from services.utterances import Utterances

ABSENT = ("unreported", "retracted")
"""Agreements under which nothing is said of a question any more, or not yet."""
CUT = "a position, an instant of recording, or edition/N of a story"
KINDS = ("appeared", "changed", "gone")


@dataclass(frozen=True, slots=True)
class _End:
    """One of the two cuts, as it was named; `edition` if it is that of one."""

    name: str
    cut: str
    position: str
    edition: Edition | None = None


class Differences:
    """Tells what is different between two cuts."""

    def __init__(
        self,
        log: EventLog,
        facts: Facts,
        scopes: Scopes,
        beliefs: Beliefs,
        changes: ChangeFinder,
        utterances: Utterances,
    ) -> None:
        self._log = log
        self._facts = facts
        self._scopes = scopes
        self._beliefs = beliefs
        self._changes = changes
        self._utterances = utterances

    def between(self, about: About, start: str, end: str | None, query: Query) -> Answer[Json]:
        """Return what appeared, changed and went between two cuts, each with the events that brought it about.

        A cut is a position, an instant, or `edition/N`: the position that the edition pinned. Without `end` it is the
        present. Where no valid time is given, that of the later edition counts, if it pinned one.

        Raises UnknownThing, BadQuery, LongHistory and what `Cuts.cut` raises.
        """
        first, last = self._end(about, "from", start, query), self._end(about, "to", end, query) if end else None
        asked = _at_the_editions(query, *(one.edition for one in (last, first) if one and one.edition))
        before = self._cut(about, first, asked)
        after = self._cut(about, last, asked) if last else self._scopes.cut(about, asked)
        if before.position > after.position:
            raise BadQuery([Wrong("to", f"position {after.position} lies before {before.position}", "a later cut")])
        found = list(self._found(about, before, after))
        body: Json = {
            about.kind: about.slug,
            "from": self._end_json(first, before.position),
            "to": self._end_json(last, after.position),
            "valid_at": asked.valid_at,
            "tz": asked.tz if asked.valid_at else None,
            "policy": after.policy.name,
            "without": sorted(after.without),
            **{kind: [row for its, row in found if its == kind] for kind in KINDS},
        }
        return replace(after.answer(body), immutable=before.timeless and after.immutable)

    def _found(self, about: About, before: Cutting, after: Cutting) -> Iterator[tuple[str, Json]]:
        if about.kind == "source":
            yield from self._utterances.differences(about.slug, before, after)
            return
        for question in self._scopes.questions(about, after):
            found = self._changes.all(question, after, before.position, after.position)
            if found and found[0].before != found[-1].after:
                row: Json = {
                    "question": question_json(question),
                    "before": outcome_json(found[0].before),
                    "after": outcome_json(found[-1].after),
                    "because": self._beliefs.transitions_json(question, found),
                }
                yield _kind_of(found[0].before, found[-1].after), row

    def _cut(self, about: About, end: _End, query: Query) -> Cutting:
        try:
            return self._scopes.cut(about, replace(query, as_of=end.position))
        except BadQuery as error:
            # The caller has never heard of `as_of` here.
            told = [replace(one, parameter=end.name) if one.parameter == "as_of" else one for one in error.wrong]
            raise BadQuery(told) from None

    def _end(self, about: About, name: str, cut: str, query: Query) -> _End:
        if not cut.startswith("edition/"):
            return _End(name, cut, cut)
        number = cut.removeprefix("edition/")
        # Whoever has just published it may ask before the view has it.
        present = self._scopes.cut(about, query).position
        published = self._facts.views.editions_of_story(about.slug, present) if about.kind == "story" else ()
        for one in published:
            if str(one.edition.number) == number:
                return _End(name, cut, str(one.edition.as_of), one.edition)
        raise BadQuery([Wrong(name, f"there is no edition {number!r} here", CUT)])

    def _end_json(self, end: _End | None, position: int) -> Json:
        recorded = self._log.at(position)
        told: Json = {
            "cut": end.cut if end else None,
            "position": position,
            "recorded": show(recorded.recorded) if recorded else None,
        }
        if end is None or end.edition is None:
            return told
        return {**told, "edition": {"number": end.edition.number, "title": end.edition.title}}


def _at_the_editions(query: Query, *editions: Edition) -> Query:
    """Return the query at the valid time that the first of these pinned for all its beliefs, unless it names one."""
    if query.valid_at is not None:
        return query
    for edition in editions:
        pinned = {belief.valid_at for belief in edition.beliefs}
        moment = pinned.pop() if len(pinned) == 1 else None
        if moment is not None:
            return replace(query, valid_at=moment, tz=query.tz or edition.tz)
    return query


def _kind_of(before: Outcome, after: Outcome) -> str:
    if before.agreement in ABSENT:
        return "appeared"
    return "gone" if after.agreement in ABSENT else "changed"
