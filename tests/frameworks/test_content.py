"""Frameworks made in code: every check with its text in both languages, remedy and severity."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pydantic
import pytest

from begleitforschung.errors import Finding, FrameworkError, UnknownCodeError
from begleitforschung.frameworks import (
    Acceptance,
    Dimension,
    Framework,
    Info,
    Kpi,
    Mapping,
    Target,
    Variable,
    check_content,
    polarity_decisions,
)
from begleitforschung.frameworks.checks import Content

KPI = {"id": "K1", "code": "1", "name_de": "Pkw", "name_de_status": "own", "dimension": "auto"}
KPI |= {"formula_type": "direct", "polarity": "none", "formula_status": "own"}
RATIO = {"formula_type": "ratio", "numerator_expr": "a", "denominator_expr": "b"}
COUNT = {"formula_type": "count", "numerator_expr": "a"}
VECTOR = {"formula_type": "vector", "disaggregation": "m;w"}
HIGHER = {"polarity": "higher", "polarity_source": "own"}
AIM = {"polarity": "target", "polarity_source": "official"}
OFFICIAL = {"source_status": "official", "source": "Beschluss"}
OWN = {"source_status": "own"}
SOURCES = ("own", "derived")
NODE = Dimension(dimension="auto", name_de="Auto")
SPARE = Dimension(dimension="rad", name_de="Rad")
INFO = Info(id="plan", edition="1", title_de="Plan", publisher="P", source="S", licence="L")
VARIABLES = tuple(Variable(variable=name, label_de=name) for name in ("a", "b"))


def kpi(**facts: object) -> Kpi:
    return Kpi.model_validate(KPI | facts)


def content(**facts: object) -> Content:
    """One KPI with these facts; the variables that its formula names."""
    one = kpi(**facts)
    used = [v for v in VARIABLES if v.variable in f"{one.numerator_expr}{one.denominator_expr}"]
    return Content(kpis=(one,), variables=tuple(used), dimensions=(NODE,))


def aimed(facts: dict[str, object], **target: object) -> Content:
    aim = Target.model_validate({"kpi_id": "K1"} | target)
    return replace(content(**facts), targets=(aim,))


def told(given: Content) -> list[tuple[str, str | None, str]]:
    """What is found, except remarks on what the fault leaves unused."""
    found = [(f.rule.removeprefix("framework."), f.column, f.text.en) for f in check_content(given)]
    return [item for item in found if not item[0].startswith("unused_")]


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"name_de": "", "name_en": "cars", "name_de_status": None, "name_en_status": "own"},
        RATIO,
        COUNT,
        VECTOR,
        VECTOR | {"sum_constraint": 100, "sum_tolerance": 0.5},
        {"formula_type": "boolean", "disaggregation": "ja;nein"},
        {
            "formula_type": "share_change",
            "numerator_expr": "a - lag(a, 1)",
            "denominator_expr": "b",
        },
        {"formula_type": "weighted_mean", "numerator_expr": "a * b", "denominator_expr": "b"},
        RATIO | HIGHER | {"normalisation": "minmax"},
        RATIO | HIGHER | {"normalisation": "goalpost", "goalpost_min": 0, "goalpost_max": 1},
        {"limit_min": 0, "limit_max": 0.001},
        {"limit_min": 5},
        {"weight": 0.5},
    ],
)
def test_what_is_in_order_has_no_findings(facts):
    assert told(content(**facts)) == []


@pytest.mark.parametrize(
    ("facts", "rule", "column", "english"),
    [
        ({"name_de": ""}, "name", "name_de", "name is missing (German or English)"),
        ({"dimension": "rad"}, "reference", "dimension", "is not in the sheet 'dimensions'"),
        (RATIO | {"numerator_expr": "a + c"}, "undeclared", "numerator_expr", "variable 'c' is"),
        (RATIO | {"denominator_expr": "c"}, "undeclared", "denominator_expr", "variable 'c' is"),
        (RATIO | {"denominator_expr": "b /"}, "formula", "denominator_expr", "unreadable formula"),
        (RATIO | {"numerator_expr": ""}, "incomplete_formula", "formula_type", "'ratio' needs"),
        (RATIO | {"formula_type": "count"}, "needless_formula", "formula_type", "'count' has no"),
        (VECTOR | {"numerator_expr": "a"}, "needless_formula", "formula_type", "'vector' has no"),
        (RATIO | {"formula_type": "share_change"}, "change_without_lag", "numerator_expr", ""),
        ({"formula_type": "vector"}, "parts", "disaggregation", "vector without parts"),
        ({"disaggregation": "m;w"}, "parts", "disaggregation", "only a 'vector' has parts"),
        ({"sum_constraint": 100}, "parts", "sum_constraint", "a sum without parts"),
        (VECTOR | {"sum_tolerance": 1}, "parts", "sum_constraint", "a sum without parts"),
        ({"polarity": "lower"}, "polarity_source", "polarity_source", "source of the polarity"),
        (AIM, "target_missing", "polarity", "needs a row in 'targets'"),
        (HIGHER | {"normalisation": "target"}, "target_missing", "polarity", "needs a row in"),
        ({"normalisation": "minmax"}, "never_scored", "normalisation", "without polarity and as"),
        (COUNT | HIGHER, "never_scored", "polarity", "absolute number: is never scored"),
        ({"limit_min": 2, "limit_max": 1}, "range", "limit_min", "limit_min is not below"),
        ({"limit_min": 1, "limit_max": 1}, "range", "limit_min", "limit_min is not below"),
        ({"goalpost_min": 2, "goalpost_max": 1}, "range", "goalpost_min", "goalpost_min is not b"),
        (
            RATIO | HIGHER | {"normalisation": "goalpost", "goalpost_min": 0},
            "range",
            "normalisation",
            "'goalpost' needs both goalposts",
        ),
        ({"weight": -1}, "weight", "weight", "weight is negative"),
        ({"weight": 0}, "weight", "weight", "weights add up to zero"),
        ({"name_de_status": None}, "status", "name_de_status", "nobody says whose words these are"),
        ({"name_en": "cars"}, "status", "name_en_status", "nobody says whose words these are"),
        ({"definition_en": "cars"}, "status", "definition_status", "nobody says whose words these"),
    ],
)  # fmt: skip
def test_each_fault_of_a_kpi_is_one_finding(facts, rule, column, english):
    [(found, at, text)] = told(content(**facts))
    assert (found, at) == (rule, column)
    assert text.startswith(english)


def test_a_normalised_count_is_refused_and_its_polarity_remarked():
    found = check_content(content(**COUNT, **HIGHER, normalisation="minmax"))
    assert [(f.column, f.severity) for f in found] == [
        ("normalisation", "error"),
        ("polarity", "info"),
    ]


@pytest.mark.parametrize(
    ("target", "rule", "column", "english"),
    [
        ({"target_type": "value", **OFFICIAL}, "target_value", "value", "value of the target"),
        ({"target_type": "constant", **OWN}, "target_value", "value", "value of the target"),
        ({"target_type": "interval", "value": 1, **OWN}, "target_value", "value2", "an interval"),
        (
            {"target_type": "interval", "value": 2, "value2": 2, **OWN},
            "target_value",
            "value2",
            "an interval needs value < value2",
        ),
        ({"target_type": "bands", **OWN}, "target_value", "bands", "bands are missing"),
        (
            {"target_type": "direction", "source_status": "official"},
            "target_source",
            "source",
            "source of the target is missing",
        ),
        ({"target_type": "direction", "kpi_id": "K2", **OWN}, "reference", "kpi_id", "is not in"),
    ],
)
def test_each_fault_of_a_target_is_one_finding(target, rule, column, english):
    [(found, at, text)] = told(aimed({}, **target))
    assert (found, at) == (rule, column)
    assert text.startswith(english)


@pytest.mark.parametrize(
    "target",
    [
        {"target_type": "value", "value": 0, **OFFICIAL},
        {"target_type": "interval", "value": 1, "value2": 2, **OWN},
        {"target_type": "constant", "value": 1, "source_status": "unknown"},
        {"target_type": "bands", "bands": "gut: > 5", **OWN},
        {"target_type": "direction", **OWN},
    ],
)
def test_targets_in_order_have_no_findings(target):
    assert told(aimed({}, **target)) == []


@pytest.mark.parametrize("kind", ["value", "interval", "constant", "bands", "direction"])
def test_a_kpi_with_a_target_needs_one_with_a_value(kind):
    """Bands and a bare direction say nothing that a distance could be measured from."""
    given = aimed(AIM, target_type=kind, value=1, value2=2, bands="x", **OWN)
    assert bool(told(given)) == (kind in ("bands", "direction"))


@pytest.mark.parametrize(
    ("key", "fit", "fine"),
    [("16031", "close", True), ("", "none", True), ("", "close", False), ("16031", "none", False)],
)
def test_a_mapping_has_a_key_exactly_if_something_fits(key, fit, fine):
    mapping = Mapping(kpi_id="K1", system="inkar", key=key, fit=fit)
    found = told(replace(content(), mappings=(mapping,)))
    assert found == (
        [] if fine else [("mapping_key", "key", "key is missing, or fit is 'none' beside a key")]
    )


def tree(*nodes: tuple[str, str]) -> tuple[Dimension, ...]:
    return tuple(Dimension(dimension=name, parent=above, name_de=name) for name, above in nodes)


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([("auto", "")], []),
        ([("v", ""), ("auto", "v")], []),
        ([("auto", "auto")], [("cycle", "auto"), ("leaf", "K1")]),
        ([("auto", ""), ("a", "b"), ("b", "a")], [("cycle", "a"), ("cycle", "b")]),
        ([("auto", ""), ("a", "b"), ("b", "c"), ("c", "a")], [("cycle", x) for x in "abc"]),
        ([("auto", ""), ("rad", "auto")], [("unused_dimension", "rad"), ("leaf", "K1")]),
        ([("auto", ""), ("rad", "")], [("unused_dimension", "rad")]),
        ([("auto", "weg")], [("reference", "auto")]),
        ([("auto", ""), ("auto", "")], [("duplicate", "auto"), ("duplicate", "auto")]),
    ],
)
def test_dimensions_form_a_tree_whose_leaves_hold_the_kpis(nodes, expected):
    found = check_content(replace(content(), dimensions=tree(*nodes)))
    assert [(f.rule.removeprefix("framework."), f.key) for f in found] == expected


def test_a_cycle_above_a_dimension_is_told_of_its_members_and_what_hangs_below():
    nodes = tree(("a", "b"), ("b", "a"), ("auto", "a"))
    found = check_content(replace(content(), dimensions=nodes))
    assert {f.key for f in found if f.rule == "framework.cycle"} >= {"a", "b"}


def test_a_dimension_without_a_name_is_told():
    nameless = Dimension(dimension="auto")
    [finding] = check_content(replace(content(), dimensions=(nameless,)))
    assert (finding.rule, finding.column, finding.value) == ("framework.name", "name_de", None)
    english = replace(content(), dimensions=(Dimension(dimension="auto", name_en="cars"),))
    assert check_content(english) == ()


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        ({"rows": {}}, 2),
        ({"rows": {"kpis": [7]}}, 7),
        ({"rows": {"targets": [7]}}, 2),
    ],
)
def test_findings_know_where_they_stand(changes, row):
    given = replace(content(weight=-1), suffix="", **changes)
    [finding] = check_content(given)
    assert (finding.file, finding.row, finding.column) == ("kpis", row, "weight")
    assert (finding.key, finding.value) == ("K1", "-1.0")


def test_equal_rows_are_told_apart_by_their_place():
    given = replace(content(), kpis=(kpi(), kpi()))
    found = [f for f in check_content(given) if f.column == "id"]
    assert [f.row for f in found] == [2, 3]


@pytest.mark.parametrize(
    ("sheet", "rows", "columns"),
    [
        ("variables", [VARIABLES[0]] * 2, "variable is not unique"),
        (
            "mappings",
            [Mapping(kpi_id="K1", system="inkar", key="1", fit=fit) for fit in ("exact", "close")],
            "kpi_id, system, key is not unique",
        ),
        (
            "targets",
            [Target(kpi_id="K1", target_type="direction", source_status=s) for s in SOURCES],
            "kpi_id, scope, target_type, target_year is not unique",
        ),
    ],
)  # fmt: skip
def test_what_makes_a_row_unique_is_named(sheet, rows, columns):
    found = told(replace(content(**COUNT), **{sheet: tuple(rows)}))
    assert [text for rule, _, text in found if rule == "duplicate"] == [columns, columns]


def test_rows_that_differ_in_one_part_of_their_key_are_fine():
    same = {"target_type": "value", "value": 1, "source_status": "own"}
    rows = tuple(
        Target.model_validate({"kpi_id": "K1", "scope": scope, "target_year": year} | same)
        for scope in ("framework", "05315000")
        for year in (2030, None)
    )
    assert told(replace(content(), targets=rows)) == []


@pytest.mark.parametrize(
    ("facts", "german", "english"),
    [
        ({"dimension": "auot"}, "Gemeint: 'auto'?", "Did you mean 'auto'?"),
        (RATIO | {"numerator_expr": "pkw_bestnd"}, "Gemeint: 'pkw_bestand'?", "Did you mean"),
        (RATIO | {"numerator_expr": "a **"}, "Erlaubt sind Namen aus", "Allowed are names"),
        (RATIO | {"denominator_expr": ""}, "Ohne Formel ist der KPI 'direct'", "Without formula"),
    ],
)
def test_remedies_are_named_where_they_are_known(facts, german, english):
    known = (*VARIABLES, Variable(variable="pkw_bestand", label_de="Pkw"))
    found = check_content(replace(content(**facts), variables=known))
    [error] = [f for f in found if f.severity == "error"]
    assert error.hint is not None
    assert error.hint.de.startswith(german)
    assert error.hint.en.startswith(english)


@pytest.mark.parametrize(
    ("given", "rule", "severity"),
    [
        (content(name_en="cars"), "status", "warning"),
        (content(**COUNT, **HIGHER), "never_scored", "info"),
        (replace(content(), variables=VARIABLES[:1]), "unused_variable", "warning"),
        (replace(content(), dimensions=(NODE, SPARE)), "unused_dimension", "warning"),
        (content(weight=-1), "weight", "error"),
    ],
)  # fmt: skip
def test_remarks_do_not_keep_a_framework_from_being_used(given, rule, severity):
    [finding] = check_content(given)
    assert (finding.rule, finding.severity) == (f"framework.{rule}", severity)
    assert finding.text.de != finding.text.en
    parts = {name: getattr(given, name) for name in ("kpis", "variables", "dimensions")}
    if severity != "error":
        assert len(Framework(info=INFO, **parts)) == 1
        return
    with pytest.raises(FrameworkError, match=r"'plan' is not consistent \(1 problems\)") as caught:
        Framework(info=INFO, **parts)
    assert caught.value.findings == (finding,)


def plan(*kpis: Kpi, **parts: object) -> Framework:
    nodes = (
        Dimension(dimension="v", name_de="Verkehr", name_en="transport"),
        Dimension(dimension="auto", parent="v", name_de="Auto"),
        Dimension(dimension="rad", name_en="bicycle"),
    )
    return Framework(info=INFO, kpis=kpis, dimensions=nodes, **parts)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def mixed() -> Framework:
    kpis = [
        kpi(**RATIO, **HIGHER | {"polarity_source": "official"}),
        kpi(id="K2", code="2", **HIGHER),
        kpi(id="K3", code="K1", dimension="rad"),
        kpi(id="K4", code="4", **COUNT, **HIGHER),
        kpi(id="K5", code="5", **VECTOR, **HIGHER),
        kpi(id="K6", code="6", **AIM),
        kpi(id="K7", code="7", **AIM),
    ]
    targets = (
        Target(kpi_id="K6", target_type="value", value=1, source_status="own"),
        Target(kpi_id="K7", target_type="value", value=1, source_status="official", source="B"),
        Target(kpi_id="K6", target_type="bands", bands="x", source_status="official", source="B"),
    )
    mappings = (
        Mapping(kpi_id="K2", system="inkar", key="2", fit="close"),
        Mapping(kpi_id="K2", system="wegweiser", key="w", fit="close"),
        Mapping(kpi_id="K2", system="inkar", key="1", fit="exact"),
        Mapping(kpi_id="K3", system="inkar", fit="none"),
    )
    return plan(*kpis, variables=VARIABLES, targets=targets, mappings=mappings)


def test_targets_and_mappings_are_found_in_the_order_of_their_sheets(mixed):
    assert [item.target_type for item in mixed.targets_of("6")] == ["value", "bands"]
    assert mixed.targets_of("K2") == ()
    assert [item.key for item in mixed.mappings_of("2", "inkar")] == ["2", "1"]
    assert [item.key for item in mixed.mappings_of("K2", "wegweiser")] == ["w"]
    assert mixed.mappings_of("K2", "u4ssc") == ()
    for lookup in (mixed.targets_of, mixed.path, lambda key: mixed.mappings_of(key, "inkar")):
        with pytest.raises(UnknownCodeError, match="the framework 'plan'"):
            lookup("K9")


def test_an_id_goes_before_the_code_of_another_kpi(mixed):
    assert mixed["K1"].code == "1"
    assert "K1" in mixed
    assert "4" in mixed
    assert "8" not in mixed
    assert [item.id for item in mixed] == [f"K{n}" for n in range(1, 8)]


def test_the_path_leads_from_the_top_down(mixed):
    assert [node.dimension for node in mixed.path("K1")] == ["v", "auto"]
    assert [node.dimension for node in mixed.path("K3")] == ["rad"]


@pytest.mark.parametrize(
    ("lang", "names"), [("de", ["Verkehr", "bicycle"]), ("en", ["transport", "bicycle"])]
)
def test_the_summary_counts_by_top_dimension(mixed, lang, names):
    summary = mixed.summary(lang)
    assert summary["name"].tolist() == names
    assert summary["dimension"].tolist() == ["v", "rad"]
    assert summary["kpis"].tolist() == [6, 1]
    assert summary["with_formula"].tolist() == [2, 0]
    assert summary["official_polarity"].tolist() == [3, 0]
    assert summary["mapped_inkar"].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("id", "decision"),
    [
        ("K1", "official"),
        ("K2", "not_official"),
        ("K3", "no_polarity"),
        ("K4", "absolute_count"),
        ("K5", "several_parts"),
        ("K6", "target_not_sourced"),
        ("K7", "official"),
    ],
)
def test_each_kpi_has_one_decision_and_only_open_ones_can_be_accepted(mixed, id, decision):
    row = polarity_decisions(mixed).set_index("kpi").loc[id]
    assert (row["decision"], row["scored"]) == (decision, decision == "official")
    assert row["accepted_by"] is None
    german, english = (polarity_decisions(mixed, lang=x).set_index("kpi") for x in ("de", "en"))
    assert german.loc[id, "text"] != english.loc[id, "text"]
    who = {id: Acceptance(name="A. Muster", reason="Beirat")}
    if decision == "not_official":
        accepted = polarity_decisions(mixed, who).set_index("kpi")
        assert accepted.loc[id, ["decision", "accepted_by", "acceptance_reason"]].tolist() == [
            "accepted", "A. Muster", "Beirat",
        ]  # fmt: skip
        assert accepted["scored"].sum() == 3
        return
    with pytest.raises(FrameworkError, match=f"can have no effect on: {id}"):
        polarity_decisions(mixed, who)


@pytest.mark.parametrize("facts", [{"name": "", "reason": "x"}, {"name": "x", "reason": " "}])
def test_nobody_accepts_without_name_and_reason(facts):
    with pytest.raises(pydantic.ValidationError):
        Acceptance(**facts)


def test_title_edition_and_source_are_those_of_the_description(mixed):
    assert (mixed.id, mixed.edition, mixed.title.get("en")) == ("plan", "1", "Plan")
    [source] = mixed.provenance.sources()
    assert (source.publisher, source.title, source.licence) == ("P", "S", "L")
    assert mixed.provenance.operation == "load_framework"
    assert mixed.fingerprint == mixed.provenance.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"info": INFO.model_copy(update={"edition": "2"})},
        {"info": INFO.model_copy(update={"note": "anders"})},
        {"targets": ()},
        {"mappings": ()},
        {"variables": tuple(v.model_copy(update={"unit": "t"}) for v in VARIABLES)},
    ],
)
def test_every_change_makes_another_framework(mixed, change):
    kpis = tuple(k.model_copy(update={"polarity": "none"}) for k in mixed)
    plain = replace(mixed, kpis=kpis)
    assert replace(plain, **change).fingerprint != plain.fingerprint


def test_a_framework_can_not_be_changed(mixed):
    with pytest.raises(FrozenInstanceError):
        mixed.kpis = ()
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        mixed["K1"].unit = "t"


@pytest.mark.parametrize(
    ("facts", "formula"),
    [
        ({}, ""),
        (COUNT, "(a) * 1"),
        (COUNT | {"multiplier": 0.001}, "(a) * 0.001"),
        (RATIO | {"multiplier": 100}, "(a) / (b) * 100"),
        (RATIO | {"numerator_expr": "a + b"}, "(a + b) / (b) * 1"),
    ],
)
def test_the_whole_formula_is_shown(facts, formula):
    assert kpi(**facts).formula == formula


@pytest.mark.parametrize(
    ("german", "english", "lang", "shown"),
    [
        ("Pkw", "cars", "de", "Pkw"),
        ("Pkw", "cars", "en", "cars"),
        ("", "cars", "de", "cars"),
        ("Pkw", "", "en", "Pkw"),
    ],
)
def test_names_are_shown_in_the_other_language_rather_than_not_at_all(german, english, lang, shown):
    assert kpi(name_de=german, name_en=english).name(lang) == shown


@pytest.mark.parametrize(
    ("model", "facts", "said"),
    [
        (Kpi, KPI | {"multiplier": 0}, "greater than 0"),
        (Kpi, KPI | {"multiplier": float("inf")}, "finite"),
        (Kpi, KPI | {"limit_max": float("nan")}, "finite"),
        (Kpi, KPI | {"decimals": 7}, "less than or equal to 6"),
        (Kpi, KPI | {"decimals": -1}, "greater than or equal to 0"),
        (Kpi, KPI | {"id": " "}, "at least 1 character"),
        (Variable, {"variable": "sum", "label_de": "x"}, "neither 'lag' nor 'sum'"),
        (Variable, {"variable": "1a", "label_de": "x"}, "begin with a letter"),
        (Variable, {"variable": "a", "label_de": ""}, "at least 1 character"),
        (Mapping, {"kpi_id": "x", "system": "inkar", "fit": "exact", "scale": 0}, "greater than 0"),
        (Mapping, {"kpi_id": "x", "system": "excel", "fit": "exact"}, "Input should be 'inkar'"),
        (Mapping, {"kpi_id": "x", "system": "own", "fit": "none", "years": "2016"}, "kreis:2016"),
        (Info, INFO.model_dump() | {"id": "Mein Plan"}, "pattern"),
        (Info, INFO.model_dump() | {"licence": ""}, "at least 1 character"),
    ],
)  # fmt: skip
def test_cells_that_no_sheet_may_hold_are_refused(model, facts, said):
    with pytest.raises(pydantic.ValidationError, match=said):
        model.model_validate(facts)


@pytest.mark.parametrize("cell", ["kreis:2016", "kreis:2016-2022", "land:1995-2022; kreis:2000"])
def test_years_are_written_level_by_level(cell):
    mapping = Mapping.model_validate(
        {"kpi_id": "x", "system": "own", "fit": "exact", "years": cell}
    )
    assert mapping.years == tuple(part.strip() for part in cell.split(";"))


def test_findings_of_checks_are_values():
    [finding] = check_content(content(weight=-1))
    assert isinstance(finding, Finding)
    assert check_content(content(weight=-1)) == (finding,)
