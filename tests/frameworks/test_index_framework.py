"""The specification of an index from a KPI framework."""

from __future__ import annotations

import pytest

from begleitforschung.errors import FrameworkError, SpecificationError, UnknownCodeError
from begleitforschung.frameworks import (
    Acceptance,
    Dimension,
    Framework,
    IndexSpec,
    Info,
    Kpi,
    Method,
    Step,
    Target,
    load_framework,
    polarity_decisions,
)

INFO = Info(
    id="klein",
    edition="1",
    title_de="Kleiner Katalog",
    title_en="Small catalogue",
    publisher="Amt",
    source="Bericht",
    licence="CC0",
)


def kpi(number: int, **changes: object) -> Kpi:
    given = {
        "id": f"K-{number}",
        "code": str(number),
        "name_de": f"Anteil {number}",
        "name_de_status": "own",
        "dimension": "a1",
        "formula_type": "direct",
        "formula_status": "empty",
        "polarity": "higher",
        "polarity_source": "official",
    }
    return Kpi(**(given | changes))


def framework(*kpis: Kpi, **changes: object) -> Framework:
    dimensions = (
        Dimension(dimension="a", name_de="Oben", name_en="Top", weight=2),
        Dimension(dimension="a1", parent="a", name_de="Unten"),
        Dimension(dimension="b", name_de="Daneben", weight=1),
    )
    return Framework(info=INFO, kpis=kpis, dimensions=dimensions, **changes)  # type: ignore[arg-type]


def test_dimensions_become_nodes_and_kpis_indicators():
    spec = IndexSpec.of_framework(
        framework(kpi(1), kpi(2, polarity="lower"), kpi(3, dimension="b"))
    )
    assert [(node.id, node.parent, node.weight) for node in spec.nodes] == [
        ("klein", "", 1.0),
        ("dim:a", "klein", 2.0),
        ("dim:a1", "dim:a", 1.0),
        ("dim:b", "klein", 1.0),
    ]
    assert [(item.id, item.parent, item.direction) for item in spec.indicators] == [
        ("K-1", "dim:a1", "higher"),
        ("K-2", "dim:a1", "lower"),
        ("K-3", "dim:b", "higher"),
    ]
    assert spec.title.get("en") == "Small catalogue"
    assert spec.element("dim:a").title.get("en") == "Top"
    assert spec.findings == ()


def test_only_official_polarities_are_scored_unless_somebody_accepts():
    catalogue = framework(kpi(1), kpi(2, polarity_source="own"), kpi(3, polarity="none"))
    spec = IndexSpec.of_framework(catalogue)
    assert [item.id for item in spec.indicators] == ["K-1"]
    assert [(item.rule, item.key) for item in spec.findings] == [
        ("index.not_scored", "K-2"),
        ("index.not_scored", "K-3"),
    ]
    accepted = {"2": Acceptance(name="A. Muster", reason="Ziel der Stadt")}
    more = IndexSpec.of_framework(catalogue, accept_polarity=accepted)
    assert [item.id for item in more.indicators] == ["K-1", "K-2"]
    assert more.element("K-2").note.de == "Polarität angenommen von A. Muster: Ziel der Stadt"
    with pytest.raises(FrameworkError, match="no effect"):
        IndexSpec.of_framework(catalogue, accept_polarity={"1": accepted["2"]})


def test_a_kpi_with_a_best_value_has_no_direction():
    aimed = Target(
        kpi_id="K-2", target_type="value", value=5, source="Gesetz", source_status="official"
    )
    catalogue = framework(kpi(1), kpi(2, polarity="target"), targets=(aimed,))
    spec = IndexSpec.of_framework(catalogue)
    assert [item.id for item in spec.indicators] == ["K-1"]
    assert "es gibt keine Richtung" in spec.findings[0].text.de


def test_normalisations_goalposts_and_targets_are_taken_over():
    aimed = Target(
        kpi_id="K-2", target_type="value", value=5, source="Gesetz", source_status="official"
    )
    catalogue = framework(
        kpi(1, normalisation="goalpost", goalpost_min=0, goalpost_max=50, weight=1),
        kpi(2, normalisation="target", weight=3),
        kpi(3, normalisation="log", dimension="b"),
        targets=(aimed,),
    )
    spec = IndexSpec.of_framework(catalogue)
    first, second, third = spec.indicators
    assert (first.normalise, first.goalposts) == (Method("goalposts"), (0, 50))
    assert (second.normalise, second.target, second.weight) == (Method("dist2targ"), 5, 3)
    assert third.treat == Method("log", always=True)
    assert spec.stages == ("treat", "normalise", "aggregate")
    assert spec.step("treat").chosen == Method("none")


def test_a_choice_of_kpis_and_other_steps():
    catalogue = framework(kpi(1), kpi(2), kpi(3, dimension="b"))
    steps = (Step("normalise", "rank"), Step("aggregate", "minimum"))
    spec = IndexSpec.of_framework(
        catalogue, kpis=["3", "K-1"], id="wahl", title="Auswahl", steps=steps, years="pooled"
    )
    assert [item.id for item in spec.indicators] == ["K-3", "K-1"]
    assert (spec.root, spec.title.de, spec.years, spec.steps) == (
        "wahl",
        "Auswahl",
        "pooled",
        steps,
    )
    with pytest.raises(UnknownCodeError, match="K-9"):
        IndexSpec.of_framework(catalogue, kpis=["K-9"])


def test_nothing_that_may_be_scored():
    with pytest.raises(SpecificationError, match=r"no KPI .* may be scored") as caught:
        IndexSpec.of_framework(framework(kpi(1, polarity_source="derived")))
    assert caught.value.findings[0].key == "K-1"


@pytest.mark.parametrize("name", ["sdg_kommunen"])
def test_packaged_frameworks(name, tmp_path):
    catalogue = load_framework(name)
    spec = IndexSpec.of_framework(catalogue)
    scored = polarity_decisions(catalogue).query("scored")["kpi"]
    aimed = {item.id for item in catalogue if item.polarity == "target"}
    assert {item.id for item in spec.indicators} == set(scored) - aimed
    assert len(spec.indicators) + len(spec.findings) == len(catalogue)
    assert spec.tree.effective()[: len(spec.indicators)].sum() == pytest.approx(1)
    assert spec.to_yaml(tmp_path / "index.yaml")
