"""Tokens of an identity provider let in whom it vouches for, and no forgery, however it is made, lets anybody in."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import jwt
import jwt.algorithms
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.access import provider
from services.access.gate import Gate
from services.access.keys import AccessKeys
from services.access.opening import tokens_of
from services.access.refused import IdentityProviderAway, NotAdmitted
from services.access.tokens import Tokens, roles_in
from services.settings import BadSetting, read_settings

Json = dict[str, Any]
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
AUDIENCE = "https://ledger.example.org"
RSA = rsa.generate_private_key(65537, 2048)
OTHER = ec.generate_private_key(ec.SECP256R1())
CURVE = ec.generate_private_key(ec.SECP256R1())
LONG_CURVE = ec.generate_private_key(ec.SECP384R1())
EDWARDS = ed25519.Ed25519PrivateKey.generate()
WEAK = rsa.generate_private_key(65537, 1024)


def jwk(key: Key, kid: str, **more: str) -> Json:
    kind: dict[type, Any] = {
        rsa.RSAPublicKey: jwt.algorithms.RSAAlgorithm,
        ec.EllipticCurvePublicKey: jwt.algorithms.ECAlgorithm,
        ed25519.Ed25519PublicKey: jwt.algorithms.OKPAlgorithm,
    }
    public = key.public_key()
    told = next(way for shape, way in kind.items() if isinstance(public, shape)).to_jwk(public, as_dict=True)
    return {**told, "kid": kid, **more}


KEYS = [
    jwk(RSA, "rsa"),
    jwk(RSA, "rsa-256", alg="RS256", use="sig"),
    jwk(CURVE, "p256"),
    jwk(LONG_CURVE, "p384"),
    jwk(EDWARDS, "ed"),
    jwk(WEAK, "weak"),
    jwk(RSA, "for-secrets", use="enc"),
    {"kty": "oct", "kid": "shared", "k": base64.urlsafe_b64encode(b"s" * 32).decode()},
    {"kty": "new", "kid": "unheard-of"},
    "no key at all",
]


@dataclass
class Issuer:
    """An identity provider on this machine, which behaves as a test wants."""

    url: str = ""
    keys: list[Any] = field(default_factory=lambda: list(KEYS))
    asked: list[str] = field(default_factory=list)
    status: int = 200
    told: Json = field(default_factory=dict)

    def content(self, path: str) -> bytes:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return json.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/keys", **self.told}).encode()
        return json.dumps({"keys": self.keys}).encode()

    def token(self, key: Key = RSA, algorithm: str = "RS256", kid: str | None = "rsa", **changes: object) -> str:
        """Return a token that is right, but for the changes; a claim that is None is left out."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": AUDIENCE, "sub": "7f3a", "iat": now, "exp": now + 300}
        claims |= {"roles": ["onrecord-editor", "offline_access"], **changes}
        headers = {"kid": kid} if kid else None
        said = json.dumps({name: value for name, value in claims.items() if value is not None})
        return jwt.PyJWS().encode(said.encode(), key, algorithm, headers)

    def tokens(self, **settings: str) -> Tokens:
        given = {"ONRECORD_OIDC_ISSUER": self.url, "ONRECORD_OIDC_AUDIENCE": AUDIENCE, **settings}
        made = tokens_of(read_settings(given, root=False))
        assert made is not None
        return made


def started(issuer: Issuer) -> Generator[Issuer]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 (named by the standard library)
            content = issuer.content(self.path)
            self.send_response(issuer.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as above)
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        issuer.url = f"http://127.0.0.1:{server.server_port}"
        yield issuer
        server.shutdown()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    yield from started(Issuer())


@pytest.fixture(scope="module")
def steady() -> Iterator[Issuer]:
    """An issuer that no test changes."""
    yield from started(Issuer())


@pytest.fixture(scope="module")
def tokens(steady: Issuer) -> Tokens:
    return steady.tokens()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that pass for the keys of a provider."""
    now = [1000.0]
    monkeypatch.setattr(provider.time, "monotonic", lambda: now[0])
    return now


def test_a_token_lets_in_whom_it_names_with_the_rights_of_its_roles(steady: Issuer, tokens: Tokens) -> None:
    caller = tokens.caller(steady.token())
    assert (caller.by, caller.role, caller.rights) == (
        "oidc:127.0.0.1:7f3a",
        "editor",
        {"read", "record", "edit", "identify"},
    )


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"),
    [
        (RSA, "RS384", "rsa"),
        (RSA, "RS512", "rsa"),
        (RSA, "PS256", "rsa"),
        (RSA, "PS512", "rsa"),
        (RSA, "RS256", "rsa-256"),
        (CURVE, "ES256", "p256"),
        (LONG_CURVE, "ES384", "p384"),
        (EDWARDS, "EdDSA", "ed"),
    ],
)
def test_tokens_are_taken_in_every_way_of_public_keys(
    steady: Issuer, tokens: Tokens, key: Key, algorithm: str, kid: str
) -> None:
    assert tokens.caller(steady.token(key, algorithm, kid)).role == "editor"


NOW = int(time.time())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"aud": "https://other.example.org"}, "another audience"),
        ({"aud": [AUDIENCE + "/"]}, "another audience"),
        ({"aud": None}, "lacks"),
        ({"iss": "https://other.example.org"}, "another issuer"),
        ({"iss": None}, "lacks"),
        ({"exp": NOW - 300}, "expired"),
        ({"exp": None}, "lacks"),
        ({"exp": "tomorrow"}, "not sound"),
        ({"iat": NOW + 3_000}, "not valid yet"),
        ({"iat": None}, "lacks"),
        ({"nbf": NOW + 3_000}, "not valid yet"),
        ({"sub": None}, "lacks"),
        ({"sub": 7}, "not sound"),
        ({"sub": ""}, "cannot name"),
        ({"sub": "x" * 200}, "cannot name"),
        ({"sub": "a\x00b"}, "cannot name"),
    ],
)
def test_a_token_that_does_not_say_the_right_things_lets_nobody_in(
    steady: Issuer, tokens: Tokens, changes: Json, said: str
) -> None:
    with pytest.raises(NotAdmitted, match=said):
        tokens.caller(steady.token(**changes))


def test_clocks_may_differ_by_a_minute(steady: Issuer, tokens: Tokens) -> None:
    now = int(time.time())
    assert tokens.caller(steady.token(exp=now - 40, iat=now - 300)).role == "editor"
    assert tokens.caller(steady.token(nbf=now + 40, iat=now + 40)).role == "editor"


def test_an_audience_may_be_one_of_several(steady: Issuer, tokens: Tokens) -> None:
    assert tokens.caller(steady.token(aud=["account", AUDIENCE])).role == "editor"


def coded(part: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def forged(issuer: Issuer, header: Json, sign: Callable[[bytes], bytes]) -> str:
    body = issuer.token().split(".")[1]
    text = f"{coded(header)}.{body}"
    return f"{text}.{base64.urlsafe_b64encode(sign(text.encode())).rstrip(b'=').decode()}"


def with_public_key(text: bytes) -> bytes:
    """Sign with the public key as if it were a shared secret."""
    secret = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return hmac.new(secret, text, sha256).digest()


@pytest.mark.parametrize(
    ("header", "sign"),
    [
        ({"alg": "none", "kid": "rsa"}, lambda _: b""),
        ({"alg": "None", "kid": "rsa"}, lambda _: b""),
        ({"alg": "HS256", "kid": "rsa"}, with_public_key),
        ({"alg": "HS256", "kid": "shared"}, lambda text: hmac.new(b"s" * 32, text, sha256).digest()),
        ({"alg": "RS256", "kid": "shared"}, with_public_key),
        ({"alg": "RS256", "kid": "rsa"}, with_public_key),
        ({"alg": "RS256", "kid": "rsa"}, lambda _: b""),
        ({"alg": "RS256", "kid": "p256"}, with_public_key),
        ({"alg": "RS256", "kid": "unheard-of"}, with_public_key),
        ({"alg": ["RS256"], "kid": "rsa"}, with_public_key),
        ({"alg": "RS256", "kid": 7}, with_public_key),
        ({"alg": "RS256"}, with_public_key),
        ({"kid": "rsa"}, with_public_key),
        ({"alg": "RS256", "kid": "rsa", "jwk": jwk(OTHER, "rsa")}, with_public_key),
        ({"alg": "ES256", "kid": "p384"}, lambda _: b"\x00" * 64),
        ({"alg": "ES256", "kid": "p256"}, lambda _: b"\x00" * 64),
    ],
)
def test_no_forgery_lets_anybody_in(
    steady: Issuer, tokens: Tokens, header: Json, sign: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(NotAdmitted):
        tokens.caller(forged(steady, header, sign))


@pytest.mark.filterwarnings("ignore:The RSA key is 1024")
@pytest.mark.parametrize(
    ("key", "algorithm", "kid"),
    [
        (OTHER, "ES256", "p256"),
        (RSA, "PS256", "rsa-256"),
        (RSA, "RS384", "rsa-256"),
        (RSA, "RS256", "for-secrets"),
        (WEAK, "RS256", "weak"),
        (RSA, "RS256", "gone"),
        (RSA, "RS256", None),
    ],
)
def test_a_key_is_taken_only_for_what_it_is(
    steady: Issuer, tokens: Tokens, key: Key, algorithm: str, kid: str | None
) -> None:
    with pytest.raises(NotAdmitted):
        tokens.caller(steady.token(key, algorithm, kid))


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "..", "é.é.é", "e30.e30.e30", "x" * 9_000, "W10.W10.W10"])
def test_what_is_no_token_lets_nobody_in(tokens: Tokens, text: str) -> None:
    with pytest.raises(NotAdmitted):
        tokens.caller(text)


@pytest.mark.parametrize(
    ("claims", "path", "roles"),
    [
        ({"roles": ["onrecord-admin"]}, "roles", ["admin"]),
        ({"roles": "onrecord-reader onrecord-engineer"}, "roles", ["reader", "engineer"]),
        ({"realm_access": {"roles": ["onrecord-reader"]}}, "realm_access.roles", ["reader"]),
        ({"https://desk.example/roles": ["onrecord-editor"]}, "https://desk.example/roles", ["editor"]),
        ({"roles": ["admin", "onrecord-", "ONRECORD-ADMIN", 7, None]}, "roles", []),
        ({"roles": {"onrecord-admin": True}}, "roles", []),
        ({"roles": {"note": "nobody is onrecord-admin here"}}, "roles", []),
        ({"roles": 7}, "roles", []),
        ({}, "a.b.c", []),
        ({"a": "onrecord-admin"}, "a.b", []),
    ],
)
def test_roles_are_read_from_the_claim_that_was_named(claims: Json, path: str, roles: list[str]) -> None:
    assert roles_in(claims, path) == roles


def test_several_roles_have_the_rights_of_each_and_none_has_none(steady: Issuer, tokens: Tokens) -> None:
    both = tokens.caller(steady.token(roles=["onrecord-engineer", "onrecord-reporter"]))
    assert (both.role, both.rights) == ("reporter, engineer", {"read", "record", "run"})
    assert tokens.caller(steady.token(roles=["somebody-else"])).rights == frozenset()


# --- the provider


def test_keys_are_asked_for_once_and_again_when_one_is_missing(issuer: Issuer, clock: list[float]) -> None:
    tokens = issuer.tokens()
    tokens.caller(issuer.token())
    tokens.caller(issuer.token())
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]
    issuer.keys = [jwk(OTHER, "next")]
    turned = issuer.token(OTHER, "ES256", "next")
    with pytest.raises(NotAdmitted, match="does not have"):
        tokens.caller(turned)
    clock[0] += 31
    assert tokens.caller(turned).role == "editor"
    with pytest.raises(NotAdmitted, match="does not have"):
        tokens.caller(issuer.token())


def test_however_many_unknown_keys_are_named_the_provider_is_asked_now_and_then(
    issuer: Issuer, clock: list[float]
) -> None:
    tokens = issuer.tokens(ONRECORD_OIDC_JWKS=f"{issuer.url}/keys")
    for number in range(20):
        with pytest.raises(NotAdmitted):
            tokens.caller(issuer.token(kid=f"made-up-{number}"))
        clock[0] += 3
    assert issuer.asked == ["/keys", "/keys"]


def test_a_key_that_the_provider_drops_is_dropped_within_the_hour(issuer: Issuer, clock: list[float]) -> None:
    tokens = issuer.tokens()
    tokens.caller(issuer.token())
    issuer.keys = [jwk(OTHER, "next")]
    clock[0] += 3_601
    with pytest.raises(NotAdmitted):
        tokens.caller(issuer.token())


def test_while_the_provider_is_away_those_whose_key_is_known_go_on(issuer: Issuer, clock: list[float]) -> None:
    tokens = issuer.tokens()
    tokens.caller(issuer.token())
    issuer.status = 500
    clock[0] += 3_601
    assert tokens.caller(issuer.token()).role == "editor"
    with pytest.raises(IdentityProviderAway, match="500"):
        tokens.caller(issuer.token(OTHER, "ES256", "next"))
    issuer.status = 200
    issuer.keys.append(jwk(OTHER, "next"))
    clock[0] += 31
    assert tokens.caller(issuer.token(OTHER, "ES256", "next")).role == "editor"


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "https://other.example.org"},
        {"jwks_uri": "http://other.example.org/keys"},
        {"jwks_uri": "file://localhost/etc/passwd"},
        {"jwks_uri": 7},
    ],
)
def test_a_provider_that_tells_of_somebody_else_is_not_believed(issuer: Issuer, told: Json) -> None:
    issuer.told = told
    with pytest.raises(IdentityProviderAway, match="not of this issuer"):
        issuer.tokens().caller(issuer.token())
    assert issuer.asked == ["/.well-known/openid-configuration"]


def test_a_provider_that_is_not_there_is_told_as_that() -> None:
    nowhere = Issuer("http://127.0.0.1:9")
    with pytest.raises(IdentityProviderAway):
        nowhere.tokens().caller(nowhere.token())


def test_nobody_waits_for_a_provider_that_did_not_answer_before(clock: list[float]) -> None:
    answers, is_asked = Event(), Event()

    def silent(url: str) -> Json:
        is_asked.set()
        assert answers.wait(10)
        raise IdentityProviderAway("it is silent")

    away = provider.Provider("https://id.example.org", None, lambda url: True, silent)

    def ask() -> None:
        with pytest.raises(IdentityProviderAway):
            away.key("rsa")

    answers.set()
    ask()
    answers.clear()
    is_asked.clear()
    clock[0] += 31
    waits = Thread(target=ask)
    waits.start()
    assert is_asked.wait(10)
    ask()
    assert waits.is_alive()
    answers.set()
    waits.join()


def test_a_provider_that_says_too_much_is_not_listened_to(issuer: Issuer) -> None:
    issuer.told = {"more": "x" * 2_000_000}
    with pytest.raises(IdentityProviderAway, match="too much"):
        issuer.tokens().caller(issuer.token())


@pytest.mark.parametrize(
    "given",
    [
        {"ONRECORD_OIDC_ISSUER": "http://id.example.org", "ONRECORD_OIDC_AUDIENCE": "x"},
        {"ONRECORD_OIDC_ISSUER": "id.example.org", "ONRECORD_OIDC_AUDIENCE": "x"},
        {"ONRECORD_OIDC_ISSUER": "https://id.example.org"},
        {"ONRECORD_OIDC_AUDIENCE": "x"},
        {
            "ONRECORD_OIDC_ISSUER": "https://id.example.org",
            "ONRECORD_OIDC_AUDIENCE": "x",
            "ONRECORD_OIDC_JWKS": "http://id.example.org/keys",
        },
    ],
)
def test_half_a_provider_is_refused_at_once(given: dict[str, str]) -> None:
    with pytest.raises(BadSetting, match="ONRECORD_OIDC"):
        read_settings(given, root=False)


def test_without_a_provider_no_token_is_looked_at(steady: Issuer) -> None:
    assert tokens_of(read_settings({}, root=False)) is None
    with pytest.raises(NotAdmitted, match="no key of OnRecord"):
        Gate(AccessKeys.__new__(AccessKeys)).caller(steady.token())


def test_a_gate_takes_tokens_beside_keys(steady: Issuer, tokens: Tokens) -> None:
    gate = Gate(AccessKeys.__new__(AccessKeys), tokens)
    token = steady.token()
    assert gate.caller(token) == gate.remembered(token)
