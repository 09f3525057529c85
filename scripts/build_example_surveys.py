"""Make up the answers of the two synthetic surveys of the example project.

    python scripts/build_example_surveys.py [PROJECT]

PROJECT is the project folder (default: this checkout). The frames are real: the register of the 73
projects, and a stratified sample of 1,200 of the 5,168 municipalities with at least 2,000 residents
(Gemeindeverzeichnis 31.12.2024; by Land and size class, cities of 100,000 and more and small strata
taken as a whole, so the city states are take-all strata). **The answers are invented**: nobody was
asked, and no answer says anything about a real place. Codebooks and sidecars are written by hand,
only the checksums of the sidecars are renewed. Seeded: a second run changes no byte.

As in the field there are municipalities without an answer (more of the small ones), answers that
broke off, one municipality that answered twice, estimates, "don't know" and refusals. In strata of
at most four municipalities all answered: they were "asked again by telephone".
"""

from __future__ import annotations

import csv
import io
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from random import Random

import pandas as pd

from begleitforschung.loaders import read_indicators
from begleitforschung.provenance import file_sha256
from begleitforschung.regions import programme
from begleitforschung.surveys import Codebook, read_codebook
from begleitforschung.tables.municipal_frame import municipal_frame

SEED, SAMPLE, SMALLEST, LEAST, ALL_ANSWER = 20250303, 1200, 2000, 10, 4
FOLDER = Path("data/raw/synthetisch")
DIRECTORY = Path("data/raw/destatis_gv/2024-12-31/gemeinden.csv")
# How many of each size class are invited (the sum is SAMPLE), and how likely each answers.
INVITED = {"Landstadt": 327, "Kleinstadt": 460, "Mittelstadt": 330, "Großstadt": 83}
ANSWERS = {"Landstadt": 0.53, "Kleinstadt": 0.57, "Mittelstadt": 0.65, "Großstadt": 0.72}
PROJECTS_ANSWER = 60
DISPOSITIONS = {"no_contact": 0.75, "refused": 0.25}
Case = dict[str, str]
Draw = Callable[[Random, float], dict[str, str]]


def chosen(draw: Random, weights: Mapping[str, float]) -> str:
    """Draw one key."""
    return draw.choices(list(weights), weights=list(weights.values()))[0]


def step(draw: Random, centre: float, codes: Iterable[str], missing: str = "") -> str:
    """Draw a point of a scale around a centre, now and then the declared missing."""
    points = list(codes)
    if missing and draw.random() < 0.06:
        return missing
    place = round(draw.gauss(centre, 0.9))
    return points[min(max(place, 1), len(points)) - 1]


def mentions(draw: Random, item: str, chances: Iterable[float]) -> dict[str, str]:
    """Draw the options of a multiple choice."""
    return {
        f"{item}[SQ{n}]": "Y" if draw.random() < chance else ""
        for n, chance in enumerate(chances, 1)
    }


def ranks(draw: Random, item: str, weights: Mapping[str, float]) -> dict[str, str]:
    """Draw three ranks, the last one sometimes left open."""
    left, found = dict(weights), {}
    for rank in (1, 2, 3):
        code = chosen(draw, left)
        del left[code]
        found[f"{item}[{rank}]"] = "" if rank == 3 and draw.random() < 0.1 else code
    return found


def number(draw: Random, item: str, centre: float, *, spread: float = 0.6) -> dict[str, str]:
    """Draw an amount, rounded as people round, empty now and then."""
    if draw.random() < 0.12:
        return {item: ""}
    amount = math.exp(draw.gauss(math.log(centre), spread))
    digits = max(0, math.floor(math.log10(amount)) - 1)
    rounded = round(amount, -digits) if digits else round(amount * 2) / 2
    return {item: f"{rounded:.10f}"}


def project_answers(draw: Random, late: float) -> dict[str, str]:
    """Make up the answers of a project; `late` is 0 for the first round, 1 for the last."""
    found = {"ausgefuellt": chosen(draw, {"A1": 0.55, "A2": 0.25, "A3": 0.13, "A4": 0.07})}
    found["stand"] = step(draw, 3.2 - 1.1 * late, "1234")
    found |= mentions(draw, "felder", (0.72, 0.58, 0.66, 0.61, 0.84, 0.35))
    for row, centre in zip("abcdef", (4.0, 4.3, 3.4, 2.7, 3.1, 2.1), strict=True):
        found[f"hemmnis[{row}]"] = step(draw, centre, "12345", "9")
    plan = chosen(draw, {"A1": 0.35 - 0.2 * late, "A2": 0.42, "A3": 0.16 + 0.2 * late, "A9": 0.05})
    found["verstetigung"] = plan
    asked = plan in ("A1", "A2")
    found |= number(draw, "eigenmittel", 260_000) if asked else {"eigenmittel": ""}
    found["eigenmittel_schaetz"] = "Y" if found["eigenmittel"] and draw.random() < 0.45 else ""
    measured = mentions(draw, "wirkung", (0.62, 0.27, 0.48, 0.22))
    found |= measured | {"wirkung[SQ5]": "" if any(measured.values()) else "Y"}
    found |= ranks(draw, "erfolg", {"B1": 5, "B2": 4, "B3": 2, "B4": 2, "B5": 1})
    found["begleitung"] = step(draw, 3.7, "12345", "8")
    return found | number(draw, "stellen", 6) | texts(draw)


def municipal_answers(draw: Random, size: float) -> dict[str, str]:
    """Make up the answers of a municipality; `size` is its number of residents."""
    large = min(max(math.log10(size / 2000) / 2, 0.0), 1.2)
    found = {
        "ausgefuellt": chosen(
            draw, {"A1": 0.45 - 0.35 * large, "A2": 0.35, "A3": 0.1 + 0.6 * large, "A4": 0.1}
        )
    }
    plan = chosen(
        draw, {"A1": 0.1 + 0.5 * large, "A2": 0.2, "A3": 0.25, "A4": 0.5 - 0.4 * large, "A9": 0.04}
    )
    found["strategie"] = plan
    fields = (0.93, 0.38 + 0.3 * large, 0.45, 0.5, 0.3 + 0.2 * large)
    asked = plan in ("A1", "A2")
    found |= mentions(draw, "felder", fields if asked else (0.0,) * len(fields))
    for row, centre in zip("abcde", (4.1, 4.4, 4.2, 1.9 + 1.6 * large, 3.4), strict=True):
        found[f"bedeutung[{row}]"] = step(draw, centre, "12345", "9")
    found["plattform"] = chosen(
        draw,
        {"A1": 0.02 + 0.3 * large, "A2": 0.1 + 0.3 * large, "A3": 0.8 - 0.5 * large, "A9": 0.08},
    )
    found |= number(draw, "ausgaben", 12 * size)
    found["ausgaben_schaetz"] = "Y" if found["ausgaben"] and draw.random() < 0.4 else ""
    found |= ranks(draw, "hemmnis", {"B1": 5, "B2": 4, "B3": 2, "B4": 1.5, "B5": 2})
    found["finanzlage"] = step(draw, 3.3, "12345", "8")
    return found | number(draw, "stellen", 0.5 + size / 20_000) | texts(draw)


def texts(draw: Random) -> dict[str, str]:
    """Make up free text and an address, which readers must keep out."""
    said = "Erfundener Freitext." if draw.random() < 0.15 else ""
    return {"anmerkung": said, "kontakt": "niemand@example.org" if draw.random() < 0.5 else ""}


def cases(
    draw: Random, units: Mapping[str, float], answers: Draw, codebook: Codebook, unit: str
) -> list[Case]:
    """Make up one case per unit; 6 % break off, and the fifth unit answers a second time."""
    pages = {item.id: item.page or 1 for item in codebook.items}
    found = []
    order = list(units)
    draw.shuffle(order)
    for place, key in enumerate([*order, order[4]], 1):
        broke_off = draw.random() < 0.06 and place <= len(order)
        last = draw.choice((1, 2)) if broke_off else 3
        day, time = (
            3 + 25 * place // len(order),
            f"{draw.randint(8, 17):02}:{draw.randint(0, 59):02}",
        )
        case = {
            "id": str(place),
            "submitdate": "" if broke_off else f"2025-03-{day:02} {time}:00",
            "lastpage": str(last),
            "startlanguage": "de",
            "token": f"erfunden{place:04}",
            "startdate": f"2025-03-{day:02} 07:{draw.randint(0, 59):02}:00",
            unit: key,
        }
        given = answers(draw, units[key])
        kept = {
            name: value if pages.get(re.split(r"[\[]|_schaetz", name)[0], 1) <= last else ""
            for name, value in given.items()
        }
        found.append(case | kept)
    return found


def sample(draw: Random, frame: pd.DataFrame) -> pd.DataFrame:
    """Draw the invited municipalities: by size class, within it by Land in proportion."""
    parts = []
    for (name, wanted), (label, rows) in zip(
        INVITED.items(), frame.groupby("groessenklasse", observed=True), strict=True
    ):
        if not str(label).startswith(name):
            raise ValueError(f"classes in another order than expected: {label}, {name}")
        counts = rows["bundesland"].value_counts(sort=False)
        counts = counts[counts > 0]
        drawn = allocation(counts, wanted)
        for land, n in drawn.items():
            keys = sorted(rows.loc[rows["bundesland"] == land, "unit"])
            parts += draw.sample(keys, n)
    return frame[frame["unit"].isin(parts)].reset_index(drop=True)


def allocation(counts: pd.Series, wanted: int) -> dict[str, int]:
    """Share a sample out in proportion, but at least LEAST (or all) of each stratum."""
    least = counts.clip(upper=LEAST)
    rest, left = counts - least, wanted - int(least.sum())
    exact = rest * left / max(int(rest.sum()), 1)
    drawn = least + exact.astype(int)
    for land in (exact % 1).sort_values(ascending=False, kind="stable").index:
        if drawn.sum() < wanted:
            drawn[land] += 1
    return {str(land): int(n) for land, n in drawn.items()}


def respondents(draw: Random, invited: pd.DataFrame, frame: pd.DataFrame) -> list[str]:
    """Draw who answers; strata of at most ALL_ANSWER municipalities answer as a whole."""
    strata = ["bundesland", "groessenklasse"]
    small = frame.groupby(strata, observed=True)["unit"].transform("size") <= ALL_ANSWER
    certain = set(frame.loc[small, "unit"])
    chance = dict.fromkeys(certain, 1.0)
    for unit, label in zip(invited["unit"], invited["groessenklasse"], strict=True):
        chance.setdefault(unit, next(p for name, p in ANSWERS.items() if label.startswith(name)))
    found = [unit for unit in invited["unit"] if draw.random() < chance[unit]]
    few = invited[invited["unit"].isin(found)].groupby(strata, observed=True).size()
    whole = frame.groupby(strata, observed=True).size()
    if ((few < 2) & (whole > ALL_ANSWER)).any() or len(few) < len(whole):
        raise ValueError("a stratum has too few answers; choose another seed")
    return found


def invitations(draw: Random, invited: Iterable[str], answered: Iterable[str]) -> str:
    """Return who was invited, and what became of those who did not answer."""
    done = set(answered)
    rows = [
        f"{unit};{'' if unit in done else chosen(draw, DISPOSITIONS)}" for unit in sorted(invited)
    ]
    return "\n".join(["unit;disposition", *rows]) + "\n"


def limesurvey(found: list[Case]) -> str:
    """Write cases as LimeSurvey's CSV with codes."""
    lines = io.StringIO()
    writer = csv.DictWriter(lines, list(found[0]), quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return "\ufeff" + lines.getvalue()


def build(project: Path) -> dict[str, str]:
    """Make up both surveys; return the files by their path below FOLDER."""
    draw = Random(SEED)
    books = {
        name: read_codebook(project / FOLDER / name / "codebuch_synthetisch.yaml")
        for name in ("projektbefragung_2025", "kommunenbefragung_2025")
    }
    register = programme.projects()
    late = dict(zip(register["project"], (register["staffel"].astype(int) - 1) / 2, strict=True))
    done = sorted(draw.sample(list(late), PROJECTS_ANSWER))
    frame = municipal_frame(read_indicators(project / DIRECTORY), smallest=SMALLEST)
    invited = sample(draw, frame)
    size = dict(zip(invited["unit"], invited["einwohner"], strict=True))
    replied = respondents(draw, invited, frame)
    plans: tuple[tuple[str, Mapping[str, float], list[str], Draw], ...] = (
        ("projekt", late, done, project_answers),
        ("kommune", size, replied, municipal_answers),
    )
    files = {}
    for (name, book), (unit, everybody, answered, answers) in zip(
        books.items(), plans, strict=True
    ):
        made = cases(draw, {key: everybody[key] for key in answered}, answers, book, unit)
        files[f"{name}/antworten_synthetisch.csv"] = limesurvey(made)
        files[f"{name}/eingeladene_synthetisch.csv"] = invitations(draw, everybody, answered)
    return files


def main(project: Path) -> None:
    """Write all files and renew the checksums of their sidecars."""
    for name, text in build(project).items():
        path = project / FOLDER / name
        path.write_text(text, encoding="utf-8", newline="\n")
        sidecar = path.with_name(f"{path.name}.meta.yaml")
        described = sidecar.read_text(encoding="utf-8")
        line = f"  sha256: {file_sha256(path)}"
        renewed, found = re.subn(r"(?m)^  sha256: .*$", line, described)
        if found != 1:
            raise ValueError(f"{sidecar}: one line 'sha256:' is expected, {found} were found")
        sidecar.write_text(renewed, encoding="utf-8", newline="\n")
        print(f"{name}: {text.count(chr(10)) - 1} rows, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1])
