"""A data folder is whole or absent, and is opened only by programs of the major version that wrote it."""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from services.store.embedded_binaries import Binaries
from services.store.embedded_child import Child
from services.store.embedded_home import SUPERUSER, EmbeddedFailed, Home, ServerUser, give

if sys.platform != "win32":
    import pwd

_INITDB_SECONDS = 300.0


def refuse_other_major(home: Home, programs: Binaries) -> None:
    """Raise EmbeddedFailed unless the programs can read the data: each major version reads only its own."""
    written_by = (home.data / "PG_VERSION").read_text("ascii").strip()
    if written_by != programs.major:
        raise EmbeddedFailed(
            f"the data in {home.folder} were written by PostgreSQL {written_by}, and these programs are"
            f" {programs.version}, which cannot read them; nothing was changed",
            advice="With the OnRecord release that wrote them, run `onrecord export`; then move the home aside and"
            " import the export with this one.",
        )


def make_data(home: Home, user: ServerUser, programs: Binaries, password: str, *, durable: bool) -> None:
    """Make the data folder under another name and rename it when it is whole; raises EmbeddedFailed."""
    _refuse_unnamed(user)
    for secret in home.folder.glob("data.init-*.password"):
        secret.unlink()
    for half in home.folder.glob("data.init-*"):
        shutil.rmtree(half, ignore_errors=True)
    # A new name each time: an initdb that outlived a killed parent goes on writing into its own.
    draft = Path(tempfile.mkdtemp(prefix="data.init-", dir=home.folder))
    secret = home.folder / f"{draft.name}.password"
    home.write_private(secret, password)
    give(draft, user)
    give(secret, user)
    command = [str(programs.folder / "initdb"), "-D", str(draft), "-U", SUPERUSER, "--pwfile", str(secret)]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums"]
    if int(programs.major) >= 17:
        # One order and one lower case of letters on every machine, and whole Unicode.
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if not durable:
        command.append("--no-sync")
    with home.open_log() as log:
        child = Child(command, user, log, signal.SIGKILL)
    try:
        child.ended_within(_INITDB_SECONDS)
        if child.exit_status != 0:
            raise EmbeddedFailed(
                f"PostgreSQL {programs.version} could not make its data folder (initdb ended with {child.exit_status})",
                log_tail=home.log_tail(),
                advice=f"Mend what the log complains of; all of it is in {home.log}.",
            )
    finally:
        child.send(signal.SIGKILL)
        secret.unlink(missing_ok=True)
    draft.rename(home.data)
    if durable:
        _flush_folder(home.folder)


def _refuse_unnamed(user: ServerUser) -> None:
    try:
        pwd.getpwuid(user.uid)
    except KeyError:
        raise EmbeddedFailed(
            f"user {user.uid} has no entry in /etc/passwd, without which PostgreSQL makes no database",
            advice="Give the user a name: in an image with `RUN useradd` and `USER`, on OpenShift with nss_wrapper; or"
            " set ONRECORD_DATABASE_URL to a server of your own.",
        ) from None


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
