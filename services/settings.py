"""The settings are read once, from the environment, and then never change."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Literal, TypedDict
from urllib.parse import urlsplit

HOST = "127.0.0.1"
PORT = 8321
CHECKPOINT_EVERY = 600
CALLS_A_MINUTE = 6_000
DESK = r"[a-z0-9]+(?:-[a-z0-9]+)*"
"""What a desk may be called; without `_`, which stands before its name in that of its database."""
DESK_MOST = 30
MAIN = "main"
"""What the desk without a name is called where one has to be named."""
LogForm = Literal["text", "json"]


class _Provider(TypedDict):
    oidc_issuer: str | None
    oidc_audience: str | None
    oidc_jwks: str | None
    oidc_roles: str


class BadSetting(ValueError):
    """A variable of the environment cannot be used; says which and what it may be."""

    def __init__(self, variable: str, value: str, expected: str) -> None:
        super().__init__(f"{variable}={value!r} cannot be used: {expected} is expected")
        self.variable = variable


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the ledger lives and where the service listens."""

    home: Path
    """Folder of the embedded database; not used if `database_url` is given."""
    database_url: str | None = field(default=None, repr=False)
    """libpq connection string the service works with; None means the embedded database."""
    owner_url: str | None = field(default=None, repr=False)
    """libpq connection string of the role that migrates; None means that of the service."""
    host: str = HOST
    port: int = PORT
    signing_key: str | None = field(default=None, repr=False)
    """The key that checkpoints are signed with, or the file that holds it; None means that of the home."""
    checkpoint_every: int = CHECKPOINT_EVERY
    """Seconds between two checkpoints of a ledger that grows; 0 means that none is made unasked."""

    webhook_key: str | None = field(default=None, repr=False)
    """The key that the secrets of webhooks are derived from, in base64; None means that of the home."""
    webhook_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks that alerts may be posted to beside the open internet, and without encryption."""

    access: Literal["keys", "open"] = "keys"
    """Whether a key is asked for, or whoever reaches the service may do everything."""

    rate: int | None = None
    """Calls a minute that each caller has, 0 for any number; None means what suits the way they are let in."""

    map_boundaries: Path | None = None
    """A GeoJSON file with boundaries, or whatever else is to be drawn; None means that there is no such layer."""
    map_attribution: str = ""
    """What the map says of where that comes from."""

    oidc_issuer: str | None = None
    """Whose tokens let in, beside keys: the issuer, as its tokens name it; None means nobody's."""
    oidc_audience: str | None = None
    """Whom these tokens have to be for."""
    oidc_jwks: str | None = None
    """Where the issuer's keys are; None means that it says so itself."""
    oidc_roles: str = "roles"
    """The claim that lists roles, as a path with dots."""

    log: LogForm = "text"
    """How the service logs: lines to read, or JSON."""

    desk: str | None = None
    """The desk whose ledger is meant, beside that of these databases; None means the main one."""

    reading: bool = False
    """Whether the process only asks, and writes nothing, so that it can do with a standby."""
    record_at: str | None = None
    """Where it sends whoever wants to record."""

    @property
    def folder(self) -> Path:
        """Where the desk's own files are: what it signs with, and what is derived from its key for webhooks."""
        return self.home if self.desk is None else self.home / "desks" / self.desk

    @property
    def calls_a_minute(self) -> int:
        """How many calls a minute each caller has, 0 for any number, as for whoever is alone on this machine."""
        if self.rate is not None:
            return self.rate
        return CALLS_A_MINUTE if self.access == "keys" else 0

    @property
    def migration_url(self) -> str | None:
        """The connection string to migrate with; None means the embedded database's own."""
        return self.owner_url or self.database_url


def read_settings(environment: Mapping[str, str] = os.environ, *, root: bool | None = None) -> Settings:
    """Return the settings that the environment gives; an empty variable counts as absent.

    Raises BadSetting for a value that cannot be used.
    """
    given = {name: value for name, value in environment.items() if name.startswith("ONRECORD_") and value}
    return Settings(
        home=_home(given.get("ONRECORD_HOME"), root=_is_root() if root is None else root),
        desk=_desk(given.get("ONRECORD_DESK")),
        database_url=given.get("ONRECORD_DATABASE_URL"),
        owner_url=given.get("ONRECORD_OWNER_URL"),
        host=given.get("ONRECORD_HOST", HOST),
        port=_port(given.get("ONRECORD_PORT")),
        signing_key=given.get("ONRECORD_SIGNING_KEY"),
        checkpoint_every=_seconds(given.get("ONRECORD_CHECKPOINT_EVERY")),
        webhook_key=given.get("ONRECORD_WEBHOOK_KEY"),
        webhook_networks=_networks(given.get("ONRECORD_WEBHOOK_NETWORKS")),
        access=_access(given.get("ONRECORD_ACCESS")),
        rate=_rate(given.get("ONRECORD_RATE")),
        map_boundaries=_file(given.get("ONRECORD_MAP_BOUNDARIES")),
        map_attribution=given.get("ONRECORD_MAP_ATTRIBUTION", ""),
        **_provider(given),
        log=_log(given.get("ONRECORD_LOG")),
        reading=_reading(given.get("ONRECORD_READING")),
        record_at=given.get("ONRECORD_RECORD_AT"),
    )


def environment_for(settings: Settings, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment with which another program of ours reads exactly these settings."""
    return {
        **environment,
        "ONRECORD_HOME": str(settings.home),
        "ONRECORD_DESK": settings.desk or "",
        "ONRECORD_DATABASE_URL": settings.database_url or "",
        "ONRECORD_OWNER_URL": settings.owner_url or "",
        "ONRECORD_HOST": settings.host,
        "ONRECORD_PORT": str(settings.port),
        "ONRECORD_SIGNING_KEY": settings.signing_key or "",
        "ONRECORD_CHECKPOINT_EVERY": str(settings.checkpoint_every),
        "ONRECORD_WEBHOOK_KEY": settings.webhook_key or "",
        "ONRECORD_WEBHOOK_NETWORKS": ",".join(map(str, settings.webhook_networks)),
        "ONRECORD_ACCESS": settings.access,
        "ONRECORD_RATE": "" if settings.rate is None else str(settings.rate),
        "ONRECORD_MAP_BOUNDARIES": str(settings.map_boundaries or ""),
        "ONRECORD_MAP_ATTRIBUTION": settings.map_attribution,
        "ONRECORD_OIDC_ISSUER": settings.oidc_issuer or "",
        "ONRECORD_OIDC_AUDIENCE": settings.oidc_audience or "",
        "ONRECORD_OIDC_JWKS": settings.oidc_jwks or "",
        "ONRECORD_OIDC_ROLES": settings.oidc_roles,
        "ONRECORD_LOG": settings.log,
        "ONRECORD_READING": "on" if settings.reading else "off",
        "ONRECORD_RECORD_AT": settings.record_at or "",
    }


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _home(given: str | None, *, root: bool) -> Path:
    if given is not None:
        return Path(given).expanduser()
    return Path("/var/lib/onrecord") if root else Path("~/.local/share/onrecord").expanduser()


def _desk(given: str | None) -> str | None:
    if given is None or given == MAIN:
        return None
    if len(given) > DESK_MOST or not re.fullmatch(DESK, given):
        expected = f"at most {DESK_MOST} lower-case letters and digits, with single - between them,"
        raise BadSetting("ONRECORD_DESK", given[:60], expected)
    return given


def _file(given: str | None) -> Path | None:
    return None if given is None else Path(given).expanduser()


def _port(given: str | None) -> int:
    if given is None:
        return PORT
    if not given.isdecimal() or not 0 <= int(given) <= 65_535:
        raise BadSetting("ONRECORD_PORT", given, "a number from 0 to 65535")
    return int(given)


def _access(given: str | None) -> Literal["keys", "open"]:
    match given:
        case None | "keys":
            return "keys"
        case "open":
            return "open"
        case _:
            raise BadSetting("ONRECORD_ACCESS", given, "keys or open")


def _rate(given: str | None) -> int | None:
    if given is None:
        return None
    if not given.isdecimal() or len(given) > 9:
        raise BadSetting("ONRECORD_RATE", given, "a number of calls a minute, 0 for as many as they like,")
    return int(given)


def _provider(given: Mapping[str, str]) -> _Provider:
    issuer, audience = given.get("ONRECORD_OIDC_ISSUER"), given.get("ONRECORD_OIDC_AUDIENCE")
    key_set = given.get("ONRECORD_OIDC_JWKS")
    for variable, url in (("ONRECORD_OIDC_ISSUER", issuer), ("ONRECORD_OIDC_JWKS", key_set)):
        if url is not None and not is_fit_for_keys(url):
            raise BadSetting(variable, url, "a URL with https")
    if (issuer is None) != (audience is None):
        raise BadSetting("ONRECORD_OIDC_AUDIENCE", audience or "", "an audience with ONRECORD_OIDC_ISSUER, or neither,")
    roles = given.get("ONRECORD_OIDC_ROLES", "roles")
    return {"oidc_issuer": issuer, "oidc_audience": audience, "oidc_jwks": key_set, "oidc_roles": roles}


def is_fit_for_keys(url: str) -> bool:
    """Tell whether what is read at the URL is what its host says: by https, or on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def is_loopback(host: str) -> bool:
    """Tell whether nobody but this machine can reach the address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _log(given: str | None) -> LogForm:
    if given not in (None, "text", "json"):
        raise BadSetting("ONRECORD_LOG", given, "text or json")
    return "json" if given == "json" else "text"


def _reading(given: str | None) -> bool:
    if given not in (None, "on", "off"):
        raise BadSetting("ONRECORD_READING", given, "on or off")
    return given == "on"


def _seconds(given: str | None) -> int:
    if given is None:
        return CHECKPOINT_EVERY
    if not given.isdecimal() or len(given) > 9:
        raise BadSetting("ONRECORD_CHECKPOINT_EVERY", given, "a number of seconds, 0 for never")
    return int(given)


def _networks(given: str | None) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(one.strip()) for one in (given or "").split(",") if one.strip())
    except ValueError:
        expected = "networks such as 10.1.0.0/16, separated by commas,"
        raise BadSetting("ONRECORD_WEBHOOK_NETWORKS", given or "", expected) from None
