"""Convert a long INKAR CSV side by side with plain CSV -> Parquet of the engine and of others.

    python benchmarks/make_inkar_long.py FILE --percent 10
    python benchmarks/compare_convert.py FILE [--engines ours arrow duckdb polars]

Each conversion runs in a process of its own, which tells its peak memory; then one indicator of all
municipalities and years is read back. DuckDB and Polars are no dependencies: they are measured
where they are installed (``--python`` names an interpreter that has them).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

OURS = """
from begleitforschung.loaders import convert_inkar
convert_inkar(source, target)
"""
ARROW = """
import pyarrow as pa, pyarrow.csv as c, pyarrow.parquet as pq
types = {"Kennziffer": pa.string(), "Wert": pa.float64()}
reader = c.open_csv(source, c.ReadOptions(block_size=8 << 20), c.ParseOptions(delimiter=";"),
                    c.ConvertOptions(decimal_point=",", column_types=types))
with pq.ParquetWriter(target, reader.schema, compression="zstd") as writer:
    for batch in reader:
        writer.write_batch(batch)
"""
DUCKDB = """
import duckdb
duckdb.sql("SET memory_limit='1200MB'; SET preserve_insertion_order=false")
types = "{'Kennziffer': 'VARCHAR', 'Wert': 'DOUBLE'}"
duckdb.sql(f"COPY (FROM read_csv('{source}', delim=';', decimal_separator=',', types={types})) "
           f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
"""
POLARS = """
import polars as pl
types = {"Kennziffer": pl.String, "Wert": pl.Float64}
pl.scan_csv(source, separator=";", decimal_comma=True, schema_overrides=types).sink_parquet(
    target, compression="zstd")
"""
READ = """
from begleitforschung.loaders import read_converted
read_converted(source, indicators="12", level="kreis")  # imports are no part of the time
start, cpu = time.perf_counter(), time.process_time()
rows = len(read_converted(source, indicators="100", level="gemeinde"))
"""
FRAME = """
import resource, sys, time
source, target, rows = sys.argv[1], sys.argv[2], 0
start, cpu = time.perf_counter(), time.process_time()
{}
wall, cpu = time.perf_counter() - start, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{{wall:8.2f}} s  {{cpu:8.2f}} s CPU  {{peak:6.0f}} MB  {{rows or ''}}")
"""
ENGINES = {"ours": OURS, "arrow": ARROW, "duckdb": DUCKDB, "polars": POLARS}


def run(python: str, code: str, source: Path, target: Path) -> str:
    """Run one piece of code in a process of its own."""
    done = subprocess.run(
        [python, "-c", FRAME.format(code), str(source), str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.rstrip() or done.stderr.strip().rpartition("\n")[2]


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=list(ENGINES))
    parser.add_argument("--python", default=sys.executable)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.file.parent) as folder:
        for name in given.engines:
            python = given.python if name in ("duckdb", "polars") else sys.executable
            target = Path(folder) / name
            print(f"{name:8}", run(python, ENGINES[name], given.file, target), flush=True)
            if name == "ours":
                print("read    ", run(sys.executable, READ, target, target), flush=True)


if __name__ == "__main__":
    main()
