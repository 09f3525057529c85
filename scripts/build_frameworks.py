"""Convert the KPI catalogues into the packaged frameworks.

Usage: python scripts/build_frameworks.py [FOLDER]

FOLDER holds the catalogues (default: ``../shared/kpi``). Written is everything below
``src/begleitforschung/resources/frameworks``, except files that begin with ``_``. What the
catalogues do not say and we add is data of ours in ``scripts/frameworks``: labels of variables,
names of dimensions, units of INKAR indicators, parts of vectors. A second run changes no byte.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from begleitforschung.catalogue import parse_entry
from begleitforschung.frameworks.entries import SHEETS, Info
from begleitforschung.frameworks.package import descriptor
from begleitforschung.frameworks.template import guide

ROOT = Path(__file__).resolve().parents[1]
OURS = ROOT / "scripts" / "frameworks"
TARGET = ROOT / "src" / "begleitforschung" / "resources" / "frameworks"
EDITION = "INKAR 2025"
Row = dict[str, str]
Tables = dict[str, list[Row]]

POLARITY_SOURCE = {
    "INKAR-Anmerkung": "official",
    "eigene Zuordnung": "own",
    "INV flag in NTNU repository / manual": "official",
    "complement of INV flag": "derived",
    "own": "own",
    "": "",
}
DEFINITION_STATUS = {
    "paraphrased_from_source": "paraphrased",
    "expanded_from_name_and_unit": "expanded",
}
FITS = ("identical", "exact", "close", "probable", "proxy", "level_mismatch", "none")
UCUM = {"%": "%", "m": "m", "je 1.000": "10*-3", "m² je Einwohner": "m2/{person}", "%-Punkte": "%"}
GRID = "sum(dist_"


def read(path: Path) -> list[Row]:
    """Read a CSV with every cell as text."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def fit(given: str) -> tuple[str, str]:
    """Return fit and scale; 'scale x10' says that only the scale differs, checked by name."""
    if found := re.fullmatch(r"scale ([x/])(\d+)", given):
        factor = float(found[2])
        return "close", f"{factor if found[1] == 'x' else 1 / factor:.15g}"
    if given not in FITS:
        raise ValueError(f"unknown fit {given!r}")
    return given, ""


def spans(row: Row) -> str:
    """Return the years published per level, ``kreis:1995-2023``."""
    levels = {"gemeinde": "years_gemeinden", "kreis": "years_kreise", "nuts2": "years_nuts2"}
    return ";".join(f"{level}:{row[name]}" for level, name in levels.items() if row.get(name))


def inkar_mappings(catalogue: Path, framework: str, units: Mapping[str, str]) -> list[Row]:
    """Return the rows of the INKAR mapping of one framework."""
    levels = {"Gemeinden": "gemeinde", "Kreise": "kreis", "NUTS2": "nuts2"}
    mapped = []
    for row in read(catalogue / "inkar_map.csv"):
        if row["framework"] != framework:
            continue
        kind, scale = fit(row["fit"])
        mapped.append(
            {
                "kpi_id": row["kpi_id"],
                "system": "inkar",
                "key": row["inkar_m_id"],
                "edition": EDITION,
                "fit": kind,
                "scale": "1" if kind == "identical" else scale,
                "unit": units.get(row["inkar_m_id"], ""),
                "levels": ";".join(levels[part] for part in row["spatial_levels"].split("|")),
                "years": spans(row),
                "note": row["note"] or (f"Katalog: {row['fit']}" if scale else ""),
            }
        )
    return mapped


def polarity(row: Row) -> Row:
    """Return polarity and who says so."""
    source = POLARITY_SOURCE[row["polarity_basis"]]
    return {"polarity": row["polarity"] or "none", "polarity_source": source}


def sdg(catalogue: Path) -> Tables:
    """Return the SDG indicators for municipalities that INKAR publishes."""
    source = [row for row in read(catalogue / "sdg_kommunen.csv") if row["inkar_m_id"]]
    twins = read(OURS / "sdg_inkar_twins.csv")
    units = {row["inkar_m_id"]: row["unit"] for row in source}
    mappings = inkar_mappings(catalogue, source[0]["framework"], units)
    for row in twins:
        same = {"kpi_id": f"SDGK-{row['kpi']}", "system": "inkar", "edition": EDITION}
        mappings.append({**row, **same, "unit": row["unit"] or units[row["kpi"]]})
    mappings += [
        {
            "kpi_id": row["id"],
            "system": "wegweiser",
            "key": row["wegweiser_slug"],
            "fit": row["wegweiser_match"],
            "note": "Werte weichen von INKAR leicht ab; nicht in einer Reihe mischen",
        }
        for row in source
        if row["wegweiser_slug"]
    ]
    kpis = [sdg_kpi(row) for row in source]
    used = " ".join(row["numerator_expr"] + " " + row["denominator_expr"] for row in kpis)
    names = set(re.findall(r"[a-z]\w*", used))
    basis = {
        name: row["source_title"]
        for row in reversed(kpis)
        for name in re.findall(r"[a-z]\w*", row["numerator_expr"])
    }
    variables = [
        {**row, "source_de": basis.get(row["variable"], "")}
        for row in read(OURS / "sdg_variables.csv")
        if row["variable"] in names
    ]
    targets = [
        {
            "kpi_id": row["id"],
            "target_type": "value",
            "value": row["target"],
            "source": row["target_basis"],
            "source_status": "own",
            "note": row["note"],
        }
        for row in source
        if row["target"]
    ]
    used_goals = {row["dimension"] for row in kpis}
    goals = [row for row in names_of("sdg_kommunen") if row["dimension"] in used_goals]
    tables = {"variables": variables, "targets": targets, "mappings": mappings}
    return {"kpis": kpis, **tables, "dimensions": goals}


def sdg_kpi(row: Row) -> Row:
    """Return one SDG indicator."""
    direct = not row["numerator_expr"] or GRID in row["numerator_expr"]
    note = row["note"]
    if GRID in row["numerator_expr"]:
        note += "; Summe über Gitterzellen: nur als veröffentlichter Wert"
    if "lag(" in row["numerator_expr"]:
        kind = "share_change"
    else:
        kind = "ratio_of_ratios" if "/" in row["denominator_expr"] else "ratio"
    return {
        "id": row["id"],
        "code": row["inkar_m_id"],
        "name_de": row["name_de"],
        "name_de_status": "official",
        "name_en": row["name_en"],
        "name_en_status": "own_translation",
        "dimension": f"SDG-{row['sdg']}",
        "level": {"Typ I": "typ1", "": ""}[row["level_typ"]],
        "definition_de": row["definition_de"],
        "definition_status": "published",
        "formula_type": "direct" if direct else kind,
        "numerator_expr": "" if direct else row["numerator_expr"],
        "denominator_expr": "" if direct else row["denominator_expr"],
        "multiplier": "" if direct else row["multiplier"],
        "unit": row["unit"],
        "unit_ucum": UCUM.get(row["unit"], ""),
        **polarity(row),
        "sdg": row["sdg"],
        "formula_status": row["formula_status"],
        "original_formula": row["inkar_algorithmus_original"],
        "source_title": row["source_de"],
        "note": note.strip("; "),
    }


def u4ssc(catalogue: Path) -> Tables:
    """Return the U4SSC indicators."""
    source = read(catalogue / "u4ssc.csv")
    units = inkar_units(catalogue)
    mappings = inkar_mappings(catalogue, "U4SSC", units)
    mappings += [
        {
            "kpi_id": row["id"],
            "system": "inkar",
            "edition": EDITION,
            "fit": fit(row["inkar_fit"])[0],
        }
        for row in source
        if not row["inkar_m_id"]
    ]
    tree: dict[str, Row] = {}
    for row in source:
        parts = row["code"].split(": ")[:3]
        names = (row["dimension"], row["sub_dimension"], row["category"])
        for depth, name in enumerate(names, start=1):
            node, parent = "-".join(parts[:depth]), "-".join(parts[: depth - 1])
            german = {n["dimension"]: n["name_de"] for n in names_of("u4ssc")}.get(name, "")
            tree[node] = {"dimension": node, "parent": parent, "name_de": german, "name_en": name}
    targets = [target for row in source if (target := benchmark(row))]
    tables: Tables = {"variables": [], "targets": targets, "mappings": mappings}
    return {"kpis": [u4ssc_kpi(row) for row in source], **tables, "dimensions": list(tree.values())}


def u4ssc_kpi(row: Row) -> Row:
    """Return one U4SSC indicator; its formula stays text."""
    quotient = row["numerator_en"] + (
        f" / {row['denominator_en']}" if row["denominator_en"] else ""
    )
    factor = f" x {row['multiplier']}" if row["denominator_en"] else ""
    return {
        "id": row["id"],
        "code": row["code"],
        "name_de": row["name_de"],
        "name_de_status": "own_translation",
        "name_en": row["name_en"],
        "name_en_status": "official",
        "dimension": "-".join(row["code"].split(": ")[:3]),
        "level": row["level"],
        "kind": row["type"],
        "definition_en": row["definition_en"],
        "definition_status": DEFINITION_STATUS[row["definition_status"]],
        "formula_type": "direct",
        "unit": row["unit"],
        "unit_ucum": UCUM.get(row["unit"], ""),
        **polarity(row),
        "sdg": row["sdg"],
        "formula_status": row["formula_status"],
        "original_formula": quotient + factor if quotient else "",
        "note": row["note"],
    }


def benchmark(row: Row) -> Row | None:
    """Return the target that a benchmark states, if any."""
    text = row["benchmark"]
    if text in ("", "no benchmark"):
        return None
    target = {"kpi_id": row["id"], "target_type": "bands", "source_status": "unknown"}
    if found := re.fullmatch(r"target (\d+) %; bands (.*) \((.*)\)", text):
        target |= {"target_type": "value", "value": found[1], "bands": found[2]}
        return target | {"source": found[3], "source_status": "official"}
    if found := re.fullmatch(r"target ([\d.]+) \(polarity inferred\)", text):
        target |= {"target_type": "value", "value": found[1], "source_status": "derived"}
        return target | {"note": "aus der Definition erschlossen"}
    return target | {"bands": text}


def iso(catalogue: Path) -> Tables:
    """Return numbers and short names of ISO 37120:2014."""
    source = read(catalogue / "iso37120.csv")
    mappings = inkar_mappings(catalogue, "ISO 37120:2014", inkar_units(catalogue))
    for row in mappings:
        # The unit of these three is per inhabitant by name only.
        if row["kpi_id"].rpartition("-")[2] in ("16.2", "13.2", "21.4"):
            row["scale"] = "1"
    german = {row["name_en"] or row["dimension"]: row for row in names_of("iso37120_2014")}
    numbers = {row["theme"]: row["number"].partition(".")[0] for row in source}
    kpis = [
        {
            "id": row["id"],
            "code": row["number"],
            "name_en": row["name_en"],
            "name_en_status": "short_name",
            "dimension": numbers[row["theme"]],
            "level": row["level"],
            "formula_type": "direct",
            "unit": row["unit"],
            "unit_ucum": UCUM.get(row["unit"], ""),
            **polarity(row),
            "formula_status": "empty",
            "source_title": row["provenance"],
        }
        for row in source
    ]
    dimensions = [
        {"dimension": number, "name_de": german[theme]["name_de"], "name_en": theme}
        for theme, number in numbers.items()
    ]
    tables: Tables = {"variables": [], "targets": [], "mappings": mappings}
    return {"kpis": kpis, **tables, "dimensions": dimensions}


def inkar_units(catalogue: Path) -> dict[str, str]:
    """Return the unit of each INKAR indicator that is mapped."""
    given = {row["key"]: row["unit"] for row in read(OURS / "inkar_units.csv")}
    sdg_units = {row["inkar_m_id"]: row["unit"] for row in read(catalogue / "sdg_kommunen.csv")}
    return sdg_units | given


def names_of(framework: str) -> list[Row]:
    """Return the names of the dimensions of one framework."""
    rows = read(OURS / "dimensions.csv")
    return [
        {key: value for key, value in row.items() if key != "framework"}
        for row in rows
        if row["framework"] == framework
    ]


def write(folder: Path, tables: Tables, info: Mapping[str, str]) -> None:
    """Write one framework as a data package."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = {row["id"]: row for row in read(OURS / "parts.csv")}
    for row in tables.get("kpis", []):
        row |= {name: value for name, value in parts.get(row["id"], {}).items() if value}
    for sheet, model in SHEETS.items():
        rows = ([row.get(name, "") for name in model.model_fields] for row in tables.get(sheet, []))
        (folder / f"{sheet}.csv").write_bytes(as_csv([list(model.model_fields), *rows]))
    package = descriptor(parse_entry(info, Info, file="info.yaml"))
    text = json.dumps(package, ensure_ascii=False, indent=1)
    (folder / "datapackage.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def as_csv(rows: Iterable[list[str]]) -> bytes:
    """Return rows as CSV with one line ending everywhere."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode()


def readme() -> str:
    """Return the guide to the template, generated from the models."""
    lines = [(OURS / "template.md").read_text(encoding="utf-8").rstrip()]
    sheet = ""
    for name, column, needed, what, allowed, meaning in guide():
        if name != sheet:
            sheet = name
            file = "datapackage.json" if name == "framework" else f"{name}.csv"
            lines += ["", f"## Blatt `{name}` (Datei `{file}`)", ""]
            lines += ["| Spalte | Pflicht | Art | Bedeutung |", "|---|---|---|---|"]
        values = f"; erlaubt: {allowed}" if allowed else ""
        lines.append(f"| `{column}` | {needed} | {what} | {meaning}{values} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write all frameworks and the template."""
    catalogue = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "kpi"
    info = yaml.load((OURS / "info.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    built = {"sdg_kommunen": sdg, "u4ssc": u4ssc, "iso37120_2014": iso}
    for name, build in built.items():
        tables = build(catalogue)
        write(TARGET / name, tables, info[name])
        print(name, {sheet: len(rows) for sheet, rows in tables.items()})
    write(TARGET / "_template", {}, info["_template"])
    guide_file = TARGET / "_template" / "LIESMICH.md"
    guide_file.write_text(readme(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
