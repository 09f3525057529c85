"""Fixtures that all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# A slow or busy machine is no reason for a test to fail; the examples are the same everywhere.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repo() -> Path:
    """Root of the checkout, which is itself the example project."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared(repo: Path) -> Path:
    """Folder with the publishers' raw files, which are not committed."""
    folder = repo.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder '../shared' with the publishers' raw files is not there")
    return folder
