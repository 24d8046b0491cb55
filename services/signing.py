"""What the ledger signs anybody can check, and the key that signs is made once and shown to nobody."""

from __future__ import annotations

import hmac
import os
import secrets
from base64 import b64decode, b64encode
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from services.errors import NoSigningKey
from services.settings import BadSetting, Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VARIABLE = "ONRECORD_SIGNING_KEY"
KEY_FILE = "signing.key"
"""The file in the home that holds the key of an embedded ledger."""
_BEGIN = "PRIVATE+KEY+"
_ED25519 = b"\x01"
"""The type of signature (C2SP signed-note)."""


class Signer:
    """An Ed25519 key with the name that it signs under: the origin of the log."""

    def __init__(self, name: str, seed: bytes) -> None:
        """Take a name, and a seed of 32 bytes; raises ValueError for a name that no note can have."""
        if not name or "+" in name or any(one.isspace() or not one.isprintable() for one in name) or len(name) > 200:
            raise ValueError(f"{name!r} cannot be the name of a key")
        self.name = name
        self._seed = seed
        key = _private(seed)
        self._public = _ED25519 + key.public_key().public_bytes_raw()
        self._id = sha256(name.encode() + b"\n" + self._public).digest()[:4]

    @property
    def verifier_key(self) -> str:
        """The public key, in the form that tools for signed notes take: NAME+HASH+KEY."""
        return f"{self.name}+{self._id.hex()}+{b64encode(self._public).decode()}"

    @property
    def secret_text(self) -> str:
        """The key itself, in the form in which its file holds it."""
        return f"{_BEGIN}{self.name}+{self._id.hex()}+{b64encode(_ED25519 + self._seed).decode()}"

    def of_desk(self, desk: str) -> Signer:
        """Return the key of a desk beside the main one, derived from this one.

        Its tree is another one: two of one name that do not agree would be what witnesses are there to find.
        """
        return Signer(f"{self.name}/desks/{desk}", hmac.digest(self._seed, f"onrecord desk\n{desk}".encode(), sha256))

    def checkpoint(self, size: int, root: bytes) -> str:
        """Return a checkpoint of the tree (C2SP tlog-checkpoint): origin, size and root, signed."""
        text = f"{self.name}\n{size}\n{b64encode(root).decode()}\n"
        signature = self._id + _private(self._seed).sign(text.encode())
        return f"{text}\n\u2014 {self.name} {b64encode(signature).decode()}\n"


def new_signer(name: str | None = None) -> Signer:
    """Make a key; without a name it is called after itself."""
    seed = secrets.token_bytes(32)
    called = sha256(_private(seed).public_key().public_bytes_raw()).hexdigest()[:16]
    return Signer(name or f"onrecord.local/{called}", seed)


def signer_of(settings: Settings) -> Signer:
    """Return the key that the settings name, else that of the home, which is made if it is not there.

    Raises BadSetting, and NoSigningKey where a database of the user's own comes without a key.
    """
    if settings.signing_key is not None:
        given = _given(settings.signing_key)
        return given if settings.desk is None else given.of_desk(settings.desk)
    if settings.database_url is not None:
        raise NoSigningKey(VARIABLE)
    file = settings.folder / KEY_FILE
    if not file.exists():
        if settings.reading:
            raise NoSigningKey(VARIABLE)
        _keep(new_signer(), file)
    return _read(file)


def read_signer(text: str) -> Signer:
    """Return the key that the text of a key file holds; raises ValueError."""
    begin, told, coded = ("", "", "")
    if text.startswith(_BEGIN):
        begin, told, coded = (*text.strip().removeprefix(_BEGIN).split("+", 2), "", "")[:3]
    known = b64decode(coded, validate=True)
    if len(known) != 33 or known[:1] != _ED25519:
        raise ValueError("it is no Ed25519 key in the form of signed notes")
    signer = Signer(begin, known[1:])
    if signer.verifier_key.split("+")[1] != told:
        raise ValueError("its hash is not that of its name and its key")
    return signer


def _given(told: str) -> Signer:
    if not told.startswith(_BEGIN):
        return _read(Path(told).expanduser())
    try:
        return read_signer(told)
    except ValueError as error:
        raise BadSetting(VARIABLE, f"{_BEGIN}…", f"a key whose form is right ({error})") from error


def _read(file: Path) -> Signer:
    try:
        return read_signer(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSetting(VARIABLE, str(file), f"a file that can be read ({error.strerror})") from error
    except ValueError as error:
        raise BadSetting(VARIABLE, str(file), f"a file with a signing key ({error})") from error


def _keep(signer: Signer, file: Path) -> None:
    """Write the key down for this user's eyes alone; where another process was quicker, its key stays."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(f"{signer.secret_text}\n")
            opened.flush()
            os.fsync(opened.fileno())
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def _private(seed: bytes) -> Ed25519PrivateKey:
    # Late: most commands sign nothing, and loading it takes longer than they do.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed)
