"""`read_indicators`: from a raw file and its sidecar to a validated table."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from begleitforschung.errors import (
    BegleitforschungError,
    Finding,
    TerritoryError,
    UnknownCodeError,
    ValidationError,
)
from begleitforschung.language import Text
from begleitforschung.loaders.breaks import with_breaks
from begleitforschung.loaders.figures import Decimal
from begleitforschung.loaders.files import RawFile, open_raw
from begleitforschung.loaders.layout_files import DECLARED, layout_for
from begleitforschung.loaders.loaded import Loaded
from begleitforschung.loaders.processed import meta_path, read_processed
from begleitforschung.loaders.reader import Options, Recognised, head_of
from begleitforschung.loaders.registry import reader, sources
from begleitforschung.loaders.sidecar import (
    Sidecar,
    check_sha256,
    checked_state,
    no_sidecar,
    read_sidecar,
    sidecar_path,
    source_of,
)
from begleitforschung.loaders.sniffing import recognise
from begleitforschung.provenance import Provenance
from begleitforschung.tables import Indicator, IndicatorTable, assemble
from begleitforschung.tables.table import UNKNOWN_STATE


def read_indicators(
    path: str | os.PathLike[str],
    *,
    source: str | None = None,
    gebietsstand: str | None = None,
    encoding: str = "utf-8",
    decimal: Decimal | None = None,
    sheet: str | None = None,
    districts: bool = False,
    bereich: str | None = None,
    unit: str | None = None,
    layout: str | os.PathLike[str] | None = None,
) -> IndicatorTable:
    """Read a file of indicators; its format is told by its content.

    Read are the files of the publishers listed in ``docs/reference/formats.md``, the tidy layout
    of our own as CSV, XLSX or Parquet, and any other table that a layout describes. The sidecar
    ``<file>.meta.yaml`` says where the file comes from; what `write_indicators` wrote
    as Parquet comes back with its whole provenance.

    Parameters
    ----------
    path : str or path
        The file.
    source : str, optional
        Accept only this publisher's formats, e.g. ``"inkar"``, ``"genesis"``, ``"breitbandatlas"``
        or ``"tidy"``.
    gebietsstand : str, optional
        Territorial state as ISO date; goes before that of the sidecar.
    encoding : str
        Encoding of a text file, e.g. ``"cp1252"``.
    decimal : {",", "."}, optional
        Decimal sign of a tidy text file whose content does not tell it.
    sheet : str, optional
        Worksheet of an XLSX file; found if only one fits.
    districts : bool
        Keep the districts and cities that stand in a GENESIS county table beside their county
        and would count twice; without it they are left out. Either way a finding lists them.
    bereich : str, optional
        The only Bereich (``"LRB"``, ``"SDG"``, ``"ZOM"``, ``"EU"``) to read of an INKAR long CSV.
    unit : str, optional
        Key of the unit that a file is about which names none, e.g. open data of one city.
    layout : str or path, optional
        Description of a file of no known format: identifier of a packaged layout, or a YAML
        file such as `begleitforschung sniff` writes; ``<file>.layout.yaml`` beside the file is
        found by itself.

    Returns
    -------
    IndicatorTable
        Validated figures with file and row of each, their meanings, source and findings.
        Special signs are statuses; what the loader left out or doubts is in ``findings``.

    Raises
    ------
    SourceFileError
        If the file is missing, damaged, of unknown format or not the one that its sidecar
        describes.
    ValidationError
        If cells can't be read or break the schema; all of them with row and column.
    CatalogueError
        If the sidecar is malformed.
    UnknownCodeError
        If `source` is unknown.
    TerritoryError
        If `gebietsstand` is no date.

    Examples
    --------
    With a file of your own::

        table = read_indicators("data/raw/genesis/12411.csv")
        table.select(level="kreis").wide()
    """
    file = Path(path)
    if source is not None and source not in sources():
        raise UnknownCodeError(source, sources(), "sources that are read")
    state = _state(gebietsstand)
    plan = layout_for(file, layout)
    if plan is not None and encoding == "utf-8":
        encoding = plan.encoding
    raw = open_raw(file, encoding=encoding)
    if raw.kind == "parquet" and meta_path(file).is_file():
        return read_processed(file, raw)
    sidecar = read_sidecar(file)
    if sidecar is not None:
        beside = sidecar_path(file).name
        check_sha256(sidecar.source.sha256, raw.sha256, file=raw.name, sidecar=beside)
    secret = sidecar is not None and (bool(sidecar.confidential) or sidecar.hides(None))
    head = head_of(raw, sheet=sheet)
    found = (
        recognise(head, forced=_forced(source, sidecar), secret=secret)
        if plan is None
        else Recognised(DECLARED, ())
    )
    failure = None
    try:
        asked = Options(
            decimal=decimal, districts=districts, bereich=bereich, unit=unit, layout=plan
        )
        loaded = reader(found.format).read(head, found, asked)
        options: dict[str, object] = {"encoding": encoding, "decimal": decimal, "sheet": sheet}
        options |= {"districts": districts or None, "bereich": bereich, "unit": unit}
        options["layout"] = plan.id if plan else None
        return _table(raw, found, loaded, sidecar, state, options)
    except BegleitforschungError as error:
        if sidecar is None or not secret:
            raise
        failure = _shielded(error, sidecar)
    raise failure  # outside of the handler, so that no traceback shows the original


def _forced(source: str | None, sidecar: Sidecar | None) -> Collection[str] | None:
    """Return the only formats to accept, by argument or else by the sidecar."""
    if source is not None:
        return sources()[source]
    return None if sidecar is None or sidecar.format is None else (sidecar.format,)


def _table(
    raw: RawFile,
    found: Recognised,
    loaded: Loaded,
    sidecar: Sidecar | None,
    state: str | None,
    options: dict[str, object],
) -> IndicatorTable:
    if loaded.problems:
        raise ValidationError(
            f"{raw.name} has cells that can't be read ({len(loaded.problems)} problems):",
            findings=loaded.problems,
        )
    publisher = loaded.publisher or reader(found.format).publisher
    findings, territory = _remarks(raw, loaded, sidecar, state, publisher)
    origin = source_of(
        sidecar,
        file=raw.name,
        sha256=raw.sha256,
        title=loaded.title,
        edition=loaded.edition,
        publisher=publisher,
    )
    given = options | _stated(sidecar) | {"consulted": loaded.consulted}
    given = {name: value for name, value in given.items() if value not in (None, "utf-8", "", ())}
    node = Provenance.of(
        "read_indicators",
        replace(origin, gebietsstand=territory),
        format=found.format,
        gebietsstand=territory,
        **given,
    )
    table = assemble(
        loaded.tidy,
        indicators=[
            with_breaks(item, found.format) for item in _described(loaded.indicators, sidecar)
        ],
        gebietsstand=territory,
        provenance=node,
        findings=findings,
    )
    extra = _not_in_file(table, sidecar, raw.name)
    return replace(table, findings=(*table.findings, *extra)) if extra else table


def _stated(sidecar: Sidecar | None) -> dict[str, object]:
    """Return what a sidecar says beside source and state, for the provenance."""
    if sidecar is None:
        return {}
    level = sidecar.confidentiality
    meanings = [item.model_dump_json(exclude_defaults=True) for item in sidecar.indicators]
    return {
        "confidentiality": None if level == "public" else level,
        "confidential": sidecar.confidential,
        "meanings_sha256": hashlib.sha256("\n".join(meanings).encode()).hexdigest()
        if meanings
        else None,
    }


def _state(gebietsstand: str | None) -> str | None:
    try:
        return None if gebietsstand is None else checked_state(gebietsstand)
    except ValueError as error:
        raise TerritoryError(str(error)) from None


def _remarks(
    raw: RawFile, loaded: Loaded, sidecar: Sidecar | None, state: str | None, publisher: str
) -> tuple[tuple[Finding, ...], str]:
    """Collect what was remarked on opening and reading; choose the territorial state."""
    whole = sidecar is not None and bool(sidecar.source.sha256)
    found = [
        item for item in raw.findings if not (whole and item.rule == "loader.no_final_line_end")
    ]
    if sidecar is None:
        found.append(no_sidecar(raw.name, publisher))
        return (*found, *loaded.findings), state or loaded.gebietsstand or UNKNOWN_STATE
    if not whole:
        found.append(_no_checksum(raw))
    if state not in (None, sidecar.gebietsstand) and sidecar.gebietsstand != UNKNOWN_STATE:
        found.append(_other_state(raw.name, sidecar.gebietsstand, str(state)))
    remarks = tuple(_hidden(item, sidecar) for item in (*found, *loaded.findings))
    described = sidecar.gebietsstand
    stated = loaded.gebietsstand if described == UNKNOWN_STATE else described
    return remarks, state or stated or UNKNOWN_STATE


def _described(stated: Iterable[Indicator], sidecar: Sidecar | None) -> list[Indicator]:
    meanings = {item.id: item for item in stated}
    if sidecar is not None:
        meanings |= {item.id: item for item in sidecar.indicators}
    return list(meanings.values())


def _not_in_file(table: IndicatorTable, sidecar: Sidecar | None, file: str) -> list[Finding]:
    given = [item.id for item in sidecar.indicators] if sidecar else []
    missing = [name for name in given if name not in table.indicators]
    return [
        Finding(
            rule="loader.indicator_not_in_file",
            severity="warning",
            text=Text(
                "Indikator des Sidecars kommt in der Datei nicht vor",
                "indicator of the sidecar is not in the file",
            ),
            hint=_meant(name, list(table.indicators)),
            file=file,
            value=name,
        )
        for name in missing
    ]


def _meant(name: str, known: Sequence[str]) -> Text:
    near = get_close_matches(name, known, n=1)
    if not near:
        return Text("Im Sidecar entfernen oder richtigstellen.", "Remove or correct it there.")
    return Text(f"Ist {near[0]!r} gemeint?", f"Is {near[0]!r} meant?")


def _no_checksum(raw: RawFile) -> Finding:
    return Finding(
        rule="loader.no_checksum",
        severity="info",
        text=Text("Sidecar ohne Prüfsumme", "the sidecar has no checksum"),
        hint=Text(f"Eintragen: sha256: {raw.sha256}", f"Enter: sha256: {raw.sha256}"),
        file=raw.name,
    )


def _other_state(file: str, described: str, asked: str) -> Finding:
    return Finding(
        rule="loader.gebietsstand",
        severity="warning",
        text=Text(
            f"Gebietsstand {asked} angegeben, im Sidecar steht {described}",
            f"territorial state {asked} was given, the sidecar says {described}",
        ),
        hint=Text("Eine der beiden Angaben berichtigen.", "Correct one of the two."),
        file=file,
    )


def _hidden(item: Finding, sidecar: Sidecar) -> Finding:
    """Take values of confidential columns out of a finding."""
    if sidecar.hides(item.column) or (item.column is None and sidecar.hides("value")):
        item = replace(item, value=None)
        if item.rule.startswith("regions."):
            item = replace(item, text=Text("kein Schlüssel eines Gebiets", "no key of a unit"))
    return replace(item, key=None) if sidecar.hides("unit, year, indicator") else item


def _shielded(error: BegleitforschungError, sidecar: Sidecar) -> BegleitforschungError:
    headline = str(error).partition("\n")[0]
    kept = [_hidden(item, sidecar) for item in error.findings]
    return type(error)(headline, findings=kept)
