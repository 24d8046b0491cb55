"""A desk reads on the terminal what has changed, and an operator sees to where it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from services import words
from services.cli.rooms import open_room
from services.cli.screen import console, print_json, print_line, print_paragraph, print_table, visible

if TYPE_CHECKING:
    from services.bootstrap import Newsroom

Json = dict[str, object]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, in the shape of the HTTP API.")]
AsLines = Annotated[bool, typer.Option("--json", help="Answer as NDJSON, one alert a line.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The webhook, as `webhooks list` lists it.")]
_PAGE = 500
_WAIT = 1.0

webhooks = typer.Typer(name="webhooks", help="Where alerts are sent, and how that goes.", no_args_is_help=True)


def alerts(
    context: typer.Context,
    after: Annotated[int, typer.Option(min=0, help="Go on behind the alert of this number.")] = 0,
    rule: Annotated[str | None, typer.Option(help="Only what this rule wants.")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on as more are found, until ctrl-C.")] = False,
    as_json: AsLines = False,
) -> None:
    """Tell what has changed of what is believed now, once each, in the order in which the service found it."""
    with open_room(context) as room:
        wanted = [room.watch.rules.named(rule)] if rule else []
        while True:
            page = room.watch.alerts.page(after, _PAGE, wanted)
            for row in page.rows:
                if as_json:
                    print_line(row)
                else:
                    print_paragraph(console(), _line(visible(row)), indent=2)
            after = page.reached
            if not page.more:
                if not follow:
                    break
                room.watch.alerts.wait(after, _WAIT)
        if not as_json:
            _tell_lag(room)


def _tell_lag(room: Newsroom) -> None:
    position, head = room.watch.numbers().position, room.feed.head()
    if position is None:
        print_paragraph(console(), "No alert was ever looked for: the service does that, from its first start on.")
    elif position < head:
        print_paragraph(console(), f"{words.counted(head - position, 'position')} not looked at yet: the service does.")


def _line(alert: Json) -> str:
    cause = cast("Json", alert["cause"])
    why = "time passed" if cause["type"] == "time" else words.cause(cause)
    return f"{alert['number']}. {_what(alert)} ({words.moment(alert['instant'])}, position {alert['position']}; {why})"


def _what(alert: Json) -> str:
    kind = alert["kind"]
    if kind == "edition-affected":
        beliefs, claims = cast("list[Json]", alert["beliefs"]), cast("list[Json]", alert["claims"])
        relied = [_place(one) for one in beliefs] + [f"claim {one['claim']}" for one in claims]
        return f"Edition {alert['edition']} of {alert['story']} is affected: {words.listed(relied)}."
    if kind == "plan-lapsed":
        return f"{_place(alert)}: the plan {words.value(alert['value'])} has lapsed."
    if kind == "claim-became-valid":
        return f"{_place(alert)}: what {alert['source']} said beforehand holds from now on."
    before, after = cast("Json", alert["before"]), cast("Json", alert["after"])
    return f"{_place(alert)}: {words.finding(before)} → {words.finding(after)}."


def _place(row: Json) -> str:
    question = cast("Json", row["question"])
    return f"{question['location']} {words.question(question)}"


@webhooks.command("list")
def list_webhooks(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every webhook with how many alerts wait for it, fail and were given up."""
    with open_room(context) as room:
        rows = room.watch.webhooks.all()
    if as_json:
        print_json({"webhooks": rows})
        return
    heads = ("Name", "Address", "Rules", "On", "Pending", "Failing", "Dead", "Said")
    told = [
        (
            str(row["name"]),
            str(row["url"]),
            ", ".join(cast("list[str]", row["rules"])) or "all alerts",
            "yes" if row["enabled"] else "no",
            *(str(row[name]) for name in ("pending", "failing", "dead")),
            str(row["said"] or ""),
        )
        for row in visible(rows)
    ]
    print_table(console(), heads, told, numbers=("Pending", "Failing", "Dead"))


@webhooks.command("set")
def set_webhook(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name of your own for it.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="The address that alerts are posted to.")],
    rule: Annotated[list[str] | None, typer.Option(help="Only what this rule wants. Repeatable.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Send nothing for now.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a webhook, and show its secret this once; or revise the one of this name."""
    from services.webhooks import Webhook

    with open_room(context) as room:
        shown, is_new = room.watch.webhooks.keep(Webhook(name=name, url=url, rules=tuple(rule or ()), enabled=not off))
    if as_json:
        print_json(shown)
    else:
        print_paragraph(console(), f"{name} is {'made' if is_new else 'revised'}.")
        _show_secret(shown)


@webhooks.command("secret")
def renew_secret(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Give the webhook a new secret and show it; messages are signed with the one before as well, for a day."""
    with open_room(context) as room:
        shown = room.watch.webhooks.renew(name)
    if as_json:
        print_json(shown)
    else:
        _show_secret(shown)


def _show_secret(shown: Json) -> None:
    if "secret" in shown:
        print_paragraph(console(), f"Its secret, which is not shown again: {shown['secret']}")


@webhooks.command("test")
def test(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Post a message that says it is a test, and tell how it went. Exits with 1 if it was not taken."""
    with open_room(context) as room:
        told = room.watch.webhooks.test(name)
    if as_json:
        print_json(told)
    else:
        said = "was taken" if told["delivered"] else f"was not taken: {told['said']}"
        print_paragraph(console(), visible(f"The test {said}."))
    if not told["delivered"]:
        raise typer.Exit(1)


@webhooks.command("dead")
def dead(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Show the alerts that were given up."""
    with open_room(context) as room:
        rows = room.watch.webhooks.deliveries(name, "dead", 0, 1_000)
    if as_json:
        print_json({"webhook": name, "deliveries": rows})
        return
    told = [tuple(str(row[field] or "") for field in ("number", "alert", "attempts", "said")) for row in visible(rows)]
    print_table(console(), ("Number", "Alert", "Attempts", "Said"), told, numbers=("Number", "Attempts"))


@webhooks.command("resend")
def resend(
    context: typer.Context,
    name: Name,
    number: Annotated[
        list[int] | None, typer.Argument(metavar="[NUMBER]...", help="Alerts; else all dead ones.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send alerts again, under the ids that they had: those named, or all that were given up."""
    with open_room(context) as room:
        sent = room.watch.webhooks.resend(name, number or None)
    if as_json:
        print_json({"webhook": name, "alerts": sent})
    else:
        print_paragraph(console(), f"{words.counted(len(sent), 'alert')} will be sent again by the service.")


@webhooks.command("drop")
def drop(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Drop a webhook and whatever waits for it."""
    with open_room(context) as room:
        room.watch.webhooks.drop(name)
    if as_json:
        print_json({"dropped": name})
    else:
        print_paragraph(console(), f"{name} is dropped.")
