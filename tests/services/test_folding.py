"""However the ledger is cut into batches, the same rows come of it, and the row in force is the folded state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.projections import found
from services.catalogue import found_projections
from services.folding import Changes, FoldStep, Held, Poisoned, Row, Share, Stand
from services.store.asking import ViewReader
from support.builders import small_world
from support.chance import tried_on
from support.following import refolded
from support.ledger import PaperLedger
from support.strategies import legal_ledgers

STEPS = found_projections()
every_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
few = tried_on(25)


class PaperTable:
    """The rows of one view, in memory."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], Row] = {}

    @property
    def stand(self) -> Stand | None:
        return None

    @property
    def views(self) -> ViewReader:
        raise NotImplementedError("a fold reads no other view")

    def held(self, keys: Iterable[str]) -> dict[str, Held]:
        wanted = set(keys)
        open_rows = [row for row in self.rows.values() if row.until is None and row.key in wanted]
        return {row.key: Held(row.since, row.state) for row in open_rows}

    def held_by(self, column: str, values: Iterable[str]) -> dict[str, Held]:
        wanted = set(values)
        return self.held(row.key for row in self.rows.values() if row.columns[column] in wanted)

    def write(self, changes: Changes) -> None:
        for key, since, until in changes.ended:
            self.rows[key, since].until = until
        self.rows.update(((row.key, row.since), row) for row in changes.rows)

    def told(self) -> list[tuple[object, ...]]:
        rows = [(row.key, row.since, row.until, row.state) for row in self.rows.values()]
        return sorted(rows, key=lambda row: (row[1], row[0]))


@every_step
@few
@given(ledger=legal_ledgers(), size=st.integers(1, 50))
def test_rows_do_not_depend_on_where_batches_are_cut(step: FoldStep, ledger: PaperLedger, size: int) -> None:
    table = PaperTable()
    for begin in range(0, ledger.head, size):
        table.write(step.work(ledger.history[begin : begin + size], table))
    assert table.told() == refolded(step.name, ledger.history)


@every_step
@few
@given(ledger=legal_ledgers(), of=st.integers(1, 5))
def test_shares_of_the_keys_add_up_to_the_whole(step: FoldStep, ledger: PaperLedger, of: int) -> None:
    table = PaperTable()
    for number in range(of):
        table.write(step.work(ledger.history, table, Share(number, of)))
    assert table.told() == refolded(step.name, ledger.history)


@every_step
@few
@given(ledger=legal_ledgers(), share=st.integers(0, 100))
def test_the_row_that_holds_at_a_position_is_the_state_folded_up_to_it(
    step: FoldStep, ledger: PaperLedger, share: int
) -> None:
    cut = ledger.head * share // 100
    rows = [row for row in refolded(step.name, ledger.history) if _holds(row, cut)]
    states = step.projection.fold({}, ledger.history[:cut])
    assert {row[0]: row[3] for row in rows} == {key: step.projection.freeze(state) for key, state in states.items()}


def _holds(row: tuple, position: int) -> bool:
    return row[1] <= position and (row[2] is None or row[2] > position)


def test_a_fold_that_fails_names_the_position_the_event_and_the_reason() -> None:
    def keys(event: object) -> tuple[str, ...]:
        raise LookupError("no such thing")

    broken = FoldStep(replace(found()["claims"], keys=keys))
    with pytest.raises(Poisoned, match="position 1: source-registered.v1: LookupError: no such thing"):
        broken.work(small_world().history, PaperTable())
