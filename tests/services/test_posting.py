"""Messages go to no address but one that was looked at, and no receiver holds anybody up."""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from services.posting import Address, NotDelivered, Post, is_public, unfit
from services.signatures import Keys, NoKey, new_salt, signature, written
from support.receiving import Receiver, drips, hangs, receiving, says, talks

HERE = ip_network("127.0.0.0/8")
LATE = 0.6


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as ready:
        yield ready


def post(receiver: Receiver, *, deadline: float = LATE) -> int:
    return Post([HERE], deadline=deadline).send(receiver.url, {"webhook-id": "1"}, b"{}").status


def refused(url: str, *addresses: str, allowed: tuple[str, ...] = ()) -> str:
    """Why nothing is sent to a host whose name leads to these addresses."""

    def resolve(host: str, port: int) -> list[Address]:
        return [ip_address(one) for one in addresses]

    with pytest.raises(NotDelivered) as raised:
        Post([ip_network(one) for one in allowed], resolve=resolve, deadline=LATE).send(url, {}, b"{}")
    return str(raised.value)


def test_a_message_is_posted_as_it_is(receiver: Receiver) -> None:
    assert post(receiver) == 204
    got = receiver.got[0]
    assert (got.path, got.body, got.headers["webhook-id"]) == ("/alerts", b"{}", "1")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::"],
)  # fmt: skip
def test_nothing_is_sent_to_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))
    assert "that is not public" in refused("https://receiver.example/", address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_nothing_goes_out_without_encryption() -> None:
    assert "without encryption" in refused("http://receiver.example/", "93.184.215.14")


def test_a_network_can_be_allowed(receiver: Receiver) -> None:
    assert post(receiver) == 204
    with pytest.raises(NotDelivered, match="unless a setting allows it"):
        Post([ip_network("10.0.0.0/8")]).send(receiver.url, {}, b"{}")


def test_a_name_that_leads_elsewhere_the_second_time_is_never_asked_twice(receiver: Receiver) -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[Address]:
        asked.append(host)
        return [ip_address("203.0.113.1" if len(asked) == 1 else "127.0.0.1")]

    # The first answer is the one that is connected to: nobody listens there, and nothing comes here.
    with pytest.raises(NotDelivered):
        Post([ip_network("203.0.113.0/24")], resolve=rebinding, deadline=LATE).send(
            f"http://receiver.example:{receiver.port}/", {}, b"{}"
        )
    assert (asked, receiver.got) == (["receiver.example"], [])


def test_a_name_with_a_public_and_a_private_address_gets_nothing_at_the_private_one(receiver: Receiver) -> None:
    def both(host: str, port: int) -> list[Address]:
        return [ip_address("127.0.0.1"), ip_address("203.0.113.1")]

    with pytest.raises(NotDelivered):
        Post([ip_network("203.0.113.0/24")], resolve=both, deadline=LATE).send(
            f"http://receiver.example:{receiver.port}/", {}, b"{}"
        )
    assert receiver.got == []


def test_the_connected_address_is_the_resolved_one_and_the_host_the_named_one(receiver: Receiver) -> None:
    def here(host: str, port: int) -> list[Address]:
        return [ip_address("127.0.0.1")]

    url = f"http://receiver.example:{receiver.port}/alerts"
    assert Post([HERE], resolve=here).send(url, {}, b"{}").status == 204
    assert receiver.got[0].headers["host"] == f"receiver.example:{receiver.port}"


def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    receiver.answer = lambda call: says(call, 302, Location=receiver.url)
    assert post(receiver) == 302
    assert len(receiver.got) == 1


@pytest.mark.parametrize("answer", [hangs, drips, talks])
def test_a_receiver_that_does_not_come_to_an_end_is_left(receiver: Receiver, answer: object) -> None:
    receiver.answer = answer  # pyright: ignore[reportAttributeAccessIssue] (one of the three)
    began = time.monotonic()
    with pytest.raises(NotDelivered):
        post(receiver)
    assert time.monotonic() - began < 60


def test_a_resolver_that_hangs_is_left() -> None:
    with pytest.raises(NotDelivered, match="nobody tells"):
        Post(resolve=lambda host, port: time.sleep(1) or [], deadline=0.2).send("https://a.example/", {}, b"{}")


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "https:///path", "https://user@a.example/", "https://a.example/#x", "https://a.example:0/",
     "https://a.example/ x", "https://a.example:99999/", "javascript:alert(1)", ""],
)  # fmt: skip
def test_an_address_must_be_fit(url: str) -> None:
    assert unfit(url) is not None


def test_the_signature_is_that_of_the_published_example() -> None:
    # The example of the Standard Webhooks libraries.
    secret = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    told = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert told == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_hangs_on_the_key_and_the_salt(tmp_path: Path) -> None:
    one, again, other = (
        Keys(file=tmp_path / "home" / "key"),
        Keys(file=tmp_path / "home" / "key"),
        Keys(file=tmp_path / "o"),
    )
    salt = new_salt()
    assert one.secret(salt) == again.secret(salt) != other.secret(salt)
    assert (one.secret(salt) != one.secret(new_salt()), one.check() == again.check() != other.check()) == (True, True)
    assert oct((tmp_path / "home" / "key").stat().st_mode)[-3:] == "600"
    assert len(b64decode(written(one.secret(salt)).removeprefix("whsec_"))) == 32


def test_a_key_that_is_no_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoKey):
        Keys(b64encode(b"too short").decode()).check()
    with pytest.raises(NoKey):
        Keys().check()


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Check a message as a receiver does that has read the standard and none of our code."""
    key = b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [one.partition(",") for one in headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(told, expected) for version, _, told in given)
