"""Over HTTP an outsider gets all that it takes to check the ledger, also with tools that know nothing of it."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from subprocess import run
from sys import executable

import pytest

from api.examples import WORLD
from domain.proof.tree import Tree
from domain.proof.verifier import check_consistency, leaf_hash, read_checkpoint, read_key
from support.service import SIGNER, Desk

KEY = read_key(SIGNER.verifier_key)
CLAIM = "0192f0c4-7a00-7000-8000-000000000001"


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A ledger of one's own with the world of the examples, not signed yet."""
    desk.load()
    return desk


def test_a_tool_that_knows_tiles_alone_rebuilds_what_was_signed(harbour: Desk) -> None:
    note = harbour.client.get("/tlog/checkpoint")
    assert note.headers["Content-Type"] == "text/plain; charset=utf-8"
    signed = read_checkpoint(note.text, KEY)
    bundle = harbour.client.get(f"/tlog/tile/entries/000.p/{signed.size}").content
    entries: list[bytes] = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        entries, bundle = [*entries, bundle[2 : 2 + length]], bundle[2 + length :]
    leaves = [leaf_hash(entry) for entry in entries]
    assert b"".join(leaves) == harbour.client.get(f"/tlog/tile/0/000.p/{signed.size}").content
    assert Tree(signed.size, lambda level, number, width: leaves[:width]).root() == signed.root


@pytest.mark.parametrize(
    "address", ["0/000", "0/001.p/1", "1/000.p/1", "entries/000", "0/000.p/256", "0/0", "0/000.p/07"]
)
def test_what_is_not_signed_has_no_tile(harbour: Desk, address: str) -> None:
    assert harbour.client.get(f"/tlog/tile/{address}").status_code in (404, 422)


def test_nothing_is_proved_before_something_is_signed(told: Desk) -> None:
    assert told.client.get("/tlog/checkpoint").status_code == 404
    answer = told.client.get(f"/v1/claims/{CLAIM}/proof")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-signed-yet")


def test_without_new_events_no_new_checkpoint_is_signed(told: Desk) -> None:
    first = told.send("/v1/checkpoints", None).json()
    assert told.send("/v1/checkpoints", None).json() == first
    assert first["size"] == len(WORLD)
    assert told.client.get("/v1/checkpoints").json()["checkpoints"] == [first]
    assert told.client.get("/v1/checkpoints").json()["key"] == SIGNER.verifier_key


def test_checkpoints_come_by_size_and_go_on_with_the_link(told: Desk) -> None:
    sizes = [told.send("/v1/checkpoints", None).json()["size"]]
    for slug in ("one", "two"):
        told.put(f"/v1/sources/{slug}", {"kind": "wire", "name": slug})
        sizes.append(told.send("/v1/checkpoints", None).json()["size"])
    first = told.client.get("/v1/checkpoints", params={"limit": 2})
    rest = told.client.get(first.headers["Link"].partition(">")[0][1:]).json()["checkpoints"]
    assert [one["size"] for one in [*first.json()["checkpoints"], *rest]] == sizes


def test_a_checkpoint_is_shown_to_continue_an_older_one(told: Desk) -> None:
    old = read_checkpoint(told.send("/v1/checkpoints", None).json()["note"], KEY)
    told.put("/v1/sources/later", {"kind": "wire", "name": "Later"})
    new = read_checkpoint(told.send("/v1/checkpoints", None).json()["note"], KEY)
    proof = told.client.get(f"/v1/checkpoints/newest/consistency?from={old.size}").json()
    check_consistency(old, new, [b64decode(one) for one in proof["path"]])
    backwards = told.client.get(f"/v1/checkpoints/{old.size}/consistency?from={new.size}")
    assert (backwards.status_code, backwards.json()["errors"][0]["parameter"]) == (422, "from")


def test_a_replacement_is_proved_by_the_correction_that_brought_it(told: Desk) -> None:
    replacement = {**WORLD[17], "id": CLAIM[:-1] + "9", "value": "off"}
    told.send(f"/v1/claims/{CLAIM[:-1]}3/correction", {"reason": "Misheard.", "replacement": replacement})
    told.send("/v1/checkpoints", None)
    (entry,) = told.client.get(f"/v1/claims/{CLAIM[:-1]}9/proof").json()["entries"]
    assert (entry["position"], "claim-corrected.v1" in entry["event"]) == (told.head, True)
    both = told.client.get(f"/v1/claims/{CLAIM[:-1]}3/proof").json()["entries"]
    assert [one["position"] for one in both] == [18, told.head]


def test_what_came_later_is_named_and_not_proved(told: Desk) -> None:
    told.send("/v1/checkpoints", None)
    told.send(f"/v1/claims/{CLAIM}/void", {"reason": "An impostor."})
    proof = told.client.get(f"/v1/claims/{CLAIM}/proof").json()
    assert ([one["position"] for one in proof["entries"]], proof["later"]) == ([16], [told.head])


def test_the_program_that_is_served_checks_what_is_served(harbour: Desk, tmp_path: Path) -> None:
    served = {
        "verify.py": "/v1/verifier",
        "kept.txt": "/tlog/checkpoint",
        "claim.json": f"/v1/claims/{CLAIM}/proof",
        "belief.json": "/v1/locations/north-quay/proofs/stoppage",
    }
    for name, address in served.items():
        (tmp_path / name).write_bytes(harbour.ask(address).content)
    checked = [f"{tmp_path}/{name}" for name in served][1:]
    ended = run(
        [executable, "-I", "-S", f"{tmp_path}/verify.py", "--key", SIGNER.verifier_key, *checked],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "as they were signed: positions 16" in ended.stdout
