"""An edition pins what it relied on; when that changes, the edition is affected, and says which, since when and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from domain.belief.asked import Asked
from domain.belief.case import Cut
from domain.belief.explain import belief
from domain.belief.word import At
from domain.claims import Question
from domain.commands import PublishEdition
from domain.entries import Reliance
from domain.projections.editions import Published
from domain.times import read, show
from domain.values import Quantity, When
from services.changes import ChangeFinder
from services.cuts import Answer, Cuts, Cutting, Page, Query
from services.errors import UnknownThing
from services.facts import Facts
from services.relying import Relying
from services.shown import Json, entry_json
from services.stories import Stories
from services.urgency import ORDER


@dataclass(frozen=True, slots=True)
class Draft:
    """What a desk says of an edition; what it relied on is worked out from it.

    Without `questions` it relied on all that the story follows, without `claims` on those that support these beliefs.
    """

    story: str
    title: str
    published: When | None = None
    tz: str = "UTC"
    number: int | None = None
    questions: tuple[Question, ...] | None = None
    claims: tuple[str, ...] | None = None
    corrects: int | None = None
    note: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class WantedEditions:
    """Which editions are wanted: of one story or of all; only those affected; else maybe the newest first."""

    story: str | None = None
    affected: bool = False
    newest: bool = False


class Editions:
    """Publishes editions, and tells what became of what they relied on."""

    def __init__(  # noqa: PLR0913 (each is one thing that it asks)
        self,
        facts: Facts,
        cuts: Cuts,
        stories: Stories,
        changes: ChangeFinder,
        relying: Relying,
        now: Callable[[], datetime],
    ) -> None:
        self._facts = facts
        self._cuts = cuts
        self._stories = stories
        self._changes = changes
        self._relying = relying
        self._now = now

    def prepare(self, draft: Draft, query: Query) -> PublishEdition:
        """Return the command that publishes the draft, as believed at the query's cut.

        A belief is pinned at the query's valid time, else at the present: an edition says what was so when it came out.
        """
        _, cutting = self._stories.cut(draft.story, query)
        moment = show(self._now()) or ""
        tz = query.tz or draft.tz
        at = At(read(query.valid_at, tz).interval, cutting.at.now) if query.valid_at else cutting.at
        followed = self._stories.questions(draft.story, cutting.position)
        questions = list(followed if draft.questions is None else draft.questions)

        def explain(cut: Cut, question: Question) -> Json:
            return belief(cut, Asked(question, at, cutting.policy))

        relied: list[Reliance] = []
        cited: set[str] = set()
        for question, body in zip(questions, self._facts.judged(questions, cutting.position, at, explain), strict=True):
            cited.update(cast("list[str]", body["supporters"]))
            relied.append(_reliance(question, query.valid_at, body))
        return PublishEdition(
            key=draft.key,
            story=draft.story,
            number=draft.number,
            title=draft.title,
            published=draft.published or When(edtf=moment),
            tz=tz,
            as_of=cutting.position,
            policy=cutting.policy.name,
            claims=tuple(sorted(cited)) if draft.claims is None else draft.claims,
            beliefs=tuple(relied),
            corrects=draft.corrects,
            note=draft.note,
        )

    def edition(self, slug: str, number: int, query: Query) -> Answer[Json]:
        """Return an edition with `affected`: what of it has changed since, by which events. Raises UnknownThing."""
        _, cutting = self._stories.cut(slug, query)
        found = self._facts.views.editions_of_story(slug, cutting.position)
        for published in found:
            if published.edition.number == number:
                body: Json = {
                    **entry_json(published.edition),
                    "position": published.position,
                    "corrected_by": _correcting(published, found),
                    "affected": self._relying.affected(published, found, cutting.position),
                }
                return Answer(body, cutting.position, cutting.timeless)
        raise UnknownThing("edition", f"{slug}/{number}")

    def editions(self, wanted: WantedEditions, after: str, limit: int, query: Query) -> Answer[Page]:
        """Return editions across stories: all as they came out or the newest first, or those affected by urgency.

        Affected ones of the same urgency come by the position since which they are, the newest first. `after` is the
        place of the last row of the page before. Raises UnknownThing for a story that was not known.
        """
        if wanted.story is not None:
            cutting = self._stories.cut(wanted.story, query)[1]
        else:
            cutting = self._cuts.cut(query, reading=("editions",))
        position = cutting.position
        if not wanted.affected:
            page = self._facts.views.editions_newest if wanted.newest else self._facts.views.editions_page
            found = page(position, wanted.story, int(after or 0), limit + 1)
            rows = [(str(one.position), self._row(one, position)) for one in found]
            return _page(rows, limit, cutting)
        # What the picture has not taken in yet it cannot rule out.
        views = self._facts.views
        rule_out = views.editions_touched if self._changes.has_reached(cutting) else views.editions_page
        touched = rule_out(position, wanted.story)
        shown = [self._row(one, position) for one in touched]
        ranked = [(_rank(row), row) for row in shown if cast("Json", row["affected"])["urgency"] is not None]
        behind = [(place, row) for place, row in sorted(ranked, key=lambda one: one[0]) if place > after]
        return _page(behind, limit, cutting)

    def _row(self, published: Published, position: int) -> Json:
        edition = published.edition
        later = self._facts.views.editions_of_story(edition.story, position)
        return {
            "story": edition.story,
            "number": edition.number,
            "title": edition.title,
            "published": entry_json(edition.published),
            "position": published.position,
            "as_of": edition.as_of,
            "corrects": edition.corrects,
            "corrected_by": _correcting(published, later),
            "affected": self._relying.affected(published, later, position),
        }


def _reliance(question: Question, valid_at: str | None, body: Json) -> Reliance:
    value = body["value"]
    strength = body["strength"]
    return Reliance(
        question=question,
        valid_at=valid_at,
        digest=str(body["digest"]),
        agreement=str(body["agreement"]),
        strength=None if strength is None else str(strength),
        value=Quantity.model_validate(value) if isinstance(value, dict) else None if value is None else str(value),
    )


def _correcting(published: Published, found: Sequence[Published]) -> list[Json]:
    """Return the editions that say they correct this one."""
    return [
        {"number": one.edition.number, "title": one.edition.title, "position": one.position}
        for one in found
        if one.edition.corrects == published.edition.number
    ]


def _rank(row: Json) -> str:
    """Return the place of an affected edition: texts of these places sort as the rows do."""
    affected = cast("Json", row["affected"])
    since = cast("int | None", affected["since"]) or 0
    newest_first = f"{2**63 - since:020d}"
    return f"{ORDER.index(str(affected['urgency'])):02d}/{newest_first}/{row['story']}/{row['number']:06d}"


def _page(rows: Sequence[tuple[str, Json]], limit: int, cutting: Cutting) -> Answer[Page]:
    following = rows[limit - 1][0] if len(rows) > limit else None
    return Answer(Page([row for _, row in rows[:limit]], following), cutting.position, cutting.timeless)
