"""What any view keeps can be read over HTTP, page by page, as of any position."""

from __future__ import annotations

import re

from support.service import Desk


def test_the_rows_of_a_view_come_by_key_and_go_on_with_the_link(harbour: Desk) -> None:
    whole = harbour.ask("/v1/projections/registry/rows").json()["rows"]
    first = harbour.ask("/v1/projections/registry/rows", limit=3)
    link = re.match(r"<(.*)>; rel=\"next\"", first.headers["Link"])
    assert link is not None
    rest = harbour.client.get(f"{link[1]}").json()["rows"]
    assert [row["key"] for row in whole] == sorted(row["key"] for row in whole)
    assert first.json()["rows"] + rest == whole[: 3 + len(rest)]
    assert len(rest) == 3


def test_a_row_is_found_by_its_key_with_its_state(harbour: Desk) -> None:
    (story,) = harbour.ask("/v1/projections/stories/rows", limit=1).json()["rows"]
    answer = harbour.ask("/v1/projections/stories/rows", key=story["key"]).json()
    assert answer["rows"] == [story]
    assert story["state"]["story"] == story["key"].partition("|")[0]
    assert answer["position"] == harbour.head
    assert harbour.ask("/v1/projections/stories/rows", key="nothing").json()["rows"] == []


def test_rows_are_those_of_the_position_that_is_asked(harbour: Desk) -> None:
    rows = harbour.ask("/v1/projections/registry/rows", as_of=3).json()
    assert (rows["position"], sorted(row["since"] for row in rows["rows"])) == (3, [1, 2, 3])
    assert harbour.ask("/v1/projections/registry/rows", as_of=0).json()["rows"] == []


def test_a_state_that_was_replaced_is_not_in_force(desk: Desk) -> None:
    sent = {"slug": "agency", "kind": "wire", "name": "An agency"}
    desk.put("/v1/sources/agency", sent)
    desk.put("/v1/sources/agency", {**sent, "name": "The agency"})
    (now,) = desk.ask("/v1/projections/registry/rows").json()["rows"]
    (before,) = desk.ask("/v1/projections/registry/rows", as_of=1).json()["rows"]
    assert [row["state"]["event"]["source"]["name"] for row in (before, now)] == ["An agency", "The agency"]


def test_a_view_that_nobody_wrote_has_no_rows(harbour: Desk) -> None:
    answer = harbour.ask("/v1/projections/rumours/rows")
    assert (answer.status_code, answer.json()["detail"]) == (404, "no projection is called 'rumours'")
    # A table beside those of the views is none of them.
    assert harbour.ask("/v1/projections/projections/rows").status_code == 404


def test_the_picture_is_read_like_any_other_view(harbour: Desk) -> None:
    harbour.newsroom.projector.caught_up_to(harbour.head, 300)
    assert harbour.ask("/v1/projections/picture/rows", limit=2).json()["rows"][0]["state"]["question"]
