"""Who recorded an event is in its bytes, and no name, however it is made, makes another event of them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import LeanEnded, Recorded
from domain.proof.believed import events_in
from services.errors import CorruptLedger
from services.exported import stored_line
from services.store.codec import claim_state, decode_row, recorded_in, state_of

NOW = datetime(2016, 11, 8, 18, tzinfo=UTC)
SAID = LeanEnded(source="sohr", towards="rebels")
STATE = (
    b'{"recorded":"2016-11-08T18:00:00.000000Z","event":{"type":"lean-ended.v1","source":"sohr","towards":"rebels"}}'
)
PIECES = st.sampled_from(
    ['"', "\\", '","event":', '","by":"', '"}', "\\u0022", "\n", "é", "\U0001f5de", "key:", "anna"]
)
NAMES = st.text('"\\,:{}eé\x7f\u2028', min_size=1, max_size=200) | st.lists(PIECES, min_size=1, max_size=9).map("".join)


def read(state: bytes) -> Recorded:
    return decode_row(7, SAID.type, state)


@given(NAMES)
def test_an_event_is_read_as_it_was_written_whoever_recorded_it(by: str) -> None:
    assert read(state_of(SAID, NOW, by)) == Recorded(7, NOW, SAID, by)


@given(NAMES)
def test_who_recorded_an_event_stands_in_one_line_of_an_export(by: str) -> None:
    line = stored_line(7, SAID.type, state_of(SAID, NOW, by))
    assert b"\n" not in line
    assert [one.by for one in events_in([line + b"\n"], 7)] == [by]


def test_a_name_stands_between_the_instant_and_the_event() -> None:
    assert state_of(SAID, NOW, "key:anna") == STATE.replace(b'Z",', b'Z","by":"key:anna",')


def test_a_claim_that_nobody_read_names_who_recorded_it_in_the_same_place() -> None:
    assert claim_state(b"{}", NOW, 'a"b') == (
        b'{"recorded":"2016-11-08T18:00:00.000000Z","by":"a\\"b","event":{"type":"claim-recorded.v1","claim":{}}}'
    )


def test_what_was_recorded_before_there_were_names_is_read_and_written_as_ever() -> None:
    assert read(STATE) == Recorded(7, NOW, SAID)
    assert state_of(SAID, NOW) == STATE


def test_when_an_event_was_recorded_is_found_before_a_name_too() -> None:
    assert recorded_in(state_of(SAID, NOW, "key:anna")) == NOW


@pytest.mark.parametrize("by", ["", "x" * 201, "a\x00b", "\ud800", 7])
def test_what_names_nobody_is_not_written(by: str) -> None:
    with pytest.raises(ValueError, match="str"):
        state_of(SAID, NOW, by)


@pytest.mark.parametrize(
    "name", [b'"a","by":"b"', b'"a","role":"admin"', b"7", b"null", b'""', b'"a\\x"', b'"\\ud800"', b'"a']
)
def test_bytes_in_which_a_name_is_none_are_no_event(name: bytes) -> None:
    with pytest.raises(CorruptLedger):
        read(STATE.replace(b'Z",', b'Z","by":' + name + b","))
