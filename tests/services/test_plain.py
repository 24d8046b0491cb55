"""A plain line is read by a short cut, and nobody can tell by what is recorded or refused."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.claims import Claim
from domain.commands import RecordClaim, claim_of, parse_command
from domain.events import ClaimRecorded
from domain.refusals import Malformed
from services.imports import import_all_or_nothing, import_lines
from services.ledger import Ledger
from services.plain import PlainClaim, PlainLine, plain_line
from services.store.codec import claim_state, state_of
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from services.submissions import prepare, submission_of
from support.chance import tried_on
from support.database import Cluster, fresh_database
from support.recording import CLAIM, numbered, registry

SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
Line = dict[str, Any]
Both = tuple[list[str], list[str], list[bytes], list[bytes]]
FULL: Line = {
    **CLAIM,
    "key": "k1",
    "id": numbered(1),
    "story": ["siege"],
    "facets": {"extent": "full"},
    "polarity": "denies",
    "modality": "planned",
    "hedged": True,
    "basis": "witnessed",
    "tz": "Asia/Damascus",
    "stated": {"edtf": "2016-11-07T10:00:00+02:00", "words": "on Monday"},
    "statement": "Он сказал: нет.",
    "relations": [{"type": "denies", "claim": numbered(2)}],
    "favours": ["rebels"],
    "against": ["army"],
    "tags": ["front", "bridge"],
}
COUNTED: Line = {**CLAIM, "value": None, "quantity": {"min": 3, "max": 5, "unit": "people", "verbatim": "a few"}}


def written(line: Line) -> bytes:
    return json.dumps({name: value for name, value in line.items() if value is not None}, ensure_ascii=False).encode()


def named_in(said: PlainClaim) -> list[str]:
    """What has to be registered before it can be said."""
    question = said.question
    sources = [link.source for link in said.chain]
    return [
        question.location,
        question.aspect,
        *sources,
        *(said.story or ()),
        *(said.favours or ()),
        *(said.against or ()),
    ]


def is_the_same(line: bytes) -> bool:
    """Hold the short cut against the long way; return whether it was taken."""
    plain = plain_line(line, lambda: numbered(9))
    if plain is None:
        return False
    try:
        command = parse_command(line)
    except Malformed:
        # The form of a name is not asked for where it has to be registered, which no such name is.
        assert not all(SLUG.fullmatch(name) for name in named_in(plain.said))
        return False
    asked = prepare(submission_of(command, line), lambda: numbered(9))
    assert isinstance(asked.command, RecordClaim)
    event = ClaimRecorded(claim=claim_of(asked.command))
    now = datetime(2026, 1, 2, tzinfo=UTC)
    assert (plain.keys, plain.fingerprint, plain.stream) == (asked.keys, asked.fingerprint, asked.thing)
    assert plain.fresh == bool(asked.fresh)
    assert claim_state(plain.claim, now) == state_of(event, now)
    statement = event.claim.statement
    assert plain.text == (None if statement is None else (statement.sha256, statement.body))
    return True


@pytest.mark.parametrize(
    "line",
    [
        CLAIM,
        FULL,
        COUNTED,
        {**COUNTED, "quantity": {"min": 0}},
        {**CLAIM, "type": "claim", "key": "k1"},
        {**CLAIM, "story": [], "facets": {}, "polarity": "asserts", "hedged": False, "basis": "statement", "tz": "UTC"},
        {**CLAIM, "modality": "asserted", "relations": [], "tags": [], "statement": ""},
        {**CLAIM, "valid": {"edtf": "2016-11-08/.."}, "tz": "+02:00"},
        {**CLAIM, "facets": {"polarity": "asserts"}, "statement": "  ,:{}[]'"},
        {**CLAIM, "value": "\x7f"},
    ],
)
def test_what_is_commonly_said_takes_the_short_cut_to_the_same_bytes(line: Line) -> None:
    assert is_the_same(written(line))
    assert is_the_same(written(line).replace(b": ", b":").replace(b", ", b","))
    assert is_the_same(written(dict(reversed(line.items()))))


LINE = written(FULL)


@pytest.mark.parametrize(
    "line",
    [
        LINE.replace(b'"hedged": true', b'"hedged": false, "hedged": true'),
        LINE.replace(b'"edtf"', b'"edtf": "2016", "edtf"', 1),
        LINE.replace(b'"extent"', b'"extent" : "partial", "extent"'),
        LINE.replace(b'"hedged": true', b'"hedged": null'),
        LINE.replace(b'"hedged": true', b'"hedged": 1'),
        LINE.replace(b'"hedged": true', b'"hedged": true, "quote": null'),
        LINE.replace(b'"hedged": true', b'"hedged":\ttrue'),
        LINE.replace(b"rebels", b"reb\\u0065ls"),
        LINE.replace(b"rebels", b"reb\x00ls"),
        LINE.replace(b"rebels", b"reb\xffls"),
        LINE.replace(b"rebels", b"reb\xed\xa0\x80ls"),
        LINE.replace(b'"front", "bridge"', b'"front", "front"'),
        LINE.replace(b'"siege"', b'"siege", "siege"'),
        LINE.replace(b'"full"', b'""'),
        LINE.replace(b'"extent"', b'"Extent"'),
        LINE.replace(b'"extent": "full"', b'"extent": "full", "b": "c"'),
        LINE.replace(b"2016-11-08", b"2016-11-31"),
        LINE.replace(b"+02:00", b""),
        LINE.replace(b"Asia/Damascus", b"Asia/Nowhere"),
        LINE.replace(numbered(1).encode(), numbered(1).upper().encode()),
        LINE.replace(numbered(1).encode(), b"1"),
        LINE.replace(b'"chain": [{', b'"chain": [{"x": 1, '),
        LINE.replace(b"mode", b"Mode"),
        LINE + b"}",
        b"\xef\xbb\xbf" + LINE,
        LINE.replace("Он сказал: нет.".encode(), b"x" * 20_001),
        LINE.replace('"Он сказал: нет."'.encode(), b'{"sha256": "' + b"0" * 64 + b'"}'),
        written({**COUNTED, "quantity": {"min": 3, "max": 2}}),
        written({**COUNTED, "quantity": {"verbatim": "a few"}}),
        written({**COUNTED, "quantity": {"min": "3.5"}}),
        written(COUNTED).replace(b'"min": 3', b'"min": 3.0'),
        written(COUNTED).replace(b'"min": 3', b'"min": -0'),
        written(COUNTED).replace(b'"min": 3', b'"min": true'),
        written(COUNTED).replace(b'"min": 3', b'"min": 1e1'),
        b"[]",
        b'{"type": "withdraw"}',
    ],
)
def test_whatever_is_not_plain_is_left_to_the_closer_look(line: bytes) -> None:
    assert plain_line(line, lambda: numbered(9)) is None


texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8)
values = st.one_of(
    st.none(), st.booleans(), st.integers(), texts, st.just([]), st.just({}), st.lists(texts, max_size=2)
)
places = st.sampled_from([*Claim.model_fields, "type", "colour"])


@given(st.dictionaries(places, values, max_size=3), st.sampled_from([FULL, CLAIM, COUNTED]), st.booleans())
@tried_on(300)
def test_no_line_is_read_otherwise_than_by_the_form(change: Line, line: Line, spaced: bool) -> None:
    is_the_same(
        json.dumps({**line, **change}, ensure_ascii=False, separators=(", ", ": ") if spaced else (",", ":")).encode()
    )


def test_the_short_cut_has_the_members_of_a_claim_in_their_order() -> None:
    ours = [name for name in PlainClaim.__struct_fields__ if name != "type"]
    assert ours == [name for name in Claim.model_fields if name != "quote"]
    assert PlainClaim.quote is None


def slow(line: Line) -> bytes:
    """The same line with a member that is null, which is not plain, and says the same."""
    return written(line) if "type" in line else written(line)[:-1] + b', "quote": null}'


def named(number: int, **more: object) -> Line:
    return {**CLAIM, "id": numbered(number), "key": f"k{number}", **more}


def chained(source: str) -> list[Line]:
    return [{"source": source, "role": "speaker", "mode": "quote", "naming": "named"}]


BRAND = {"type": "aspect", "name": "mood", "kind": "state", "values": ["calm", "tense"]}
MOOD = {"question": {"location": "east-bridge", "aspect": "mood"}, "value": "tense"}
FILE: list[Line] = [
    named(1),
    named(2, chain=chained("nobody")),
    named(3, question={"location": "nowhere", "aspect": "control"}),
    named(4, value="nobody"),
    named(5, question={"location": "east-bridge", "aspect": "nothing"}),
    named(6, published={"edtf": "2990-01-01"}),
    named(7, stated={"edtf": "2990-01-01T00:00:00Z"}),
    named(8, valid={"edtf": "2016-13-01"}),
    named(9, story=["untold"]),
    named(10, favours=["nobody"]),
    named(28, story=[""]),
    named(29, chain=chained("Nobody at all")),
    named(11, statement="Words that are kept apart."),
    named(12, statement="Words that are kept apart.", relations=[{"type": "carries", "claim": numbered(1)}]),
    named(13, relations=[{"type": "carries", "claim": numbered(13)}]),
    named(14, relations=[{"type": "carries", "claim": numbered(15)}]),
    named(15, relations=[{"type": "carries", "claim": numbered(14)}]),
    {**named(16), "id": numbered(1)},
    {**named(1, value="army")},
    named(1),
    {"type": "withdraw", "claim": numbered(11), "reason": "They said so.", "key": "w"},
    {"type": "correct", "claim": numbered(1), "replacement": named(20), "reason": "Misread.", "key": "c"},
    named(20),
    {"type": "source", "slug": "nobody", "kind": "wire", "name": "Now registered", "key": "s"},
    named(21, chain=chained("nobody")),
    {**BRAND, "key": "a1"},
    named(22, **MOOD),
    {**BRAND, "values": ["calm", "shaken"], "key": "a2"},
    named(23, **MOOD),
    named(24, value=None),
    named(25, quantity={"min": 3}),
    named(26, question={"location": "east-bridge", "aspect": "casualties"}, value=None, quantity={"min": 3}),
    named(27, question={"location": "east-bridge", "aspect": "casualties"}, value="three", quantity={"min": 3}),
]


@pytest.fixture(scope="module")
def both(cluster: Cluster) -> Iterator[Both]:
    with fresh_database(cluster) as one, fresh_database(cluster) as other:
        quick, quickly = recorded(one, [written(line) for line in FILE])
        slowly, slow_events = recorded(other, [slow(line) for line in FILE])
        yield quick, slowly, quickly, slow_events


def recorded(addresses: Addresses, lines: Iterable[bytes]) -> tuple[list[str], list[bytes]]:
    with EventLog(addresses.service) as log, Ledger(log) as ledger:
        list(ledger.record_many(registry()))
        report = [re.sub(r"clock, \S+", "clock", json.dumps(row)) for row in import_lines(ledger, lines)]
        return report, [state.partition(b',"event":')[2] for _, _, state in log.stored(0, 1_000)]


def test_a_file_is_told_alike_whichever_way_its_lines_are_read(both: Both) -> None:
    quick, slowly, _, _ = both
    assert quick == slowly


def test_a_file_is_stored_alike_whichever_way_its_lines_are_read(both: Both) -> None:
    _, _, quickly, slowly = both
    assert quickly == slowly
    assert len(quickly) > 10


def test_a_refused_line_in_the_midst_is_told_and_hurts_no_other(addresses: Addresses) -> None:
    lines = [
        written(named(number, chain=chained("nobody" if number == 1_234 else "agency"))) for number in range(2_500)
    ]
    with EventLog(addresses.service) as log, Ledger(log) as ledger:
        list(ledger.record_many(registry()))
        *_, refused, done = [row for row in import_lines(ledger, lines) if row["report"] != "progress"]
        assert (refused["line"], refused["kind"]) == (1_235, "unknown-source")
        assert (done["accepted"], done["refused"], done["position"], log.head()) == (2_499, 1, 2_503, 2_503)
        ids = [one.event.claim.id for one in log.read(4, 3_000) if isinstance(one.event, ClaimRecorded)]
        assert ids == [numbered(number) for number in range(2_500) if number != 1_234]


def test_all_or_nothing_is_nothing_if_a_plain_line_does_not_fit(addresses: Addresses) -> None:
    lines = [written(named(1)), written(named(2, chain=chained("nobody")))]
    with EventLog(addresses.service) as log, Ledger(log) as ledger:
        list(ledger.record_many(registry()))
        refused, done = import_all_or_nothing(ledger, lambda: lines)
        assert (refused["line"], done["accepted"], log.head()) == (2, 0, 4)
        *_, done = import_all_or_nothing(ledger, lambda: [lines[0], b"", written(named(3))])
        assert (done["accepted"], done["lines"], log.head()) == (2, 3, 6)


def test_what_a_plain_line_said_can_be_asked_for_in_the_same_transaction(addresses: Addresses) -> None:
    plain = plain_line(written(named(1, statement="Ours.")), lambda: numbered(9))
    assert isinstance(plain, PlainLine)
    withdrawn = parse_command(json.dumps({"type": "withdraw", "claim": numbered(1), "reason": "They said so."}))
    with EventLog(addresses.service) as log, Ledger(log) as ledger:
        list(ledger.record_many(registry()))
        outcomes = list(ledger.record_many([plain, withdrawn], atomic=True))
        assert [outcome.position for outcome in outcomes if not isinstance(outcome, Exception)] == [5, 6]
        assert [one.event.type for one in log.stream(f"claim/{numbered(1)}")] == [
            "claim-recorded.v1",
            "claim-withdrawn.v1",
        ]
        assert log.texts([plain.text[0]]) == {plain.text[0]: "Ours."} if plain.text else False
