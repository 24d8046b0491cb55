"""Every fact belongs to one thing, and only the hashes of its texts are stored with it."""

import json
from pathlib import Path

import pytest

from domain.events import EVENTS, Event, stream_of, texts_of
from domain.upcasts import decode
from domain.values import sha256_of
from support.builders import document, says, small_world
from support.ledger import uuid7

FOSSILS = Path(__file__).parents[1] / "fossils"
STREAMS = {
    "source-registered.v1": "source/sohr",
    "affiliation-asserted.v1": "affiliation/council/run_by/rebels",
    "affiliation-ended.v1": "affiliation/council/run_by/rebels",
    "lean-declared.v1": "lean/sohr/rebels",
    "lean-ended.v1": "lean/sohr/rebels",
    "source-rated.v1": "source/sohr",
    "location-registered.v1": "location/minian",
    "location-linked.v1": "link/minian/part_of/aleppo",
    "location-link-ended.v1": "link/minian/adjacent_to/western-aleppo",
    "aspect-registered.v1": "aspect/ceasefire",
    "document-archived.v1": f"document/{sha256_of('They hold the hills.')}",
    "story-registered.v1": "story/hills",
    "claim-recorded.v1": f"claim/{uuid7('c1')}",
    "claim-corrected.v1": f"claim/{uuid7('c1')}",
    "claim-withdrawn.v1": f"claim/{uuid7('c1')}",
    "claim-voided.v1": f"claim/{uuid7('c1')}",
    "relation-asserted.v1": f"claim/{uuid7('c1')}",
    "assessment-made.v1": "assessment/minian-footage",
    "edition-published.v1": "story/hills",
    "text-erased.v1": f"text/{sha256_of('They hold the hills.')}",
}


def fossil(name: str) -> Event:
    stored = json.loads((FOSSILS / f"{name}.json").read_bytes())
    return decode(json.dumps(stored["event"]), name)


def test_every_event_is_known_by_its_stored_name() -> None:
    assert STREAMS.keys() == EVENTS.keys()


@pytest.mark.parametrize(("name", "stream"), STREAMS.items(), ids=STREAMS.keys())
def test_every_event_belongs_to_one_stream(name: str, stream: str) -> None:
    assert stream_of(fossil(name)) == stream


@pytest.mark.parametrize("name", ["claim-recorded.v1", "claim-corrected.v1"])
def test_a_claim_refers_to_its_statement_and_to_the_words_of_its_quote(name: str) -> None:
    assert [text.sha256 for text in texts_of(fossil(name))] == [sha256_of("They hold the hills.")] * 2


@pytest.mark.parametrize("name", ["source-registered.v1", "claim-withdrawn.v1", "text-erased.v1"])
def test_other_events_refer_to_no_text(name: str) -> None:
    assert list(texts_of(fossil(name))) == []


def test_what_is_stored_holds_no_text() -> None:
    ledger = small_world()
    ledger.apply(document("They hold the hills."), says("sohr", "ongoing", statement="They fight on."))
    assert not [one for one in ledger.history if "They" in one.event.model_dump_json()]
    assert [text.body for one in ledger.history for text in texts_of(one.event)] == [None, None]
