"""`Comparison`: its table, figure, notes, ranks and cells, against Python's own `statistics`."""

from __future__ import annotations

import math
import statistics
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pandas as pd
import pytest

from begleitforschung.comparison import compare
from begleitforschung.display.numbers import MINUS, format_number
from begleitforschung.errors import ComparisonError, UnknownCodeError
from begleitforschung.language import Text
from begleitforschung.results.comparison import Comparison
from begleitforschung.results.comparison_display import LEVELS
from begleitforschung.tables import Indicator, IndicatorTable, indicators

GROUPS = {"01001": "A", "01002": "A", "01003": "A", "01004": "A",
          "08111": "B", "08115": "B", "08116": "B", "08117": "C"}  # fmt: skip
POPULATION = dict(zip(GROUPS, range(100, 900, 100), strict=True))
RATE = {
    2020: dict(zip(GROUPS, [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0], strict=True)),
    2021: dict(zip(GROUPS, [9.0, 8.0, 8.0, 5.0, math.nan, 4.0, 3.0, 2.0], strict=True)),
}
MEANINGS = [
    Indicator(
        id="pop",
        title={"de": "Bevölkerung", "en": "Population"},
        unit_of_measure="Personen",
        aggregation="sum",
        decimals=0,
    ),
    Indicator(
        id="rate",
        title={"de": "Quote", "en": "Rate"},
        unit_of_measure="%",
        aggregation="mean",
        weight="pop",
        exposure="pop",
        min_exposure=150,
        direction="higher",
    ),
    Indicator(
        id="gdp",
        title={"de": "BIP", "en": "GDP"},
        unit_of_measure="1.000 € je Einwohner",
        direction="none",
        decimals=2,
    ),
]


@pytest.fixture(scope="module")
def table() -> IndicatorTable:
    """Eight counties and Germany, two years, three indicators, of one file."""
    rows = [
        (unit, year, name, value)
        for year, rates in RATE.items()
        for unit in GROUPS
        for name, value in (("pop", POPULATION[unit]), ("rate", rates[unit]), ("gdp", 0.125))
    ]
    rows += [("DG", year, "rate", 5.5) for year in RATE]
    frame = pd.DataFrame(rows, columns=["unit", "year", "indicator", "value"])
    frame = frame.assign(file="kreise.csv", row=range(2, len(frame) + 2))
    return indicators(frame, indicators=MEANINGS, gebietsstand="2021-12-31")


@pytest.fixture(scope="module")
def several(table: IndicatorTable) -> Comparison:
    return compare(table, by=GROUPS)


@pytest.fixture(scope="module")
def rate(table: IndicatorTable) -> Comparison:
    return compare(table, by=GROUPS, indicators="rate", year=2021)


@pytest.fixture(scope="module")
def germany(table: IndicatorTable) -> Comparison:
    return compare(table, by=GROUPS, indicators="rate", year=2021, against="DG")


def of_group(group: str, year: int = 2021) -> list[float]:
    values = (value for unit, value in RATE[year].items() if group in ("all", GROUPS[unit]))
    return [value for value in values if not math.isnan(value)]


# Printed tables -------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["de", "en"])
def test_printed_figures_are_those_of_the_standard_library(rate: Comparison, lang: Any) -> None:
    values, everyone = of_group("A"), of_group("all")
    q1, median, q3 = statistics.quantiles(values, n=4, method="inclusive")
    weights = [POPULATION[unit] for unit, group in GROUPS.items() if group == "A"]
    weighted = math.fsum(map(math.prod, zip(values, weights, strict=True))) / sum(weights)
    gap = statistics.mean(values) - statistics.mean(everyone)
    wanted = [statistics.mean(values), median, q1, q3, weighted, statistics.stdev(values)]
    printed = rate.display(lang).formatted()[0]
    assert printed[:3] == ["A", "4", "0"]
    assert printed[3:9] == [format_number(value, 1, lang) for value in wanted]
    assert printed[9] == format_number(gap, 1, lang, sign=True)
    assert printed[10] == format_number(gap / statistics.stdev(everyone), 2, lang, sign=True)


@pytest.mark.parametrize(
    ("lang", "rows"),
    [
        ("de", [
            "B | 2 | 1 | 3,5 | – | – | – | 3,5 | – | −2,1 | −0,75",
            "C | 1 | 0 | 2,0 | – | – | – | 2,0 | – | −3,6 | −1,29",
            "Referenz: alle | 7 | – | 5,6 | – | – | – | – | 2,8 | – | –",
        ]),
        ("en", [
            "B | 2 | 1 | 3.5 | – | – | – | 3.5 | – | −2.1 | −0.75",
            "C | 1 | 0 | 2.0 | – | – | – | 2.0 | – | −3.6 | −1.29",
            "Reference: all | 7 | – | 5.6 | – | – | – | – | 2.8 | – | –",
        ]),
    ],
)  # fmt: skip
def test_small_groups_and_the_reference(rate: Comparison, lang: Any, rows: list[str]) -> None:
    model = rate.display(lang)
    assert [" | ".join(row) for row in model.formatted()][1:] == rows
    marks = ["".join(cell.mark for cell in row) for row in model.cells()]
    assert marks == ["", "aaaa", "aaaa", ""]
    assert [row[0].emphasis for row in model.cells()] == [False, False, False, True]


@pytest.mark.parametrize(
    ("lang", "labels"),
    [
        ("de", "Indikator Gruppe Jahr n fehlt Mittel Median unteres_Quartil oberes_Quartil "
               "gew._Mittel Std.-Abw. Differenz stand._Diff."),
        ("en", "Indicator Group Year n missing Mean Median Lower_quartile Upper_quartile "
               "Weighted_mean Std._dev. Difference Std._diff."),
    ],
)  # fmt: skip
def test_headings_of_several_indicators_and_years(
    several: Comparison, lang: Any, labels: str
) -> None:
    model = several.display(lang)
    assert " ".join(column.label.replace(" ", "_") for column in model.columns) == labels
    assert {column.unit for column in model.columns} == {""}
    blocks = list(dict.fromkeys((row[0], row[2]) for row in model.formatted()))
    title = {"de": "Quote (%)", "en": "Rate (%)"}[lang]
    assert len(blocks) == 6
    assert [block for block in blocks if block[0] == title] == [(title, "2020"), (title, "2021")]


@pytest.mark.parametrize(
    ("indicator", "lang", "mean", "difference", "note"),
    [
        ("rate", "de", "%", "Prozentpunkte", None),
        ("rate", "en", "%", "percentage points", None),
        ("pop", "de", "Personen", "Personen", None),
        ("gdp", "de", "", "", "Werte in 1.000 € je Einwohner."),
        ("gdp", "en", "", "", "Values in 1.000 € je Einwohner."),
    ],
)
def test_short_units_stand_above_the_numbers_and_long_ones_below(
    table: IndicatorTable, indicator: str, lang: Any, mean: str, difference: str, note: str | None
) -> None:
    model = compare(table, by=GROUPS, indicators=indicator, year=2021).display(lang)
    units = {column.key: column.unit for column in model.columns}
    assert (units["mean"], units["median"], units["difference"]) == (mean, mean, difference)
    assert units["n"] == units["missing"] == units["standardised_difference"] == ""
    assert [line for line in model.notes if line.startswith(("Werte in", "Values in"))] == (
        [note] if note else []
    )


@pytest.mark.parametrize(
    ("against", "kind", "last"),
    [
        ("all", "all", "Referenz: alle | 7 | 5,6 | 2,8"),
        ("DG", "unit", "Referenz: Deutschland | 1 | 5,5 | –"),
        ("A", "group", "Referenz: A | 4 | 7,5 | 1,7"),
        ("B", "group", "Referenz: B | 2 | 3,5 | –"),
        ("rest", "rest", "C | 1 | 2,0 | –"),
    ],
)
def test_the_reference_stands_last_where_it_is_the_same_for_all(
    table: IndicatorTable, against: str, kind: str, last: str
) -> None:
    result = compare(table, by=GROUPS, indicators="rate", year=2021, against=against)
    assert result.reference_kind == kind
    row = dict(
        zip(result.display().to_frame().columns, result.display().formatted()[-1], strict=True)
    )
    assert " | ".join(row[key] for key in ("group", "n", "mean", "sd")) == last


# Notes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        ("de", [
            "Ebene der Einheiten: Kreise und kreisfreie Städte.",
            "Für 1 der 73 Projekte ist der Wert der eigene.",
            "Differenz: Mittelwert der Gruppe minus Mittelwert der Referenz (Deutschland); "
            "standardisiert mit der Standardabweichung der Referenz.",
            "ᵃ Weniger als 3 Werte: Median, Quartile und Standardabweichung werden nicht gezeigt.",
            "1 Einheiten liegen unter der Mindestgröße der Bezugsgröße; ihre Werte schwanken stark "
            "und bekommen keinen Rang.",
            "Quartile nach Hyndman und Fan (1996), Typ 7; Standardabweichung (Std.-Abw.) mit n − "
            "1; gew. Mittel: mit der Bezugsgröße gewichtet, – wo keine genannt ist.",
        ]),
        ("en", [
            "Level of the units: counties and county-free cities.",
            "For 1 of the 73 projects the figure is their own.",
            "Difference: mean of the group minus mean of the reference (Germany); standardised by "
            "the standard deviation of the reference.",
            "ᵃ Fewer than 3 values: median, quartiles and standard deviation are not shown.",
            "1 units lie below the least exposure; their values vary strongly and get no rank.",
            "Quartiles of type 7 (Hyndman and Fan 1996); standard deviation (std. dev.) with n − "
            "1; weighted mean: by the size behind the rate, – where none is named.",
        ]),
    ],
)  # fmt: skip
def test_notes_say_what_must_be_known(germany: Comparison, lang: Any, lines: list[str]) -> None:
    assert germany.display(lang).notes == lines


def changed(result: Comparison, **columns: Any) -> Comparison:
    """Return a comparison whose units have other properties."""
    return replace(result, members=result.members.assign(**columns))


@pytest.mark.parametrize(
    ("columns", "german", "english"),
    [
        ({"status": "partial"},
         "ᶜ Darunter Werte, die nicht alle Mitglieder enthalten (7 Einheiten).",
         "ᶜ Among them values that don't include all members (7 units)."),
        ({"basis": "surrounding"},
         "ᵈ Darunter 7 Projekte mit dem Wert des umgebenden Kreises, nicht dem eigenen.",
         "ᵈ Among them 7 projects with the figure of the surrounding county, not their own."),
        ({"exposure": 149.0},
         "7 Einheiten liegen unter der Mindestgröße der Bezugsgröße; ihre Werte schwanken stark "
         "und bekommen keinen Rang.",
         "7 units lie below the least exposure; their values vary strongly and get no rank."),
    ],
)  # fmt: skip
def test_units_with_a_flaw_are_counted_where_they_have_a_value(
    rate: Comparison, columns: dict[str, Any], german: str, english: str
) -> None:
    result = changed(rate, **columns)
    assert german in result.display("de").notes
    assert english in result.display("en").notes
    clean = changed(rate, exposure=150.0, status="normal", basis="own")
    assert not {german[:9], english[:9]} & {line[:9] for line in clean.display().notes}


@pytest.mark.parametrize(
    ("shares", "german", "english"),
    [
        ([0.1, 0.255, 0.9, math.nan], "Median des Anteils 26\u00a0%", "median share 26%"),
        (
            [math.nan] * 4,
            "Anteil nicht berechnet (population=)",
            "share not computed (population=)",
        ),
    ],
)
def test_groups_shown_apart_say_how_much_of_the_population_is_meant(
    rate: Comparison, shares: list[float], german: str, english: str
) -> None:
    of_a = rate.members["group"] == "A"
    members = rate.members.assign(apart=of_a, share=math.nan)
    members.loc[of_a, "share"] = shares
    result = replace(
        rate, members=members, table=rate.table.assign(apart=rate.table["group"] == "A")
    )
    (note,) = [line for line in result.display("de").notes if line.startswith("ᵇ")]
    assert note.endswith(f"lebt in der geförderten Gemeinde ({german}).")
    (note,) = [line for line in result.display("en").notes if line.startswith("ᵇ")]
    assert note.endswith(f"lives in the funded municipality ({english}).")
    heads = [(row[0].value, row[0].mark) for row in result.display().cells()]
    assert heads[:2] == [("A", "b"), ("B", "")]


def test_a_comparison_without_projects_says_nothing_about_them(rate: Comparison) -> None:
    notes = " ".join(replace(rate, own=None).display().notes)
    assert "Projekte" not in notes
    assert "  " not in notes


def test_the_source_line_names_what_is_quoted_or_else_all(rate: Comparison) -> None:
    source = replace(rate.sources()[0], publisher="BBSR", title="INKAR", edition="2024")
    quoted = replace(rate, quoted=(source, source))
    assert quoted.display("de").source == "BBSR: INKAR, Ausgabe 2024; eigene Berechnung"
    assert quoted.display("en").source == "BBSR: INKAR, edition 2024; own calculation"
    assert replace(rate, quoted=()).sources() == rate.provenance.sources()


def test_every_level_has_words() -> None:
    from begleitforschung.regions import LEVELS as LEVELS_OF_REGIONS

    assert set(LEVELS_OF_REGIONS) <= set(LEVELS)
    assert LEVELS["kreis"].get("en") == "counties and county-free cities"


# Figures and their texts ----------------------------------------------------------------------


def test_the_figure_shows_the_units_and_the_mean_of_the_reference(germany: Comparison) -> None:
    axes = germany.figure("en").axes[0]
    drawn = sorted(x for part in axes.collections for x in part.get_offsets()[:, 0])
    assert drawn == sorted(of_group("A"))
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "A\n(n = 4)",
        "B\n(n < 3)",
        "C\n(n < 3)",
    ]
    written = [text.get_text() for text in axes.texts]
    assert written == ["8.0", "not shown", "not shown", "Germany: 5.5%"]
    assert axes.get_xlabel() == "Rate 2021 in %"


@pytest.mark.parametrize(
    ("lang", "label"), [("de", "Mittelwert: alle: 5,6\u00a0%"), ("en", "mean: all: 5.6%")]
)
def test_a_mean_is_called_so(rate: Comparison, lang: Any, label: str) -> None:
    assert rate.figure(lang).axes[0].texts[-1].get_text() == label


def test_groups_shown_apart_are_grey(rate: Comparison) -> None:
    """Both groups large enough to be drawn, the second one apart."""
    members = rate.members.assign(value=1.5, group=["A"] * 4 + ["B"] * 4)
    both = replace(rate, members=members)
    apart = replace(both, table=rate.table.assign(apart=rate.table["group"] == "B"))
    colours = [
        [tuple(part.get_facecolor()[0]) for part in result.figure().axes[0].collections]
        for result in (both, apart)
    ]
    assert colours[0][0] == colours[0][1] == colours[1][0] != colours[1][1]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"indicator": "rate"}, "Quote 2021, Ebene K, nach Gruppe. "
         "A (n = 4, Median 8,0\u00a0%); B (n = 2); C (n = 1)."),
        ({"indicator": "rate", "year": 2020}, "Quote 2020, Ebene K, nach Gruppe. "
         "A (n = 4, Median 7,5\u00a0%); B (n = 3, Median 4,0\u00a0%); C (n = 1)."),
        ({"indicator": "pop", "year": 2020}, "Bevölkerung 2020, Ebene K, nach Gruppe. "
         "A (n = 4, Median 250\u00a0Personen); B (n = 3, Median 600\u00a0Personen); C (n = 1)."),
    ],
)  # fmt: skip
def test_the_alternative_text_is_that_of_the_figure_drawn(
    several: Comparison, options: dict[str, Any], text: str
) -> None:
    level = LEVELS["kreis"].get("de")
    wanted = text.replace("Ebene K", f"Ebene {level}")
    assert several.alt_text(**options) == f"Punktwolken je Gruppe: {wanted}"
    label = text.partition(",")[0]
    assert several.figure(**options).axes[0].get_xlabel().startswith(label)


def test_the_english_alternative_text(rate: Comparison) -> None:
    assert rate.alt_text("en") == (
        "Strips of points by group: Rate 2021, level counties and county-free cities, by Group. "
        "A (n = 4, Median 8.0%); B (n = 2); C (n = 1)."
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "'None' is not a code of indicators of the comparison; name one"),
        ({"indicator": "rates"}, "'rates' is not a code .* Did you mean 'rate'"),
        (
            {"indicator": "rate", "year": 2019},
            r"'2019' is not a code of years of 'rate' \(2 codes\)",
        ),
    ],
)
def test_a_figure_is_of_one_indicator_and_year(
    several: Comparison, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnknownCodeError, match=message):
        several.figure(**options)
    assert several.one("rate", None) == ("rate", 2021)
    assert several.one("rate", 2020) == ("rate", 2020)


# Ranks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "ranks"),
    [
        (None, {"01002": 1, "01003": 1, "01004": 3, "08115": 4, "08116": 5, "08117": 6}),
        ("higher", {"01002": 1, "01003": 1, "01004": 3, "08115": 4, "08116": 5, "08117": 6}),
        ("lower", {"08117": 1, "08116": 2, "08115": 3, "01004": 4, "01002": 5, "01003": 5}),
    ],
)
def test_equal_values_share_the_smaller_rank(
    rate: Comparison, direction: Any, ranks: dict[str, int]
) -> None:
    listed = rate.ranks(direction=direction).set_index("unit")
    assert listed["rank"].dropna().to_dict() == ranks
    assert listed["flag"][["01001", "08111"]].tolist() == ["below_exposure", "missing"]
    assert listed["rank"][["01001", "08111"]].isna().all()


@pytest.mark.parametrize(
    ("columns", "flag"),
    [
        ({"value": math.nan, "group": None, "apart": True}, "missing"),
        ({"group": None, "apart": True}, "no_group"),
        ({"apart": True, "exposure": math.nan}, "apart"),
        ({"exposure": math.nan}, "exposure_unknown"),
        ({"exposure": 149.9}, "below_exposure"),
        ({"exposure": 150.0}, ""),
        ({"exposure": math.nan, "min_exposure": math.nan}, ""),
    ],
)
def test_the_first_reason_against_a_rank_counts(
    rate: Comparison, columns: dict[str, Any], flag: str
) -> None:
    at = rate.members["unit"] == "01002"
    members = rate.members.copy()
    for name, value in columns.items():
        members[name] = members[name].mask(at, value)
    listed = replace(rate, members=members).ranks().set_index("unit")
    assert listed.loc["01002", "flag"] == flag
    assert pd.isna(listed.loc["01002", "rank"]) == bool(flag)


def test_ranks_keep_the_order_of_groups_not_of_the_alphabet(rate: Comparison) -> None:
    turned = replace(rate, labels={name: Text(name) for name in ("C", "A", "B")})
    listed = turned.ranks()
    assert listed["group"].tolist() == ["C", *["A"] * 4, *["B"] * 3]
    assert listed["unit"].tolist()[1:5] == ["01001", "01002", "01003", "01004"]


def test_without_a_better_direction_there_are_no_ranks(several: Comparison) -> None:
    with pytest.raises(
        ComparisonError, match=r"'gdp' does not say .* \(none\); say so: direction="
    ):
        several.ranks("gdp", 2021)
    assert several.ranks("gdp", 2021, direction="lower")["rank"].tolist() == [1] * 8


# Cells ----------------------------------------------------------------------------------------


def test_every_mean_follows_from_its_traced_cells(several: Comparison) -> None:
    cells = several.trace()
    assert list(cells.columns) == [
        *("group", "of", "unit", "year", "indicator", "value", "status", "file", "row"),
        *("role", "source_indicator", "source_value", "factor"),
    ]
    keys = ["indicator", "year", "group"]
    means = cells[cells["role"] == "value"].groupby(keys)["value"].mean()
    printed = several.table.set_index(keys)["mean"]
    for key, mean in printed.items():
        assert mean == pytest.approx(means[key]), key
    assert (cells["unit"] == cells["of"]).all()
    assert set(cells["file"]) == {"kreise.csv"}


def test_a_comparison_is_frozen_and_knows_its_level(rate: Comparison) -> None:
    assert rate.level == "kreis"
    with pytest.raises(FrozenInstanceError):
        rate.reference = Text("x")  # type: ignore[misc]
    assert MINUS not in repr(rate)
