"""What a reader reads below and beside a comparison, in German and in English."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, replace

import pandas as pd
import pytest

from begleitforschung.comparison import compare
from begleitforschung.errors import ComparisonError, DisclosureError, UnknownCodeError
from begleitforschung.provenance import Source
from begleitforschung.regions import programme
from begleitforschung.tables import Indicator, indicators

POP = Indicator(id="pop", title={"de": "Bevölkerung", "en": "Population"}, aggregation="sum",
                decimals=0)  # fmt: skip
RATE = Indicator(
    id="rate", title={"de": "Quote", "en": "Rate"}, unit_of_measure="%", direction="lower",
    aggregation="mean", weight="pop", exposure="pop", decimals=2,
)  # fmt: skip
FRAME = pd.DataFrame(
    {
        "unit": ["01001", "01002", "01003", "08421", "08111", "DG"],
        "year": 2021,
        "pop": [100.0, 200.0, 300.0, 400.0, 500.0, 9000.0],
        "rate": [1.0, 2.0, 6.0, 4.0, math.nan, 5.0],
    }
)
GROUPS = {"01001": "A", "01002": "A", "01003": "A", "08421": "B", "08111": "B"}


def table_of(frame=FRAME, meanings=(POP, RATE), **options):
    return indicators(frame, indicators=meanings, gebietsstand="2021-12-31", **options)


def comparison(against="all", by=GROUPS, frame=FRAME, meanings=(POP, RATE), **options):
    options = {"indicators": "rate"} | options
    return compare(table_of(frame, meanings), by=by, against=against, **options)


def shown(result, lang="de"):
    """Cells of the table as they are printed, by group and column."""
    model = result.display(lang)
    keys = [column.key for column in model.columns]
    return {row[0]: dict(zip(keys, row, strict=True)) for row in model.formatted()}


@pytest.mark.parametrize(
    ("lang", "group", "cells"),
    [
        ("de", "A", "3 0 3,00 2,00 1,50 4,00 3,83 2,65 −0,25 −0,11"),
        ("de", "B", "1 1 4,00 – – – 4,00 – +0,75 +0,34"),
        ("de", "Referenz: alle", "4 – 3,25 – – – – 2,22 – –"),
        ("en", "A", "3 0 3.00 2.00 1.50 4.00 3.83 2.65 −0.25 −0.11"),
        ("en", "Reference: all", "4 – 3.25 – – – – 2.22 – –"),
    ],
)
def test_a_whole_table_as_it_is_printed(lang, group, cells):
    row = list(shown(comparison(), lang)[group].values())[1:]
    assert " ".join(cell.rstrip("abcdᵃᵇᶜᵈ") for cell in row) == cells


@pytest.mark.parametrize(
    ("lang", "heads"),
    [
        ("de", "Gruppe|n|fehlt|Mittel|Median|unteres Quartil|oberes Quartil|gew. Mittel|"
         "Std.-Abw.|Differenz|stand. Diff."),
        ("en", "Group|n|missing|Mean|Median|Lower quartile|Upper quartile|Weighted mean|"
         "Std. dev.|Difference|Std. diff."),
    ],
)  # fmt: skip
def test_headings_in_both_languages(lang, heads):
    assert "|".join(column.label for column in comparison().display(lang).columns) == heads


@pytest.mark.parametrize(
    ("unit", "lang", "of_mean", "of_difference"),
    [
        ("%", "de", "%", "Prozentpunkte"),
        ("%", "en", "%", "percentage points"),
        ("€", "de", "€", "€"),
        ("", "en", "", ""),
        ("je 1.000", "de", "je 1.000", "je 1.000"),
        ("1.000 € je Kopf", "de", "", ""),  # too long for a heading: it is a note
    ],
)
def test_the_unit_stands_in_the_heading_or_below(unit, lang, of_mean, of_difference):
    rate = RATE.model_copy(update={"unit_of_measure": unit})
    model = comparison(meanings=(POP, rate)).display(lang)
    units = {column.key: column.unit for column in model.columns}
    assert (units["mean"], units["sd"], units["difference"]) == (of_mean, of_mean, of_difference)
    assert units["n"] == units["missing"] == units["standardised_difference"] == ""
    said = f"Werte in {unit}." if lang == "de" else f"Values in {unit}."
    assert (said in model.notes) is (len(unit) > 8)


@pytest.mark.parametrize(
    ("against", "de", "en"),
    [
        ("all", "Referenz: alle", "Reference: all"),
        ("A", "Referenz: A", "Reference: A"),
        ("DG", "Referenz: Deutschland", "Reference: Germany"),
    ],
)
def test_one_reference_for_all_groups_has_a_row_of_its_own(against, de, en):
    result = comparison(against)
    assert list(shown(result)) == ["A", "B", de]
    assert list(shown(result, "en")) == ["A", "B", en]


def test_the_rest_is_another_one_for_each_group_and_has_no_row():
    result = comparison("rest")
    assert list(shown(result)) == ["A", "B"]
    assert any("der Referenz (alle übrigen)" in note for note in result.display().notes)
    assert any("the reference (all others)" in note for note in result.display("en").notes)


def test_the_spread_of_a_small_reference_is_not_printed():
    assert shown(comparison("B"))["Referenz: B"]["sd"] == "–"
    assert shown(comparison("A"))["Referenz: A"]["sd"] == "2,65"
    assert shown(comparison("DG"))["Referenz: Deutschland"]["n"] == "1"


NOTES = {
    "level": ("Ebene der Einheiten: Kreise und kreisfreie Städte.",
              "Level of the units: counties and county-free cities."),
    "own": ("Für 2 der 73 Projekte ist der Wert der eigene.",
            "For 2 of the 73 projects the figure is their own."),
    "difference": ("Differenz: Mittelwert der Gruppe minus Mittelwert der Referenz (alle); "
                   "standardisiert mit der Standardabweichung der Referenz.",
                   "Difference: mean of the group minus mean of the reference (all); "
                   "standardised by the standard deviation of the reference."),
    "small": ("ᵃ Weniger als 3 Werte: Median, Quartile und Standardabweichung werden nicht "
              "gezeigt.",
              "ᵃ Fewer than 3 values: median, quartiles and standard deviation are not shown."),
    "quartiles": ("Quartile nach Hyndman und Fan (1996), Typ 7; Standardabweichung (Std.-Abw.) "
                  "mit n − 1; gew. Mittel: mit der Bezugsgröße gewichtet, – wo keine genannt ist.",
                  "Quartiles of type 7 (Hyndman and Fan 1996); standard deviation (std. dev.) "
                  "with n − 1; weighted mean: by the size behind the rate, – where none is named."),
}  # fmt: skip


def test_the_notes_are_these_and_no_others():
    assert list(comparison().display("de").notes) == [de for de, _ in NOTES.values()]
    assert list(comparison().display("en").notes) == [en for _, en in NOTES.values()]


def test_what_does_not_occur_is_not_explained():
    large = comparison(by=dict.fromkeys(GROUPS, "A")).display()
    assert not any(note[0] in "ᵃᵇᶜᵈ" for note in large.notes)


@pytest.mark.parametrize(
    ("level", "units", "de", "en", "own"),
    [
        ("land", ["01", "02"], "Länder", "Länder", None),
        ("gemeinde", ["01051001", "02000000"], "Gemeinden", "Municipalities", (0, 73)),
        ("project", ["S1-01", "S1-02"], "Projekte", "Projects", (2, 73)),
    ],
)
def test_every_table_names_its_level_and_whose_figures_it_shows(level, units, de, en, own):
    frame = pd.DataFrame({"unit": units, "year": 2021, "x": [1.0, 2.0]})
    result = compare(frame, by=dict.fromkeys(units, "g"))
    assert (result.level, result.own) == (level, own)
    assert result.display().notes[0] == f"Ebene der Einheiten: {de}."
    assert result.display("en").notes[0] == f"Level of the units: {en}."
    said = any("Projekte ist der Wert der eigene" in note for note in result.display().notes)
    assert said is (own is not None)


def test_units_without_group_are_named_below_the_table():
    part = {"01001": "A", "01002": "A", "01003": "A"}
    result = comparison(by=part)
    (found,) = [f for f in result.findings if f.rule == "compare.no_group"]
    de = "2 Einheiten ohne bekannte Gruppe sind nicht im Vergleich (08111, 08421)."
    assert de in result.display().notes
    assert "2 units of unknown group are not compared (08111, 08421)." in result.display("en").notes
    assert (found.n, found.severity) == (2, "warning")
    units = [f"01{n:03d}" for n in range(1, 10)]
    many = pd.DataFrame({"unit": units, "year": 2021, "x": 1.0})
    (cut,) = compare(many, by={"01001": "A"}).findings
    assert cut.text.de.endswith("(01002, 01003, 01004, 01005, 01006, …)")


def test_counties_of_former_times_are_doubtful_in_the_programme():
    units = ["05354", "05313", "05334", "01001"]  # Aachen, Kreis and city, until 2009
    frame = pd.DataFrame({"unit": units, "year": 2008, "x": 1.0})
    result = compare(frame, by="mpsc")
    (found,) = [f for f in result.findings if f.rule == "compare.old_county"]
    assert found.n == 2
    assert "2 Kreise gab es am 2024-12-31 nicht" in found.text.de
    assert "(05313, 05354)" in found.text.en
    assert any("ihr Bezug zum Programm ist unsicher" in note for note in result.display().notes)
    living = compare(frame[2:], by="mpsc")
    assert not [f for f in living.findings if f.rule == "compare.old_county"]


def test_partial_figures_are_marked_in_the_cell_and_below():
    frame = pd.DataFrame({"unit": [*GROUPS][:4], "year": 2021, "indicator": "rate", "value": 1.0})
    frame["status"] = ["partial", "partial", "normal", "normal"]
    result = compare(table_of(frame, (RATE.model_copy(update={"weight": "pop"}),)), by=GROUPS)
    assert result.table["partial"].tolist() == [2, 0]
    cells = list(result.display().cells())
    assert [row[1].mark for row in cells[:2]] == ["c", ""]
    assert any("nicht alle Mitglieder enthalten (2 Einheiten)" in n for n in result.display().notes)
    assert any("all members (2 units)" in n for n in result.display("en").notes)


# Pictures, sources, access --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("de", "Punktwolken je Gruppe: Quote 2021, Ebene Kreise und kreisfreie Städte, nach "
         "Gruppe. A (n = 3, Median 2,00\xa0%); B (n = 1)."),
        ("en", "Strips of points by group: Rate 2021, level counties and county-free cities, by "
         "Group. A (n = 3, Median 2.00%); B (n = 1)."),
    ],
)  # fmt: skip
def test_the_alternative_text_word_by_word(lang, text):
    assert comparison().alt_text(lang) == text


@pytest.mark.parametrize(
    ("against", "lang", "words"),
    [
        ("all", "de", "Mittelwert: alle: 3,25"),
        ("all", "en", "mean: all: 3.25"),
        ("A", "de", "Mittelwert: A: 3,00"),
        ("DG", "en", "Germany: 5.00"),
    ],
)
def test_the_picture_names_its_reference_and_hides_small_groups(against, lang, words):
    axes = comparison(against).figure(lang).axes[0]
    texts = [item.get_text().replace("\n", " ") for item in axes.texts]
    assert any(words in text for text in texts)
    labels = [item.get_text().replace("\n", " ") for item in axes.get_yticklabels()]
    assert labels == ["A (n = 3)", "B (n < 3)"]


def test_a_picture_is_of_one_indicator_and_year():
    both = comparison(indicators=["rate", "pop"])
    with pytest.raises(UnknownCodeError, match="name one"):
        both.figure()
    assert "Bevölkerung 2021" in both.figure(indicator="pop").axes[0].get_xlabel()
    with pytest.raises(UnknownCodeError, match="years of 'pop'"):
        both.figure(indicator="pop", year=1999)


def test_sources_stand_once_and_the_own_calculation_at_the_end():
    table = table_of(source=Source(publisher="Amt", title="Tafel", licence="dl-de/by-2-0"))
    result = compare(table, by=GROUPS, indicators="rate")
    assert result.display().source == (
        "Amt: Tafel, Ausgabe unbekannt; dl-de/by-2-0; eigene Berechnung"
    )
    assert result.display("en").source.endswith("; own calculation")
    assert [source.title for source in result.sources()] == ["Tafel"]
    assert result.provenance.operation == "compare"
    assert table.provenance in result.provenance.steps()


@pytest.mark.parametrize("grade", ["confidential", "personal"])
def test_what_is_not_protected_is_not_shown(grade):
    secret = replace(comparison(), confidentiality=grade)
    for show in (secret.display, secret.figure, secret.alt_text, secret._repr_html_):
        with pytest.raises(DisclosureError, match=f"is {grade} and not protected"):
            show()
    assert replace(secret, protected=True).alt_text() == comparison().alt_text()


def test_results_are_frozen_and_give_copies():
    result = comparison()
    with pytest.raises(FrozenInstanceError):
        result.table = None
    frame = result.to_frame()
    frame.loc[0, "mean"] = 99.0
    assert result.table.loc[0, "mean"] == 3.0


# Ways of grouping -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "codes"),
    [
        ("staffel", ["1", "2", "3"]),
        ("jahr", ["2019", "2020", "2021"]),
        ("startphase", ["strategie", "umsetzung"]),  # not known of all projects
    ],
)
def test_columns_of_the_register_group_projects(by, codes):
    result = comparison(by=by)
    assert list(result.labels) == codes
    assert result.own == (2, 73)
    register = programme.projects().set_index("project")[by].dropna().astype(str)
    members = result.members.set_index("unit")["group"]
    assert members.dropna().to_dict() == register.to_dict()
    assert len(members) == 73


@pytest.mark.parametrize(
    ("berlin", "east", "west", "labels"),
    [("east", 3, 1, 2), ("west", 2, 2, 2), ("own", 2, 1, 3)],
)
def test_where_berlin_counts_is_said(berlin, east, west, labels):
    frame = pd.DataFrame({"unit": ["11000", "14612", "16077", "01001"], "year": 2021, "x": 1.0})
    table = compare(frame, by="east_west", berlin=berlin).table.set_index("group")["n"]
    assert (table["ost"], table["west"], len(table)) == (east, west, labels)


@pytest.mark.parametrize(
    ("groups", "codes"),
    [
        ({"01001": 2, "01002": 1}, ["2", "1"]),
        (pd.Series({"01001": 2.5, "01002": None}), ["2.5"]),
        (pd.Series(["b", "a"], index=["01001", "01002"], dtype="category"), ["a", "b"]),
        ({"01001": "x", "99999": "y"}, ["x", "y"]),
    ],
)
def test_groups_of_ones_own_keep_their_order_as_texts(groups, codes):
    result = comparison(by=groups)
    assert list(result.labels) == codes
    assert [text.de for text in result.labels.values()] == codes


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": "east_west"}, "no source settles whether Berlin counts"),
        ({"by": "groessenklasse"}, "level gemeinde, the figures are those of kreis"),
        ({"by": {"09999": "x"}}, "none of the units that were put into groups has a figure"),
        ({"by": GROUPS, "via": "surrounding"}, "for comparisons of projects only"),
        ({"by": GROUPS, "population": "pop_x"}, "Did you mean 'pop'"),
        ({"by": GROUPS, "weight": "rat"}, "Did you mean 'rate'"),
        ({"by": GROUPS, "exposure": "x"}, "indicators of the table"),
        ({"by": GROUPS, "level": "land"}, "'land' is not a code of levels"),
        ({"by": GROUPS, "year": 1950}, "'1950' is not a code of years"),
        ({"by": GROUPS, "indicators": ["rate", "quote"]}, "'quote' is not a code"),
    ],
)
def test_what_has_no_meaning_is_refused(options, said):
    with pytest.raises((ComparisonError, UnknownCodeError), match=said):
        comparison(**options)


def test_figures_of_laender_are_none_of_projects():
    frame = pd.DataFrame({"unit": ["01", "02"], "year": 2021, "x": 1.0})
    with pytest.raises(ComparisonError, match="figures of level 'land' are not those of projects"):
        compare(frame, by="staffel")


def test_germany_alone_is_no_group_of_units():
    with pytest.raises(ComparisonError, match=r"0 levels \(Germany only\); say which .*level=…"):
        compare(FRAME[5:], by=GROUPS)


def test_what_was_asked_is_on_record():
    asked = comparison("rest", year=2021, min_exposure=150).specification
    assert asked == {
        "by": GROUPS, "against": "rest", "year": [2021], "indicators": ["rate"], "weight": None,
        "level": "kreis", "via": "own", "berlin": None, "classes": None, "population": False,
        "exposure": None, "min_exposure": 150,
    }  # fmt: skip
    assert comparison().provenance.to_dict()["parameters"]["by"] == GROUPS


def test_a_trace_leads_from_each_group_to_the_figures():
    trace = comparison().trace()
    assert list(trace["of"]) == list(trace["unit"])
    values, weights = trace[trace["role"] == "value"], trace[trace["role"] == "weight"]
    assert values.groupby("group")["value"].sum().to_dict() == {"A": 9.0, "B": 4.0}
    assert set(values["indicator"]) == {"rate"}
    assert set(weights["indicator"]) == {"pop"}
    assert weights.groupby("group")["value"].sum().to_dict() == {"A": 600.0, "B": 900.0}
    assert (trace["source_indicator"] == trace["indicator"]).all()
    assert set(trace["factor"]) == {1.0}


def test_own_figures_are_counted_in_the_table_that_is_compared():
    frame = pd.DataFrame({"unit": ["02000", "01001", "05315"], "year": 2021, "x": [1.0, 2, 3]})
    result = compare(frame, by=dict.fromkeys(frame["unit"], "g"))
    funded = programme.project_units("kreis")
    single = funded.groupby("project").filter(lambda part: len(part) == 1)
    single = single[(single["kind"] == "own") & single["unit"].isin(frame["unit"])]
    assert result.own == (len(single), 73)
    assert result.own[0] < 4
