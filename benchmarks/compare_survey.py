"""Times surveys side by side with the package survey for R and svy for Python, in turns.

``python benchmarks/compare_survey.py --svy PYTHON`` needs Rscript with the package survey, and the
interpreter of an environment with svy. Every run is a process of its own that reads the same data
from a file (not timed) and reports the best of some rounds: wall clock, CPU, and peak memory of the
whole process. The data are made up from a fixed seed. Linux only.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve()
JOBS = (
    ("domains", 5_000),
    ("domains", 200_000),
    ("bootstrap", 5_000),
    ("raking", 200_000),
)
MEMORY = (50_000, 100_000, 200_000)
CLASSES = (16, 8, 5, 4, 12)


def write_data(job: str, n: int, path: Path) -> None:
    """Write the data of a job: 40 strata, 50 variables and 20 domains, or five margins."""
    rng = np.random.default_rng(7)
    if job == "raking":
        margins = [rng.integers(0, k, n) for k in CLASSES]
        truth = rng.lognormal(0, 0.3, n)
        for codes, k in zip(margins, CLASSES, strict=True):
            truth *= rng.uniform(0.6, 1.6, k)[codes]
        columns = {"w": np.ones(n), "truth": truth}
        columns |= {f"m{at}": codes for at, codes in enumerate(margins, 1)}
        columns |= {f"y{at}": np.zeros(n) for at in range(1, 2)}
    else:
        stratum = np.sort(rng.integers(0, 40, n))
        sampled = np.bincount(stratum, minlength=40)
        population = np.round(sampled * rng.uniform(1.5, 12, 40))
        shares = (rng.random((n, 25)) < 0.3).astype(float)
        amounts = np.round(rng.lognormal(1, 0.7, (n, 25)), 4)
        columns = {
            "stratum": stratum,
            "population": population[stratum],
            "w": (population / sampled)[stratum],
            "domain": rng.integers(0, 20, n),
        }
        columns |= {f"y{at}": values for at, values in enumerate([*shares.T, *amounts.T], 1)}
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(columns)
        np.savetxt(file, np.column_stack(list(columns.values())), delimiter=",", fmt="%.12g")


def ours(job: str, path: Path):
    """Return the call that is timed, with this package."""
    from begleitforschung.stats import sampling

    with path.open(encoding="utf-8") as file:
        names = file.readline().strip().split(",")
        table = np.loadtxt(file, delimiter=",")
    data = dict(zip(names, table.T, strict=True))
    if job == "raking":
        margins = [data[f"m{at}"].astype(int) for at in range(1, 6)]
        totals = [np.bincount(codes, data["truth"]) for codes in margins]
        drawn = sampling.sampling_design(data["w"])
        return lambda: sampling.rake(drawn, margins, totals)
    y = np.column_stack([data[f"y{at}"] for at in range(1, 51)])
    del table

    def designed(*, fpc: bool):
        return sampling.sampling_design(
            data["w"], strata=[data["stratum"]], population=[data["population"]] if fpc else []
        )

    if job == "domains":
        domain = data["domain"].astype(int)
        return lambda: sampling.domain_means(y, domain, 20, designed(fpc=True))
    return lambda: sampling.means(y, sampling.bootstrap(designed(fpc=False), 500, 1))


def svy_call(job: str, path: Path):
    """Return the call that is timed, with svy."""
    import polars as pl
    import svy

    data = pl.read_csv(path)
    ys = [f"y{at}" for at in range(1, 51)]
    if job == "raking":
        names = [f"m{at}" for at in range(1, 6)]
        data = data.with_columns([pl.col(name).cast(pl.Int64) for name in names])
        controls = {
            name: dict(data.group_by(name).agg(pl.col("truth").sum()).iter_rows()) for name in names
        }
        sample = svy.Sample(data, svy.Design(wgt="w"))
        return lambda: sample.weighting.rake(controls=controls, tol=1e-10, max_iter=2000)
    if job == "domains":
        design = svy.Design(stratum="stratum", wgt="w", pop_size="population")
        return lambda: svy.Sample(data, design).estimation.mean(ys, by="domain")
    rows = data.with_row_index("row")
    design = svy.Design(stratum="stratum", psu="row", wgt="w")

    def run():
        made = svy.Sample(rows, design).weighting.create_bs_wgts(n_reps=500, rstate=1)
        return made.estimation.mean(ys, method="replication")

    return run


def measure(run, rounds: int, version: str) -> dict[str, object]:
    """Return the best times of some rounds and the peak memory of the process."""
    wall, cpu = np.inf, np.inf
    for _ in range(rounds):
        began, used = time.perf_counter(), time.process_time()
        run()
        wall = min(wall, time.perf_counter() - began)
        cpu = min(cpu, time.process_time() - used)
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    peak = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024
    return {"wall": wall, "cpu": cpu, "peak": peak, "version": version}


def worker(with_: str, job: str, path: Path, rounds: int) -> None:
    """Time one job in this process."""
    if with_ == "ours":
        found = measure(ours(job, path), rounds, f"numpy {np.__version__}")
    else:
        import svy

        found = measure(svy_call(job, path), rounds, f"svy {svy.__version__}")
    print(json.dumps(found))


def started(with_: str, svy: str | None, job: str, path: Path, rounds: int) -> dict[str, object]:
    """Run one job in a process of its own."""
    if with_ == "R":
        command = ["Rscript", "--vanilla", str(HERE.with_suffix(".R")), job, str(path), str(rounds)]
    else:
        python = sys.executable if with_ == "ours" else str(svy)
        command = [python, str(HERE), "--worker", with_, job, str(path), str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"wall": np.nan, "cpu": np.nan, "peak": np.nan, "version": done.stderr[-300:]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    """Run all jobs in turns and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--svy", help="interpreter of an environment with svy")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--worker", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        with_, job, path, rounds = given.worker
        worker(with_, job, Path(path), int(rounds))
        return
    peers = ["ours", "R", *(["svy"] if given.svy else [])]
    print("job, n, with, wall s, CPU s, peak MB, version")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        for job, n in JOBS:
            write_data(job, n, path)
            found = {with_: [] for with_ in peers}
            for _ in range(given.turns):
                for with_ in peers:
                    rounds = 5 if with_ == "ours" else 2
                    found[with_].append(started(with_, given.svy, job, path, rounds))
            for with_, runs in found.items():
                figures = [min(run[key] for run in runs) for key in ("wall", "cpu", "peak")]
                shown = ", ".join(f"{figure:.4g}" for figure in figures)
                print(f"{job}, {n}, {with_}, {shown}, {runs[0]['version']}", flush=True)
        for job in ("domains", "bootstrap"):
            for n in MEMORY:
                write_data(job, n, path)
                run = started("ours", None, job, path, 1)
                print(f"{job}, {n}, ours, {run['wall']:.4g}, {run['cpu']:.4g}, {run['peak']:.4g}")


if __name__ == "__main__":
    main()
