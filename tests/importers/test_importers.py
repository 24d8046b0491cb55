"""What real sources said of a war goes in whole, and comes out as a reader who knows the war would say."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from domain.claims import Question
from services.bootstrap import Newsroom, open_newsroom
from services.cuts import Query
from services.facts import NEEDED
from services.imports import import_lines
from services.store.embedded import Addresses
from support.database import Cluster, fresh_database

CHECKOUT = Path(__file__).parents[2]
DATA = CHECKOUT.parent / "shared" / "data"
README = CHECKOUT / "tests" / "importers" / "README.md"
SETS = ("ua_control", "viina_strikes")
SAMPLED = (*SETS, "ua_control_5day", "weather")
"""The large ones too, but only their first hundred statements; `report.py` imports them whole."""
CLAIMS = {"ua_control": 3_324, "viina_strikes": 2_669}

pytestmark = pytest.mark.skipif(
    not all((DATA / name).is_dir() for name in SAMPLED),
    reason="the sets may not be given away with the project, and they are not beside this checkout",
)

BAKHMUT, BALAKLIYA, VUHLEDAR = "gn-713174", "gn-712926", "gn-690823"
ODESA, KYIV, KHARKIV, ODESA_REGION = "gn-698740", "gn-703448", "gn-706483", "viina-adm1-odessa"


AS_TYPED = {**os.environ, "PYTHONSAFEPATH": ""}
"""The start script keeps the caller's folder out of Python's way; who types the command has it."""


def lines_of(source: Path) -> bytes:
    """What the importer of the set says about a file."""
    name = source.parent.name.removesuffix("_5day")
    command = [sys.executable, f"tests/importers/{name}.py", str(source)]
    return subprocess.run(command, cwd=CHECKOUT, env=AS_TYPED, capture_output=True, check=True).stdout


def imported(newsroom: Newsroom, lines: bytes) -> list[dict[str, Any]]:
    """The report of an import, without the lines on progress."""
    return [row for row in import_lines(newsroom.ledger, lines.splitlines()) if row["report"] != "progress"]


def caught_up(newsroom: Newsroom) -> int:
    head = newsroom.feed.head()
    assert newsroom.projector.caught_up_to(head, 120, NEEDED) >= head
    return head


@contextmanager
def newsroom_in(addresses: Addresses) -> Iterator[Newsroom]:
    """A newsroom that was closed again, whatever the test has found out."""
    with open_newsroom(addresses) as newsroom:
        yield newsroom


@pytest.fixture(scope="module")
def reports() -> dict[str, list[dict[str, Any]]]:
    """What was reported of the first and the second import of each set."""
    return {}


@pytest.fixture(scope="module")
def war(cluster: Cluster, reports: dict[str, list[dict[str, Any]]]) -> Iterator[Newsroom]:
    """Both sets in one ledger: two sources and many towns are in both."""
    with fresh_database(cluster) as addresses, newsroom_in(addresses) as newsroom:
        for name in SETS:
            lines = lines_of(DATA / name / "statements.ndjson.gz")
            reports[name] = imported(newsroom, lines) + imported(newsroom, lines)
        caught_up(newsroom)
        yield newsroom


def told(body: dict[str, Any]) -> str:
    """A belief in a word or two: `russia S4`, `ukraine S4 / russia S3` with the leaning side first, `stale`."""
    if body["agreement"] == "contested":
        # A history tells of each side its strength alone, a belief its claims too.
        strengths = {value: side["strength"] for value, side in body["sides"].items()}
        ranked = sorted(strengths, key=lambda value: (value != body["lean"], value))
        return " / ".join(f"{value} {strengths[value]}" for value in ranked)
    return f"{body['value']} {body['strength']}" if body["value"] else body["agreement"]


def picture(newsroom: Newsroom, place: str, query: Query) -> dict[str, str]:
    rows: Any = newsroom.beliefs.picture(place, query).body
    return {row["question"]["aspect"]: told(row) for row in rows}


def believed(newsroom: Newsroom, name: str, valid_at: str) -> dict[str, Any]:
    place, aspect = name.split("/")
    return newsroom.beliefs.belief(Question(location=place, aspect=aspect), Query(valid_at=valid_at)).body


def along_valid(newsroom: Newsroom, name: str) -> list[tuple[str, str]]:
    """From which day on what is believed, as known at the head."""
    place, aspect = name.split("/")
    rows: Any = newsroom.beliefs.history(Question(location=place, aspect=aspect), Query(), "valid").body
    return [((row["from"] or "before")[:10], told(row)) for row in rows]


def along_recorded(newsroom: Newsroom, name: str, valid_at: str) -> list[tuple[str, str]]:
    """Whose claim brought which belief about the one instant, in the order in which the desk came to know."""
    return [(row["cause"]["source"], told(row["after"])) for row in changes(newsroom, name, valid_at)]


def changes(newsroom: Newsroom, name: str, valid_at: str) -> list[dict[str, Any]]:
    place, aspect = name.split("/")
    question = Question(location=place, aspect=aspect)
    return newsroom.beliefs.history(question, Query(valid_at=valid_at), "recorded").body


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_no_line_of_a_real_set_is_refused_and_the_second_import_changes_nothing(
    war: Newsroom, reports: dict[str, list[dict[str, Any]]], name: str
) -> None:
    first, second = reports[name]

    assert (first["refused"], second["refused"]) == (0, 0)
    assert first["accepted"] >= CLAIMS[name]
    assert (second["accepted"], second["duplicates"]) == (0, second["lines"])


@pytest.mark.slow
def test_bakhmut_falls_to_one_map_after_the_other(war: Newsroom) -> None:
    assert along_valid(war, f"{BAKHMUT}/control") == [
        ("before", "unreported"),
        # The first map of the war shows it with Ukraine; by the evening a second map, drawn by others, does too.
        ("2022-02-24", "ukraine S3"),
        ("2022-02-24", "ukraine S4"),
        # DeepState paints the centre red while the other two still give it to Ukraine: Wagner had taken the town hall.
        ("2023-04-04", "ukraine S4 / russia S3"),
        # Liveuamap follows. ISW still has it under assault, so the disagreement stays and leans the other way.
        ("2023-04-07", "russia S4 / ukraine S3"),
        # ISW follows, two weeks before Moscow announced the fall of the whole city.
        ("2023-05-08", "russia S4"),
        # The archive of DeepState ends; Liveuamap alone goes on, and the belief is only as strong as one map.
        ("2025-08-04", "russia S3"),
    ]


@pytest.mark.slow
def test_what_is_believed_of_bakhmut_in_june_came_to_be_known_step_by_step(war: Newsroom) -> None:
    assert along_recorded(war, f"{BAKHMUT}/control", "2023-06-01") == [
        ("liveuamap", "ukraine S3"),
        ("isw", "ukraine S4"),
        ("deepstate", "ukraine S4 / russia S3"),
        ("liveuamap", "russia S4 / ukraine S3"),
        ("isw", "russia S4"),
    ]


@pytest.mark.slow
def test_a_town_that_is_no_longer_wholly_held_is_held_in_part_by_whom_the_map_gave_it_to(war: Newsroom) -> None:
    # Mid-March 2023: all three maps still name Ukraine, and DeepState has turned the centre grey.
    body = believed(war, f"{BAKHMUT}/control", "2023-03-20")

    assert told(body) == "ukraine S4"
    assert body["facets"] == {"extent": {"partial": "S3"}}


@pytest.mark.slow
def test_at_an_old_position_the_desk_knows_no_more_than_it_did_then(war: Newsroom) -> None:
    fall = changes(war, f"{BAKHMUT}/control", "2023-06-01")[2]["position"]

    assert picture(war, BAKHMUT, Query(valid_at="2023-06-01", as_of=str(fall - 1))) == {"control": "ukraine S4"}
    assert picture(war, BAKHMUT, Query(valid_at="2023-06-01", as_of=str(fall))) == {"control": "ukraine S4 / russia S3"}
    # What was learnt later about June does not reach back to before it was so.
    assert picture(war, BAKHMUT, Query(valid_at="2023-03-01"))["control"] == "ukraine S4"


@pytest.mark.slow
def test_balakliya_is_taken_in_spring_and_liberated_in_the_september_offensive(war: Newsroom) -> None:
    # The other set was asked about the same town: a place that nobody had struck by then, as far as anybody said.
    assert picture(war, BALAKLIYA, Query(valid_at="2022-02-26"))["strike"] == "unreported"
    assert picture(war, BALAKLIYA, Query(valid_at="2022-02-26"))["control"] == "ukraine S4"
    assert picture(war, BALAKLIYA, Query(valid_at="2022-05-15"))["control"] == "russia S4"
    # Liberated on 8 September: that evening ISW, DeepState and Kyiv agree, and the map of the NZZ is three days late.
    assert picture(war, BALAKLIYA, Query(valid_at="2022-09-08"))["control"] == "ukraine S4 / russia S3"
    assert picture(war, BALAKLIYA, Query(valid_at="2022-09-12"))["control"] == "ukraine S4"
    assert along_valid(war, f"{BALAKLIYA}/control")[-1] == ("2022-09-11", "ukraine S4")


@pytest.mark.slow
def test_the_liberation_of_balakliya_became_known_through_deepstate_first(war: Newsroom) -> None:
    assert along_recorded(war, f"{BALAKLIYA}/control", "2022-09-12")[-3:] == [
        ("deepstate", "russia S4 / ukraine S3"),
        ("isw", "ukraine S4 / russia S3"),
        ("liveuamap", "ukraine S4"),
    ]


@pytest.mark.slow
def test_a_partys_claim_to_a_town_that_no_map_gives_it_is_one_sided(war: Newsroom) -> None:
    # Russia claimed Vuhledar in March 2022 and was beaten back from it until 1 October 2024.
    assert along_valid(war, f"{VUHLEDAR}/control")[2:] == [
        ("2022-02-24", "ukraine S4"),
        ("2022-03-19", "ukraine S4 / russia S2"),
        ("2024-10-01", "russia S4 / ukraine S3"),
        ("2024-10-02", "russia S4"),
    ]


@pytest.mark.slow
def test_without_russia_or_among_opponents_only_vuhledar_was_never_in_doubt(war: Newsroom) -> None:
    assert picture(war, VUHLEDAR, Query(valid_at="2023-01-01", without=("russia",)))["control"] == "ukraine S4"
    assert picture(war, VUHLEDAR, Query(valid_at="2023-01-01", policy="opponents/1"))["control"] == "ukraine S4"


@pytest.mark.slow
def test_the_port_of_odesa_was_struck_the_day_after_the_grain_deal(war: Newsroom) -> None:
    body = believed(war, f"{ODESA}/strike", "2022-07-23")

    # Four outlets, but each in its own voice and without saying who says so: that is never more than one source.
    assert told(body) == "occurred S3"
    assert body["facets"] == {"target": {"port_export_logistics": "S3"}}
    assert sorted(source for group in body["groups"] for source in group["sources"]) == [
        "espreso", "interfaxua", "liga", "nv",
    ]  # fmt: skip
    # Strikes of other days are other strikes: what was over does not go on.
    assert picture(war, ODESA, Query(valid_at="2022-07-22")) == {"strike": "stale"}
    # A strike on the city is a strike on its region.
    assert picture(war, ODESA_REGION, Query(valid_at="2022-07-23")) == {"strike": "occurred S3"}


@pytest.mark.slow
def test_the_strike_on_odesa_was_unheard_of_until_the_first_report_of_it(war: Newsroom) -> None:
    known = changes(war, f"{ODESA}/strike", "2022-07-23")

    # First only an older strike was known, of the first day of the war, and that was over.
    assert [told(row["after"]) for row in known] == ["stale", "occurred S3"]
    assert picture(war, ODESA, Query(valid_at="2022-07-23", as_of=str(known[1]["position"] - 1))) == {"strike": "stale"}


@pytest.mark.slow
def test_kyiv_is_struck_on_the_first_day_and_a_report_of_one_side_stays_one_sided(war: Newsroom) -> None:
    # Mediazona and Forbes: airfields. On 17 April 2022 only NTV, a voice of the Russian state, has it.
    assert picture(war, KYIV, Query(valid_at="2022-02-24")) == {"strike": "occurred S3"}
    assert picture(war, KYIV, Query(valid_at="2022-04-17")) == {"strike": "occurred S2"}
    assert picture(war, KYIV, Query(valid_at="2022-04-18")) == {"strike": "stale"}
    assert believed(war, f"{KYIV}/strike", "2022-04-17")["facets"] == {"target": {"defense_industry": "S2"}}


@pytest.mark.slow
def test_a_state_agency_alone_does_not_make_a_strike_on_kharkiv_more_than_its_own_word(war: Newsroom) -> None:
    # 2 June 2023: RIA alone. 4 June 2022: two Ukrainian outlets.
    assert picture(war, KHARKIV, Query(valid_at="2023-06-02")) == {"strike": "occurred S2"}
    assert picture(war, KHARKIV, Query(valid_at="2022-06-04")) == {"strike": "occurred S3"}
    [group] = believed(war, f"{KHARKIV}/strike", "2023-06-02")["groups"]
    assert (group["members"], group["interest"]) == (["ria", "russia"], "unknown")


@pytest.mark.parametrize("name", SAMPLED)
def test_the_answer_never_reaches_the_ledger(name: str, tmp_path: Path) -> None:
    told_so = [json.loads(line) for line in (DATA / name / "sample.ndjson").read_bytes().splitlines()]
    without = tmp_path / name / "without_gold.ndjson"
    without.parent.mkdir()
    without.write_text("".join(json.dumps({**one, "gold": "the answer"}) + "\n" for one in told_so))

    assert lines_of(without) == lines_of(DATA / name / "sample.ndjson")


def test_a_reading_that_is_no_number_is_named_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "weather").mkdir()
    odd = tmp_path / "weather" / "odd.ndjson"
    first, *_ = (DATA / "weather" / "sample.ndjson").read_text().splitlines()
    odd.write_text("".join(f"{json.dumps({**json.loads(first), 'value': value})}\n" for value in ("30.0", "12-Oct")))
    command = [sys.executable, "tests/importers/weather.py", str(odd)]
    run = subprocess.run(command, cwd=CHECKOUT, env=AS_TYPED, capture_output=True, check=True, text=True)

    claims = [line for line in map(json.loads, run.stdout.splitlines()) if line["type"] == "claim"]
    assert [claim["quantity"]["verbatim"] for claim in claims] == ["30.0"]
    assert "value: '12-Oct' is no number" in run.stderr


@pytest.mark.parametrize("name", SAMPLED)
def test_every_run_says_the_same(name: str) -> None:
    assert lines_of(DATA / name / "sample.ndjson") == lines_of(DATA / name / "sample.ndjson")


@pytest.mark.slow
def test_the_commands_of_the_readme_import_what_they_are_given(tmp_path: Path, addresses: Addresses) -> None:
    written = [line for line in README.read_text().splitlines() if line.startswith(("python ", "./onrecord "))]
    environment = {
        **AS_TYPED,
        "ONRECORD_DATABASE_URL": addresses.service,
        "ONRECORD_OWNER_URL": addresses.owner,
        "ONRECORD_HOME": str(tmp_path),
    }
    for line in written:
        # The interpreter is the one at hand, and the sets' first hundred statements are enough: the whole is above.
        command = (
            line.replace("/tmp/", f"{tmp_path}/")
            .replace("statements.ndjson.gz", "sample.ndjson")
            .replace("python ", f"{shlex.quote(sys.executable)} ", 1)
            .replace("./onrecord ", f"{shlex.quote(sys.executable)} -m services.cli ", 1)
        )
        subprocess.run(command, shell=True, cwd=CHECKOUT, env=environment, check=True, capture_output=True, timeout=300)

    assert len(written) == 6


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLED)
def test_the_command_line_imports_a_sample(name: str, tmp_path: Path, addresses: Addresses) -> None:
    sample = tmp_path / "sample.ndjson"
    sample.write_bytes(lines_of(DATA / name / "sample.ndjson"))
    environment = {
        **os.environ,
        "ONRECORD_DATABASE_URL": addresses.service,
        "ONRECORD_OWNER_URL": addresses.owner,
        "ONRECORD_HOME": str(tmp_path / "home"),
    }
    command = [sys.executable, "-m", "services.cli", "import", "--json", str(sample)]
    run = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=300)

    assert run.returncode == 0, run.stderr
    with newsroom_in(addresses) as newsroom:
        assert newsroom.feed.head() == len(sample.read_bytes().splitlines())
