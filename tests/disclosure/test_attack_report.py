"""The Befragungsbericht as shipped, attacked with a solver from what it prints."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from .attacker import Cell, Question, cells_of

UNTIL = "protected = bf.protect"


@dataclass(frozen=True)
class Published:
    """What everybody knows: printed tables, the register and who answered."""

    made: dict[str, Any]
    projects: Any
    towns: Any

    def question(self, tables, survey, column, question=""):
        """All that is printed of a question; the attacker even knows who answered it."""
        cells = [c for name in tables for c in self.cells(name) if c.question in ("", question)]
        known = survey.design.variables
        names = [name for name in known if known[name].dtype != "float64"]
        answered = survey.answered(column)
        return Question(
            [Cell(question, c.answer, c.group, c.text) for c in cells],
            known.loc[answered, names],
            survey.design.sample.weights[answered],
        )

    def cells(self, name):
        table, _, part = name.partition(":")
        result = self.made[table].part(part) if part else self.made[table]
        return cells_of(result.display("de"))


def test_the_attacker_recovers_what_a_total_gives_back():
    register = pd.DataFrame({"land": ["A"] * 6 + ["B"] * 6})
    shown = [("ja", "Insgesamt", "5 von 12"), ("nein", "Insgesamt", "7 von 12"), ("ja", "B", ".")]
    shown += [("nein", "B", "."), ("nein", "A", ".")]
    asked = [Cell("", *cell) for cell in [*shown, ("ja", "A", ".")]]
    assert Question(asked, register, np.ones(12)).recovered() == []
    told = [Cell("", *cell) for cell in [*shown, ("ja", "A", "2 von 6")]]
    assert {c.group for c in Question(told, register, np.ones(12)).recovered()} == {"A", "B"}


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
    question = published.question(
        ["band_k:hemmnis", "land"], published.towns, "hemmnis_1", "Rang 1"
    )
    assert len(question.cells) >= 4 * 5  # three city states, and Saarland beside them
    assert question.recovered() == []


def test_no_hidden_cell_of_the_projects_is_recovered(published):
    cells = published.cells("band_p:erfolg")
    hidden = {cell.question for cell in cells if cell.hidden}
    assert hidden
    for rank in hidden:
        column = f"erfolg_{rank[-1]}"
        question = published.question(["band_p:erfolg"], published.projects, column, rank)
        assert question.recovered() == []


@pytest.mark.parametrize("item", ["stand", "verstetigung", "begleitung"])
def test_no_answer_of_a_project_that_is_alone_in_its_group_is_certain(published, item):
    question = published.question([f"band_p:{item}"], published.projects, item)
    assert (question.sizes == 1).any()
    assert question.certain() == []
