"""The Aleppo story comes to what its readers expect, belief by belief; the same cases are asked over HTTP elsewhere."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from domain.belief.history import transitions
from domain.belief.stances import stances
from domain.belief.words import own_words
from domain.claims import Question
from domain.commands import RecordClaim, parse_command
from domain.refusals import QuoteNotFound
from domain.times import show
from services.story import lines
from support.believing import asked, at, believed, case_of, cut_of
from support.expectations import EXPECTED, NOW, Case, differences, expectations, names, told
from support.ledger import ARTICLE, PaperLedger, loaded, needs_the_article

CASES = expectations()


@cache
def ledger(recorded: tuple[bytes, ...]) -> PaperLedger:
    return loaded(recorded)


def place(question: dict[str, str]) -> str:
    return Question(**question).name


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_story_comes_to_the_expected_belief(case: Case) -> None:
    belief = believed(
        ledger(case.recorded),
        place(case.question),
        case.valid_at or "",
        now=NOW,
        tz=case.tz,
        policy=case.policy,
        without=case.without,
    )
    assert differences(case.asserted, belief, names()) == []


def test_every_chapter_of_the_expectations_is_asked() -> None:
    asked_here = {"about", "document", "end_state", "shared_relay", "timeline_in_article_order", "stances", "intervals"}
    as_cases = {
        "beliefs", "stepwise", "unstated_basis", "without", "without_edge", "valid_at_monday", "no_false_alarm",
        "policies", "beyond", "later", "after_later_ndjson",
    }  # fmt: skip
    assert set(EXPECTED) == asked_here | as_cases


@pytest.mark.parametrize("timeline", EXPECTED["timeline_in_article_order"], ids=lambda one: place(one["question"]))
def test_the_belief_changes_with_the_expected_claims(timeline: dict[str, Any]) -> None:
    paper = ledger(told())
    by_position = {standing.recorded: names()[claim] for claim, standing in paper.standings.items()}
    question = asked(place(timeline["question"]), at(timeline["valid_at"], now=NOW))
    came = [
        {
            "cause": by_position[change.position],
            "agreement": change.after.agreement,
            "strength": change.after.strength,
            "value": change.after.value,
        }
        for change in transitions(case_of(paper), question, paper.head)
    ]
    assert came == timeline["transitions"]


@pytest.mark.parametrize("expected", EXPECTED["stances"], ids=lambda one: one["source"])
def test_a_source_stands_where_its_last_words_put_it(expected: dict[str, Any]) -> None:
    came = [
        {
            "question": stance.question.model_dump(exclude_none=True),
            "polarity": stance.polarity,
            "value": stance.value,
            "claim": names()[stance.claim],
            "implied": stance.implied,
        }
        for stance in stances(cut_of(ledger(told())), expected["source"], at(expected["valid_at"], now=NOW))
    ]
    assert came == expected["stances"]


@pytest.mark.parametrize(
    "expected", EXPECTED["intervals"], ids=lambda one: f"{one['claim']} on {place(one['question'])}"
)
def test_the_time_of_a_claim_is_read_by_the_kind_of_the_aspect(expected: dict[str, Any]) -> None:
    cut = cut_of(ledger(told()))
    question = Question(**expected["question"])
    aspect = cut.view.aspect(question.aspect)
    assert aspect is not None
    came = [
        (show(word.interval.start), show(word.interval.end))
        for word in own_words(cut, question, aspect)
        if names()[word.claim.id] == expected["claim"]
    ]
    assert came == [(expected["from"], expected["to"])]


@needs_the_article
def test_every_quote_lies_where_the_report_says_it() -> None:
    text = ARTICLE.read_bytes().decode()
    quoted = _with_the_article(text).apply(*(_quoting(line, text) for line in lines("claims")))
    assert len(quoted) == 50


@needs_the_article
@pytest.mark.parametrize("line", lines("claims"), ids=lambda line: json.loads(line)["key"])
def test_a_shifted_quote_is_refused_and_the_right_place_named(line: bytes) -> None:
    text = ARTICLE.read_bytes().decode()
    right = json.loads(line)["quote"]
    with pytest.raises(QuoteNotFound) as refused:
        _with_the_article(text).apply(_quoting(line, text, shifted=3))
    assert refused.value.nearest == (right["start"], right["end"])


def _with_the_article(text: str) -> PaperLedger:
    """A ledger with the registry of the story, whose document is held with its text."""
    shapes = [json.loads(line) for line in lines("registry")]
    held = [{**shape, "text": text} if shape["type"] == "document" else shape for shape in shapes]
    return loaded([json.dumps(shape) for shape in held])


def _quoting(line: bytes, text: str, shifted: int = 0) -> RecordClaim:
    """The claim with the very words that its quote points at, its span moved by so many characters."""
    shape = json.loads(line)
    quote = shape["quote"]
    exact = text[quote["start"] : quote["end"]]
    moved = {**quote, "start": quote["start"] + shifted, "end": quote["end"] + shifted, "exact": exact}
    command = parse_command(json.dumps({**shape, "quote": moved}))
    assert isinstance(command, RecordClaim)
    return command


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("strength", "S6"),
        ("supporters", ["C06"]),
        ("groups", [{"claims": ["C06"], "interest": "self"}]),
        ("sides", {"rebels": {"strength": "S2"}}),
        ("last", {"agreement": "contested"}),
        ("absent", ["C19"]),
        ("see_also", ["C49"]),
        ("unknown_field", None),
    ],
)
def test_a_wrong_expectation_is_noticed(field: str, wrong: object) -> None:
    belief = believed(ledger(told()), "1070-apartments/control", NOW, now=NOW)
    assert [line.partition(":")[0] for line in differences({field: wrong}, belief, names())] == [field]
