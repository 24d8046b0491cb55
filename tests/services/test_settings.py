"""Settings come from the environment, and one that cannot be used is named."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from services.settings import BadSetting, Settings, read_settings


def test_without_any_variable_the_ledger_is_embedded_and_local() -> None:
    settings = read_settings({}, root=False)
    assert settings == Settings(home=Path("~/.local/share/onrecord").expanduser())
    assert (settings.host, settings.port, settings.migration_url) == ("127.0.0.1", 8321, None)


def test_root_keeps_its_ledger_where_the_system_keeps_data() -> None:
    assert read_settings({}, root=True).home == Path("/var/lib/onrecord")


def test_every_variable_is_read() -> None:
    settings = read_settings(
        {
            "ONRECORD_DATABASE_URL": "dbname=news",
            "ONRECORD_OWNER_URL": "dbname=news user=owner",
            "ONRECORD_HOME": "~/ledger",
            "ONRECORD_HOST": "::1",
            "ONRECORD_PORT": "80",
        }
    )
    assert settings == Settings(Path("~/ledger").expanduser(), "dbname=news", "dbname=news user=owner", "::1", 80)


def test_one_address_serves_for_everything() -> None:
    assert read_settings({"ONRECORD_DATABASE_URL": "dbname=news"}).migration_url == "dbname=news"


def test_an_empty_variable_counts_as_absent() -> None:
    assert read_settings({"ONRECORD_DATABASE_URL": "", "ONRECORD_PORT": ""}).port == 8321


@pytest.mark.parametrize("port", ["eighty", "-1", "65536", "8.0"])
def test_a_port_that_is_none_is_named(port: str) -> None:
    with pytest.raises(BadSetting, match=f"ONRECORD_PORT='{port}'"):
        read_settings({"ONRECORD_PORT": port})


def test_addresses_are_not_printed() -> None:
    assert "secret" not in repr(read_settings({"ONRECORD_DATABASE_URL": "password=secret"}))


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(read_settings({}), "port", 1)  # noqa: B010 (the type checker would refuse the plain form)
