"""A token lets in whom the desk's identity provider vouches for: to this service, now, and by its own keys alone."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit

import jwt

from services.access.callers import Caller
from services.access.provider import Members, Provider
from services.access.refused import NotAdmitted
from services.access.roles import RIGHTS_OF, Role, caller_of

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Those with a public key: with a shared one, whoever can check a token could also make it."""
SKEW = 60
"""Seconds by which clocks may differ."""
MOST = 8_000
NEEDED = ["exp", "iat", "iss", "aud", "sub"]
_MOST_NAME = 200
_SAID: dict[type[jwt.InvalidTokenError], str] = {
    jwt.ExpiredSignatureError: "the token expired",
    jwt.ImmatureSignatureError: "the token is not valid yet",
    jwt.InvalidAudienceError: "the token is for another audience",
    jwt.InvalidIssuerError: "the token is of another issuer",
    jwt.MissingRequiredClaimError: "the token lacks one of exp, iat, iss, aud and sub",
    jwt.InvalidSignatureError: "the token is not as it was signed",
}


class Tokens:
    """Tells who somebody is by a token (JWT) of one identity provider."""

    def __init__(self, provider: Provider, audience: str, roles: str, desk: str | None = None) -> None:
        """Take who signs, whom tokens have to be for, the claim that lists roles, as a dotted path, and the desk."""
        self._provider = provider
        self._audience = audience
        self._roles = roles
        self._desk = desk
        self._host = urlsplit(provider.issuer).hostname

    def caller(self, token: str) -> Caller:
        """Return whose token it is. Raises NotAdmitted and IdentityProviderAway."""
        claims = self._claims(token)
        by = f"oidc:{self._host}:{claims['sub']}"
        if not claims["sub"] or len(by) > _MOST_NAME or not by.isprintable():
            raise NotAdmitted("the token names somebody whom the ledger cannot name")
        roles = roles_in(claims, self._roles, self._desk)
        if self._desk is not None and not roles:
            # Beside the main desk nobody learns even that they would be known here.
            raise NotAdmitted("the token gives no role here")
        return caller_of(by, roles)

    def _claims(self, token: str) -> Members:
        key = self._key(token)
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._audience,
                issuer=self._provider.issuer,
                leeway=SKEW,
                options={"require": NEEDED, "enforce_minimum_key_length": True},
            )
        except jwt.InvalidTokenError as error:
            raise NotAdmitted(_SAID.get(type(error), "the token is not sound")) from error
        except jwt.PyJWTError as error:
            raise NotAdmitted("the token is signed with a key that is not fit for that") from error

    def _key(self, token: str) -> jwt.PyJWK:
        """Return the provider's key that the token says it is signed with, bound to the algorithm that it says."""
        if len(token) > MOST:
            raise NotAdmitted("this is longer than any key or token")
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            raise NotAdmitted("this is neither a key of OnRecord nor a token") from None
        algorithm, name = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS:
            raise NotAdmitted(f"tokens have to be signed by one of {', '.join(ALGORITHMS)}")
        if not isinstance(name, str):
            raise NotAdmitted("the token does not say which key it is signed with")
        row = self._provider.key(name)
        if row is None:
            raise NotAdmitted("the token is signed with a key that the identity provider does not have")
        try:
            if row.get("alg", algorithm) != algorithm:
                raise jwt.InvalidKeyError("it is for another algorithm")
            return jwt.PyJWK(row, algorithm)
        except jwt.PyJWTError as error:
            raise NotAdmitted("the token's algorithm is not that of its key") from error


def roles_in(claims: Members, path: str, desk: str | None = None) -> list[Role]:
    """Return the roles that the claim at a dotted path names, as `onrecord-reader`; it may name others, too.

    At a desk beside the main one only those count that name it, as `onrecord-sports-reader`.

    A claim may have dots in its name, as one that is a URL has.
    """
    value: Any = claims
    for step in [path] if path in claims else path.split("."):
        value = cast("Members", value).get(step) if isinstance(value, dict) else None
    named = cast("list[Any]", value) if isinstance(value, list) else value.split() if isinstance(value, str) else []
    ours = "onrecord" if desk is None else f"onrecord-{desk}"
    return [role for role in RIGHTS_OF if f"{ours}-{role}" in named]
