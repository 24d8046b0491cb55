"""What a request can have wrong before any service is asked is a sentence, too."""

from __future__ import annotations

from collections.abc import Sequence

from services.errors import Wrong


class NotThere(Exception):
    """What the address names is not recorded; `parameter` is the part of the path that names it."""

    def __init__(self, parameter: str, said: str) -> None:
        super().__init__(said)
        self.parameter = parameter


class AskedOtherwise(Exception):
    """Parameters of the query are unknown here, given twice or unreadable."""

    def __init__(self, *wrong: Wrong) -> None:
        super().__init__("; ".join(one.said for one in wrong))
        self.wrong: Sequence[Wrong] = wrong


class CallKeyReused(Exception):
    """The Idempotency-Key stands for another call; `position` is where that was recorded."""

    def __init__(self, key: str, position: int) -> None:
        super().__init__(f"the Idempotency-Key {key!r} was used before, for what is recorded at position {position}")
        self.position = position


class PreconditionFailed(Exception):
    """The thing is not, or no longer, as the caller's If-Match or If-None-Match says."""


class _Placed(Exception):
    """Something about the whole body or a header; `place` is a member name of an error and its value."""

    def __init__(self, said: str, expected: str, place: tuple[str, str]) -> None:
        super().__init__(said)
        self.expected = expected
        self.place = place


class TooLarge(_Placed):
    """The body, or a line of it, is longer than it may be."""

    def __init__(self, said: str, most: int) -> None:
        super().__init__(said, f"at most {most} bytes", ("pointer", ""))


class HeadTooLong(_Placed):
    """Address and headers together are longer than is taken in."""

    def __init__(self, most: int) -> None:
        super().__init__("address and headers are too long", f"at most {most} bytes together", ("parameter", ""))


class TooSlow(Exception):
    """The request came in so slowly that it was not waited for any longer."""

    def __init__(self) -> None:
        super().__init__("the request came in too slowly, and nothing was done")


class NotJson(_Placed):
    """The body is of a media type or a coding that is not read here."""

    def __init__(self, said: str, expected: str, header: str = "Content-Type") -> None:
        super().__init__(said, expected, ("parameter", header))


class NotADate(_Placed):
    """What Accept-Datetime holds is no HTTP date."""

    def __init__(self, given: str) -> None:
        shown = given if len(given) <= 60 else f"{given[:60]}…"
        expected = "a date such as Tue, 08 Nov 2016 18:00:00 GMT (RFC 9110, section 5.6.7)"
        super().__init__(f"{shown!r} is not an HTTP date", expected, ("parameter", "Accept-Datetime"))


class FromElsewhere(Exception):
    """A page of another origin asks through somebody's browser, or the browser was led here under a false name."""


class NotAcceptable(_Placed):
    """The answer does not come in any of the forms that the caller accepts."""

    def __init__(self, offered: Sequence[str]) -> None:
        super().__init__("none of the accepted forms is offered", " or ".join(offered), ("parameter", "Accept"))
