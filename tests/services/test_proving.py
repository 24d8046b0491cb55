"""An auditor at the terminal gets checkpoint, proof and program, and checks them with a Python that lacks us."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import run
from sys import executable

import pytest

from services import story
from services.access.callers import at_the_terminal
from services.signing import Signer
from services.store.embedded import Addresses
from support.terminal import Ended, Terminal

SIGNER = Signer("example.org/ledger", bytes(range(32)))
FILES = [f"{story.__path__[0]}/aleppo/{name}.ndjson" for name in ("registry", "claims")]


@pytest.mark.slow
def test_an_auditor_is_given_all_that_it_takes_and_trusts_none_of_it(addresses: Addresses, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home")

    def types(*arguments: str) -> Ended:
        own = {"ONRECORD_DATABASE_URL": addresses.service, "ONRECORD_SIGNING_KEY": SIGNER.secret_text}
        return terminal.here(*arguments, **own)

    def keeps(name: str, *arguments: str) -> str:
        ended = types(*arguments)
        assert ended.status == 0, ended.error
        (tmp_path / name).write_text(ended.out)
        return f"{tmp_path}/{name}"

    key = SIGNER.verifier_key
    assert types("import", FILES[0]).status == 0
    old = keeps("old.txt", "checkpoint")
    size = Path(old).read_text().splitlines()[1]
    assert types("import", FILES[1]).status == 0
    assert (types("proof", "key").out.strip(), types("checkpoint", "--newest").out) == (key, Path(old).read_text())
    late = types("proof", "event", "100")
    assert (late.status, "`onrecord checkpoint` signs a new one" in late.error) == (1, True)
    new = keeps("new.txt", "checkpoint")
    export = keeps("all.ndjson", "export", "--events")
    told = json.loads(Path(export).read_text().splitlines()[60])
    assert told["by"] == at_the_terminal().by
    claim = told["event"]["claim"]["id"]
    proofs = [
        keeps("claim.json", "proof", "claim", claim),
        keeps("event.json", "proof", "event", "7", "--checkpoint", size),
        keeps("since.json", "proof", "consistency", size),
        keeps("belief.json", "proof", "belief", "minian", "control", "--valid-at", "2016-11-08"),
    ]
    program = keeps("verify.py", "proof", "verifier")

    def verified(*files: str) -> int:
        return run([executable, "-I", "-S", program, "--key", key, *files], capture_output=True, check=False).returncode

    assert verified(old, new, *proofs) == 0
    assert verified(old, new, *proofs, export) == 0
    assert types("proof", "check", proofs[3], "--export", export, "--key", key, "--json").json["proved"] is True
    for name in ("claim.json", "belief.json"):
        changed = (
            (tmp_path / name)
            .read_text()
            .replace("claim-recorded", "claim-voided")
            .replace("2016-11-08T", "2016-11-07T")
        )
        (tmp_path / name).write_text(changed)
    assert verified(old, new, proofs[0], proofs[2]) == 1
    assert types("proof", "check", proofs[3], "--export", export, "--key", key).status == 1
