"""Damaged copies of real files: refused with our own errors, or read without invented numbers."""

import importlib.util
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_PATH = Path(__file__).parents[2] / "benchmarks/fuzz_loaders.py"
_SPEC = importlib.util.spec_from_file_location("fuzz_loaders", _PATH)
fuzz = importlib.util.module_from_spec(_SPEC)
sys.modules["fuzz_loaders"] = fuzz  # dataclasses look their module up
_SPEC.loader.exec_module(fuzz)

share = st.floats(0, 1, exclude_max=True)
damages = st.lists(
    st.builds(
        fuzz.Damage,
        what=st.sampled_from(fuzz.OPERATIONS),
        row=share,
        place=share,
        text=st.sampled_from(fuzz.CELLS),
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module", params=fuzz.SAMPLES, ids=lambda item: item.name)
def sample(request, shared):
    return request.param.text(shared)


def test_a_whole_copy_is_read(sample, tmp_path):
    assert fuzz.judge(sample.encode("utf-8"), tmp_path) == "read"


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=damages)
def test_a_damaged_copy_gives_no_crash_and_no_invented_number(sample, tmp_path, done):
    fuzz.judge(fuzz.damaged(sample, done), tmp_path)


def test_an_invented_number_would_be_found(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(fuzz.LONG, "utf-8")
    table = fuzz.read_indicators(path)
    with pytest.raises(AssertionError):
        fuzz.check(table, fuzz.LONG.replace(";08421;N;2016;1,6", ";08421;N;2016;1,7").encode())
