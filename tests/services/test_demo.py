"""The demo, from a home that is not there yet to ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.store.embedded import running_addresses
from support.database import open_folder
from support.terminal import Ended, Terminal, free_port, on_a_terminal


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder / "home"


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def briefing(home: Path, port: int) -> Ended:
    """The first demo, which makes its home; its output is no terminal, so it ends by itself."""
    return Terminal(home).run("demo", "--port", str(port))


def section(briefing: Ended, number: int) -> str:
    """One section of the briefing, without the breaks of its lines."""
    _, _, rest = briefing.out.partition(f"\n{number}. ")
    return " ".join(rest.partition(f"\n{number + 1}. ")[0].split())


def test_the_demo_ends_well_and_leaves_no_server(home: Path, briefing: Ended) -> None:
    assert (briefing.status, "Traceback" in briefing.error) == (0, False), briefing.error
    assert running_addresses(home.with_name("home-demo")) is None


def test_the_demo_has_a_home_of_its_own(home: Path, briefing: Ended) -> None:
    assert "the ledger stands at position 108" in briefing.flowing
    assert not home.exists()


def test_the_district_is_conceded_and_the_briefing_says_by_whom(briefing: Ended) -> None:
    told = section(briefing, 1)
    assert told.startswith("The picture of 1070 Apartments")
    assert "Control: Syrian government, uncontested (S5 conceded)." in told
    assert "(rule R4)" in told
    assert "Fastaqim (against its own interest) In the same breath he grants" in told
    assert "(one voice, in its own interest) The army announces the capture" in told
    assert "Without Fastaqim: Syrian government, uncontested (S4 corroborated)." in told


def test_the_village_is_contested_with_both_sides_and_what_each_hangs_on(briefing: Ended) -> None:
    told = section(briefing, 2)
    leaning = "leaning to Syrian government (S3 single source) against the rebels, collectively (S2 one-sided)."
    assert f"Control: contested, {leaning}" in told
    assert "took back all of Minian. [aleppo/C37]" in told
    assert "He says the village remains in rebel hands. [aleppo/C41]" in told
    assert "Without Syrian Observatory for Human Rights: the rebels, collectively, uncontested (S2 one-sided)." in told


def test_without_the_observatory_only_one_side_is_left(briefing: Ended) -> None:
    told = section(briefing, 3)
    assert "The rebels, collectively, uncontested (S2 one-sided)." in told
    assert "With the Observatory it is: contested, leaning to Syrian government" in told


def test_the_day_before_the_rebels_held_the_village(briefing: Ended) -> None:
    told = section(briefing, 4)
    assert "The rebels, collectively, uncontested (S3 single source)." in told
    assert "[aleppo/C36]" in told


def test_one_group_is_heard_on_every_question_it_spoke_on(briefing: Ended) -> None:
    told = section(briefing, 5)
    assert "1070 Apartments, control: Syrian government" in told
    assert "Minian, control: the rebels, collectively" in told
    assert "Minian, fighting: denies ongoing" in told
    assert "around 1070 Apartments, fighting: ongoing" in told


def test_the_briefing_ends_with_where_to_go(home: Path, port: int, briefing: Ended) -> None:
    told = section(briefing, 6)
    assert f"http://127.0.0.1:{port}/docs" in told
    assert f"curl 'http://127.0.0.1:{port}/v1/stories/aleppo/timeline'" in told
    assert f"./onrecord --home {home}-demo verify" in told


def test_a_second_demo_finds_the_story_and_serves_until_ctrl_c(home: Path, port: int, briefing: Ended) -> None:
    with socket.create_server(("127.0.0.1", port)):
        taken = Terminal(home).run("demo", "--port", str(port))
        with on_a_terminal(home, "demo", ONRECORD_PORT=str(port), COLUMNS="50", NO_COLOR="1") as screen:
            assert screen.shows("until you press"), screen.text
            assert running_addresses(home.with_name("home-demo")) is not None
            guest = Terminal(home.with_name("home-demo")).run("ask", "minian", "control", "--json")
            second = Terminal(home).run("demo", "--port", "0")
            assert screen.interrupt() == 0
    assert (taken.status, second.status, guest.json["lean"]) == (1, 1, "syrian-government")
    assert "cannot listen at" in taken.error
    assert "home-demo is in use by process" in second.error
    assert "It was recorded before" in " ".join(screen.text.split())
    told = [line for line in screen.plain.splitlines() if "://" not in line and "./onrecord" not in line]
    assert max(map(len, told)) <= 50
    assert running_addresses(home.with_name("home-demo")) is None
