"""An auditor gets what can be checked without us: checkpoints, proofs, the key, and the program that checks them."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from services.cli.asking import Policy, Tz, ValidAt, Without
from services.cli.failures import Failed
from services.cli.rooms import caught_up, open_room
from services.cli.screen import console, print_json, print_paragraph

proof = typer.Typer(
    name="proof",
    help="Prove what is in the ledger, and since when, to somebody who need not trust it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Checkpoint = Annotated[
    int | None,
    typer.Option("--checkpoint", min=0, help="The checkpoint, by how many events it is of; else the newest."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


def checkpoint(
    context: typer.Context,
    newest: Annotated[bool, typer.Option("--newest", help="Show the newest one, and sign nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sign all that is recorded, and print the checkpoint: keep it, or give it to somebody who does."""
    from services.checkpoints import checkpoint_json

    with open_room(context) as room:
        signed = room.checkpoints.named(None) if newest else room.checkpoints.make()[0]
    if as_json:
        print_json(checkpoint_json(signed))
    else:
        sys.stdout.write(signed.note)


@proof.command("claim")
def prove_claim(
    context: typer.Context,
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="Id of the claim.")],
    checkpoint: Checkpoint = None,
) -> None:
    """Prove a claim: every event of it, with the path from it to the checkpoint."""
    with open_room(context) as room:
        print_json(room.proofs.claim(claim, checkpoint))


@proof.command("event")
def prove_event(
    context: typer.Context,
    position: Annotated[int, typer.Argument(metavar="POSITION", min=1, help="Position of the event.")],
    checkpoint: Checkpoint = None,
) -> None:
    """Prove one event, of any kind."""
    with open_room(context) as room:
        print_json(room.proofs.event(position, checkpoint))


@proof.command("consistency")
def prove_consistency(
    context: typer.Context,
    old: Annotated[int, typer.Argument(metavar="SIZE", min=0, help="The older checkpoint: of how many events.")],
    checkpoint: Checkpoint = None,
) -> None:
    """Prove that a checkpoint continues an older one, so that nothing before was changed."""
    with open_room(context) as room:
        print_json(room.proofs.consistency(old, checkpoint))


@proof.command("belief")
def prove_belief(
    context: typer.Context,
    location: Annotated[str, typer.Argument(metavar="LOCATION", help="Slug of the place.")],
    aspect: Annotated[str, typer.Argument(metavar="ASPECT", help="What is asked of it.")],
    subject: Annotated[str | None, typer.Option(help="Keeps apart what must not be mixed.")] = None,
    valid_at: ValidAt = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="What was known then: a position, or an instant; else all that the checkpoint has."),
    ] = None,
    tz: Tz = None,
    without: Without = None,
    policy: Policy = None,
    checkpoint: Checkpoint = None,
) -> None:
    """Prove a belief: from which ledger, by which policy and at which two times it follows, and its digest."""
    from domain.claims import Question
    from services.cuts import Query

    with open_room(context) as room:
        query = Query(as_of, valid_at, tz, policy, tuple(without or ()), caught_up(room))
        question = Question(location=location, aspect=aspect, subject=subject)
        print_json(room.proofs.belief(question, query, checkpoint))


@proof.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, help="A belief's proof.")],
    export: Annotated[Path, typer.Option(exists=True, help="Events, as `onrecord export --events` writes them.")],
    key: Annotated[str, typer.Option(help="Verifier key of the ledger: NAME+HASH+KEY.")],
    as_json: AsJson = False,
) -> None:
    """Check the proof of a belief on an export alone: the export is what was signed, and the digest follows from it."""
    from pydantic import ValidationError

    from domain.belief.judge import UnknownAspect
    from domain.policies import UnknownPolicy
    from domain.proof.believed import BeliefProof, digest_of, events_in
    from domain.proof.verifier import Audit, read_key
    from domain.upcasts import UnknownEvent

    try:
        told = BeliefProof.model_validate_json(file.read_bytes())
        audit = Audit(read_key(key))
        signed = audit.sign(told.checkpoint)
        if told.as_of > signed.size:
            raise Failed(f"the checkpoint is of {signed.size} events, and the belief as of {told.as_of}")
        with export.open("rb") as lines:
            audit.export(lines)
        with export.open("rb") as lines:
            found = digest_of(events_in(lines, told.as_of), told)
    except ValidationError as error:
        raise Failed(f"{file} is no proof of a belief") from error
    except (ValueError, UnknownEvent, UnknownAspect, UnknownPolicy) as error:
        raise Failed(f"it is not proved: {error}") from error
    if found != told.digest:
        raise Failed(f"it is not proved: the digest that follows from the export is {found}, and not {told.digest}")
    if as_json:
        print_json({"proved": True, "digest": found, "size": signed.size, "as_of": told.as_of})
    else:
        said = (
            f"The export is what was signed ({signed.size} events), and the belief as of {told.as_of} follows from it"
        )
        print_paragraph(console(), f"{said}: digest {found}.")


@proof.command("key")
def show_key(context: typer.Context, as_json: AsJson = False) -> None:
    """Print the verifier key, with which anybody checks what this ledger signs."""
    with open_room(context) as room:
        key = room.checkpoints.key()
    if as_json:
        print_json({"key": key})
    else:
        sys.stdout.write(f"{key}\n")


@proof.command("new-key")
def new_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Origin of the log, such as example.org/ledger.")],
) -> None:
    """Print a new signing key, to be kept in a file that ONRECORD_SIGNING_KEY names."""
    from services.signing import new_signer

    try:
        sys.stdout.write(f"{new_signer(name).secret_text}\n")
    except ValueError as error:
        raise Failed(str(error)) from error


@proof.command("verifier")
def verifier() -> None:
    """Print the program that checks checkpoints, proofs and exports with Python alone."""
    sys.stdout.write(files("domain.proof").joinpath("verifier.py").read_text(encoding="utf-8"))
