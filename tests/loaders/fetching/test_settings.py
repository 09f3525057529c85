"""Where credentials come from, and that no message ever holds them."""

from __future__ import annotations

import sys

import pytest

from begleitforschung.errors import FetchError
from begleitforschung.loaders.fetching.endpoints import base_url, endpoints
from begleitforschung.loaders.fetching.settings import cache_folder, config_file, credentials

DATABASES = {item.id: item for item in endpoints().databases}
GENESIS, REGIONAL = DATABASES["genesis"], DATABASES["regionalstatistik"]


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    """An empty environment and a configuration file of the test's own."""
    for name in DATABASES:
        for kind in ("TOKEN", "USER", "PASSWORD", "URL"):
            monkeypatch.delenv(f"BEGLEITFORSCHUNG_{name.upper()}_{kind}", raising=False)
    file = tmp_path / "config.toml"
    monkeypatch.setenv("BEGLEITFORSCHUNG_CONFIG", str(file))
    return file


def sent(database):
    return credentials(database).headers()


def test_the_environment_goes_before_the_file(config, monkeypatch):
    config.write_text('[genesis]\ntoken = "aus-der-datei"\n', encoding="utf-8")
    assert sent(GENESIS) == {"username": "aus-der-datei", "password": ""}
    monkeypatch.setenv("BEGLEITFORSCHUNG_GENESIS_USER", " ich ")
    monkeypatch.setenv("BEGLEITFORSCHUNG_GENESIS_PASSWORD", "wort")
    assert sent(GENESIS) == {"username": "ich", "password": "wort"}


def test_each_database_has_its_own_account(config):
    config.write_text('[genesis]\nuser = "a"\npassword = "b"\n', encoding="utf-8")
    assert sent(GENESIS)["username"] == "a"
    with pytest.raises(FetchError, match="BEGLEITFORSCHUNG_REGIONALSTATISTIK_USER"):
        credentials(REGIONAL)


def test_missing_credentials_say_where_to_register_and_where_to_write_them(config):
    with pytest.raises(FetchError) as caught:
        credentials(GENESIS)
    assert GENESIS.account in str(caught.value)
    assert "BEGLEITFORSCHUNG_GENESIS_TOKEN" in str(caught.value)
    assert str(config) in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b'[genesis]\ntoken = "geheim-4711\n',
        b'[genesis]\ntoken = 4711\npasswort = "geheim-4711"\n',
        b'genesis = "geheim-4711"\n',
        b'[genesis]\nuser = "geheim-4711"\n',
        b'[genesis]\nuser = "geheim-4711"\npassword = "a\\nb"\n',
        '[genesis]\nuser = "geheim-4711€"\npassword = "x"\n'.encode(),
        '[genesis]\nuser = "geheim-4711ü"\n'.encode("cp1252"),
    ],
)
def test_a_wrong_file_is_named_and_not_quoted(config, content):
    config.write_bytes(content)
    with pytest.raises(FetchError, match=r"config\.toml|characters that can't be sent") as caught:
        credentials(GENESIS)
    error: BaseException | None = caught.value
    while error is not None:
        assert "geheim-4711" not in f"{error} {error!r}"
        error = error.__cause__ or error.__context__


def test_a_file_that_is_no_toml_is_not_taken_for_an_empty_one(config):
    config.write_text("token: geheim-4711\n", encoding="utf-8")
    with pytest.raises(FetchError, match=r"config\.toml can't be read: expected is a TOML file"):
        credentials(GENESIS)


def test_umlauts_can_be_sent(monkeypatch):
    monkeypatch.setenv("BEGLEITFORSCHUNG_GENESIS_TOKEN", "Schlüßel")
    assert sent(GENESIS)["username"] == "Schlüßel"


@pytest.mark.parametrize(
    "url",
    [
        "http://www.example.org/rest/",
        "ftp://127.0.0.1/",
        "https://ich:geheim@www.example.org/",
        "https://www.example.org/?password=geheim",
        "https://www.exämple.org/",
        "https://www.example.org/ x",
        "https://[bad/",
        "https://www.example.org:99999/",
        "nichts",
    ],
)
def test_credentials_go_over_https_only(url):
    with pytest.raises(FetchError) as caught:
        base_url("genesis", GENESIS.url, url)
    assert "geheim" not in str(caught.value)


def test_another_address_may_stand_in_the_environment(monkeypatch):
    monkeypatch.setenv("BEGLEITFORSCHUNG_GENESIS_URL", "https://www.example.org/rest")
    assert base_url("genesis", GENESIS.url) == "https://www.example.org/rest/"
    assert base_url("genesis", GENESIS.url, "http://localhost:1/") == "http://localhost:1/"


def test_folders_are_those_of_the_system(monkeypatch, tmp_path):
    monkeypatch.delenv("BEGLEITFORSCHUNG_CONFIG")
    monkeypatch.delenv("BEGLEITFORSCHUNG_CACHE", raising=False)
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path)
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    expected = {
        "linux": (".config/begleitforschung/config.toml", ".cache/begleitforschung"),
        "darwin": (
            "Library/Application Support/begleitforschung/config.toml",
            "Library/Caches/begleitforschung",
        ),
        "win32": (
            "AppData/Local/begleitforschung/config.toml",
            "AppData/Local/begleitforschung/Cache",
        ),
    }
    for platform, (config, cache) in expected.items():
        monkeypatch.setattr(sys, "platform", platform)
        assert (config_file(), cache_folder()) == (tmp_path / config, tmp_path / cache)


def test_every_interface_says_whose_data_it_gives_and_is_reached_safely():
    known = endpoints()
    for item in (*known.databases, known.inkar, known.wegweiser):
        assert item.url.startswith("https://")
        assert item.url.endswith("/")
        assert item.attribution
        source = item.source(title="x")
        assert bool(source.licence) == bool(source.licence_url)
