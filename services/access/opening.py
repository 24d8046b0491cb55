"""Nothing is open by accident: how the service lets people in is settled when it starts, and said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.access.gate import Access, Everybody, Gate, Nobody
from services.access.keys import FIRST, KEY_FILE, AccessKeys
from services.settings import BadSetting, Settings, is_fit_for_keys, is_loopback

if TYPE_CHECKING:
    from services.access.provider import Provider
    from services.access.tokens import Tokens

NO_DESK = "_"
"""What no desk is called."""


def refuse_carelessness(settings: Settings) -> None:
    """Raise BadSetting where others than this machine's would be let in without a key."""
    if settings.access == "open" and not is_loopback(settings.host):
        expected = f"an address of this machine alone for ONRECORD_HOST (which is {settings.host}), or keys,"
        raise BadSetting("ONRECORD_ACCESS", settings.access, expected)


def access_of(settings: Settings, keys: AccessKeys, provider: Provider | None = None) -> Access:
    """Return how people are let in. A ledger in a home gets its first key here. Raises StoreUnavailable."""
    if settings.access == "open":
        return Everybody()
    if settings.database_url is None and not settings.reading:
        keys.begin(settings.folder)
    return Gate(keys, tokens_of(settings, provider))


def nobody_of(settings: Settings, keys: AccessKeys, provider: Provider | None = None) -> Nobody:
    """Return how nobody is let in to a desk that is not there; `keys` are those of one that is."""
    return Nobody(keys, tokens_of(replace(settings, desk=NO_DESK), provider))


def tokens_of(settings: Settings, provider: Provider | None = None) -> Tokens | None:
    """Return how tokens are told, if the settings name an identity provider; it is not asked before one comes in."""
    provider = provider or provider_of(settings)
    if provider is None or settings.oidc_audience is None:
        return None
    # Late: loading what checks signatures takes longer than most commands do.
    from services.access.tokens import Tokens

    return Tokens(provider, settings.oidc_audience, settings.oidc_roles, settings.desk)


def provider_of(settings: Settings) -> Provider | None:
    """Return the identity provider that the settings name: one for all desks, which would ask it for the same keys."""
    if settings.oidc_issuer is None:
        return None
    # Late: loading what asks over HTTP takes longer than most commands do.
    from services.access.provider import Provider

    return Provider(settings.oidc_issuer, settings.oidc_jwks, is_fit_for_keys)


def who_may_come_in(settings: Settings, keys: AccessKeys) -> str:
    """Return what whoever starts the service has to know of that, in a sentence. Raises StoreUnavailable."""
    if settings.access == "open":
        return "Nobody is asked for a key: whoever reaches this address may do everything (ONRECORD_ACCESS=open)."
    if settings.oidc_issuer is not None:
        return f"Whoever asks needs a token of {settings.oidc_issuer}, or a key; `onrecord keys make` makes one."
    standing = keys.standing()
    if not standing:
        return "No key stands: nobody can come in before `onrecord keys make NAME --role admin` has made one."
    file = settings.folder / KEY_FILE
    if settings.database_url is None and FIRST in standing and file.exists():
        return f"Whoever asks needs a key: the first one, an admin's, is in {file}; `onrecord keys make` makes others."
    return "Whoever asks needs a key; `onrecord keys make` makes one."
