"""Who a protected source is becomes part of no event, and nothing that is recorded of it may give it away."""

import json

import pytest

from domain.commands import EraseText, RegisterSource, parse_command
from domain.entries import Source
from domain.events import SourceRegistered
from domain.identities import Identity, Sealed, gives_away
from domain.kit.paper import PaperLedger
from domain.refusals import (
    AlreadyRecorded,
    IdentityMissing,
    Malformed,
    NameGivenAway,
    NotProtected,
    Refusal,
    StaysProtected,
)
from support.builders import source

HELENE = {"name": "Hélène al-Sayed", "note": "met at the mill"}
GUARD = {"slug": "bridge-guard", "kind": "witness", "name": "a guard at the bridge", "confidential": True}


def guard(**more: object) -> RegisterSource:
    command = parse_command(json.dumps({"type": "source", **GUARD, "identity": HELENE, **more}))
    assert isinstance(command, RegisterSource)
    return command


@pytest.fixture
def ledger() -> PaperLedger:
    return PaperLedger([guard()])


def of(ledger: PaperLedger) -> Source:
    event = ledger.history[-1].event
    assert isinstance(event, SourceRegistered)
    return event.source


def refused(ledger: PaperLedger, command: RegisterSource, kind: type[Refusal]) -> list[str]:
    before = ledger.head
    with pytest.raises(kind) as caught:
        ledger.apply(command)
    assert ledger.head == before
    assert "elene" not in str(caught.value.problems)
    return [problem.pointer for problem in caught.value.problems]


def test_an_event_has_the_public_name_and_a_commitment(ledger: PaperLedger) -> None:
    kept = ledger.identity(str(of(ledger).commitment))
    assert of(ledger) == Source.model_validate({**GUARD, "commitment": kept.commitment if kept else None})
    assert kept == Sealed("bridge-guard", Identity.model_validate(HELENE), kept.salt if kept else b"")


def test_a_commitment_is_the_hash_of_salt_and_body() -> None:
    sealed = Sealed("bridge-guard", Identity.model_validate(HELENE), bytes(32))
    assert sealed.body.decode() == '{"name":"Hélène al-Sayed","note":"met at the mill","source":"bridge-guard"}'
    assert sealed.commitment == "3e8121fb5fc72c5db326934003b883a8760610966efa86e4d49b66632dbb50da"


def test_an_identity_shows_itself_in_no_trace(ledger: PaperLedger) -> None:
    kept = ledger.identity(str(of(ledger).commitment))
    told = f"{guard()!r} {guard()} {kept!r} {guard().identity} {guard().model_dump_json()}"
    assert "al-Sayed" not in told
    assert "mill" not in told


def test_the_same_identity_is_the_same_and_another_one_is_a_revision(ledger: PaperLedger) -> None:
    before = of(ledger).commitment
    assert ledger.apply(guard()) == ()
    ledger.apply(guard(identity={"name": "Somebody Else"}))
    assert of(ledger).commitment not in (None, before)


def test_a_revision_without_the_identity_leaves_it_as_it_is(ledger: PaperLedger) -> None:
    before = of(ledger).commitment
    ledger.apply(guard(identity=None, name="somebody in uniform"))
    assert (of(ledger).name, of(ledger).commitment) == ("somebody in uniform", before)


@pytest.mark.parametrize(
    ("member", "told"),
    [
        ("slug", "witness-helene"),
        ("slug", "alsayed-2"),
        ("name", "a guard called SAYED"),
        ("name", "Hélene's neighbour"),
        ("note", "cousin of Al Sayed"),
        ("key", "sources/hélène"),
    ],
)
def test_what_everybody_reads_must_not_hold_a_word_of_the_name(member: str, told: str) -> None:
    assert refused(PaperLedger(), guard(**{member: told}), NameGivenAway) == [f"/{member}"]


def test_a_later_name_must_not_give_away_who_it_is_either(ledger: PaperLedger) -> None:
    assert refused(ledger, guard(identity=None, name="Sayed the guard"), NameGivenAway) == ["/name"]


@pytest.mark.parametrize(
    ("name", "told", "gives"),
    [
        ("Ann Lee", "a cannon leer", False),
        ("Ann Lee", "the ann of the bridge", True),
        ("Bo Li", "bo at the bridge", True),
        ("王小明", "记者王小明说", True),
        ("أمل خوري", "شاهد اسمه خُوري", True),
        ("Jörg Straße", "joerg", False),
        ("Jörg Straße", "the strasse", True),
    ],
)
def test_a_word_is_found_in_any_spelling_but_not_by_chance(name: str, told: str, *, gives: bool) -> None:
    assert gives_away(Identity(name=name), told) is gives


def test_who_it_is_has_to_be_said_once() -> None:
    assert refused(PaperLedger(), guard(identity=None), IdentityMissing) == ["/identity"]


def test_only_a_confidential_source_has_an_identity() -> None:
    assert refused(PaperLedger(), guard(confidential=None), NotProtected) == ["/identity"]


def test_a_source_that_was_recorded_by_name_is_not_protected_afterwards() -> None:
    assert refused(PaperLedger([source("bridge-guard")]), guard(), StaysProtected) == ["/confidential"]


def test_a_protected_source_is_not_recorded_by_name_by_mistake(ledger: PaperLedger) -> None:
    assert refused(ledger, guard(confidential=None, identity=None), StaysProtected) == ["/confidential"]


def test_a_copy_takes_the_commitment_without_the_identity(ledger: PaperLedger) -> None:
    copy = PaperLedger([guard(identity=None, commitment=of(ledger).commitment)])
    assert of(copy) == of(ledger)
    assert copy.identity(str(of(copy).commitment)) is None


def test_a_commitment_to_another_source_is_refused(ledger: PaperLedger) -> None:
    stolen = guard(slug="other", identity=None, commitment=of(ledger).commitment)
    assert refused(ledger, stolen, AlreadyRecorded) == ["/commitment"]


def test_an_identity_is_erased_by_its_commitment_and_can_be_said_anew(ledger: PaperLedger) -> None:
    gone = str(of(ledger).commitment)
    ledger.apply(EraseText(sha256=gone, reason="an order of the court"))
    assert ledger.identity(gone) is None
    ledger.apply(guard())
    assert of(ledger).commitment != gone


@pytest.mark.parametrize(
    "identity", ["Hélène", 7, {"name": 7}, {"name": ""}, {"Hélène": True}, {"name": "x" * 501}, {"note": "Hélène"}]
)
def test_what_is_no_identity_is_refused_without_repeating_it(identity: object) -> None:
    with pytest.raises(Malformed) as caught:
        guard(identity=identity)
    assert {problem.pointer.split("/")[1] for problem in caught.value.problems} == {"identity"}
    assert "l\\xe8ne" not in ascii(caught.value.problems)
    assert "xx" not in str(caught.value.problems)
