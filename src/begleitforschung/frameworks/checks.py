"""Is a framework complete and consistent? Every check across rows and sheets, all collected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from begleitforschung.catalogue import Entry
from begleitforschung.errors import Finding, FormulaError, Severity
from begleitforschung.frameworks import entries as sheets
from begleitforschung.frameworks.entries import EVALUATED, Dimension, Kpi, Target, Variable
from begleitforschung.frameworks.expressions import Lag, children, parse, variables
from begleitforschung.language import Text

GRAMMAR = Text(
    "Erlaubt sind Namen aus 'variables', Zahlen mit Dezimalpunkt, + - * / ( ), lag(x, Jahre) "
    "und sum(a, b, …).",
    "Allowed are names of the sheet 'variables', numbers with decimal point, + - * / ( ), "
    "lag(x, years) and sum(a, b, …).",
)
WITH_VALUE = ("value", "interval", "constant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The rows of all sheets, and where they stand.

    Parameters
    ----------
    kpis, variables, targets, mappings, dimensions : tuple of Entry
        Rows of the sheets.
    rows : mapping of str to sequence of int
        Row numbers by sheet; counted from 2 where not given.
    suffix : str
        Ending of the names of sheets in findings, ``".csv"`` for files.
    """

    kpis: tuple[Kpi, ...]
    variables: tuple[Variable, ...] = ()
    targets: tuple[Target, ...] = ()
    mappings: tuple[sheets.Mapping, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    rows: Mapping[str, Sequence[int]] = field(default_factory=dict)
    suffix: str = ".csv"

    def row(self, sheet: str, entry: Entry) -> int:
        """Return the row in which an entry stands.

        Parameters
        ----------
        sheet : str
            The sheet.
        entry : Entry
            One of its rows, the object itself.

        Returns
        -------
        int
            Row number, the header being row 1.
        """
        place = next(i for i, item in enumerate(getattr(self, sheet)) if item is entry)
        return self.rows[sheet][place] if sheet in self.rows else place + 2


@dataclass(frozen=True, slots=True)
class _Problem:
    """A broken rule before it knows its row."""

    sheet: str
    entry: Entry
    column: str
    rule: str
    text: Text
    hint: Text | None = None
    severity: Severity = "error"


def check_content(content: Content) -> tuple[Finding, ...]:
    """Check the rows of all sheets against each other.

    Parameters
    ----------
    content : Content
        The rows.

    Returns
    -------
    tuple of Finding
        All problems, in the order of the sheets; severity ``"error"`` where the framework
        can't be used, ``"warning"`` and ``"info"`` for remarks.
    """
    findings = []
    for check in CHECKS:
        for item in check(content):
            value = getattr(item.entry, item.column)
            findings.append(
                Finding(
                    rule=f"framework.{item.rule}",
                    severity=item.severity,
                    text=item.text,
                    hint=item.hint,
                    file=f"{item.sheet}{content.suffix}",
                    row=content.row(item.sheet, item.entry),
                    column=item.column,
                    key=_key(item.entry),
                    value=None if value is None or value == "" else str(value),
                )
            )
    return tuple(findings)


def _key(entry: Entry) -> str:
    names = ("id", "variable", "kpi_id", "dimension")
    return str(next(getattr(entry, name) for name in names if hasattr(entry, name)))


def _duplicates(content: Content) -> Iterator[_Problem]:
    keys: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("kpis", ("id",)),
        ("kpis", ("code",)),
        ("variables", ("variable",)),
        ("dimensions", ("dimension",)),
        ("mappings", ("kpi_id", "system", "key")),
        ("targets", ("kpi_id", "scope", "target_type", "target_year")),
    )
    for sheet, columns in keys:
        rows = getattr(content, sheet)
        found = Counter(tuple(getattr(row, name) for name in columns) for row in rows)
        for row in rows:
            if found[tuple(getattr(row, name) for name in columns)] > 1:
                what = ", ".join(columns)
                text = Text(f"{what} kommt mehrfach vor", f"{what} is not unique")
                yield _Problem(sheet, row, columns[0], "duplicate", text)


def _references(content: Content) -> Iterator[_Problem]:
    nodes = {item.dimension for item in content.dimensions}
    kpis = {item.id for item in content.kpis}
    wanted: list[tuple[str, Entry, str, set[str]]] = []
    wanted += [("kpis", item, "dimension", nodes) for item in content.kpis]
    wanted += [("targets", item, "kpi_id", kpis) for item in content.targets]
    wanted += [("mappings", item, "kpi_id", kpis) for item in content.mappings]
    wanted += [("dimensions", item, "parent", nodes) for item in content.dimensions if item.parent]
    for sheet, item, column, known in wanted:
        value = getattr(item, column)
        if value not in known:
            target = "dimensions" if known is nodes else "kpis"
            text = Text(f"steht nicht im Blatt '{target}'", f"is not in the sheet '{target}'")
            yield _Problem(sheet, item, column, "reference", text, _nearest(value, known))


def _nearest(value: str, known: set[str]) -> Text | None:
    near = get_close_matches(value, sorted(known), n=1, cutoff=0.6)
    return Text(f"Gemeint: '{near[0]}'?", f"Did you mean '{near[0]}'?") if near else None


def _tree(content: Content) -> Iterator[_Problem]:
    parents = {item.dimension: item.parent for item in content.dimensions}
    inner = set(parents.values())
    used = {item.dimension for item in content.kpis} | inner
    for node in content.dimensions:
        seen, at = {node.dimension}, node.parent
        while at in parents and at not in seen:
            seen.add(at)
            at = parents[at]
        if at in seen:
            text = Text("Dimension ist sich selbst übergeordnet", "dimension is above itself")
            yield _Problem("dimensions", node, "parent", "cycle", text)
        if not (node.name_de or node.name_en):
            yield _Problem("dimensions", node, "name_de", "name", _NAMELESS)
        if node.dimension not in used:
            text = Text("Dimension ohne KPI", "dimension without KPIs")
            yield _Problem(
                "dimensions", node, "dimension", "unused_dimension", text, None, "warning"
            )
    for kpi in content.kpis:
        if kpi.dimension in inner:
            text = Text("Dimension hat Unterdimensionen", "dimension has dimensions below it")
            hint = Text("Die unterste Dimension eintragen.", "Name the lowest dimension.")
            yield _Problem("kpis", kpi, "dimension", "leaf", text, hint)


_NAMELESS = Text("Name fehlt (deutsch oder englisch)", "name is missing (German or English)")


def _expressions(content: Content) -> Iterator[_Problem]:
    declared = {item.variable for item in content.variables}
    used: set[str] = set()
    for kpi in content.kpis:
        for column in ("numerator_expr", "denominator_expr"):
            if not getattr(kpi, column):
                continue
            try:
                names = variables(parse(getattr(kpi, column)))
            except FormulaError as error:
                text = Text(f"Formel ist nicht lesbar ({error})", f"unreadable formula: {error}")
                yield _Problem("kpis", kpi, column, "formula", text, GRAMMAR)
                continue
            used.update(names)
            for name in names:
                if name not in declared:
                    text = Text(
                        f"Variable '{name}' steht nicht im Blatt 'variables'",
                        f"variable '{name}' is not in the sheet 'variables'",
                    )
                    hint = _nearest(name, declared)
                    yield _Problem("kpis", kpi, column, "undeclared", text, hint)
    for item in content.variables:
        if item.variable not in used:
            text = Text("Variable wird nicht verwendet", "variable is not used")
            yield _Problem("variables", item, "variable", "unused_variable", text, None, "warning")


def _formulas(content: Content) -> Iterator[_Problem]:
    for kpi in content.kpis:
        above, below = bool(kpi.numerator_expr), bool(kpi.denominator_expr)
        if kpi.formula_type in EVALUATED and not (above and below):
            text = Text(
                f"'{kpi.formula_type}' braucht Zähler und Nenner",
                f"'{kpi.formula_type}' needs a numerator and a denominator",
            )
            hint = Text(
                "Ohne Formel ist der KPI 'direct', ohne Nenner eine absolute Zahl 'count'.",
                "Without formula a KPI is 'direct', without denominator an absolute 'count'.",
            )
            yield _Problem("kpis", kpi, "formula_type", "incomplete_formula", text, hint)
        if (kpi.formula_type not in EVALUATED and below) or (
            kpi.formula_type not in (*EVALUATED, "count") and above
        ):
            text = Text(
                f"'{kpi.formula_type}' hat keine solche Formel",
                f"'{kpi.formula_type}' has no such formula",
            )
            yield _Problem("kpis", kpi, "formula_type", "needless_formula", text)
        if kpi.formula_type == "share_change" and above and not _has_lag(kpi.numerator_expr):
            text = Text("Veränderung ohne lag() im Zähler", "change without lag() above")
            yield _Problem("kpis", kpi, "numerator_expr", "change_without_lag", text)


def _has_lag(formula: str) -> bool:
    def inside(tree: object) -> bool:
        return isinstance(tree, Lag) or any(map(inside, children(tree)))  # type: ignore[arg-type]

    try:
        return inside(parse(formula))
    except FormulaError:
        return True


def _parts(content: Content) -> Iterator[_Problem]:
    for kpi in content.kpis:
        if kpi.formula_type == "vector" and not kpi.disaggregation:
            text = Text("Vektor ohne Teile", "vector without parts")
            yield _Problem("kpis", kpi, "disaggregation", "parts", text)
        if kpi.disaggregation and kpi.formula_type not in ("vector", "boolean"):
            text = Text("nur ein 'vector' hat Teile", "only a 'vector' has parts")
            yield _Problem("kpis", kpi, "disaggregation", "parts", text)
        if (kpi.sum_constraint is not None and not kpi.disaggregation) or (
            kpi.sum_tolerance is not None and kpi.sum_constraint is None
        ):
            text = Text("Summe ohne Teile", "a sum without parts")
            yield _Problem("kpis", kpi, "sum_constraint", "parts", text)


def _scoring(content: Content) -> Iterator[_Problem]:
    aims = {item.kpi_id for item in content.targets if item.target_type in WITH_VALUE}
    for kpi in content.kpis:
        if kpi.polarity != "none" and kpi.polarity_source is None:
            text = Text("Herkunft der Polarität fehlt", "source of the polarity is missing")
            yield _Problem("kpis", kpi, "polarity_source", "polarity_source", text)
        if "target" in (kpi.polarity, kpi.normalisation) and kpi.id not in aims:
            text = Text("braucht eine Zeile im Blatt 'targets'", "needs a row in 'targets'")
            yield _Problem("kpis", kpi, "polarity", "target_missing", text)
        if kpi.normalisation and (kpi.polarity == "none" or kpi.formula_type == "count"):
            text = Text(
                "ohne Polarität und als absolute Zahl wird ein KPI nie bewertet",
                "without polarity and as an absolute number a KPI is never scored",
            )
            yield _Problem("kpis", kpi, "normalisation", "never_scored", text)
        if kpi.formula_type == "count" and kpi.polarity != "none":
            text = Text("absolute Zahl: wird nie bewertet", "absolute number: is never scored")
            yield _Problem("kpis", kpi, "polarity", "never_scored", text, None, "info")


def _ranges(content: Content) -> Iterator[_Problem]:
    for kpi in content.kpis:
        for low, high in (("limit_min", "limit_max"), ("goalpost_min", "goalpost_max")):
            lower, upper = getattr(kpi, low), getattr(kpi, high)
            if lower is not None and upper is not None and lower >= upper:
                text = Text(f"{low} liegt nicht unter {high}", f"{low} is not below {high}")
                yield _Problem("kpis", kpi, low, "range", text)
        if kpi.normalisation == "goalpost" and None in (kpi.goalpost_min, kpi.goalpost_max):
            text = Text("'goalpost' braucht beide Pfosten", "'goalpost' needs both goalposts")
            yield _Problem("kpis", kpi, "normalisation", "range", text)
    for target in content.targets:
        if target.target_type in WITH_VALUE and target.value is None:
            text = Text("Zielwert fehlt", "value of the target is missing")
            yield _Problem("targets", target, "value", "target_value", text)
        if target.target_type == "interval" and (
            target.value2 is None or (target.value is not None and target.value >= target.value2)
        ):
            text = Text("Intervall braucht value < value2", "an interval needs value < value2")
            yield _Problem("targets", target, "value2", "target_value", text)
        if target.target_type == "bands" and not target.bands:
            text = Text("Klassen fehlen", "bands are missing")
            yield _Problem("targets", target, "bands", "target_value", text)
        if target.source_status == "official" and not target.source:
            text = Text("Quelle des Ziels fehlt", "source of the target is missing")
            yield _Problem("targets", target, "source", "target_source", text)


def _weights(content: Content) -> Iterator[_Problem]:
    groups: dict[tuple[str, str], list[Kpi | Dimension]] = {}
    for kpi in content.kpis:
        groups.setdefault(("kpis", kpi.dimension), []).append(kpi)
    for node in content.dimensions:
        groups.setdefault(("dimensions", node.parent), []).append(node)
    for (sheet, _), members in groups.items():
        given = [item.weight for item in members if item.weight is not None]
        for item in members:
            if item.weight is not None and item.weight < 0:
                text = Text("Gewicht ist negativ", "weight is negative")
                yield _Problem(sheet, item, "weight", "weight", text)
            if given and item.weight is None:
                text = Text(
                    "Gewicht fehlt neben gewichteten Geschwistern",
                    "weight is missing beside weighted siblings",
                )
                yield _Problem(sheet, item, "weight", "weight", text)
        if given and sum(given) == 0:
            text = Text("Summe der Gewichte ist null", "weights add up to zero")
            yield _Problem(sheet, members[0], "weight", "weight", text)


def _names(content: Content) -> Iterator[_Problem]:
    for kpi in content.kpis:
        if not (kpi.name_de or kpi.name_en):
            yield _Problem("kpis", kpi, "name_de", "name", _NAMELESS)
        for column in ("name_de", "name_en"):
            if getattr(kpi, column) and getattr(kpi, f"{column}_status") is None:
                yield _Problem("kpis", kpi, f"{column}_status", "status", _UNSAID, None, "warning")
        if (kpi.definition_de or kpi.definition_en) and kpi.definition_status is None:
            yield _Problem("kpis", kpi, "definition_status", "status", _UNSAID, None, "warning")
    for mapping in content.mappings:
        if (mapping.fit == "none") == bool(mapping.key):
            text = Text(
                "Schlüssel fehlt, oder fit ist 'none' trotz Schlüssel",
                "key is missing, or fit is 'none' beside a key",
            )
            yield _Problem("mappings", mapping, "key", "mapping_key", text)


_UNSAID = Text("von wem der Wortlaut ist, steht nicht da", "nobody says whose words these are")
CHECKS: tuple[Callable[[Content], Iterator[_Problem]], ...] = (
    _duplicates,
    _references,
    _tree,
    _names,
    _expressions,
    _formulas,
    _parts,
    _scoring,
    _ranges,
    _weights,
)
