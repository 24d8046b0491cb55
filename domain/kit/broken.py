"""What a test finds wrong is a sentence: what was expected, what is there, and in which member they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from domain.values import Fact


class Unexpected(AssertionError):
    """An example came out otherwise than the test says."""


class BrokenLaw(AssertionError):
    """A projection or a policy does what none may do; `law` is the law in a sentence."""

    def __init__(self, who: str, law: str, how: str) -> None:
        super().__init__(f"{who} breaks the law {law!r}: {how}")
        self.law = law


def members_of(shown: object) -> dict[str, object] | None:
    """Return the members of a fact or a mapping; None for whatever has none."""
    if isinstance(shown, Fact):
        return shown.model_dump(mode="json", by_alias=True, exclude_none=True)
    return dict(cast("Mapping[str, object]", shown)) if isinstance(shown, Mapping) else None


def differences(expected: object, found: object, at: str = "") -> Iterator[str]:
    """Yield in which members two things differ: `claims is 1, not 2`."""
    here, there = members_of(expected), members_of(found)
    if here is None or there is None:
        if expected != found:
            yield f"{at or 'it'} is {found!r}, not {expected!r}"
        return
    for name in dict.fromkeys([*here, *there]):
        place = f"{at}.{name}" if at else name
        if name not in there:
            yield f"{place} is missing, not {here[name]!r}"
        elif name not in here:
            yield f"{place} is {there[name]!r}, and should not be there"
        else:
            yield from differences(here[name], there[name], place)
