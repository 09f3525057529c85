"""The code of the page on surveys runs, on the synthetic exports."""

from __future__ import annotations

import re
import shutil

BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_code_of_the_page_runs(repo, exports, tmp_path, monkeypatch):
    shutil.copytree(exports, tmp_path / "befragung")
    monkeypatch.chdir(tmp_path / "befragung")
    text = (repo / "docs" / "how-to" / "read-a-survey.md").read_text(encoding="utf-8")
    namespace = {"__name__": "page"}
    for block in BLOCK.findall(text):
        exec(compile(block, "read-a-survey.md", "exec"), namespace)
    assert namespace["report"].corrected["applied"].tolist() == [True]


def test_the_codebook_of_the_reference_is_valid(repo, tmp_path):
    from begleitforschung.surveys import read_codebook

    text = (repo / "docs" / "reference" / "surveys.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    path = tmp_path / "codebook.yaml"
    path.write_text(block, encoding="utf-8")
    assert read_codebook(path).instrument.several == "latest"
