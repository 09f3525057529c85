"""The tutorials run in a fresh example project and are kept without outputs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from begleitforschung.errors import ReportError
from begleitforschung.example import copy_example
from begleitforschung.reports.execute import execute_notebook, read_notebook, with_parameters

TOLD = {
    "10_index_asem.ipynb": ("gleiche Ränge: 51 von 51", "0 gescheitert"),
    "20_index_kreise.ipynb": ("ohne Rang, weil zu klein", "Mittelvergabe"),
    "30_befragung_rse2017.ipynb": ("325 Antworten, 240 Spalten", "7 Spalten bleiben in der Datei"),
}
FIGURES = {
    "10_index_asem.ipynb": 5,
    "20_index_kreise.ipynb": 5,
    "30_befragung_rse2017.ipynb": 2,
}
# Tutorials on data that are not shipped are told where they lie; without them they are skipped.
ELSEWHERE = {"30_befragung_rse2017.ipynb": "data/survey/limesurvey_rse2017"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_example(tmp_path_factory.mktemp("Übung") / "projekt")


@pytest.fixture(scope="module", params=sorted(FIGURES))
def done(request: pytest.FixtureRequest, project: Path) -> tuple[str, list[Any]]:
    path = project / "notebooks" / "tutorials" / request.param
    notebook = read_notebook(path)
    if path.name in ELSEWHERE:
        shared = request.getfixturevalue("shared")
        with_parameters(notebook, {"ordner": shared / ELSEWHERE[path.name]})
    execute_notebook(notebook, name=path.name, folder=path.parent, time_limit=120)
    outputs = [item for cell in notebook.cells for item in cell.get("outputs", ())]
    return request.param, outputs


def test_every_tutorial_is_run_here(repo: Path):
    assert {path.name for path in (repo / "notebooks/tutorials").glob("*.ipynb")} == set(FIGURES)


def test_it_runs_through_in_its_own_folder_without_a_warning(done):
    _, outputs = done
    assert [item.get("text") for item in outputs if item.get("name") == "stderr"] == []


def test_figures_and_tables_are_shown(done):
    name, outputs = done
    shown = [kind for item in outputs for kind in item.get("data", ())]
    assert shown.count("image/png") == FIGURES[name]
    assert shown.count("text/html") >= (4 if name in ELSEWHERE else 6)


def test_it_tells_what_its_text_is_about(done):
    name, outputs = done
    told = "".join(item.get("text", "") for item in outputs)
    for words in TOLD[name]:
        assert words in told


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_it_is_kept_without_outputs_and_its_links_lead_somewhere(repo: Path, name: str):
    path = repo / "notebooks" / "tutorials" / name
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in cells)
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (path.parent / target).exists(), target


def test_a_tutorial_without_its_data_says_where_to_put_them(project):
    path = project / "notebooks" / "tutorials" / "30_befragung_rse2017.ipynb"
    notebook = read_notebook(path)
    with_parameters(notebook, {"ordner": "nirgends"})
    with pytest.raises(ReportError, match="liegt nicht in nirgends: Trage oben ihren Ordner ein"):
        execute_notebook(notebook, name=path.name, folder=path.parent, time_limit=60)
