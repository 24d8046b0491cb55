"""One folder holds all that an embedded PostgreSQL is, and one living process at a time owns it."""

import hashlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl
    import pwd

OWNER_ROLE = "onrecord_owner"
SERVICE_ROLE = "onrecord_service"
SUPERUSER = "postgres"
DATABASE = "onrecord"

# A unix socket's path has 104 bytes on macOS and 108 on Linux, its name included.
_SOCKET_PATH_BYTES = 100
_LOG_BYTES = 10_000_000
_LOG_TAIL_LINES = 15
_LOCK_SECONDS = 0.5


class HomeInUse(RuntimeError):
    """Another living process owns this home."""

    def __init__(self, home: Path, pid: int) -> None:
        by = f"process {pid}" if pid else "another process"
        super().__init__(f"{home} is in use by {by}")
        self.home = home
        self.pid = pid
        """The owner's process id; 0 if it has not yet written it down."""


class EmbeddedFailed(RuntimeError):
    """The embedded PostgreSQL did not start: why, what its log said last, and what to do."""

    def __init__(self, why: str, *, advice: str, log_tail: str = "") -> None:
        said = f"\nThe server's log ends with:\n{log_tail}" if log_tail else ""
        super().__init__(f"{why}.{said}\n{advice}")
        self.why = why
        self.advice = advice
        self.log_tail = log_tail


@dataclass(frozen=True)
class Addresses:
    """How to reach the database, as libpq connection strings with passwords (which is why nothing prints them)."""

    owner: str = field(repr=False)
    """The role that owns the database and may create roles and databases; for migrations."""
    service: str = field(repr=False)
    """The role the service works under; it may do what the migrations granted."""


@dataclass(frozen=True)
class ServerUser:
    """The user PostgreSQL runs as; never root, which it refuses."""

    uid: int
    gid: int

    def runs(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a short command as this user; raises OSError if this user cannot execute it."""
        if os.geteuid() == self.uid:
            return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            user=self.uid,
            group=self.gid,
            extra_groups=[],
        )


def default_home() -> Path:
    """Return where the embedded database lives if nobody says otherwise."""
    if sys.platform != "win32" and os.geteuid() == 0:
        return Path("/var/lib/onrecord")
    return Path("~/.local/share/onrecord").expanduser()


class HomeLock:
    """Held for life by the one process that owns a home; the kernel gives it back when that process ends."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._path = home / "lock"
        self._descriptor: int | None = None
        this = weakref.ref(self)
        # A forked child would keep the lock of a parent that died. It closes its copy; unlocking would unlock both.
        os.register_at_fork(after_in_child=lambda: HomeLock._let_go(this()))

    def take(self) -> None:
        """Become the owner and write our pid down; taking it twice is taking it once. Raises HomeInUse."""
        if self._descriptor is not None:
            return
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        give_up = time.monotonic() + _LOCK_SECONDS
        try:
            # A moment's patience: whoever only asks `is_held` holds it for an instant, too.
            while not _try_lock(descriptor, shared=False):
                if time.monotonic() > give_up:
                    raise HomeInUse(self._home, _written_pid(self._path))
                time.sleep(0.02)
        except BaseException:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the home back; releasing what we do not hold does nothing."""
        HomeLock._let_go(self)

    @staticmethod
    def is_held(home: Path) -> bool:
        """Whether a living process owns the home; raises OSError if we may not look."""
        try:
            descriptor = os.open(home / "lock", os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return False
        try:
            return not _try_lock(descriptor, shared=True)
        finally:
            os.close(descriptor)

    @staticmethod
    def _let_go(lock: "HomeLock | None") -> None:
        if lock is not None and lock._descriptor is not None:
            os.close(lock._descriptor)
            lock._descriptor = None


def _try_lock(descriptor: int, *, shared: bool) -> bool:
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _written_pid(path: Path) -> int:
    written = path.read_text("ascii", errors="replace").strip()
    return int(written) if written.isdigit() else 0


class Home:
    """The folder of one embedded PostgreSQL and the places in it.

    The home and the files in it belong to whoever made the home; `data` and the socket folder belong to the user the
    server runs as. Started by root these are two users, so that nothing running as `nobody` can plant a link where
    root writes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self._passwords = self.folder / "passwords.json"

    @property
    def sockets(self) -> Path:
        """Where the socket is: `run` in the home, or a folder for temporary files if that path is too long."""
        near = self.folder / "run"
        if len(os.fsencode(near / ".s.PGSQL.5432")) <= _SOCKET_PATH_BYTES:
            return near
        return Path(tempfile.gettempdir()) / f"onrecord-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}"

    def create(self) -> None:
        """Make the home, if it is not there, for our eyes only."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def server_user(self) -> ServerUser:
        """Return the user the server runs as: ourselves; for root, the owner of the data or the home, or `nobody`.

        Opens the home's own door (never its parents') to that user, who needs to pass through it. Raises
        EmbeddedFailed if there is no such user or a folder above keeps it out.
        """
        if os.geteuid() != 0:
            return ServerUser(os.geteuid(), os.getegid())
        user = self._user_for_root()
        about = self.folder.stat()
        if about.st_uid == 0 and about.st_mode & 0o011 != 0o011:
            self.folder.chmod(about.st_mode & 0o7777 | 0o011)
        if not _can_enter(user, self.folder):
            closed = next(
                (above for above in reversed(self.folder.parents) if not _can_enter(user, above)), self.folder
            )
            raise EmbeddedFailed(
                f"PostgreSQL does not run as root, and user {user.uid} may not pass through {closed} to {self.folder}",
                advice="Set ONRECORD_HOME to a folder others can pass through (as root, /var/lib/onrecord is usual),"
                f" or run as an ordinary user, or open it with `chmod o+x {closed}`.",
            )
        return user

    def _user_for_root(self) -> ServerUser:
        for folder in (self.data, self.folder):
            if folder.exists() and (about := folder.stat()).st_uid != 0:
                return ServerUser(about.st_uid, about.st_gid)
        try:
            nobody = pwd.getpwnam("nobody")
        except KeyError:
            raise EmbeddedFailed(
                "PostgreSQL does not run as root, and this machine has no user nobody to run it as",
                advice="Run as an ordinary user, or give the home folder to one with `chown`.",
            ) from None
        return ServerUser(nobody.pw_uid, nobody.pw_gid)

    def make_socket_folder(self, user: ServerUser) -> None:
        """Make the folder of the socket for the server alone; raises EmbeddedFailed if somebody else made it first."""
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        give(self.sockets, user)
        about = self.sockets.lstat()
        if self.sockets.is_symlink() or about.st_uid != user.uid or about.st_mode & 0o077:
            raise EmbeddedFailed(
                f"{self.sockets} is not a private folder of user {user.uid}",
                advice="Remove it, or choose an ONRECORD_HOME with a shorter path.",
            )

    def remove_socket_folder(self) -> None:
        """Leave nothing in the folder for temporary files."""
        if self.sockets.parent != self.folder and self.sockets.is_dir() and not any(self.sockets.iterdir()):
            self.sockets.rmdir()

    def passwords(self) -> dict[str, str]:
        """Return the password of each role, written down before the data folder is made and never changed."""
        try:
            return json.loads(self._passwords.read_text("ascii"))
        except FileNotFoundError:
            if self.data.exists():
                raise EmbeddedFailed(
                    f"{self._passwords} is missing, without which the database in {self.data} cannot be opened",
                    advice="Put it back from a backup of the home; it belongs to the data beside it.",
                ) from None
        passwords = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER_ROLE, SERVICE_ROLE)}
        self.write_private(self._passwords, json.dumps(passwords, indent=2) + "\n")
        return passwords

    def write_private(self, path: Path, text: str) -> None:
        """Write a whole file or none, for the home's owner alone."""
        with tempfile.NamedTemporaryFile("w", dir=self.folder, prefix=f".{path.name}-", delete=False) as draft:
            draft.write(text)
            draft.flush()
            os.fsync(draft.fileno())
        Path(draft.name).rename(path)
        self.keep(path)

    def open_log(self) -> BinaryIO:
        """Open the server's log to append to it; a log past ten megabytes becomes `postgres.log.1` first."""
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.rename(self.log.with_suffix(".log.1"))
        descriptor = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        self.keep(self.log)
        return os.fdopen(descriptor, "wb", buffering=0)

    def log_tail(self) -> str:
        """Return the last lines of the server's log."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 8_000))
            lines = log.read().decode("utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LOG_TAIL_LINES:])

    def keep(self, path: Path) -> None:
        """Give a file that root made to the owner of the home, who may start the next time."""
        about = self.folder.stat()
        give(path, ServerUser(about.st_uid, about.st_gid))


def give(path: Path, user: ServerUser) -> None:
    """Make the user own the file, if we are root; otherwise it is ours already."""
    if os.geteuid() == 0:
        os.chown(path, user.uid, user.gid, follow_symlinks=False)


def _can_enter(user: ServerUser, folder: Path) -> bool:
    # Asking the kernel as that user sees access lists and mounts, too; reading the mode bits would not.
    return user.runs(["/bin/sh", "-c", 'cd -- "$0"', str(folder)]).returncode == 0
