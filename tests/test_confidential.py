"""Confidential figures: whatever is made of them, no value is shown until it is protected."""

import importlib
import inspect
import json
import pkgutil

import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.display.secrecy import UNPROTECTED, is_stamped
from begleitforschung.errors import DisclosureError
from begleitforschung.provenance import grade_of
from begleitforschung.results.base import Result

SECRET = 7777123.5
SIDECAR = """
source: {{publisher: Amt, title: Umfrage, sha256: ""}}
gebietsstand: "2021-12-31"
{line}
indicators:
  - {{id: a, title: {{de: A}}, unit_of_measure: "%", aggregation: sum, valid_max: 100}}
"""


@pytest.fixture(
    params=["confidentiality: confidential", "confidentiality: personal", "confidential: [value]"]
)
def table(request, tmp_path):
    path = tmp_path / "geheim.csv"
    frame = pd.DataFrame({"unit": ["01001", "01002", "05111"], "year": 2021, "indicator": "a"})
    frame.assign(value=[SECRET, 2.0, 3.0]).to_csv(path, sep=";", index=False)
    path.with_name("geheim.csv.meta.yaml").write_text(
        SIDECAR.format(line=request.param), encoding="utf-8"
    )
    return bf.read_indicators(path)


def leaks(*texts):
    return [text for text in texts if "7777123" in str(text) or "7.777.123" in str(text)]


def test_a_table_knows_it_and_keeps_it_through_every_operation(table):
    assert table.confidentiality in ("confidential", "personal")
    made = [
        table.select(years=2021),
        table.aggregate({"01001": "S1-01", "01002": "S1-01"}),
        table.describe(table.indicator("a")),
    ]
    assert {item.confidentiality for item in made} == {table.confidentiality}
    public = bf.indicators(
        pd.DataFrame({"unit": ["01001"], "year": 2021, "b": [1.0]}), gebietsstand="2021-12-31"
    )
    assert public.confidentiality == "public"
    assert public.join(table).confidentiality == table.confidentiality


def test_neither_repr_nor_html_nor_findings_nor_provenance_show_a_value(table):
    shown = [repr(table), table._repr_html_(), *map(repr, table.findings)]
    assert leaks(*shown, json.dumps(table.provenance.to_dict())) == []


def test_the_validation_report_names_the_row_without_the_value(table):
    report = bf.validate(table)
    assert not report.ok
    assert 2 in report.to_frame()["row"].to_list()
    shown = [
        repr(report),
        report.to_html(),
        report.to_json(),
        report.to_frame().to_csv(),
        report.display().to_text(),
        *(item.line() for item in report.findings),
    ]
    assert leaks(*shown) == []


def test_a_comparison_can_not_be_shown(table):
    result = bf.compare(table, by="bundesland")
    assert result.confidentiality == table.confidentiality
    for show in (result.display, result.figure, result._repr_html_, result.alt_text):
        with pytest.raises(DisclosureError):
            show()
    with pytest.raises(DisclosureError):
        bf.table(result, id="tab-x", title="X")


def test_kpis_can_not_be_shown(table):
    result = bf.compute_kpis(table, bf.load_framework("sdg_kommunen"))
    assert result.confidentiality == table.confidentiality
    with pytest.raises(DisclosureError):
        result.display()


def test_the_grade_never_falls(table):
    assert grade_of(table.provenance, "personal") == "personal"


# At the own desk ---------------------------------------------------------------------------

SHOWN = ("TableModel", "Figure")
TEXTS = ("alt_text", "to_html", "to_json", "to_r")


def kinds(base=Result):
    """All kinds of results, wherever they are defined."""
    rooms = ("begleitforschung.results", "begleitforschung.disclosure")
    for room in map(importlib.import_module, rooms):
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            importlib.import_module(module.name)
    found = [base]
    for kind in base.__subclasses__():
        if kind.__module__.startswith("begleitforschung"):
            found += kinds(kind)
    return found


def test_whatever_shows_a_result_asks_whether_it_may():
    shows = [
        method
        for kind in kinds()
        for name, method in vars(kind).items()
        if inspect.isfunction(method)
        and not name.startswith("_")
        and (name in TEXTS or method.__annotations__.get("return") in SHOWN)
        and name != "marked"
    ]
    assert len(shows) >= 7
    shows += [bf.figure, bf.table, bf.text, bf.render, bf.write_index, bf.write_tables]
    shows.append(bf.method_sheet)
    for method in shows:
        parameter = inspect.signature(method).parameters.get("allow_unprotected")
        assert parameter is not None, method
        assert parameter.default is False, method


def test_no_kind_of_result_has_a_rule_of_its_own():
    for kind in kinds()[1:]:
        for name in ("display", "figure", "require_showable", "for_desk", "marked"):
            assert name not in vars(kind), kind


@pytest.mark.parametrize("make", ["compare", "kpis"])
def test_what_is_shown_at_the_own_desk_says_so_and_what_is_personal_never_is(table, make):
    if make == "compare":
        result = bf.compare(table, by="bundesland")
    else:
        result = bf.compute_kpis(table, bf.load_framework("sdg_kommunen"))
    if table.confidentiality == "personal":
        with pytest.raises(DisclosureError, match="never shown"):
            result.display(allow_unprotected=True)
        return
    with pytest.raises(DisclosureError, match="allow_unprotected=True") as caught:
        result.display()
    assert leaks(caught.value) == []
    shown = result.display(allow_unprotected=True)
    assert shown.to_text().startswith(UNPROTECTED.de)
    assert UNPROTECTED.en in result.display("en", allow_unprotected=True).to_html()
    assert not result.allow_unprotected
    if make == "compare":
        assert is_stamped(result.figure(allow_unprotected=True))
        assert result.alt_text(allow_unprotected=True).startswith(UNPROTECTED.de)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_written_tables_keep_their_grade(table, tmp_path, suffix):
    file = bf.write_indicators(table, tmp_path / f"neu{suffix}")
    assert bf.read_indicators(file).confidentiality == table.confidentiality
