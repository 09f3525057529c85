"""Names taken apart and brought into one spelling, and what the directory says about units."""

from __future__ import annotations

import unicodedata
from dataclasses import FrozenInstanceError

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung import regions
from begleitforschung.errors import TerritoryError, UnknownCodeError, ValidationError
from begleitforschung.provenance import Provenance, Source, frame_sha256
from begleitforschung.regions import keys
from begleitforschung.regions.changes import TerritorialChanges
from begleitforschung.regions.names import abbreviates, core, parse, plain

WORDS = st.lists(st.text("abdemnorstu", min_size=1), min_size=1, max_size=3).map(tuple)
GERMAN = st.text("aeioußÄÖÜäöüéñ .,-/()Stz09", max_size=20)


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("Köln", "koeln"),
        ("GROSSPÖSNA", "grosspoesna"),
        ("Großpösna", "grosspoesna"),
        ("Straße", "strasse"),
        ("St. Ingbert", "sankt ingbert"),
        ("Stadt", "stadt"),
        ("Chóśebuz", "chosebuz"),
        ("Bad Homburg v. d. Höhe", "bad homburg v d hoehe"),
        ("Höhr-Grenzhausen", "hoehr grenzhausen"),
        ("  Ulm  ", "ulm"),
        ("...", ""),
        ("", ""),
    ],
)
def test_one_spelling_for_all(text: str, spelling: str) -> None:
    assert plain(text) == spelling


@given(GERMAN)
def test_a_spelling_does_not_depend_on_how_umlauts_are_stored(text: str) -> None:
    once = plain(text)
    assert once == plain(unicodedata.normalize("NFD", text)) == plain(once)
    assert once == " ".join(once.split())
    assert once.isascii()


@pytest.mark.parametrize(
    ("text", "head", "additions", "level"),
    [
        ("Ulm", "ulm", (), None),
        ("Ulm, Universitätsstadt", "ulm", (), "gemeinde"),
        ("Höxter, Kreis", "hoexter", (), "kreis"),
        ("Hof (Stadt)", "hof", (), "gemeinde"),
        ("Hof (Landkreis)", "hof", (), "kreis"),
        ("Frankfurt am Main", "frankfurt", ("main",), None),
        ("Frankfurt a.M.", "frankfurt", ("m",), None),
        ("Frankfurt/M.", "frankfurt", ("m",), None),
        ("Frankfurt/O.", "frankfurt", ("o",), None),
        ("Halle (Saale)", "halle", ("saale",), None),
        ("Neustadt b.Coburg", "neustadt", ("coburg",), None),
        ("Neustadt an der Weinstraße", "neustadt", ("weinstrasse",), None),
        ("St. Wendel", "sankt wendel", (), None),
        ("Bad St. Peter", "bad sankt peter", (), None),
        ("Am Mellensee", "am mellensee", (), None),
        ("Auf der Höhe", "auf", ("hoehe",), None),
        ("Amt Süderbrarup", "amt suederbrarup", (), None),
    ],
)
def test_names_are_taken_apart(
    text: str, head: str, additions: tuple[str, ...], level: str | None
) -> None:
    name = parse(text)
    assert (name.head, name.additions, name.level) == (head, additions, level)
    assert name.text == core(text) == " ".join((head, *additions))


@pytest.mark.parametrize(
    ("text", "head", "level"),
    [
        ("Kreis Höxter", "hoexter", "kreis"),
        ("Landkreis Hof", "hof", "kreis"),
        ("kreisfreie Stadt Hof", "hof", "gemeinde"),
        ("Stadt Hof", "hof", "gemeinde"),
        ("Amt Süderbrarup", "suederbrarup", "verband"),
        ("VG Linz", "linz", "verband"),
        ("Freistaat Bayern", "bayern", "land"),
        ("Regierungsbezirk Köln", "koeln", "regierungsbezirk"),
        ("Kreisau", "kreisau", None),
        ("Kreis", "kreis", None),
    ],
)
def test_a_leading_word_for_the_level_is_taken_off_on_request(
    text: str, head: str, level: str | None
) -> None:
    name = parse(text, strip_level=True)
    assert (name.head, name.level) == (head, level)
    with pytest.raises(FrozenInstanceError):
        name.head = "anders"  # type: ignore[misc]


@given(WORDS, WORDS)
def test_abbreviating_is_mutual_and_everything_abbreviates_itself(
    one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    assert abbreviates(one, one)
    assert abbreviates(one, other) == abbreviates(other, one)
    assert abbreviates(tuple(word[0] for word in one), one)
    assert not abbreviates((*one, "x"), one)


@pytest.mark.parametrize(
    ("short", "full", "fits"),
    [
        (("oldb",), ("oldenburg",), True),
        (("weinstr",), ("weinstrasse",), True),
        (("ldkrs",), ("landkreis",), True),
        (("m",), ("oder",), False),
        (("mn",), ("main",), True),
        (("nm",), ("main",), False),
        (("in",), ("main",), False),
        ((), (), True),
        ((), ("main",), False),
    ],
)
def test_abbreviations_keep_first_letter_and_order(
    short: tuple[str, ...], full: tuple[str, ...], fits: bool
) -> None:
    assert abbreviates(short, full) == fits


@pytest.mark.parametrize(
    ("name", "key", "status"),
    [
        ("Ludwigshafen a. Rh.", "07314000", "normalised"),
        ("Neustadt/Weinstr.", "07316000", "normalised"),
        ("Freiburg i.Br.", "08311000", "normalised"),
        ("Oldenburg (Oldb)", "03403000", "normalised"),
        ("Landkreis Oldenburg", "03458", "normalised"),
        ("Region Hannover", "03241", "exact"),
        ("Städteregion Aachen", "05334", "exact"),
        ("Bundesland Berlin", "11", "normalised"),
        ("Berlin", "11000000", "exact"),
        ("Kassel, documenta-Stadt", "06611000", "exact"),
        ("Weimar", "16055000", "exact"),
        ("Weimar (Lahn)", "06534020", "exact"),
        ("VG Linz am Rhein", "071385004", "normalised"),
        ("Landkreis Kempten", None, "none"),
        ("Köln-Deutz", None, "none"),
        ("05315", None, "none"),
        ("Münster", None, "ambiguous"),
        ("Brandenburg", None, "ambiguous"),
        ("Landsberg/Lech", None, "ambiguous"),
    ],
)
def test_further_names_of_reports_and_tables(name: str, key: str | None, status: str) -> None:
    row = regions.resolve(name).iloc[0]
    assert row["status"] == status
    assert (row["key"] if pd.notna(row["key"]) else None) == key


def test_names_are_answered_in_their_order_and_equal_names_equally() -> None:
    asked = ["Köln", None, "Hof", "Köln"]
    found = regions.resolve(asked)
    columns = ["name", "key", "matched_name", "level", "score", "status", "alternatives"]
    assert found.columns.tolist() == columns
    assert found["name"].fillna("").tolist() == ["Köln", "", "Hof", "Köln"]
    assert found.iloc[0].tolist() == found.iloc[3].tolist()
    assert pd.isna(found.loc[1, "score"])
    assert regions.resolve([]).columns.tolist() == columns


def test_at_most_five_alternatives_are_shown() -> None:
    alternatives = regions.resolve("Neustadt").loc[0, "alternatives"].split("; ")
    assert len(alternatives) == 5
    assert all(regions.name_of(item.split()[0]) in item for item in alternatives)


@pytest.mark.parametrize(
    ("unit", "kreis", "land", "county_free"),
    [
        ("DG", None, None, False),
        ("05", None, "05", False),
        ("053", None, "05", False),
        ("05315", "05315", "05", False),
        ("05315000", "05315", "05", True),
        ("053150000000", "05315", "05", True),
        ("05382056", "05382", "05", False),
        ("010595974", "01059", "01", False),
        ("010595974083", "01059", "01", False),
        ("S1-01", None, None, False),
    ],
)
def test_where_a_unit_lies_is_cut_out_of_its_key(
    unit: str, kreis: str | None, land: str | None, county_free: bool
) -> None:
    assert regions.kreis_of(unit) == kreis
    assert regions.bundesland_of(unit) == land
    assert regions.is_county_free(unit) == county_free


@pytest.mark.parametrize(
    "function",
    [
        regions.level_of,
        regions.parent,
        regions.ancestors,
        regions.bundesland_of,
        regions.kreis_of,
        regions.is_county_free,
        regions.ars_to_ags,
    ],
)
def test_no_function_answers_for_a_malformed_key(function) -> None:
    with pytest.raises(ValidationError, match=r"'5315' is no key.*\n.*leading zero lost"):
        function("5315")


@pytest.mark.parametrize(
    ("value", "german", "english", "remedy"),
    [
        (5315, "Schlüssel ist kein Text", "the key is not text", "Read keys as text"),
        ("5315", "führende Null verloren (4 statt 5", "leading zero lost (4 instead", "Read keys"),
        ("05 315", "Leerzeichen im Schlüssel", "the key holds spaces", "Remove the spaces."),
        ("18", "unbekanntes Bundesland 18", "unknown Land 18", "Publishers' own sums"),
        ("Köln", "kein Schlüssel eines Gebiets", "no key of a unit", "Expected: DG, 2, 3"),
    ],
)
def test_malformed_keys_are_explained_in_both_languages(
    value: object, german: str, english: str, remedy: str
) -> None:
    [finding] = regions.check_keys([None, value], file="a.csv", column="ags")
    assert finding.text.de.startswith(german)
    assert finding.text.en.startswith(english)
    assert finding.hint is not None
    assert finding.hint.en.startswith(remedy)
    assert (finding.file, finding.row, finding.column) == ("a.csv", 3, "ags")
    assert (finding.severity, finding.value) == ("error", str(value))


@pytest.mark.parametrize("dtype", ["object", "str", "category"])
def test_columns_of_keys_are_mapped_whatever_their_kind(dtype: str) -> None:
    column = pd.Series(["05315000", "01001000", "05315000"]).astype(dtype)
    found = keys.map_units(column, regions.kreis_of)
    assert found.tolist() == ["05315", "01001", "05315"]
    assert found.cat.categories.tolist() == ["01001", "05315"]
    assert keys.map_units(column[:0], regions.kreis_of).tolist() == []


def test_the_directory_is_given_as_a_copy_and_for_its_date_only() -> None:
    units = regions.gazetteer()
    units["name"] = "x"
    assert set(regions.gazetteer()["name"]) > {"Köln, Stadt"}
    for call in (regions.gazetteer, lambda day: regions.gemeinden_of("010595974", day)):
        with pytest.raises(TerritoryError, match=r"'2020-12-31' are not packaged.*2024-12-31"):
            call("2020-12-31")


def test_the_source_of_the_directory_is_that_of_its_content() -> None:
    source = regions.gazetteer_source()
    assert source.sha256 == frame_sha256(regions.gazetteer())
    assert (source.gebietsstand, source.file) == (regions.GEBIETSSTAND, "names.csv")
    assert source.licence


def test_every_municipality_of_a_verband_is_in_exactly_one() -> None:
    units = regions.gazetteer()
    verbaende = units.loc[units["level"] == "verband", "key"]
    inside = units[units["level"] == "gemeinde"]
    of = (inside["key"].str[:5] + inside["verband"]).groupby(inside["key"]).first()
    assert set(verbaende) <= set(of)
    for verband in verbaende.iloc[::100]:
        assert regions.gemeinden_of(verband) == tuple(sorted(of.index[of == verband]))


@pytest.mark.parametrize("unit", ["01059", "01059083", "DG", "010590000"])
def test_only_gemeindeverbaende_have_municipalities(unit: str) -> None:
    with pytest.raises(UnknownCodeError, match="Gemeindeverbände at 2024-12-31"):
        regions.gemeinden_of(unit)


def test_a_unit_that_does_not_exist_has_no_name() -> None:
    with pytest.raises(UnknownCodeError, match=r"gazetteer of 2024-12-31.*Did you mean"):
        regions.name_of("05315001")


@pytest.fixture
def changes() -> TerritorialChanges:
    days = pd.to_datetime(["2023-01-01", "2023-12-31", "2024-01-01"])
    data = pd.DataFrame({"id": ["a", "b", "c"], "statistical_date": days})
    node = Provenance.of("read", Source(publisher="Destatis", title="Änderungen"))
    return TerritorialChanges(data=data, kinds={"1": "Auflösung"}, provenance=node)


@pytest.mark.parametrize(
    ("after", "until", "ids"),
    [
        ("2022-12-31", "2023-12-31", ["a", "b"]),
        ("2023-12-31", "2024-12-31", ["c"]),
        ("2023-01-01", "2023-12-30", []),
        ("2022-12-31", "2024-01-01", ["a", "b", "c"]),
        ("2024-01-01", "2022-12-31", []),
    ],
)
def test_changes_between_two_states_begin_after_the_first(
    changes: TerritorialChanges, after: str, until: str, ids: list[str]
) -> None:
    found = changes.between(after, until)
    assert found.data["id"].tolist() == ids
    assert len(found) == len(ids)
    assert found.data.index.tolist() == list(range(len(ids)))
    assert found.provenance == changes.provenance.then("between", after=after, until=until)
    assert (found.kinds, len(changes)) == (changes.kinds, 3)
