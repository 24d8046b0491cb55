"""Whoever mistypes a name is told the names that come near it."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from services.bootstrap import Newsroom
    from services.cuts import Answer, Page

MOST_NAMES = 20_000
"""How many registered things are looked through for a name that comes near."""


class NoSuchName(Exception):
    """Nothing of this kind has this name; says which names come near."""

    def __init__(self, said: str, near: Iterable[str]) -> None:
        self.near = tuple(near)
        meant = f" Did you mean {' or '.join(self.near)}?" if self.near else ""
        super().__init__(f"{said}.{meant}")


@contextmanager
def suggesting(room: Newsroom) -> Generator[None, None, None]:
    """Raise NoSuchName in place of UnknownThing, UnknownAspect and UnknownPolicy."""
    from domain.belief.judge import UnknownAspect
    from domain.policies import UnknownPolicy
    from services.errors import UnknownThing

    try:
        yield
    except UnknownThing as error:
        raise NoSuchName(str(error), near(error.name, _known(room, error.kind))) from error
    except UnknownAspect as error:
        raise NoSuchName(str(error), near(error.name, _known(room, "aspect"))) from error
    except UnknownPolicy as error:
        raise NoSuchName(str(error), near(error.name, {name: name for name in error.known})) from error


def near(name: str, known: dict[str, str]) -> list[str]:
    """Return the slugs whose slug or name comes near; `known` maps either to the slug."""
    folded = {text.casefold(): slug for text, slug in known.items()}
    matches = get_close_matches(name.casefold(), folded, n=6, cutoff=0.6)
    inside = [text for text in folded if len(name) > 2 and name.casefold() in text]
    return list(dict.fromkeys(folded[text] for text in (*matches, *inside)))[:3]


def _known(room: Newsroom, kind: str) -> dict[str, str]:
    from services.cuts import Query

    query = Query()
    if kind == "location":
        return _names(room.places.locations("", MOST_NAMES, query), "slug", "names")
    if kind == "source":
        return _names(room.sources.sources("", MOST_NAMES, query), "slug", "name")
    if kind == "story":
        return _names(room.stories.stories("", MOST_NAMES, query), "slug", "title")
    if kind == "aspect":
        return {str(row["name"]): str(row["name"]) for row in room.places.aspects(query).body}
    if kind == "key":
        return {str(row["name"]): str(row["name"]) for row in room.keys.all()}
    if kind == "projection":
        return {str(row["name"]): str(row["name"]) for row in room.projections.all()}
    return {}


def _names(answer: Answer[Page], slug: str, called: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in answer.body.rows:
        own = str(row[slug])
        other = row.get(called)
        texts = cast("list[object]", other) if isinstance(other, list) else [other]
        found |= {str(text): own for text in texts if text}
        found[own] = own
    return found
