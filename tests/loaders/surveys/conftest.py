from __future__ import annotations

import importlib.util

import pytest

from begleitforschung.loaders.surveys import load_codebook


@pytest.fixture(scope="session")
def maker(repo):
    """The script that makes up the synthetic exports."""
    spec = importlib.util.spec_from_file_location(
        "survey_exports", repo / "scripts" / "survey_exports.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def exports(maker, tmp_path_factory):
    """Folder with the synthetic survey in every format."""
    folder = tmp_path_factory.mktemp("exports")
    maker.write_all(folder)
    return folder


@pytest.fixture(scope="session")
def questionnaire(exports):
    return load_codebook(exports / "limesurvey.lss")


@pytest.fixture(scope="session")
def rse(shared):
    return shared / "data" / "survey" / "limesurvey_rse2017"
