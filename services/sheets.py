"""A timeline or a difference becomes a sheet whose every sentence can be followed to the ledger as it was then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import cast

from domain.belief.canonical import digest
from domain.belief.case import Cut
from domain.belief.difference import heard_json
from domain.belief.explain import question_json
from domain.belief.judge import UnknownAspect, settled
from domain.claims import Question
from domain.registry_view import RegistryView
from domain.times import show
from services import words
from services.beliefs import Beliefs
from services.cuts import Answer, Cutting, Query
from services.differences import KINDS
from services.facts import Facts
from services.pinning import Pinning
from services.scopes import About, Scopes
from services.sheet import Entry, Run, Section, Sentence, Sheet, Stamp, text
from services.shown import Json, hashes_of
from services.store.event_log import EventLog
from services.telling import Teller, day, turned
from services.timelines import Changes

MOST_TOLD = 200
"""Most changes that one sheet tells; how many more there are is said."""
HEADINGS = {"appeared": "New", "changed": "Changed", "gone": "Does not stand any more"}
Interests = dict[tuple[str, int], dict[str, list[str]]]
"""By question and position, the interest of each claim that was heard there."""


class Sheets:
    """Writes sheets; they hold texts of claims, so that nobody is told to keep one for ever."""

    def __init__(self, log: EventLog, facts: Facts, scopes: Scopes, beliefs: Beliefs) -> None:
        self._log = log
        self._facts = facts
        self._scopes = scopes
        self._beliefs = beliefs

    def difference(self, about: About, answer: Answer[Json], query: Query, base: str = "") -> Sheet:
        """Return the sheet of a difference, as `Differences.between` answered it."""
        body = answer.body
        first, last = cast("Json", body["from"]), cast("Json", body["to"])
        telling = self._telling(about, answer.position, query, cast("str | None", body["valid_at"]), body.get("tz"))
        rows = {kind: cast("Sequence[Json]", body[kind]) for kind in KINDS}
        told = [row for kind in KINDS for row in rows[kind]][:MOST_TOLD]
        telling.load([cast("Json", change["cause"]) for row in told for change in _because(row)])
        sections: list[Section] = []
        left = MOST_TOLD
        for kind in KINDS:
            entries = [telling.difference(row) for row in rows[kind][:left]]
            left -= len(entries)
            if entries:
                sections.append(Section(HEADINGS[kind], entries))
        ends = f"from {_end(first)} to {_end(last)}"
        lead = [text(f"What changed {ends}.")]
        if not told:
            lead.append(text("Nothing has changed."))
        total = sum(len(found) for found in rows.values())
        lead += _more(total, len(told), "questions")
        pinned = {**body, **telling.zone(), "from": _pinned(first), "to": _pinned(last)}
        path = telling.pinning.answer("diff", {"from": _pinned(first)["cut"], "to": _pinned(last)["cut"]})
        return Sheet(
            title=f"{telling.name}: what changed",
            lead=lead,
            sections=[*sections, *telling.digests()],
            stamps=[
                Stamp("From", _end(first)),
                Stamp("As known at", _end(last)),
                *telling.stamps(path, pinned),
            ],
            base=base,
        )

    def timeline(
        self, about: About, answer: Answer[list[Json]], query: Query, wanted: Changes, base: str = ""
    ) -> Sheet:
        """Return the sheet of a timeline, as `Timelines.of` answered it."""
        told = answer.body[:MOST_TOLD]
        telling = self._telling(about, answer.position, query, query.valid_at, query.tz)
        telling.load([cast("Json", row["cause"]) for row in told])
        days: dict[str, list[Entry]] = defaultdict(list)
        for row in told:
            days[day(str(row["recorded"])[:10])].append(telling.transition(row))
        lead = _more(len(answer.body), len(told), "changes") if told else [text("Nothing has changed.")]
        recorded = self._log.at(answer.position)
        known: Json = {"position": answer.position, "recorded": show(recorded.recorded) if recorded else None}
        filters = {name: value for name, value in asdict(wanted).items() if value is not None}
        path = telling.pinning.answer("timeline", {**filters, "as_of": answer.position})
        return Sheet(
            title=f"{telling.name}: how the picture changed",
            lead=lead,
            sections=[*(Section(f"Recorded on {of}", found) for of, found in days.items()), *telling.digests()],
            stamps=[
                Stamp("As known at", _end(known)),
                *telling.stamps(path, {**_source_of(answer), "changes": answer.body}),
            ],
            base=base,
        )

    def name(self, about: About, position: int) -> str:
        """Return what it is called at a position."""
        return name_of(self._facts.view(position), about)

    def _telling(self, about: About, position: int, query: Query, valid_at: str | None, tz: object) -> _Telling:
        view = self._facts.view(position)
        story = view.story(about.slug) if about.kind == "story" else None
        zone = str(tz or query.tz or (story.tz if story else None) or "UTC")
        asked = Query(str(position), valid_at, zone, query.policy, query.without, projection=query.projection)
        return _Telling(self._log, self._facts, self._beliefs, about, self._scopes.cut(about, asked), asked)


class _Telling:
    """What is told of one answer: entries, links that pin the cut, and the digests of the beliefs told of."""

    def __init__(  # noqa: PLR0913 (what a sheet is made of)
        self, log: EventLog, facts: Facts, beliefs: Beliefs, about: About, cutting: Cutting, asked: Query
    ) -> None:
        self._log = log
        self._facts = facts
        self._beliefs = beliefs
        self._about = about
        self._cutting = cutting
        self._asked = asked
        self._view: RegistryView = facts.view(cutting.position)
        self.pinning = Pinning(self._view, about, cutting, asked)
        self._teller = Teller(self._view, {}, {})
        self._interests: Interests = {}
        self._told: dict[Question, None] = {}
        self.name = name_of(self._view, about)

    def load(self, causes: Sequence[Json]) -> None:
        """Look up the claims that the causes are about."""
        names = {str(cause[part]) for cause in causes for part in ("claim", "replacement") if part in cause}
        names |= {str(cast("Json", cause["relation"])["claim"]) for cause in causes if "relation" in cause}
        found = self._facts.views.claims_named(names, self._cutting.position) if names else []
        texts = self._log.texts(hashes_of(one.claim for one in found))
        self._teller = Teller(self._view, {one.claim.id: one for one in found}, texts)

    def difference(self, row: Json) -> Entry:
        """Return what is told of one question of a difference."""
        head = self._head(row)
        because = _because(row)
        several = len(because) > 1 and self._about.kind != "source"
        return Entry(head, [self._cause(row, one, several=several) for one in because])

    def transition(self, row: Json) -> Entry:
        """Return what is told of one change of a timeline."""
        return Entry(self._head(row), [self._cause(row, row, several=False)])

    def _head(self, row: Json) -> Sentence:
        asked = cast("Json", row["question"])
        question = Question.model_validate(asked)
        before, after = row["before"], row["after"]
        named = Run(self._teller.question(asked), self.pinning.belief(question), strong=True)
        if self._about.kind == "source":
            now, then = (self._teller.stance(cast("Sequence[Json]", end)) for end in (after, before))
            return text(named, f": says {now}; before, it said {then}.")
        self._told[question] = None
        return text(named, f" {turned(cast('Json', before), cast('Json', after), self._teller.called)}")

    def _cause(self, row: Json, change: Json, *, several: bool) -> Sentence:
        question = Question.model_validate(row["question"])
        then = words.finding(cast("Json", change["after"]), self._teller.called) if several else ""
        heard = self._heard(question, cast("int", change["position"]))
        return self._teller.cause(cast("Json", change["cause"]), heard, f"then {then}" if then else "")

    def _heard(self, question: Question, position: int) -> Mapping[str, Sequence[str]]:
        """Return in whose interest each claim was that was heard on the question then."""
        key = (question.name, position)
        if key not in self._interests:
            self._interests[key] = self._facts.judged([question], position, self._cutting.at, self._judge)[0]
        return self._interests[key]

    def _judge(self, cut: Cut, question: Question) -> dict[str, list[str]]:
        try:
            heard = heard_json(settled(cut, self._cutting.asked(question)), None)["heard"]
        except UnknownAspect:
            return {}
        groups = cast("Iterable[Mapping[str, list[str]]]", heard)
        return {claim: group["interest"] for group in groups for claim in group["claims"]}

    def digests(self) -> list[Section]:
        """Return the digests of the beliefs that were told of, each with the address that gives it again."""
        if not self._told:
            return []
        told = [
            text(
                Run(self._teller.question(question_json(question)), self.pinning.belief(question)),
                f": {body['digest']}",
            )
            for question in self._told
            for body in self._beliefs.short([question], self.pinning.cutting(question))
        ]
        head = text(f"At position {self._cutting.position}, each as its link gives it: SHA-256 of its RFC 8785 form.")
        return [Section("Digests of these beliefs", [Entry(head, told)])]

    def zone(self) -> Json:
        """Return the zone of the valid time, as the pinned answer tells it."""
        return {"tz": self._asked.tz if self._asked.valid_at else None}

    def stamps(self, path: str, body: Json) -> list[Stamp]:
        """Return what time was asked of, who judged, where the answer is, and its digest as JSON."""
        at = self._asked.valid_at
        present = f"the present, {words.moment(show(self._cutting.at.now.start))}; of what happened, the latest episode"
        judged = (
            self._cutting.policy.name if self._asked.projection is None else f"the picture {self._asked.projection}"
        )
        left_out = [self._teller.called(slug) for slug in self._asked.without]
        return [
            Stamp("Asked of", f"{day(at)} ({self._asked.tz})" if at else present),
            Stamp("Judged by", f"{judged}{f', without {words.listed(left_out)}' if left_out else ''}"),
            Stamp("Permalink", path, path),
            Stamp("SHA-256 of this answer as JSON (RFC 8785)", digest(body)),
        ]


def name_of(view: RegistryView, about: About) -> str:
    """Return the title of a story, or the name of a place or a source."""
    if about.kind == "story":
        story = view.story(about.slug)
        return story.title if story else about.slug
    teller = Teller(view, {}, {})
    return teller.at(about.slug) if about.kind == "location" else teller.called(about.slug)


def _because(row: Json) -> list[Json]:
    return cast("list[Json]", row["because"])


def _pinned(end: Json) -> Json:
    """Return a cut by what it will always be called: its edition, or its position."""
    return end if str(end["cut"]).startswith("edition/") else {**end, "cut": str(end["position"])}


def _end(end: Json) -> str:
    """Return a cut in words: the edition, if it is one, and the position with its instant."""
    recorded = f", {words.moment(end['recorded'])}" if end.get("recorded") else ""
    where = f"position {end['position']}{recorded}"
    edition = end.get("edition")
    if not isinstance(edition, Mapping):
        return where
    named = cast("Json", edition)
    return f"edition {named['number']}, “{named['title']}” ({where})"


def _more(total: int, told: int, what: str) -> list[Sentence]:
    return [text(f"These are the first {told} of {total} {what}; a filter leaves fewer.")] if total > told else []


def _source_of(answer: Answer[list[Json]]) -> Json:
    told: Json = {"position": answer.position}
    return told if answer.projection is None else {**told, "projection": answer.projection}
