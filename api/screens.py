"""A browser finds the built pages at every address that is one of theirs, and they reach no host but this one."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api import pages
from api.conditional import UNTIL_ASKED, answered, tag_of

BUILT = Path(__file__).parent / "web" / "dist"
SCREENS = (
    "/",
    "/map",
    "/places",
    "/places/:place",
    "/places/:place/:aspect",
    "/places/:place/:aspect/:subject",
    "/claims",
    "/claims/:claim",
    "/sources",
    "/sources/:source",
    "/stories/:story",
    "/stories/:story/diff",
    "/stories/:story/editions/:edition",
    "/contested",
    "/record",
    "/engine",
)
"""The addresses of the pages, as `web/src/screens.ts` has them; `:name` is one part of a path."""
FRONT = "/index.html"
OF_PROGRAMS = ("/v1/", "/tlog/")
"""What is not found below these is told to a browser, too, as it is to programs."""
KEPT = "public, max-age=31536000, immutable"
"""For files whose names change with what is in them."""
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "img-src 'self' data: blob:",
        # Charts and maps set styles of single elements.
        "style-src 'self' 'unsafe-inline'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {**pages.HEADERS, "Content-Security-Policy": POLICY}
_BASE = b'<meta name="onrecord-base" content="%s"'


@dataclass(frozen=True, slots=True)
class File:
    """One file of the built pages, as it is answered."""

    content: bytes
    media_type: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Operation:
    """What requests for pages are counted as."""

    operation_id: str


class Built:
    """The built pages, read when first asked for and again when they were built anew."""

    def __init__(self, folder: Path = BUILT) -> None:
        self._folder = folder
        self._files: dict[str, File] = {}
        self._seen: tuple[int, int] | None = None

    def file(self, path: str, base: str = "") -> File | None:
        """Return the file at a path, with `/` before it, as it is sent below a base such as `/desks/NAME`."""
        self._read_if_new()
        found = self._files.get(path)
        return found if found is None or path != FRONT else _placed(found, base)

    def front(self, base: str = "") -> File | None:
        """Return the one page that every screen begins with, or None if nothing is built."""
        return self.file(FRONT, base)

    def _read_if_new(self) -> None:
        try:
            state = (self._folder / "index.html").stat()
            if (seen := (state.st_ino, state.st_mtime_ns)) == self._seen:
                return
            fresh = {path: path.read_bytes() for path in self._folder.rglob("*") if path.is_file()}
        except OSError:
            return  # nothing is built, or is being changed for something newer just now
        named = {f"/{path.relative_to(self._folder).as_posix()}": content for path, content in fresh.items()}
        # What was there before stays: a page that is open may still ask for its parts.
        self._files |= {name: _as_answered(name, content) for name, content in named.items()}
        self._seen = seen


def _placed(page: File, base: str) -> File:
    """Return the page with the base before each of its addresses, and where its scripts look for it.

    `<base>` would do for its files, but would also make another page of each link to a part of the same one.
    """
    told = escape(base).encode()
    return _as_answered(FRONT, page.content.replace(b'="./', b'="%s/' % told).replace(_BASE % b"", _BASE % told))


def _as_answered(name: str, content: bytes) -> File:
    cached = KEPT if name.startswith("/assets/") else UNTIL_ASKED
    headers = {**HEADERS, "Cache-Control": cached, "ETag": tag_of(content)}
    return File(content, TYPES.get(Path(name).suffix, "application/octet-stream"), headers)


class Screens:
    """Answers what no call of the API answers: the files of the pages and, at each of their addresses, the page."""

    def __init__(self, otherwise: ASGIApp, built: Built) -> None:
        self._otherwise = otherwise
        self._built = built

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = self._answer(Request(scope)) if scope["type"] == "http" and scope["method"] == "GET" else None
        if answer is None:
            await self._otherwise(scope, receive, send)
            return
        scope["route"] = _Operation("show_page")
        await answer(scope, receive, send)

    def _answer(self, request: Request) -> Response | None:
        base: str = request.scope.get("root_path", "")
        path = request.url.path.removeprefix(base)
        front = self._built.front(base)
        if file := self._built.file(path, base):
            return answered(request, file.content, file.media_type, file.headers)
        if is_screen(path):
            if front is None:
                return Response(pages.not_built(base), 503, {**pages.HEADERS, "Cache-Control": "no-store"}, "text/html")
            return answered(request, front.content, front.media_type, front.headers)
        lost = front and not path.startswith(OF_PROGRAMS) and "text/html" in request.headers.get("accept", "")
        if not lost or front is None:
            return None
        return Response(front.content, 404, {**HEADERS, "Cache-Control": "no-store"}, front.media_type)


def is_screen(path: str) -> bool:
    """Tell whether the pages show anything at this path."""
    parts = [part for part in path.split("/") if part]
    return any(_fits([part for part in screen.split("/") if part], parts) for screen in SCREENS)


def _fits(screen: list[str], parts: list[str]) -> bool:
    return len(screen) == len(parts) and all(
        wanted.startswith(":") or wanted == part for wanted, part in zip(screen, parts, strict=True)
    )
