"""Mutated files: a table that holds the schema, or one of our own errors; nothing else."""

import os
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from begleitforschung.errors import BegleitforschungError
from begleitforschung.loaders import read_indicators, sniff_layout

PANELS = "data/panels/"
TEXTS = {
    "data/breitband/Verf_Gemeinden_atene Mitte 18.csv": {},
    "data/breitband/gemeinde_bezirke_privat_2021_mitte.csv": {},
    "data/breitband/landkreis_privat_2021_1.csv": {},
    "data/sectors/Ladesaeulenregister.csv": {},
    "data/sectors/PKS_KR-F-01-T01-Kreise-Faelle-HZ_2022.csv": {},
    "data/sectors/Unfallorte2018_LinRef_sample.txt": {},
    PANELS + "btw17_strukturdaten.csv": {},
    PANELS + "btw21_strukturdaten.csv": {},
    PANELS + "zensus2022_gemeinde.csv": {},
    PANELS + "german_municipal_chatbots.csv": {},
    PANELS + "konstanz_in_zahlen/data/haushalt/haushalt.csv": {"unit": "08335043"},
    PANELS + "konstanz_in_zahlen/data/bevoelkerung/pyramiden/pyramide_1983.csv": {
        "unit": "08335043"
    },
}
BOOKS = {
    "data/breitband/2021_BBA_Kreisdaten.xls": {},
    "data/panels/Deutschlandatlas-Daten.xlsx": {"sheet": "Deutschlandatlas_KRS1220"},
}
LINES = 25
SLOW = settings(
    # A longer run: FUZZ_EXAMPLES=2000 pytest tests/loaders/test_fuzz_publishers.py
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "50")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

bits = st.sampled_from(
    [
        *(
            b"",
            b";",
            b",",
            b'"',
            b"\n",
            b"\r",
            b"\t",
            b"x",
            b"-",
            b".",
            b"\x00",
            b"\xff",
            b"(",
            b"/",
        ),
        *("é".encode(), b"'", b"1e400", b"nan", b"\n;;;\n", b"00000000", b"2018", b"99999999"),
    ]
)
cuts = st.tuples(st.floats(0, 1), st.integers(0, 40), bits)


def mutated(content, changes):
    for where, length, put in changes:
        at = int(where * len(content))
        content = content[:at] + put + content[at + length :]
    return content


def outcome(path, options):
    try:
        table = read_indicators(path, **options)
    except BegleitforschungError:
        return None
    values = table.data["value"].to_numpy()
    assert np.isfinite(values[~np.isnan(values)]).all()
    assert table.data["unit"].notna().all()
    assert not table.data.duplicated(["unit", "year", "indicator"]).any()
    return table


@pytest.fixture
def part(shared, tmp_path):
    """Return the beginning of a real file and where a changed copy of it is put."""

    def begin(file):
        source = shared / file
        schema = source.with_suffix(".md")
        if schema.is_file():
            (tmp_path / schema.name).write_bytes(schema.read_bytes())
        lines = source.read_bytes().splitlines(keepends=True)[:LINES]
        return b"".join(lines), tmp_path / source.name

    return begin


@pytest.mark.parametrize("file", TEXTS)
def test_the_beginning_of_each_file_is_read_as_it_is(part, file):
    content, path = part(file)
    path.write_bytes(content)
    assert len(outcome(path, TEXTS[file]))


@pytest.mark.parametrize("file", TEXTS)
@SLOW
@given(changes=st.lists(cuts, min_size=1, max_size=4))
def test_mutated_texts(part, file, changes):
    content, path = part(file)
    path.write_bytes(mutated(content, changes))
    outcome(path, TEXTS[file])


@pytest.mark.parametrize("file", TEXTS)
@SLOW
@given(changes=st.lists(cuts, min_size=1, max_size=4))
def test_mutated_texts_are_sniffed(part, file, changes):
    content, path = part(file)
    path.write_bytes(mutated(content, changes))
    with suppress(BegleitforschungError):
        assert "indicators:" in sniff_layout(path)


@pytest.mark.parametrize("file", BOOKS)
@SLOW
@given(changes=st.lists(cuts, min_size=1, max_size=3))
def test_mutated_workbooks(shared, tmp_path, file, changes):
    path = tmp_path / (shared / file).name
    path.write_bytes(mutated((shared / file).read_bytes(), changes))
    outcome(path, BOOKS[file])


@pytest.mark.parametrize("file", TEXTS)
@SLOW
@given(where=st.integers(1, 10**6), drop=st.booleans())
def test_no_number_comes_from_a_row_with_a_cell_too_few_or_too_many(part, file, where, drop):
    content, path = part(file)
    lines = content.splitlines(keepends=True)
    at = len(lines) - 1 - where % 2
    sign = b"," if b";" not in lines[-2] else b";"
    line = lines[at].rstrip(b"\r\n")
    lines[at] = (line.rpartition(sign)[0] if drop else line + sign) + b"\n"
    path.write_bytes(b"".join(lines))
    assert outcome(path, TEXTS[file]) is None
