"""The Befragungsbericht as shipped, attacked with a solver from what it prints."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

from .attacker import Attack, Cell, cells_of

UNTIL = "protected = bf.protect"


@dataclass(frozen=True)
class Published:
    """What everybody knows: printed tables, the register and who answered."""

    made: dict[str, Any]
    projects: Any
    towns: Any

    def attack(self, survey, tables, columns):
        """Read all tables about columns, whose names in print are given."""
        known = survey.design.variables
        names = [name for name in known if known[name].dtype != "float64"]
        found = Attack(known[names], survey.design.sample.weights)
        cells = [cell for table in tables for cell in self.cells(table)]
        for column, printed in columns.items():
            own = [c for c in cells if c.question in ("", printed)]
            named = [Cell(printed, c.answer, c.group, c.text) for c in own]
            found.read(named, survey.answered(column))
        return found

    def cells(self, name):
        table, _, part = name.partition(":")
        result = self.made[table].part(part) if part else self.made[table]
        return cells_of(result.display("de"))


def test_the_attacker_recovers_what_a_total_gives_back():
    register = pd.DataFrame({"land": ["A"] * 6 + ["B"] * 6})
    shown = [("ja", "Insgesamt", "5 von 12"), ("nein", "Insgesamt", "7 von 12"), ("ja", "B", ".")]
    shown += [("nein", "B", "."), ("nein", "A", ".")]
    asked = [Cell("", *cell) for cell in [*shown, ("ja", "A", ".")]]
    assert Attack(register).read(asked).recovered() == []
    told = [Cell("", *cell) for cell in [*shown, ("ja", "A", "2 von 6")]]
    assert {c.group for c in Attack(register).read(told).recovered()} == {"A", "B"}


@pytest.fixture(scope="module")
def published(repo):
    """The notebook's own code up to the protected results; of the surveys, only the register."""
    path = repo / "notebooks" / "reports" / "befragung.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
            if UNTIL in "".join(cell["source"]):
                break
            if "project" in names and "plan" not in names:
                names["project"] = str(repo / "projekt.toml")
    return Published(names["made"], names["projekte"], names["kommunen"])


def test_no_hidden_cell_of_the_laender_is_recovered(published):
    tables = ["band_k:hemmnis", "land"]
    found = published.attack(published.towns, tables, {"hemmnis_1": "Rang 1"})
    assert len(found.hidden) >= 4 * 5  # three city states, and Saarland beside them
    assert found.recovered() == []


def test_no_hidden_cell_of_the_projects_is_recovered(published):
    """Ranks exclude each other: how often an option is second limits how often it is first."""
    ranks = {f"erfolg_{rank}": f"Rang {rank}" for rank in (1, 2, 3)}
    found = published.attack(published.projects, ["band_p:erfolg"], ranks).exclude()
    assert found.recovered() == []
    assert found.certain() == []


@pytest.mark.parametrize("item", ["stand", "verstetigung", "begleitung"])
def test_no_answer_of_a_project_that_is_alone_in_its_group_is_certain(published, item):
    found = published.attack(published.projects, [f"band_p:{item}"], {item: ""})
    assert (found.sizes[""] == 1).any()
    assert found.certain() == []
