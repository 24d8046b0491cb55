"""Whatever is not one of the ledger's forms is refused with the place and what was expected, in the ledger's words."""

import json
from typing import Any

import pytest

from domain.claims import Claim
from domain.commands import (
    COMMANDS,
    CorrectClaim,
    RecordClaim,
    claim_of,
    entry_of,
    parse_command,
    plain_claim,
    with_ids,
)
from domain.refusals import Malformed, Problem
from support.builders import corrects, says, source
from support.ledger import uuid7

CLAIM: dict[str, Any] = {
    "question": {"location": "minian", "aspect": "fighting"},
    "value": "ongoing",
    "chain": [{"source": "sohr", "role": "speaker", "mode": "quote", "naming": "named"}],
    "valid": {"edtf": "2016-11-08"},
    "published": {"edtf": "2016-11-08"},
}


def refused(line: bytes | str) -> tuple[Problem, ...]:
    with pytest.raises(Malformed) as caught:
        parse_command(line)
    return caught.value.problems


def refused_claim(**change: object) -> tuple[Problem, ...]:
    return refused(json.dumps({**CLAIM, **change}))


def test_a_line_without_a_type_is_a_claim() -> None:
    assert isinstance(parse_command(json.dumps(CLAIM)), RecordClaim)


def test_bytes_and_text_are_the_same_line() -> None:
    assert parse_command(json.dumps(CLAIM).encode()) == parse_command(json.dumps(CLAIM))


def test_a_type_that_nobody_knows_is_refused_with_those_that_are_known() -> None:
    (problem,) = refused('{"type": "rumour"}')
    assert problem == Problem(
        "/type", "there is no form 'rumour'", f"one of {', '.join(COMMANDS)}, or none for a claim"
    )


def test_a_type_is_text() -> None:
    assert refused('{"type": 3}')[0].pointer == "/type"


def test_a_missing_field_is_named_where_it_should_be() -> None:
    assert refused_claim(valid={"words": "on Tuesday"}) == (
        Problem("/valid/edtf", "'edtf' is missing", "the field 'edtf'"),
    )


def test_a_field_that_the_form_does_not_have_is_refused() -> None:
    assert refused_claim(confidence="high") == (
        Problem("/confidence", "there is no field 'confidence' here", "only the fields of the form"),
    )


def test_a_name_in_a_pointer_is_escaped() -> None:
    assert refused_claim(**{"a/b~c": 1})[0].pointer == "/a~1b~0c"


def test_all_problems_of_a_line_are_told_at_once() -> None:
    problems = refused_claim(value=5, hedged="yes", polarity="doubts")
    assert [(problem.pointer, problem.said, problem.expected) for problem in problems] == [
        ("/value", "this is the number 5", "text"),
        ("/polarity", "this is the text 'doubts'", "'asserts' or 'denies'"),
        ("/hedged", "this is the text 'yes'", "true or false"),
    ]


def test_a_number_is_never_a_float() -> None:
    assert refused_claim(quantity={"min": 1.5}) == (
        Problem("/quantity/min", "this is the number 1.5", "a whole number or text"),
    )


def test_a_decimal_number_is_text() -> None:
    command = parse_command(json.dumps({**CLAIM, "quantity": {"min": "1.5"}}))
    assert isinstance(command, RecordClaim)
    assert command.quantity is not None
    assert command.quantity.min == "1.5"


def test_a_decimal_number_ends_with_its_last_digit() -> None:
    assert refused_claim(quantity={"min": "1.5\n"})[0].pointer == "/quantity/min"


def test_a_slug_is_refused_with_what_a_slug_is() -> None:
    (problem,) = refused_claim(question={"location": "Minian village", "aspect": "fighting"})
    assert problem.pointer == "/question/location"
    assert "lower-case" in str(problem.expected)


def test_the_name_of_a_facet_is_a_slug() -> None:
    (problem,) = refused_claim(facets={"How much": "full"})
    assert problem.said == "the text 'How much' does not have the form"


def test_a_chain_has_a_first_link() -> None:
    assert refused_claim(chain=[]) == (Problem("/chain", "this is a list of 0", "at least 1"),)


def test_a_bad_link_is_not_also_a_chain_too_short() -> None:
    assert [problem.pointer for problem in refused_claim(chain=[{**CLAIM["chain"][0], "role": "friend"}])] == [
        "/chain/0/role"
    ]


def test_a_statement_is_text() -> None:
    assert refused_claim(statement=5) == (Problem("/statement", "this is the number 5", "text"),)


def test_a_statement_is_no_longer_than_a_passage() -> None:
    assert refused_claim(statement="x" * 20_001)[0].said == "this text may have at most 20000 characters"


@pytest.mark.parametrize(("sent", "shown"), [(None, "null"), (True, "true"), ({}, "an object"), ("", "an empty text")])
def test_what_was_sent_is_shown_as_json_has_it(sent: object, shown: str) -> None:
    assert refused_claim(polarity=sent)[0].said == f"this is {shown}"


def test_the_length_of_a_text_is_told_in_characters() -> None:
    assert refused_claim(published={"edtf": ""})[0].expected == "at least 1 character(s)"


def test_a_text_without_end_is_shown_by_its_beginning() -> None:
    assert len(refused_claim(polarity="x" * 10_000)[0].said) < 100


def test_the_values_of_an_aspect_are_a_word_or_a_list() -> None:
    (problem,) = refused('{"type": "aspect", "name": "a", "kind": "state", "values": "any"}')
    assert problem == Problem("/values", "this is the text 'any'", "'open' or 'sources' or a list")


def test_an_aspect_that_contradicts_itself_is_refused() -> None:
    (problem,) = refused('{"type": "aspect", "name": "a", "kind": "tally", "horizon_hours": 5}')
    assert problem == Problem("", "only a state has a horizon")


def test_a_refusal_never_shows_the_names_of_our_parts() -> None:
    problems = refused_claim(quantity={"min": []}, question=[], chain="x", statement={"body": 5}, relations=[{}])
    told = " ".join(f"{problem.said} {problem.expected}" for problem in problems).lower()
    assert not [
        word for word in ("pydantic", "http", "function-", "tuple", "none", "dict", "str") if word in told.split()
    ]


BROKEN = {
    "not JSON": "{",
    "nothing": "",
    "a list": "[]",
    "a name twice": '{"type": "source", "slug": "a", "slug": "b"}',
    "a name twice inside": '{"question": {"aspect": "a", "aspect": "b"}}',
    "NaN": '{"value": NaN}',
    "beyond a double": '{"geometry": 1e999}',
    "thousands of digits": '{"value": ' + "1" * 5000 + "}",
    "a byte order mark": "\ufeff{}",
    "half a surrogate pair": '{"value": "\\ud800"}',
    "too deep": '{"value": ' + "[" * 40 + "]" * 40 + "}",
    "much too deep": "[" * 100_000,
}


@pytest.mark.parametrize("line", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_not_one_plain_json_object_is_refused(line: str) -> None:
    assert refused(line)


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    assert refused(b'{"slug": "\xff"}') == (Problem("", "byte 11 is not UTF-8", "text in UTF-8"),)


def test_brackets_inside_a_text_are_no_nesting() -> None:
    command = parse_command(json.dumps({**CLAIM, "value": "[" * 50 + '\\"'}))
    assert isinstance(command, RecordClaim)


def test_many_lists_side_by_side_are_not_deep() -> None:
    ring = [[0, 0], *([[1, 0]] * 50), [0, 0]]
    line = {"type": "location", "slug": "a", "names": ["A"], "precision": "exact"}
    assert parse_command(json.dumps({**line, "geometry": {"type": "Polygon", "coordinates": [ring]}}))


def test_an_id_is_given_to_a_claim_that_has_none() -> None:
    command = with_ids(says("sohr", "ongoing", id=None), lambda: uuid7("new"))
    assert isinstance(command, RecordClaim)
    assert command.id == uuid7("new")


def test_an_id_is_given_to_a_replacement_that_has_none() -> None:
    command = with_ids(corrects("c1", says("sohr", "ongoing", id=None)), lambda: uuid7("new"))
    assert isinstance(command, CorrectClaim)
    assert command.replacement.id == uuid7("new")


def test_an_id_that_is_there_stays() -> None:
    command = says("sohr", "ongoing", claim="c1")
    assert with_ids(command, lambda: uuid7("new")) is command


def test_the_claim_of_a_command_is_what_a_second_look_at_it_would_give() -> None:
    command = RecordClaim.model_validate_json(json.dumps({**CLAIM, "id": uuid7("one"), "statement": "It goes on."}))
    claim, looked_at = claim_of(command), entry_of(command, Claim)
    assert (claim, claim.model_fields_set) == (looked_at, looked_at.model_fields_set)
    assert claim.model_dump_json() == looked_at.model_dump_json()


def test_what_needs_no_id_gets_none() -> None:
    command = source("sohr")
    assert with_ids(command, lambda: uuid7("new")) is command


PLAIN = json.dumps({**CLAIM, "id": uuid7("one"), "facets": {"extent": "full"}, "statement": 'He said "no": never.'})


@pytest.mark.parametrize(
    "line",
    [
        PLAIN,
        PLAIN.replace(": ", ":"),
        json.dumps(CLAIM, separators=(",", ":")),
        json.dumps({**CLAIM, "relations": [{"type": "denies", "claim": uuid7("two")}], "tags": ["a", "b"]}),
        json.dumps({**CLAIM, "quote": {"document": "0" * 64, "start": 0, "end": 3, "exact": "one"}}),
        json.dumps({**CLAIM, "type": "claim", "quantity": {"min": 3, "verbatim": "three"}}),
        json.dumps({**CLAIM, "stated": None}),
    ],
)
def test_a_plain_line_is_read_at_one_go_as_the_closer_look_reads_it(line: str) -> None:
    assert plain_claim(line.encode()) in (None, parse_command(line))
    assert parse_command(line.encode()) == parse_command(line)


def test_an_ordinary_line_is_plain() -> None:
    assert plain_claim(json.dumps(CLAIM).encode()) is not None


@pytest.mark.parametrize(
    "line",
    [
        PLAIN.replace('"facets"', '"basis": "statement", "basis": "witnessed", "facets"'),
        PLAIN.replace('"extent"', '"extent" : "partial", "extent"'),
        PLAIN.replace('"extent"', '"extent"\t: "partial", "extent"'),
        PLAIN.replace('"extent"', '"extent"\\n: "partial", "extent"').replace("\\n", "\n"),
        PLAIN.replace('"facets": {', '"facets": {"extent": "partial", '),
        PLAIN.replace("full", "NaN").replace('"NaN"', "NaN"),
        PLAIN.replace("full", "\\ud800"),
        PLAIN.replace("full", "\\u0000"),
        PLAIN + "}",
        "﻿" + PLAIN,
        json.dumps({"type": "source", "slug": "chain", "name": '"chain"', "kind": "wire", "chain": []}),
    ],
)
def test_no_line_passes_at_one_go_that_the_closer_look_refuses(line: str) -> None:
    assert plain_claim(line.encode()) is None
    with pytest.raises(Malformed):
        parse_command(line.encode())
