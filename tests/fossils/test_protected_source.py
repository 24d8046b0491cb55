"""A source that is protected is stored with a commitment, and any other with the bytes that it always had."""

from pathlib import Path

import pytest

from services.store.codec import decode_row, state_of

HERE = Path(__file__).parent


@pytest.mark.parametrize("fossil", ["envelopes/protected-source.json", "source-registered.v1.json"])
def test_a_source_is_written_with_the_bytes_that_it_was_read_from(fossil: str) -> None:
    stored = (HERE / fossil).read_bytes().rstrip()
    found = decode_row(7, "source-registered.v1", stored)
    assert state_of(found.event, found.recorded, found.by) == stored
