"""What is registered is found by how words of its names begin, however somebody spells their accents and capitals."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from domain.spelling import words_of

Names = tuple[str, ...]
Fits = Callable[[Names], bool]


def called(wanted: str | None) -> Fits:
    """Return what tells whether each word wanted begins a word of these names; None, or no word, fits all."""
    words = words_of(wanted or "")

    def fits(names: Iterable[str]) -> bool:
        held = [word for name in names for word in words_of(name)]
        return all(any(one.startswith(word) for one in held) for word in words)

    return fits if words else _all_fit


def _all_fit(names: Names) -> bool:
    return True
