"""The code blocks of the documentation run, page by page, in a fresh example project."""

import re
import shutil

import pytest

from begleitforschung.example import copy_example

BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
PAGES = [
    "README.md",
    "docs/reference/data-model.md",
    "docs/reference/formats.md",
    "docs/tutorials/first-report.md",
    "docs/tutorials/first-survey.md",
    "docs/how-to/validate.md",
    "docs/how-to/open-answers.md",
    "docs/how-to/survey-compare.md",
    "docs/how-to/survey-scales.md",
    "docs/how-to/survey-weights.md",
    "docs/how-to/compare.md",
    "docs/how-to/harmonise.md",
    "docs/how-to/own-framework.md",
    "docs/how-to/index-build.md",
    "docs/how-to/index-analyse.md",
    "docs/how-to/index-uncertainty.md",
    "docs/how-to/index-present.md",
    "docs/explanation/disclosure.md",
]


@pytest.fixture(scope="module")
def example_project(tmp_path_factory):
    return copy_example(tmp_path_factory.mktemp("Beispiel Übung") / "projekt")


@pytest.mark.parametrize("page", PAGES)
def test_code_of_the_page_runs(page, repo, example_project, tmp_path, monkeypatch):
    project = tmp_path / "projekt"
    shutil.copytree(example_project, project)
    monkeypatch.chdir(project)
    blocks = BLOCK.findall((repo / page).read_text(encoding="utf-8"))
    assert blocks, f"{page} shows no code"
    namespace = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, page, "exec"), namespace)


def test_every_link_of_the_documentation_leads_somewhere(repo):
    broken = []
    for page in [repo / "README.md", *(repo / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(repo)} -> {target}")
    assert broken == []


def anchors(page) -> set[str]:
    """Return the anchors of the headings of a page, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.strip().lower()).replace(" ", "-") for head in heads}


def test_every_link_to_a_heading_finds_it(repo):
    broken = []
    for page in [repo / "README.md", *(repo / "docs").rglob("*.md")]:
        for target, anchor in re.findall(
            r"\]\(([^)#:]*\.md)#([^)]+)\)", page.read_text(encoding="utf-8")
        ):
            if anchor not in anchors(page.parent / target):
                broken.append(f"{page.relative_to(repo)} -> {target}#{anchor}")
    assert broken == []
