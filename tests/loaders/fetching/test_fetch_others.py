"""INKAR and Wegweiser Kommune, as the code of other clients describes their interfaces."""

from __future__ import annotations

import json

import pytest
import yaml
from click.testing import CliRunner

from begleitforschung.cli import cli
from begleitforschung.errors import FetchError, UnknownCodeError
from begleitforschung.loaders import read_indicators
from begleitforschung.loaders.fetching import fetch_inkar, fetch_wegweiser

TIMES, TABLE = "Wizard/GetM%C3%B6glich", "Table/GetDataTable"


def packed(say, content):
    """JSON within a string of JSON, as INKAR sends it."""
    text = json.dumps(content, ensure_ascii=False)
    return say.Reply(json.dumps(text).encode("utf-8"), kind="application/json")


def time(year, **more):
    row = {"Gruppe": "58", "IndID": "2113", "RaumID": "KRE", "ZeitID": f"Z{year}", "Zeit": year}
    return row | {"Indikator": "Angebotsmieten", "Raum": "Kreise"} | more


def figure(unit, value, year="2022", **more):
    row = {"Schlüssel": unit, "Raumbezug": "KRE", "ZeitID": f"Z{year}", "Indikator": "2113"}
    return row | {"Wert": value, "ID": 1} | more


@pytest.fixture
def inkar(server, say):
    server.on(TIMES, packed(say, {"Möglich": [time("2021"), time("2022")]}))
    rows = [figure("08221", 12.50), figure("08222", None), figure("08221", 1.0e-3, "2021")]
    server.on(TABLE, packed(say, {"Daten": rows}))
    return server


@pytest.fixture
def ask(inkar, to, session):
    def fetch(**options):
        return fetch_inkar("58", to, endpoint=inkar.url, session=session(), **options)

    return fetch


def test_inkar_becomes_a_tidy_table_with_its_meaning(ask, inkar, to):
    done = ask(gebietsstand="2022-12-31")
    assert done.path.name == "inkar_2113_KRE.csv"
    assert done.path.read_text(encoding="utf-8").splitlines()[1] == "08221,2022,2113,12.5"
    table = read_indicators(done.path)
    figures = table.data.set_index(["unit", "year"])
    assert figures.loc[("08221", 2022), "value"] == 12.5
    assert figures.loc[("08222", 2022), "status"] == "missing"
    assert figures.loc[("08221", 2021), "value"] == 0.001
    assert table.indicators["2113"].title.de == "Angebotsmietpreise"
    assert table.gebietsstand == "2022-12-31"
    (source,) = table.provenance.sources()
    assert source.licence_url == "https://www.govdata.de/dl-de/by-2-0"
    assert "Langform" in source.changes
    notes = "\n".join(done.notes)
    assert "indicator: Angebotsmietpreise (2113)" in notes
    assert "2113 is 'Angebotsmieten' here and 'Angebotsmietpreise' in the catalogue" in notes
    assert "unverified" in notes


def test_inkar_is_asked_as_its_clients_do(ask, inkar, say):
    inkar.on(TABLE, packed(say, {"Daten": [figure("08221", 12.50)]}))
    ask(years=[2022])
    times, table = (json.loads(item.body) for item in inkar.seen)
    assert times == {
        "IndicatorCollection": [{"Gruppe": "58"}],
        "SpaceCollection": [{"level": "KRE"}],
        "TimeCollection": "",
    }
    chosen = {"group": "58", "indicator": "2113", "level": "KRE", "time": "Z2022"}
    assert table["TimeCollection"] == [chosen]


@pytest.mark.parametrize(
    "rows",
    [
        [figure("08221", "abc", "2022")],
        [figure("", 1.0)],
        [figure("=1+1", 1.0)],
        [figure(None, 1.0)],
        [figure("08221", 1.0, "1999")],
        [figure("08221", True)],
        [figure("08221", [1])],
    ],
)
def test_a_figure_that_is_not_understood_stops_all(ask, inkar, say, rows, to):
    inkar.on(TABLE, packed(say, {"Daten": rows}))
    with pytest.raises(FetchError, match="not understood"):
        ask()
    assert list(to.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"Möglich": []}, "no such indicator"),
        ({"Anderes": []}, "without 'Möglich'"),
        ({"Möglich": [{"Zeit": "2022"}]}, "another way"),
        ({"Möglich": [time("2022/23")]}, "another way"),
        ({"Möglich": [time("2022", IndID="../x")]}, "another way"),
    ],
)
def test_other_answers_of_inkar_are_said(ask, inkar, say, body, said):
    inkar.on(TIMES, packed(say, body))
    with pytest.raises(FetchError, match=said):
        ask()


def test_a_name_that_the_catalogue_knows_needs_no_word(ask, inkar, say):
    named = [time("2022", Indikator="Angebotsmietpreise")]
    inkar.on(TIMES, packed(say, {"Möglich": named}))
    inkar.on(TABLE, packed(say, {"Daten": [figure("08221", 12.5)]}))
    assert "in the catalogue" not in "\n".join(ask().notes)


def test_errors_of_inkar(ask, inkar, say, to, cache):
    inkar.on(TIMES, say.page)
    with pytest.raises(FetchError, match="web page"):
        ask()
    inkar.on(TIMES, say.Reply(b'"{\\"M'))
    with pytest.raises(FetchError, match="cut off"):
        ask()
    inkar.on(TIMES, say.Reply(b"{}", status=400))
    with pytest.raises(FetchError, match="status 400"):
        ask()
    assert not list(cache.glob("*.body"))


def test_what_inkar_does_not_have_is_named(ask, to, cache):
    with pytest.raises(FetchError, match="2019; it has: 2021, 2022"):
        ask(years=[2019, 2021])
    with pytest.raises(UnknownCodeError, match="KRE"):
        fetch_inkar("58", to, level="KRS")
    with pytest.raises(FetchError, match="no number"):
        fetch_inkar("Miete", to)


def test_an_indicator_that_the_catalogue_lacks_has_the_name_of_the_answer(ask, inkar, say):
    inkar.on(TIMES, packed(say, {"Möglich": [time("2022", IndID="999999")]}))
    inkar.on(TABLE, packed(say, {"Daten": [figure("08221", 1, Indikator="999999")]}))
    table = read_indicators(ask().path)
    assert table.indicators["999999"].title.de == "Angebotsmieten"


EXPORT = (
    '"Geburten"\n"Köln"\n"Indikatoren";"2015\nKöln";"2016\nKöln"\n'
    '"Geburten (je 1.000)";"10,5";"1.010,9"\n"Quelle: Statistische Ämter"\n'
)
PATH = "rest/export/geburten+koeln+2015-2016+tabelle.csv?charset=UTF-8"


@pytest.fixture
def wegweiser(server, say):
    server.on(PATH, say.Reply(EXPORT.encode("utf-8"), kind="text/csv"))
    return server


def test_wegweiser_is_kept_as_it_is(wegweiser, to, session):
    done = fetch_wegweiser(
        ["geburten"], ["koeln"], to, years="2015-2016", endpoint=wegweiser.url, session=session()
    )
    assert done.path.name == "wegweiser_geburten_2015-2016_koeln.csv"
    assert done.path.read_bytes() == EXPORT.encode("utf-8")
    source = yaml.safe_load(done.sidecar.read_text(encoding="utf-8"))["source"]
    assert source["publisher"] == "Bertelsmann Stiftung"
    assert source["attribution"] == "Bertelsmann Stiftung/www.wegweiser-kommune.de"
    assert source["url"].endswith(PATH)
    assert (wegweiser.seen[0].method, wegweiser.seen[0].body) == ("GET", b"")


@pytest.mark.parametrize(
    ("indicators", "regions", "years"),
    [
        (["Geburten"], ["koeln"], "2015"),
        (["geburten"], ["../koeln"], "2015"),
        (["geburten"], ["koeln"], "15"),
        ([], ["koeln"], "2015"),
        (["geburten"], [], "2015"),
    ],
)
def test_names_of_wegweiser_are_checked_first(indicators, regions, years, to, cache):
    with pytest.raises(FetchError, match="as in the address"):
        fetch_wegweiser(indicators, regions, to, years=years)


def test_an_export_without_table_is_refused(wegweiser, say, to, session):
    wegweiser.on(PATH, say.Reply(b"nichts gefunden\n"))
    with pytest.raises(FetchError, match="no table of indicators"):
        fetch_wegweiser(
            ["geburten"],
            ["koeln"],
            to,
            years="2015-2016",
            endpoint=wegweiser.url,
            session=session(),
        )
    assert list(to.iterdir()) == []


def test_commands(inkar, wegweiser, to, cache):
    shared = ["--to", str(to), "--endpoint", inkar.url, "--quiet"]
    done = CliRunner().invoke(cli, ["fetch", "inkar", "58", *shared])
    assert done.stdout.strip().endswith("inkar_2113_KRE.csv")
    words = ["--indicator", "geburten", "--region", "koeln", "--years", "2015-2016"]
    done = CliRunner().invoke(cli, ["fetch", "wegweiser", *words, *shared])
    assert done.exit_code == 0, done.output
    assert done.stdout.strip().endswith("wegweiser_geburten_2015-2016_koeln.csv")
    assert "unverified" in done.stderr
