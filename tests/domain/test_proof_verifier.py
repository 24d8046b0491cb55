"""What was signed is told from what was not, by published vectors and against every way to pass one for the other."""

from __future__ import annotations

from base64 import b64decode, b64encode

import pytest

from domain.proof.verifier import Audit, Wrong, entry_of, is_signed, leaf_hash, main, read_checkpoint, read_key
from services.signing import Signer, new_signer, read_signer

# RFC 8032, section 7.1: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
        "655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
        "b00d291612bb0c00",
    ),
]
# The example of golang.org/x/mod/sumdb/note.
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
QUOTE = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
QUOTED = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="

OURS = Signer("example.org/ledger", bytes(range(32)))
KEY = read_key(OURS.verifier_key)
ROOT, OTHER = leaf_hash(b"one"), leaf_hash(b"other")
NOTE = OURS.checkpoint(7, ROOT)
SIGNATURE = NOTE.rpartition("\n\n")[2]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_signatures_are_those_of_the_standard(public: str, message: str, signature: str) -> None:
    key, said, signed = map(bytes.fromhex, (public, message, signature))
    assert is_signed(key, said, signed)
    assert not is_signed(key, said + b".", signed)
    assert not is_signed(key, said, signed[:63])
    assert not is_signed(key, said, signed[:63] + bytes([signed[63] ^ 0x80]))
    # The same scalar, once more around the curve: RFC 8032 has it refused.
    around = int.from_bytes(signed[32:], "little") + 2**252 + 27742317777372353535851937790883648493
    assert not is_signed(key, said, signed[:32] + around.to_bytes(32, "little"))


def test_keys_and_signatures_are_those_of_other_tools() -> None:
    signer, key = read_signer(PRIVATE), read_key(PUBLIC)
    assert signer.verifier_key == PUBLIC
    assert b64decode(QUOTED)[:4] == key.id
    assert is_signed(key.public, QUOTE, b64decode(QUOTED)[4:])


def test_a_checkpoint_is_read_as_it_was_signed() -> None:
    assert NOTE.splitlines()[:4] == ["example.org/ledger", "7", b64encode(ROOT).decode(), ""]
    assert read_checkpoint(NOTE, KEY) == (7, ROOT)
    assert read_signer(OURS.secret_text).checkpoint(7, ROOT) == NOTE


def test_the_signatures_of_witnesses_are_passed_over() -> None:
    witnessed = NOTE + "\u2014 witness.example " + b64encode(b"1234" + bytes(72)).decode() + "\n"
    assert read_checkpoint(witnessed, KEY) == (7, ROOT)


FORGED = {
    "another size": NOTE.replace("\n7\n", "\n8\n"),
    "another root": NOTE.replace(b64encode(ROOT).decode(), b64encode(OTHER).decode()),
    "another origin": NOTE.replace("example.org/ledger\n7", "example.org/other\n7"),
    "a line more": NOTE.replace("\n\n", "\nand more\n\n"),
    "the signature of another checkpoint": OURS.checkpoint(8, OTHER).rpartition("\n\n")[0] + "\n\n" + SIGNATURE,
    "a stranger's key of the same name": new_signer("example.org/ledger").checkpoint(7, ROOT),
    "a stranger": new_signer("example.org/other").checkpoint(7, ROOT),
    "our key under another name": Signer("example.org/other", bytes(range(32))).checkpoint(7, ROOT),
    "no signature": NOTE.rpartition("\n\n")[0] + "\n\n",
    "no note": "example.org/ledger\n7\n",
    "half a line": NOTE[:-1],
    "a control character": NOTE.replace("\n7\n", "\n7\r\n"),
}


@pytest.mark.parametrize("note", FORGED.values(), ids=FORGED.keys())
def test_what_was_not_signed_so_is_refused(note: str) -> None:
    with pytest.raises(Wrong):
        read_checkpoint(note, KEY)


def test_a_note_that_our_key_signed_and_that_is_no_checkpoint_is_refused() -> None:
    swapped = Signer("example.org/ledger", bytes(range(32)))
    swapped.name = "example.org/ledger\nmore"
    with pytest.raises(Wrong):
        read_checkpoint(
            swapped.checkpoint(7, ROOT).replace("\u2014 example.org/ledger\nmore", "\u2014 example.org/ledger"), KEY
        )


@pytest.mark.parametrize(
    "key", ["", "name", PUBLIC[:-4], PUBLIC.replace("c74f", "c74e"), PUBLIC.replace("Peter", "Pete")]
)
def test_a_key_of_another_form_is_none(key: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (each says it in its own words)
        read_key(key)


def test_an_entry_holds_position_instant_and_hash_and_no_words() -> None:
    line = b'{"position":7,"name":"claim-voided.v1","recorded":"2016-11-08T18:00:00.000000Z","event":{"claim":"x"}}'
    position, entry = entry_of(line)
    assert position == 7
    assert entry.startswith(b"onrecord.event/1\n7\n2016-11-08T18:00:00.000000Z\n")
    assert len(entry) < 120
    assert entry_of(line.replace(b'"x"', b'"y"'))[1] != entry


def test_two_checkpoints_of_one_size_prove_a_fork() -> None:
    audit = Audit(KEY)
    audit.sign(NOTE)
    with pytest.raises(Wrong, match="proves a fork"):
        audit.sign(OURS.checkpoint(7, OTHER))


def test_checkpoints_that_nothing_ties_together_are_not_taken_for_one_history() -> None:
    audit = Audit(KEY)
    audit.sign(NOTE)
    audit.sign(OURS.checkpoint(8, OTHER))
    with pytest.raises(Wrong, match="add a consistency proof"):
        audit.close()


def test_wrong_use_is_told_apart(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--key", OURS.verifier_key, f"{tmp_path}/nothing"])
    assert ended.value.code == 2
    with pytest.raises(SystemExit) as ended:
        main(["--key", "no key", f"{tmp_path}"])
    assert ended.value.code == 2
    assert "invalid read_key value" in capsys.readouterr().err
