"""Every command, as a real process: beside a running service, and alone."""

from __future__ import annotations

import gzip
import hashlib
import json
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from services import story
from services.store.embedded import running_addresses
from support.database import open_folder
from support.terminal import Ended, Terminal, free_port, on_a_terminal, started

EVENING = "2016-11-08T20:00:00+02:00"
STORY = Path(story.__file__).parent / "aleppo"
FILES = (str(STORY / "registry.ndjson"), str(STORY / "claims.ndjson"))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def service(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A service of the story on a home of this module's; the commands are its guests."""
    with started(folder / "home", "serve", "--port", str(port)) as serving:
        assert serving.stdout is not None
        assert f"http://127.0.0.1:{port}".encode() in serving.stdout.readline()
        yield serving
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(60) == 0


@pytest.fixture(scope="module")
def imported(folder: Path, service: subprocess.Popen[bytes]) -> Ended:
    """How the import of the story ended."""
    return Terminal(folder / "home").run("import", *FILES)


@pytest.fixture
def desk(folder: Path, imported: Ended) -> Terminal:
    """A terminal on the home that the service serves, with the story recorded."""
    assert imported.status == 0, imported.error
    return Terminal(folder / "home")


def owner_of(desk: Terminal) -> str:
    addresses = running_addresses(desk.home)
    assert addresses is not None
    return addresses.owner


# --- import and export


def test_an_import_tells_how_much_it_recorded(imported: Ended) -> None:
    assert "108 lines recorded, 0 duplicates, 0 refused" in imported.out
    assert "position 108" in imported.flowing


def test_an_import_shows_no_bar_where_nobody_watches(imported: Ended) -> None:
    assert imported.error == ""


def test_a_file_imported_twice_is_all_duplicates(desk: Terminal) -> None:
    ended = desk.here("import", "--json", *FILES)
    expected = {"report": "done", "lines": 108, "accepted": 0, "duplicates": 108, "refused": 0, "position": 108}
    assert ended.lines == [expected]


def test_a_packed_file_comes_in_through_standard_input(desk: Terminal) -> None:
    packed = gzip.compress((STORY / "claims.ndjson").read_bytes())
    assert "50 duplicates" in desk.run("import", "-", stdin=packed).out


def test_a_refused_line_is_told_with_its_file_and_number_and_the_others_go_in(desk: Terminal, tmp_path: Path) -> None:
    known, broken = tmp_path / "known.ndjson", tmp_path / "broken.ndjson"
    known.write_bytes(story.lines("registry")[0] + b"\n")
    unknown = {"type": "lean", "source": "nobody-here", "towards": "rebels"}
    broken.write_bytes(b"\n".join([b"{broken", json.dumps(unknown).encode(), story.lines("registry")[1]]) + b"\n")
    ended = desk.here("import", str(known), str(broken))
    assert ended.status == 1
    assert f"{broken}:1: " in ended.error
    assert f"{broken}:2: " in ended.error
    assert "'nobody-here'" in ended.error
    assert "0 lines recorded, 2 duplicates, 2 refused" in ended.out


def test_a_refused_line_is_one_line_of_the_report_for_programs(desk: Terminal) -> None:
    refused, done = desk.run("import", "--json", "-", stdin=b"\n[1]\n").lines
    assert (refused["report"], refused["file"], refused["line"]) == ("refused", "-", 2)
    assert refused["errors"][0]["said"]
    assert done["refused"] == 1


def test_an_atomic_import_records_nothing_if_a_line_is_refused(desk: Terminal) -> None:
    new = json.dumps({"type": "source", "slug": "never-recorded", "kind": "other", "name": "nobody"}).encode()
    ended = desk.run("import", "--atomic", "-", stdin=new + b"\n{broken\n")
    assert ended.status == 1
    assert "-:2: " in ended.error
    assert "Nothing was recorded" in ended.out
    assert b"never-recorded" not in desk.run("export").out.encode()


def test_an_atomic_import_of_what_is_known_is_all_duplicates(desk: Terminal) -> None:
    ended = desk.here("import", "--atomic", "--json", *FILES)
    assert ended.lines[-1]["duplicates"] == 108


def test_a_line_of_many_megabytes_is_refused_and_the_next_is_read(desk: Terminal) -> None:
    long = b'{"type":"' + b"x" * 10_000_000 + b'"}\n'
    ended = desk.run("import", "-", stdin=long + story.lines("registry")[0])
    assert "-:1: the line is" in ended.error
    assert "1 duplicate, 1 refused" in ended.out


def test_a_file_that_is_not_there_is_told_in_a_sentence(desk: Terminal) -> None:
    ended = desk.here("import", "no-such-file.ndjson")
    assert (ended.status, ended.out) == (1, "")
    assert ended.error == "onrecord: no-such-file.ndjson cannot be read: No such file or directory.\n"


def test_a_broken_gzip_is_told_in_a_sentence(desk: Terminal) -> None:
    ended = desk.run("import", "-", stdin=gzip.compress(b"{}\n" * 1000)[:30])
    assert ended.status == 1
    assert "- cannot be read" in ended.error
    assert "Traceback" not in ended.error


def test_an_export_is_one_line_for_each_event(desk: Terminal) -> None:
    lines = desk.run("export").lines
    assert len(lines) == 108
    assert lines[0]["type"] == "source"


def test_an_export_begins_behind_a_position(desk: Terminal) -> None:
    assert len(desk.here("export", "--after", "100").lines) == 8


def test_an_export_behind_the_end_is_refused(desk: Terminal) -> None:
    ended = desk.here("export", "--after", "109")
    assert ended.status == 1
    assert "ends at position 108" in ended.error


def test_an_export_to_a_file_tells_what_it_wrote(desk: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "ledger.ndjson.gz"
    assert desk.here("export", "--output", str(file), "--json").json == {
        "file": str(file),
        "lines": 108,
        "position": 108,
        "sha256": hashlib.sha256(gzip.decompress(file.read_bytes())).hexdigest(),
    }
    assert len(gzip.decompress(file.read_bytes()).splitlines()) == 108
    assert [one.name for one in tmp_path.iterdir()] == [file.name]


def test_an_export_can_be_a_table_for_people(desk: Terminal) -> None:
    table = desk.here("export", "--csv", "--location", "minian").out.splitlines()
    assert table[0].startswith("position,status,ended_because,id,")
    assert all(",minian," in row for row in table[1:])


def test_an_export_can_be_parquet(desk: Terminal, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install onrecord[parquet]")
    folder = tmp_path / "ledger"
    ended = desk.here("export", "--parquet", "--output", str(folder), "--json")
    assert ended.json == {"folder": str(folder), "rows": 108, "position": 108}
    assert [one.name for one in folder.rglob("*.parquet")] == ["events.parquet"]
    again = desk.here("export", "--parquet", "--output", str(folder))
    assert (again.status, "is there already" in again.error) == (1, True)
    assert desk.here("export", "--parquet").status == 2


def test_a_folder_and_a_table_are_imported_and_refused_rows_go_back(desk: Terminal, tmp_path: Path) -> None:
    (tmp_path / "some.ndjson").write_text((STORY / "registry.ndjson").read_text())
    assert "0 lines recorded" in desk.here("import", str(tmp_path)).flowing
    mapping, table, mend = (tmp_path / name for name in ("map.json", "desk.csv", "mend.csv"))
    mapping.write_text(
        json.dumps(
            {"lines": [{"type": "rating", "source": "{Who}", "scale": "a", "grade": "{G}", "rationale": "seen"}]}
        )
    )
    table.write_text("Who,G\nnobody-known,A\n")
    ended = desk.here("import", "--map", str(mapping), "--refused", str(mend), str(table))
    assert ended.status == 1
    assert "desk.csv:2: Who: " in ended.error
    assert mend.read_text().splitlines()[0] == "Who,G,refused because"


def test_an_export_where_nobody_may_write_is_told_in_a_sentence(desk: Terminal, tmp_path: Path) -> None:
    ended = desk.here("export", "--output", str(tmp_path / "no" / "folder"))
    assert ended.status == 1
    assert "cannot be written" in ended.error


# --- ask, timeline, diff


def test_the_picture_of_a_place_is_a_table(desk: Terminal) -> None:
    ended = desk.run("ask", "minian", "--valid-at", EVENING)
    assert "contested, leans to" in ended.out
    assert "uncontested, S3 single source" in ended.out


def test_the_picture_of_a_place_is_json_for_programs(desk: Terminal) -> None:
    body = desk.here("ask", "minian", "--valid-at", EVENING, "--json").json
    assert body["position"] == 108
    control = next(row for row in body["beliefs"] if row["question"]["aspect"] == "control")
    assert (control["agreement"], control["lean"], control["rule"]) == ("contested", "syrian-government", "R5")


def test_a_belief_is_explained_in_sentences(desk: Terminal) -> None:
    ended = desk.here("ask", "1070-apartments", "control", "--valid-at", EVENING)
    assert "Syrian government, uncontested (S5 conceded)." in ended.flowing
    assert "Fastaqim (against its own interest)" in ended.flowing
    assert "In the same breath he grants that the army has captured the district. [aleppo/C19]" in ended.flowing
    assert "Without Fastaqim: Syrian government, uncontested (S4 corroborated)." in ended.flowing
    assert ", recorded by local:" in ended.flowing


def test_a_belief_is_json_for_programs(desk: Terminal) -> None:
    body = desk.here("ask", "1070-apartments", "control", "--valid-at", EVENING, "--json").json
    assert (body["agreement"], body["strength"], body["value"]) == ("uncontested", "S5", "syrian-government")
    assert body["changed"]["position"] == 78


def test_a_source_can_be_left_out(desk: Terminal) -> None:
    body = desk.here("ask", "minian", "control", "--valid-at", EVENING, "--without", "sohr", "--json").json
    assert (body["strength"], body["value"]) == ("S2", "rebels")


def test_another_day_another_position_and_another_policy_can_be_asked(desk: Terminal) -> None:
    monday = desk.here("ask", "minian", "control", "--valid-at", "2016-11-07", "--tz", "+02:00", "--json").json
    early = desk.here("ask", "minian", "control", "--valid-at", EVENING, "--as-of", "58", "--json").json
    strict = desk.here("ask", "minian", "control", "--valid-at", EVENING, "--policy", "strict/1", "--json").json
    assert (monday["value"], early["agreement"], strict["policy"]) == ("rebels", "unreported", "strict/1")


def test_a_question_without_its_subject_names_the_subjects_there_are(desk: Terminal) -> None:
    ended = desk.here("ask", "eastern-aleppo", "casualties")
    assert "There is something on air-strikes; name it with --subject." in ended.flowing
    told = desk.here("ask", "eastern-aleppo", "casualties", "--subject", "air-strikes")
    assert "At least 100 people, uncontested (S4 corroborated)." in told.flowing


def test_a_mistyped_place_is_answered_with_names_that_come_near(desk: Terminal) -> None:
    ended = desk.run("ask", "mininan")
    assert (ended.status, ended.out) == (1, "")
    assert ended.error == "onrecord: no location is called 'mininan'. Did you mean minian?\n"


def test_a_place_is_found_by_the_name_it_goes_by(desk: Terminal) -> None:
    assert "Did you mean 1070-apartments" in desk.here("ask", "1070 Apartments").error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ask", "minian", "contrl"), "Did you mean control?"),
        (("ask", "minian", "control", "--policy", "desk/2"), "Did you mean desk/1"),
        (("ask", "minian", "Con trol"), "no aspect is called 'Con trol'"),
        (("ask", "minian", "--valid-at", "last Tuesday"), "--valid-at: "),
        (("ask", "minian", "--as-of", "109"), "a position from 0 to 108"),
        (("ask", "minian", "--without", "nobody-here"), "--without: no source is called 'nobody-here'"),
        (("timeline", "alepo"), "Did you mean aleppo?"),
        (("diff", "aleppo", "108", "80"), "a later cut"),
        (("replay", "claim"), "Did you mean claims?"),
    ],
)
def test_a_question_that_cannot_be_understood_is_refused_in_one_sentence(
    desk: Terminal, arguments: tuple[str, ...], said: str
) -> None:
    ended = desk.here(*arguments)
    assert (ended.status, ended.out, len(ended.error.splitlines())) == (1, "", 1)
    assert said.casefold() in ended.error.casefold()


@pytest.mark.parametrize(
    "arguments",
    [(), ("nonsense",), ("ask",), ("ask", "minian", "--valid"), ("ask", "minian", "--subject", "x"), ("import",)],
)
def test_a_command_that_is_not_one_is_a_usage_error(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ended = Terminal(tmp_path).here(*arguments)
    assert ended.status == 2
    assert "Usage: onrecord" in ended.out + ended.error
    assert list(tmp_path.iterdir()) == []


def test_a_timeline_names_what_brought_each_change_about(desk: Terminal) -> None:
    ended = desk.here("timeline", "aleppo", "--location", "minian", "--aspect", "control", "--valid-at", EVENING)
    assert "aleppo/C41" in ended.out
    changes = desk.here("timeline", "aleppo", "--location", "minian", "--after", "99", "--json").json["changes"]
    assert {row["question"]["location"] for row in changes} == {"minian"}
    assert min(row["position"] for row in changes) > 99


def test_a_difference_lists_what_appeared_and_changed(desk: Terminal) -> None:
    ended = desk.here("diff", "aleppo", "66", "108", "--valid-at", EVENING)
    assert "Appeared: " in ended.out
    assert "Changed: " in ended.out
    body = desk.here("diff", "aleppo", "66", "108", "--valid-at", EVENING, "--json").json
    assert [row["question"]["location"] for row in body["changed"]] == ["1070-apartments"]


def test_a_difference_of_nothing_says_so(desk: Terminal) -> None:
    assert "Nothing has changed." in desk.here("diff", "aleppo", "108", "108").out


def test_what_changed_is_a_sheet_to_paste_or_to_print(desk: Terminal) -> None:
    asked = ("diff", "aleppo", "66", "108", "--valid-at", EVENING)
    note = desk.here(*asked, "--markdown", "--base", "https://desk.example").out
    assert note.startswith("# Aleppo, 8 November 2016: what changed")
    assert "<https://desk.example/v1/claims/" in note
    assert desk.here(*asked, "--html").out.startswith("<!doctype html>")
    words = desk.here("timeline", "fastaqim", "--of", "source", "--valid-at", EVENING, "--markdown").out
    assert "says Syrian government; before, it said nothing." in words
    assert desk.here(*asked, "--html", "--json").status == 2


def test_a_timeline_of_a_source_and_a_difference_of_a_place_are_tables(desk: Terminal) -> None:
    ended = desk.here("timeline", "fastaqim", "--of", "source", "--aspect", "control", "--valid-at", EVENING)
    assert "claim aleppo/C41 of fastaqim" in ended.flowing
    ended = desk.here("diff", "aleppo", "99", "--of", "location", "--valid-at", EVENING)
    assert "minian: control" in ended.flowing


def test_editions_are_listed_and_affected_ones_by_urgency(desk: Terminal) -> None:
    assert "0 editions affected" in desk.here("editions", "--affected").out
    assert desk.here("editions", "aleppo", "--json").json["editions"] == []


def test_two_policies_are_compared(desk: Terminal) -> None:
    ended = desk.here("compare", "desk/1", "opponents/1", "--aspect", "control", "--valid-at", EVENING)
    assert "desk/1 and opponents/1 differ on 2 of " in ended.flowing
    body = desk.here("compare", "desk/1", "opponents/1", "--aspect", "control", "--valid-at", EVENING, "--json").json
    assert [row["question"]["location"] for row in body["differences"]] == ["1070-hills", "minian"]


def test_a_narrow_terminal_gets_blocks_in_place_of_a_table(desk: Terminal) -> None:
    ended = desk.here("ask", "minian", "--valid-at", EVENING, COLUMNS="40")
    assert max(map(len, ended.out.splitlines())) <= 40
    assert "  support: contested, leans to" in ended.out


# --- projections, replay, verify, migrate


def test_a_what_if_is_made_asked_compared_and_dropped(desk: Terminal) -> None:
    terms = ("--as", "unmoved", "--policy", "strict/1", "--without", "sohr", "--upto", "100")
    made = desk.run("replay", "picture", *terms)
    assert made.status == 0, made.error
    assert "unmoved was built from 100 events" in made.flowing
    assert "the picture under strict/1, without sohr, up to position 100" in made.flowing
    listed = desk.here("projections").flowing
    assert "unmoved: the picture under strict/1, without sohr, up to position 100." in listed
    asked = desk.here("ask", "minian", "--projection", "unmoved", "--valid-at", EVENING)
    assert ", in unmoved, as known at position 100" in asked.flowing
    body = desk.here("timeline", "aleppo", "--projection", "unmoved", "--valid-at", EVENING, "--json").json
    assert (body["position"], body["projection"]) == (100, "unmoved")
    compared = desk.here("compare", "picture", "unmoved", "--valid-at", EVENING)
    assert "as known at positions 108 and 100" in compared.flowing
    assert "Agreement: picture" in compared.flowing
    assert desk.here("projections", "--drop", "unmoved").flowing == "unmoved is dropped."
    assert desk.here("ask", "minian", "--projection", "unmoved").status == 1


def test_a_what_if_that_cannot_be_made_says_why(desk: Terminal) -> None:
    refused = desk.here("replay", "picture", "--as", "claims", "--policy", "nobody/1")
    assert refused.status == 1
    assert "'claims' is the name of something else" in " ".join(refused.error.split())
    assert "no policy is called 'nobody/1'" in " ".join(refused.error.split())
    in_use = desk.here("projections", "--drop", "picture")
    assert (in_use.status, "'picture' is in use" in " ".join(in_use.error.split())) == (1, True)


def test_the_views_are_listed_with_where_they_stand(desk: Terminal) -> None:
    assert "running" in desk.here("projections").out
    body = desk.here("projections", "--json").json
    assert {row["name"] for row in body["projections"]} >= {"claims", "registry", "stories"}
    assert {row["position"] for row in body["projections"]} == {108}


def test_a_view_is_built_anew_while_the_service_goes_on(desk: Terminal) -> None:
    *under_way, done = desk.run("replay", "stances", "--json").lines
    assert {row["report"] for row in under_way} == {"progress"}
    assert (done["report"], done["events"], done["position"]) == ("done", 108, 108)
    assert "stances was built anew from 108 events" in desk.here("replay", "stances").flowing


def test_a_view_is_built_anew_by_several_processes_and_compared(desk: Terminal) -> None:
    *under_way, done = desk.run("replay", "claims", "--workers", "2", "--compare", "--json").lines
    assert max(len(row["workers"]) for row in under_way) == 2
    assert (done["state"], done["comparison"]["differing"]) == ("switched", 0)


def test_a_view_is_built_from_a_file_of_events(desk: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson.gz"
    assert desk.here("export", "--events", "--output", str(file)).status == 0
    assert "from 108 events" in desk.here("replay", "editions", "--from-export", str(file)).flowing
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()).replace(b'"position":7,', b'"position":8,')))
    refused = desk.here("replay", "editions", "--from-export", str(file))
    assert (refused.status, "line 7: position 8 stands where position 7 belongs" in refused.error) == (1, True)


def test_the_version_before_is_listed_until_it_is_dropped(desk: Terminal) -> None:
    desk.here("replay", "stories")
    assert "stories (before the last switch)" in desk.here("projections").out
    assert "is dropped" in desk.here("replay", "stories", "--drop-old").flowing
    assert "stories (before the last switch)" not in desk.here("projections").out
    assert "There is no replay of stories under way" in desk.here("replay", "stories", "--cancel").flowing


def test_a_view_that_has_not_stopped_needs_no_other_try(desk: Terminal) -> None:
    assert "claims had not stopped; it is at position 108" in desk.here("retry", "claims").flowing
    assert desk.here("retry", "claims", "--json").json["retried"] is False


def test_a_sound_ledger_is_verified(desk: Terminal) -> None:
    ended = desk.run("verify")
    assert ended.status == 0
    assert "nothing differs" in ended.flowing


def test_a_row_that_was_tampered_with_is_named_and_mended_by_a_replay(desk: Terminal) -> None:
    with psycopg.connect(owner_of(desk), autocommit=True) as connection:
        connection.execute("UPDATE views.claims SET aspect = 'strike' WHERE since = 100")
    ended = desk.here("verify")
    assert ended.status == 1
    assert "claims, position 100: " in ended.flowing
    done = desk.here("verify", "--json").lines[-1]
    assert (done["sound"], done["faults"][0]["where"]) == (False, "claims")
    assert desk.here("replay", "claims").status == 0
    assert desk.here("verify").status == 0


def test_a_migrated_database_needs_nothing(desk: Terminal) -> None:
    assert desk.here("migrate", "--json").json == {"applied": [], "desks": []}
    assert "already" in desk.here("migrate").out


def test_a_database_of_ones_own_is_used_once_it_is_migrated(desk: Terminal) -> None:
    owner = owner_of(desk)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("CREATE DATABASE another")
    another = make_conninfo(owner, dbname="another")
    before = desk.here("--url", another, "projections")
    assert before.status == 1
    assert "run `onrecord migrate`" in before.error
    assert desk.run("--url", another, "migrate", "--json").json["applied"][0].startswith("0001_")
    assert desk.here("--url", another, "projections", "--json").json["position"] == 0


def test_a_database_that_cannot_be_reached_is_told_in_a_sentence(desk: Terminal) -> None:
    ended = desk.here("--url", "host=127.0.0.1 port=1 dbname=onrecord", "ask", "minian")
    assert ended.status == 1
    assert "onrecord: the database is not available" in ended.error
    assert "Traceback" not in ended.error


# --- serve, homes, terminals


def test_a_second_service_on_the_same_home_is_refused(desk: Terminal, service: subprocess.Popen[bytes]) -> None:
    ended = desk.run("serve", "--port", "0")
    assert (ended.status, ended.out) == (1, "")
    assert f"{desk.home} is in use by process {service.pid}" in ended.error
    assert len(ended.error.splitlines()) == 1


def test_a_setting_that_cannot_be_used_is_told_in_a_sentence(desk: Terminal) -> None:
    ended = desk.here("projections", ONRECORD_PORT="eighty")
    assert ended.status == 1
    assert "ONRECORD_PORT='eighty' cannot be used" in ended.error


def test_a_terminal_gets_a_bar_with_rate_and_time_left(desk: Terminal) -> None:
    with on_a_terminal(desk.home, "replay", "registry") as screen:
        assert screen.end() == 0
    assert "Replaying registry" in screen.text
    assert "100%" in screen.text


def test_no_colour_is_used_where_it_is_not_wanted(desk: Terminal) -> None:
    with on_a_terminal(desk.home, "ask", "minian", "--valid-at", EVENING, NO_COLOR="1") as screen:
        assert screen.end() == 0
    assert "contested" in screen.text
    assert "\x1b[3" not in screen.text


def test_an_export_opens_the_same_ledger_on_a_home_without_a_service(
    desk: Terminal, folder: Path, port: int, tmp_path: Path
) -> None:
    file = tmp_path / "ledger.ndjson"
    assert desk.run("export", "--output", str(file)).status == 0
    alone = folder / "alone"
    assert desk.run("--home", str(alone), "import", str(file)).status == 0
    asked = ("ask", "minian", "control", "--valid-at", EVENING, "--json")
    assert desk.run("--home", str(alone), *asked).json["digest"] == desk.run(*asked).json["digest"]
    taken = desk.run("--home", str(alone), "serve", "--port", str(port))
    assert taken.status == 1
    assert f"cannot listen at 127.0.0.1 port {port}".casefold() in taken.error.casefold()
    with started(alone, "serve", "--port", "0") as serving:
        assert serving.stdout is not None
        assert b"http://127.0.0.1:" in serving.stdout.readline()
        serving.send_signal(signal.SIGINT)
        assert serving.wait(60) == 0


@pytest.fixture
def sports(desk: Terminal) -> Iterator[str]:
    """The desk of this name, made beside the one that the service was started for."""
    made = desk.here("desks", "make", "sports", "--json").json
    assert (made["is_new"], len(made["migrations"]) > 1) == (True, True)
    yield "sports"
    assert desk.here("desks", "drop", "sports", "--yes").status == 0


def test_a_desk_is_made_filled_served_and_taken_along(desk: Terminal, sports: str, port: int, folder: Path) -> None:
    assert "was there already" in desk.here("desks", "make", sports).out
    (listed,) = desk.here("desks", "list", "--json").json["desks"]
    assert (listed["desk"], listed["address"], listed["fault"]) == (sports, "/desks/sports/", None)
    before = desk.here("projections", "--json").json["position"]
    assert desk.here("--desk", sports, "import", FILES[0]).status == 0
    head = desk.here("--desk", sports, "projections", "--json").json["position"]
    assert (head > 0, desk.here("--desk", "main", "projections", "--json").json["position"]) == (True, before)
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/desks/{sports}/v1/sources?limit=3", headers={"Ledger-Position": str(head)}
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        assert len(json.load(answer)["sources"]) == 3
    taken = desk.here("backup", str(folder / "taken"), "--json").json
    assert (taken["upto"], [(one["desk"], one["upto"]) for one in taken["desks"]]) == (before, [(sports, head)])
    assert (
        f"sports: 1 piece, all whole, up to position {head}"
        in desk.here("backup", "--check", str(folder / "taken")).flowing
    )
    assert desk.here("--desk", sports, "backup", "--check", str(folder / "taken" / "desks" / sports)).status == 0
    assert [one["desk"] for one in desk.here("migrate", "--json").json["desks"]] == [sports]


def test_a_desk_is_dropped_with_all_that_it_has_and_its_backups_stay(desk: Terminal, folder: Path) -> None:
    assert desk.here("desks", "make", "brief").status == 0
    below = folder / "home" / "desks" / "brief"
    until(below.is_dir)
    assert desk.here("--desk", "brief", "backup", str(folder / "brief")).status == 0
    assert desk.here("desks", "drop", "brief").status == 2
    assert "from the start, and stays" in desk.here("desks", "drop", "main", "--yes").error
    told = desk.here("desks", "drop", "brief", "--yes").flowing
    assert "The desk brief holds 0 events, and its keys" in told
    assert "as if it never was" in told
    assert not below.exists()
    assert desk.here("desks", "list", "--json").json["desks"] == []
    assert "no desk is called 'brief'" in desk.here("desks", "drop", "brief", "--yes").error
    assert desk.here("backup", "--check", str(folder / "brief")).status == 0


def until(so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 120
    while not so():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_a_desk_that_is_not_there_is_told_in_a_sentence(desk: Terminal) -> None:
    assert "alone" in desk.here("desks", "list").out
    asked = desk.here("--desk", "nowhere", "keys", "list")
    assert (asked.status, asked.error) == (1, "onrecord: no desk is called 'nowhere'.\n")
    assert "is no name for a desk" in desk.here("desks", "make", "a_b").error
