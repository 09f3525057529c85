"""The public names: all there, imported when first used, and nothing else on the surface."""

from __future__ import annotations

import subprocess
import sys

import pytest

import begleitforschung as bf
from begleitforschung import regions


def run(*words: str) -> str:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("package", [bf, regions], ids=lambda package: package.__name__)
def test_every_public_name_can_be_imported_and_is_documented(package):
    assert len(set(package.__all__)) == len(package.__all__)
    for name in package.__all__:
        value = getattr(package, name)
        assert not isinstance(value, type(run) | type) or value.__doc__, name


def test_public_names_are_offered_for_completion():
    assert set(bf.__all__) <= set(dir(bf))


@pytest.mark.parametrize(
    ("package", "name"),
    [(bf, "read_indicator"), (bf, "pandas"), (regions, "resolv"), (regions, "keys_of")],
)
def test_other_names_are_refused_like_those_of_any_module(package, name):
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no.*'{name}'"):
        getattr(package, name)


def test_a_name_is_the_object_of_its_room():
    from begleitforschung.errors import UnknownCodeError
    from begleitforschung.frameworks import load_framework
    from begleitforschung.regions import programme

    assert bf.UnknownCodeError is UnknownCodeError
    assert bf.load_framework is load_framework
    assert bf.programme is programme
    assert bf.regions.level_of("05315") == "kreis"


def test_importing_is_quick_and_keys_are_checked_without_pandas():
    code = (
        "import sys, begleitforschung as bf; bf.regions.level_of('05315'); "
        "print([name for name in ('pandas', 'numpy', 'matplotlib') if name in sys.modules])"
    )
    assert run("-c", code) == "[]"


def test_the_package_runs_as_a_module():
    assert run("-m", "begleitforschung", "--version").endswith(bf.__version__)
