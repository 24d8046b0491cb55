"""A person with a browser finds the way without a script, and without a file from another host."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from api.problems import Kind

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Where somebody follows a source to, the source's host need not learn what was being read.
    "Referrer-Policy": "no-referrer",
}
"""What is said to the browser with each page."""
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;"
    "background:#fff}code{background:#f1f1ee;padding:.1em .3em}a{color:#0b4f8a}dt{font-weight:600;margin-top:1em}"
    "dd{margin-left:1.5em}h2{margin-top:2em}pre{background:#f1f1ee;padding:.7em;overflow:auto}"
)


def page(title: str, body: str) -> str:
    """Return a whole page; `body` is HTML."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def not_built(base: str = "") -> str:
    """Return what is shown where the pages should be."""
    return page(
        "The pages are not built",
        "<p>This service answers every call of its HTTP API, but its pages were not built. In a checkout, "
        "<code>./onrecord serve</code> builds them when it starts, and says so if it cannot: the first time it needs a "
        "registry of npm. The wheel and the source distribution bring them along.</p>"
        f'<p><a href="{base}/docs">Every call, explained</a> (<a href="{base}/openapi.json">OpenAPI</a>)</p>',
    )


def docs(schema: Mapping[str, Any], problems: Mapping[str, Kind], base: str) -> str:
    """Return the list of all calls, from the OpenAPI document; `base` is the path that all addresses begin with."""
    calls: dict[str, list[str]] = {}
    for path, operations in schema["paths"].items():
        for method, told in operations.items():
            calls.setdefault(told["tags"][0], []).append(_call(method.upper(), path, told))
    sections = "".join(f"<h2>{escape(tag)}</h2><dl>{''.join(rows)}</dl>" for tag, rows in calls.items())
    kinds = "".join(
        f'<li><a href="{base}/problems/{name}">{name}</a>: {escape(kind.title)}</li>' for name, kind in problems.items()
    )
    return page(
        "Every call",
        f'<p>The same as a document for programs: <a href="{base}/openapi.json">OpenAPI 3.1</a>.</p>'
        f"{sections}<h2>Problems</h2><ul>{kinds}</ul>",
    )


def _call(method: str, path: str, told: Mapping[str, Any]) -> str:
    shown = f"{method} {path}"
    given = "".join(
        f"<li><code>{escape(one['name'])}</code> {escape(one.get('description', ''))}</li>"
        for one in told.get("parameters", [])
        if one["in"] != "path"
    )
    return (
        f'<dt id="{escape(told["operationId"])}"><code>{escape(shown)}</code></dt>'
        f"<dd>{escape(told['summary'])}. {escape(told.get('description', ''))} {_right(told)}"
        f"{f'<ul>{given}</ul>' if given else ''}</dd>"
    )


def _right(told: Mapping[str, Any]) -> str:
    rights = [right for way in told["security"] for right in way.get("key", [])]
    return f"Asks for the right <code>{escape(rights[0])}</code>." if rights else "Asks for no key."


def problem(kind: Kind, base: str) -> str:
    """Return the page that explains a kind of problem."""
    again = "<p>Trying again later may help; <code>Retry-After</code> says when.</p>" if kind.retry else ""
    return page(
        kind.title,
        f"<p>Answered with status {kind.status}. <code>detail</code> says what is wrong, <code>errors</code> where: "
        "a <code>pointer</code> into the body (RFC 6901) or the name of a <code>parameter</code>, with what was said "
        f'and what was expected.</p>{again}<p><a href="{base}/docs">Every call</a></p>',
    )
