"""Only here is it known which parts are real: the database, the clock, the views and the use cases on them."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from services.access.keys import AccessKeys
from services.across import AcrossPlaces
from services.beliefs import Beliefs
from services.carrier import Carrier
from services.catalogue import found_projections
from services.changes import ChangeFinder
from services.checkpoints import Checkpoints, Sealing, no_signer
from services.claim_changes import ClaimChanges
from services.claims import Claims
from services.comparison import Comparison
from services.contradictions import Contradictions
from services.courses import CoursesOfBelief
from services.cuts import Cuts
from services.desks import known_desk
from services.differences import Differences
from services.editions import Editions
from services.facts import Facts
from services.feed import Feed
from services.folding import Step
from services.followers import Apart, Followers
from services.following import Following
from services.identities import Identities
from services.kept_alive import kept_alive
from services.layers import Layer
from services.ledger import Ledger
from services.linked import Linked
from services.picture import PictureStep
from services.places import Places
from services.previews import Previews
from services.projections import Projections
from services.proofs import Proofs
from services.reading import Deaf, Onlooker, Reading, Replica, nobody_records
from services.relying import Relying
from services.rows import Rows
from services.scopes import Scopes
from services.settings import Settings
from services.sheets import Sheets
from services.side_by_side import SideBySide
from services.signing import Signer
from services.sources import Sources
from services.spoken import Spoken
from services.store.access import KeyStore
from services.store.asking import ViewReader
from services.store.comparing import PictureComparer
from services.store.connections import Connections, Use, careless_settings, to_whoever_answers
from services.store.contested import ContestedReader
from services.store.embedded import Addresses, EmbeddedPostgres, running_addresses
from services.store.event_log import EventLog
from services.store.following import FollowedStore, only_reading
from services.store.migrate import migrate
from services.store.one_server import OneServer
from services.store.picturing import PictureReader
from services.store.replays import ReplayReader
from services.store.rows import RowReader
from services.store.tree import TreeStore
from services.store.turned import TurnReader
from services.store.views import ViewWriter
from services.store.what_ifs import WhatIfs
from services.stories import Stories
from services.texts import Texts
from services.timelines import Timelines
from services.tree import LogTree
from services.utterances import Utterances
from services.watch import Outward, Watch, open_watch

_LOG = logging.getLogger(__name__)
_SWEEP = 300_000
"""Objects made before Python looks for circles among them; the first of the three thresholds of `gc`.

An event is a tree of some dozens of objects and never part of a circle: at Python's own 700 a batch of thousands that
is read or recorded is swept again and again while it grows, which takes more time than reading it. The batches that are
read at once (5,000 events at most) are let go of before so many objects are there.
"""


@dataclass(frozen=True, slots=True)
class Newsroom:
    """A ledger that is open: what can be recorded and what can be asked."""

    ledger: Ledger
    claims: Claims
    claim_changes: ClaimChanges
    previews: Previews
    beliefs: Beliefs
    spoken: Spoken
    across: AcrossPlaces
    courses: CoursesOfBelief
    contradictions: Contradictions
    comparison: Comparison
    sources: Sources
    identities: Identities
    places: Places
    texts: Texts
    stories: Stories
    editions: Editions
    timelines: Timelines
    differences: Differences
    sheets: Sheets
    linked: Linked
    feed: Feed
    projections: Projections
    side_by_side: SideBySide
    rows: Rows
    watch: Watch
    keys: AccessKeys
    checkpoints: Checkpoints
    proofs: Proofs
    projector: Followers
    layers: tuple[Layer, ...]
    followed: FollowedStore
    """How far this desk has followed another, if it follows one."""
    reading: Replica | None
    """Set where nothing is recorded and no view carried forward here; what is asked may be a standby."""
    pools: Callable[[], dict[str, Use]]
    """How much of the connections for recording, and of those for asking, is in use."""
    now: Callable[[], datetime]


def clock() -> datetime:
    """Return the present, in UTC."""
    return datetime.now(UTC)


@contextmanager
def open_database(settings: Settings, *, guest: bool = False) -> Generator[Addresses, None, None]:
    """Lend a migrated database: the one named by the settings, else the embedded one, started and stopped here.

    It is that of the desk which the settings name. A guest of a service that is running on the same home uses its
    server. A database of the user's own is not migrated: that is for `onrecord migrate`. Raises HomeInUse,
    EmbeddedFailed, and UnknownDesk for a desk that is not there.
    """
    if settings.database_url is not None:
        for setting in [] if settings.reading else careless_settings(settings.database_url):
            _LOG.warning("the database has %s=off: what was acknowledged can be lost when it crashes", setting)
        service = to_whoever_answers(settings.database_url) if settings.reading else settings.database_url
        addresses = Addresses(owner=settings.migration_url or settings.database_url, service=service)
        yield known_desk(addresses, settings.desk)
        return
    running = running_addresses(settings.home) if guest or settings.reading else None
    if running is not None:
        yield known_desk(running, settings.desk)
        return
    if settings.reading:
        raise nobody_records()
    with EmbeddedPostgres(settings.home) as server, kept_alive(server):
        addresses = server.start()
        migrate(addresses.owner)
        if settings.desk is not None:
            addresses = known_desk(addresses, settings.desk)
            migrate(addresses.owner)
        yield addresses


@contextmanager
def open_server(settings: Settings) -> Generator[Addresses, None, None]:
    """Lend the main database as it is, whatever desk the settings name; the embedded server is started if none runs.

    Raises HomeInUse and EmbeddedFailed.
    """
    running = None if settings.migration_url else running_addresses(settings.home)
    if settings.migration_url is not None:
        yield Addresses(owner=settings.migration_url, service=settings.database_url or settings.migration_url)
    elif running is not None:
        yield running
    else:
        with EmbeddedPostgres(settings.home) as server:
            yield server.start()


def migrate_database(settings: Settings) -> list[str]:
    """Bring the database of the settings up to this program's tables; return the names of the steps that were missing.

    Raises HomeInUse, EmbeddedFailed, MigrationRefused, and UnknownDesk for a desk that is not there.
    """
    with open_server(settings) as addresses:
        return migrate(known_desk(addresses, settings.desk).owner)


@contextmanager
def open_newsroom(  # noqa: PLR0913 (each is one part that a caller may have of its own)
    addresses: Addresses,
    *,
    now: Callable[[], datetime] = clock,
    following: bool = True,
    signer: Callable[[], Signer] = no_signer,
    sealing: float | None = None,
    outward: Outward | None = None,
    layers: tuple[Layer, ...] = (),
    followed: Callable[[str], Addresses] | None = None,
    reading: Reading | None = None,
    carrier: Carrier | None = None,
) -> Generator[Newsroom, None, None]:
    """Open the ledger of a migrated database; with `following` its views are carried forward by this process too.

    Those that judge are so by the process of the `carrier`, if there is one.

    Checkpoints are signed with what `signer` returns; unasked every `sealing` seconds, with 0 never. With None nothing
    is done for the tree but what is asked for.

    Alerts are found while `Newsroom.watch` is kept, and leave the house as `outward` says. The map has these `layers`.

    What this desk follows is taken in, if `followed` says how to reach a desk by its name.

    With `reading` nothing at all is written, so that the database may be a standby.

    Raises StoreUnavailable, NotMigrated, MigrationRefused and CorruptLedger.
    """
    with ExitStack() as stack:
        youngest, *older = gc.get_threshold()
        gc.set_threshold(max(youngest, _SWEEP), *older)
        stack.callback(gc.set_threshold, youngest, *older)
        one = OneServer() if reading else None
        log = stack.enter_context(EventLog(addresses.service, reading=one))
        asking = stack.enter_context(Connections(addresses.service, reading=one))
        views = ViewReader(asking.fetch)
        steps: dict[str, Step] = {**found_projections(), "picture": PictureStep()}

        def open_writer() -> ViewWriter:
            return ViewWriter(asking)

        parts = log, open_writer, views, steps.values()
        apart = carrier and Apart(carrier, addresses.service)
        projector = Onlooker(*parts, reading) if reading else Followers(*parts, apart)
        if following:
            projector.start()
            stack.callback(projector.stop)
            stack.callback(log.let_go)
        ledger = stack.enter_context(Deaf(log, reading) if reading else Ledger(log))
        follows = FollowedStore(asking)
        if followed is not None and reading is None:
            follower = Following(ledger, follows, lambda desk: EventLog(only_reading(followed(desk).service), most=2))
            follower.start()
            stack.callback(follower.stop)
        projections = Projections(log, projector, open_writer, steps, ReplayReader(asking.fetch), addresses.service)
        stack.callback(projections.close)
        facts = Facts(views, projector)
        pictures = WhatIfs(asking)
        cuts = Cuts(log, facts, pictures, now, may_lag=reading is not None)
        picture = PictureReader(asking.fetch)
        changes = ChangeFinder(facts, picture)
        beliefs = Beliefs(log, facts, cuts, changes)
        stories = Stories(facts, cuts, beliefs)
        scopes = Scopes(facts, cuts, beliefs, stories)
        utterances = Utterances(log, facts)
        texts = Texts(log, facts, cuts)
        kept = TreeStore(asking)
        tree = LogTree(log, kept)
        checkpoints = Checkpoints(log, kept, tree, signer, reading=reading is not None)
        if sealing is not None and reading is None:
            seals = Sealing(log, tree, checkpoints, sealing, now)
            seals.start()
            stack.callback(seals.stop)
        claims = Claims(log, facts, cuts, texts)
        yield Newsroom(
            ledger=ledger,
            claims=claims,
            claim_changes=ClaimChanges(log, facts, cuts, TurnReader(asking.fetch)),
            previews=Previews(log, facts, cuts, now, ledger.make_id),
            beliefs=beliefs,
            spoken=Spoken(log, facts, cuts),
            across=AcrossPlaces(facts, cuts, picture, changes, stories),
            courses=CoursesOfBelief(log, facts, cuts, picture, changes, stories),
            contradictions=Contradictions(log, facts, stories, changes, claims, ContestedReader(asking.fetch)),
            comparison=Comparison(facts, cuts, stories, changes, PictureComparer(asking.fetch)),
            sources=Sources(facts, cuts),
            identities=Identities(log, facts, cuts, texts),
            places=Places(facts, cuts),
            texts=texts,
            stories=stories,
            editions=Editions(facts, cuts, stories, changes, Relying(log, facts, beliefs, changes, now), now),
            timelines=Timelines(cuts, scopes, beliefs, changes, utterances),
            differences=Differences(log, facts, scopes, beliefs, changes, utterances),
            sheets=Sheets(log, facts, scopes, beliefs),
            linked=Linked(log, facts),
            feed=Feed(log, facts),
            projections=projections,
            side_by_side=SideBySide(log, facts, projections, pictures, now),
            rows=Rows(RowReader(asking.fetch), cuts, steps),
            watch=stack.enter_context(open_watch(log, asking, facts, outward or Outward(), now, finds=reading is None)),
            keys=AccessKeys(KeyStore(asking), now, notes_use=reading is None),
            checkpoints=checkpoints,
            proofs=Proofs(log, tree, checkpoints, facts, cuts),
            projector=projector,
            layers=layers,
            followed=follows,
            reading=reading and Replica(reading, asking.fetch),
            pools=lambda: {"recording": log.use(), "asking": asking.use()},
            now=now,
        )
