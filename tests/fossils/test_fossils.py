"""Bytes of every shape that was ever stored are read for ever; fossils are added, never touched."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.events import EVENTS, LeanEnded, Recorded
from domain.upcasts import STEPS, UnknownEvent, decode
from services.store.codec import decode_row, state_of

FOSSILS = sorted(Path(__file__).parent.glob("*.json"))
ENVELOPES = {"before-names": None, "key": "key:anna", "account": 'oidc:id.example.org:"ünä","event":{}\\'}
"""Fossils of what stands around an event, and who recorded it."""


def event_in(fossil: Path) -> Any:  # noqa: ANN401 (the JSON of any event)
    return json.loads(fossil.read_bytes())["event"]


def test_every_stored_name_has_a_fossil() -> None:
    assert {fossil.stem for fossil in FOSSILS} == {*EVENTS, *STEPS}


@pytest.mark.parametrize("fossil", FOSSILS, ids=lambda fossil: fossil.stem)
def test_a_fossil_is_stored_under_its_own_name(fossil: Path) -> None:
    assert event_in(fossil)["type"] == fossil.stem


@pytest.mark.parametrize("fossil", FOSSILS, ids=lambda fossil: fossil.stem)
def test_a_fossil_is_read_as_an_event_of_today(fossil: Path) -> None:
    assert type(decode(json.dumps(event_in(fossil)), fossil.stem)) in EVENTS.values()


@pytest.mark.parametrize("fossil", [one for one in FOSSILS if one.stem in EVENTS], ids=lambda fossil: fossil.stem)
def test_a_fossil_of_a_shape_in_use_is_written_as_it_was_read(fossil: Path) -> None:
    event = decode(json.dumps(event_in(fossil)), fossil.stem)
    assert json.loads(event.model_dump_json(exclude_none=True)) == event_in(fossil)


@pytest.mark.parametrize(("name", "by"), ENVELOPES.items())
def test_an_event_is_read_with_who_recorded_it_and_written_with_the_same_bytes(name: str, by: str | None) -> None:
    stored = (Path(__file__).parent / "envelopes" / f"{name}.json").read_bytes().rstrip()
    found = decode_row(7, "lean-ended.v1", stored)
    assert found == Recorded(7, datetime(2016, 11, 8, 18, tzinfo=UTC), LeanEnded(source="sohr", towards="rebels"), by)
    assert state_of(found.event, found.recorded, found.by) == stored


def test_bytes_under_a_wrong_name_are_refused() -> None:
    with pytest.raises(UnknownEvent, match=r"lean-ended\.v1"):
        decode('{"type": "lean-ended.v1", "source": "a", "towards": "b"}', "lean-declared.v1")


@pytest.mark.parametrize("stored", ["", "{}", '{"type": "lean-ended.v1", "source": "a"}', '{"type": "rumour.v1"}'])
def test_bytes_that_are_no_event_are_refused(stored: str) -> None:
    with pytest.raises(UnknownEvent):
        decode(stored, "lean-ended.v1")


def test_no_fossil_holds_the_words_of_a_text() -> None:
    assert not [fossil.stem for fossil in FOSSILS if b"They hold the hills" in fossil.read_bytes()]


def test_an_old_shape_is_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STEPS, "lean-ended.v-2", lambda old: {**old, "type": "lean-ended.v-1", "towards": "rebels"})
    monkeypatch.setitem(STEPS, "lean-ended.v-1", lambda old: {**old, "type": "lean-ended.v1"})
    event = decode('{"type": "lean-ended.v-2", "source": "sohr"}', "lean-ended.v-2")
    assert event.model_dump() == {"type": "lean-ended.v1", "source": "sohr", "towards": "rebels"}
