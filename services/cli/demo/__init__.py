"""The demo is the product at work: the real service, recorded into and asked over HTTP, on a ledger of its own."""

from services.cli.demo.show import run_demo

__all__ = ["run_demo"]
