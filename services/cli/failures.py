"""What can be expected to fail is told in one sentence, and only a defect of ours shows a trace."""

from __future__ import annotations

from collections.abc import Iterator


class Failed(Exception):
    """The command could not do what it was asked; the text says why, in a sentence."""


def told(error: BaseException) -> str | None:
    """Return the sentence for an error that can be expected, None for a defect."""
    # Late, so that help and usage errors come at once.
    from domain.installed import UnfitPlugin
    from domain.policies import TwoPolicies
    from domain.refusals import Refusal
    from services import errors
    from services.catalogue import TwoProjections
    from services.cli.near import NoSuchName
    from services.desks import UnknownDesk
    from services.exported import BadExport
    from services.folding import Poisoned, RowsRefused
    from services.orders import CrewLost, ReplayBusy, ReplayCancelled, ReplayRefused
    from services.pieces import BadBackup
    from services.settings import BadSetting
    from services.store.desks import DeskNotDropped, DeskNotMade
    from services.store.embedded import EmbeddedFailed, HomeInUse
    from services.store.following import CannotFollow

    if isinstance(error, Refusal):
        return " ".join(refusal_lines(error))
    if isinstance(error, errors.BadQuery):
        return " ".join(f"{_option(one.parameter)}: {one.said}; expected is {one.expected}." for one in error.wrong)
    if isinstance(error, HomeInUse):
        owner = f"process {error.pid}" if error.pid else "another process"
        return f"the ledger in {error.home} is in use by {owner}; stop that first, or name another home with --home."
    if isinstance(error, EmbeddedFailed):
        return str(error)
    known = (
        Failed,
        NoSuchName,
        BadBackup,
        BadSetting,
        Poisoned,
        ReplayBusy,
        ReplayCancelled,
        ReplayRefused,
        CrewLost,
        DeskNotMade,
        DeskNotDropped,
        CannotFollow,
        UnknownDesk,
        BadExport,
        RowsRefused,
        TwoPolicies,
        TwoProjections,
        UnfitPlugin,
        errors.StoreUnavailable,
        errors.LedgerBusy,
        errors.LedgerClosed,
        errors.NothingRecorded,
        errors.NotMigrated,
        errors.MigrationRefused,
        errors.CorruptLedger,
        errors.NotCaughtUp,
        errors.NotAsSigned,
        errors.NotSignedYet,
        errors.NoSigningKey,
    )
    if isinstance(error, known):
        text = " ".join(str(error).split())
        return f"{text}{'' if text.endswith(('.', '?')) else '.'}"
    return None


def refusal_lines(error: BaseException) -> Iterator[str]:
    """Yield a sentence for each thing that is wrong: where, what, and what was expected."""
    from domain.refusals import Refusal

    for problem in error.problems if isinstance(error, Refusal) else ():
        yield problem_line(problem.pointer, problem.said, problem.expected)


def problem_line(pointer: object, said: object, expected: object) -> str:
    """Return one thing that is wrong as a sentence."""
    where = f"{pointer}: " if pointer else ""
    return f"{where}{said}{f'; expected is {expected}' if expected else ''}."


def _option(parameter: str) -> str:
    names = {"from": "A", "to": "B"}
    return names.get(parameter, f"--{parameter.replace('_', '-')}")
