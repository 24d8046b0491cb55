"""A story has a picture and editions; an edition pins what it relied on and says what has changed since."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from fastapi import APIRouter, Request, Response

from api.answers import listed, one, paged, registered
from api.cursors import text_place
from api.drafts import EditionDraft
from api.forms import Form, JsonBody, model_of
from api.operations import RECORDING, asks, records
from api.parameters import PAGE, After, Called, FullCut, Limit, PositionPath, RecordedCut, Room, SlugPath
from api.recording import Guarded, Named, record
from api.routed import AdmittedRoute
from domain.commands import PublishEdition, RegisterStory
from services.cuts import Query as Cut
from services.editions import Draft

router = APIRouter(prefix="/v1/stories", route_class=AdmittedRoute)
STORY = Form(RegisterStory, {"slug": "story"})
EDITION = Form(PublishEdition, {"story": "story"})


@router.put("/{story}", **records("register_story", "Open or revise a story", "RegisterStory", fails=(412, *RECORDING)))
def register_story(room: Room, story: SlugPath, body: JsonBody, call: Guarded) -> Response:
    """Open a desk's file, or revise the questions that it follows. Its `tz` is what its dates are read in."""
    return record(room, STORY, STORY.read(body, slug=story), call, f"/v1/stories/{story}")


@router.post("/{story}/editions", **records("publish_edition", "Publish an edition", "EditionDraft"))
def publish_edition(room: Room, story: SlugPath, body: JsonBody, call: Named) -> Response:
    """Pin what was printed: the position, the claims and the beliefs that it relied on, worked out at the cut.

    What it relied on is watched from then on: the edition says when, and why, any of it changed.
    """
    draft = model_of(EditionDraft, body, story=story)
    command = room.editions.prepare(_draft(draft), _cut_of(draft, room.feed.head()))
    # The draft is what the caller sent and may send again; what it relied on may differ by then.
    sent = hashlib.sha256(draft.model_dump_json().encode()).digest()
    address = None if draft.number is None else f"/v1/stories/{story}/editions/{draft.number}"
    return record(room, EDITION, command, replace(call, fingerprint=sent), address)


def _draft(draft: EditionDraft) -> Draft:
    left_out = {"as_of", "valid_at", "policy"}
    return Draft(**{name: getattr(draft, name) for name in EditionDraft.model_fields if name not in left_out})


def _cut_of(draft: EditionDraft, head: int) -> Cut:
    """Return the draft's cut; what is printed knows everything that was recorded by then."""
    asked = Cut(as_of=None if draft.as_of is None else str(draft.as_of), valid_at=draft.valid_at, at_least=head)
    return asked if draft.policy is None else replace(asked, policy=draft.policy)


@router.get("", **asks("list_stories", "All stories", "StoryPage"))
def list_stories(
    request: Request, room: Room, cut: RecordedCut, q: Called = None, after: After = None, limit: Limit = PAGE
) -> Response:
    """The stories by slug."""
    return paged(request, "stories", room.stories.stories(text_place(after) or "", limit, cut, q))


@router.get("/{story}", **asks("get_story", "One story", "StoryShown"))
def get_story(request: Request, room: Room, story: SlugPath, cut: RecordedCut) -> Response:
    """The story with the questions that it follows and its editions. Its `ETag` guards a revision."""
    return registered(request, room.stories.story(story, cut))


@router.get("/{story}/beliefs", **asks("get_story_picture", "The picture of a story", "Picture"))
def get_story_picture(request: Request, room: Room, story: SlugPath, cut: FullCut) -> Response:
    """What is believed of every question that the story follows, in short."""
    return listed(request, "beliefs", room.stories.beliefs(story, cut))


@router.get(
    "/{story}/editions/{number}", **asks("get_edition", "One edition, and what has changed since", "EditionShown")
)
def get_edition(request: Request, room: Room, story: SlugPath, number: PositionPath, cut: RecordedCut) -> Response:
    """What the edition relied on; `affected` says what of it has changed since, since when and why."""
    return one(request, room.editions.edition(story, number, cut))
