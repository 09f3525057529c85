"""Print how the code stands against the measures that the project holds itself to.

Run it by ``make measures``. A structural aim that is missed makes it end with 1; seconds depend on
the machine, so they fail only when they are many times over their aim.
"""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "begleitforschung"
ABSURD = 10  # a time that many times over its aim is a defect, not a slow machine

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.Module | ast.ClassDef | Function


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table."""

    name: str
    shown: str
    aim: str
    holds: bool
    offenders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A module of the package."""

    name: str
    text: str
    tree: ast.Module


def read_sources(folder: Path) -> list[Source]:
    """Parse every module below a folder."""
    sources = []
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        sources.append(Source(path.relative_to(folder).as_posix(), text, ast.parse(text)))
    return sources


def functions(source: Source) -> Iterator[Function]:
    """Yield every function and method of a module, nested ones too."""
    return (node for node in ast.walk(source.tree) if isinstance(node, Function))


def body_length(function: Function) -> int:
    """Count the lines of a function without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def public(source: Source) -> Iterator[tuple[str, Documented]]:
    """Yield the public module, its classes, functions and methods with their dotted names."""
    if any(part.startswith("_") and part != "__init__.py" for part in source.name.split("/")):
        return
    yield source.name, source.tree
    open_nodes: list[tuple[str, Documented]] = [(source.name, source.tree)]
    while open_nodes:
        prefix, parent = open_nodes.pop()
        for node in parent.body:
            if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
                yield f"{prefix}:{node.name}", node
                if isinstance(node, ast.ClassDef):
                    open_nodes.append((f"{prefix}:{node.name}", node))


def parameters(function: Function) -> list[ast.arg]:
    """Return all parameters but ``self`` and ``cls``."""
    spec = function.args
    named = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
    named += [extra for extra in (spec.vararg, spec.kwarg) if extra is not None]
    return [arg for arg in named if arg.arg not in {"self", "cls"}]


def raises(function: Function) -> bool:
    """Tell whether a function itself raises an exception it names."""
    return any(isinstance(node, ast.Raise) and node.exc for node in ast.walk(function))


def decorators(node: Documented) -> set[str]:
    """Return the names of the decorators of a function or class."""
    if isinstance(node, ast.Module):
        return set()
    return {ast.unparse(item).split("(")[0].split(".")[-1] for item in node.decorator_list}


def missing_sections(function: Function) -> list[str]:
    """Name the docstring sections that a public function should have and has not."""
    if decorators(function) & {"property", "cached_property", "command", "group"}:
        return []
    wanted = []
    if parameters(function):
        wanted.append("Parameters")
    if function.returns is not None and ast.unparse(function.returns) not in {"None", "NoReturn"}:
        wanted.append("Returns")
    if raises(function):
        wanted.append("Raises")
    text = (ast.get_docstring(function) or "").replace("Yields\n------", "Returns\n-------")
    return [name for name in wanted if f"{name}\n{'-' * len(name)}" not in text]


def annotated(function: Function) -> list[bool]:
    """Tell of each parameter and of the returned value whether it is annotated."""
    return [arg.annotation is not None for arg in parameters(function)] + [
        function.returns is not None
    ]


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    """Return all modules that a module imports, directly or not."""
    seen: set[str] = set()
    stack = [start]
    while stack:
        fresh = graph[stack.pop()] - seen
        seen |= fresh
        stack.extend(fresh)
    return seen


def import_cycles() -> set[frozenset[str]]:
    """Return the groups of modules that import each other at run time, inside functions too."""
    built = grimp.build_graph(PACKAGE, cache_dir=None, exclude_type_checking_imports=True)
    graph = {name: built.find_modules_directly_imported_by(name) for name in built.modules}
    reach = {name: reachable(graph, name) for name in graph}
    return {
        frozenset(other for other in reach[name] if name in reach[other])
        for name in graph
        if name in reach[name]
    }


def measure_size(sources: list[Source]) -> Iterator[Measure]:
    """Measure the length of modules and functions."""
    lines = {source.name: len(source.text.splitlines()) for source in sources}
    median, longest = statistics.median(lines.values()), max(lines.values())
    too_long = tuple(f"{name} ({n})" for name, n in lines.items() if n > 400)
    yield Measure("module lines, median", f"{median:.0f}", "<= 200", median <= 200)
    yield Measure("module lines, max", str(longest), "<= 400", not too_long, too_long)

    bodies = {
        f"{source.name}:{function.name}:{function.lineno}": body_length(function)
        for source in sources
        for function in functions(source)
    }
    mean, largest = statistics.fmean(bodies.values()), max(bodies.values())
    too_long = tuple(f"{name} ({n})" for name, n in bodies.items() if n > 50)
    yield Measure("function lines without docstring, mean", f"{mean:.1f}", "<= 12", mean <= 12)
    yield Measure(
        "function lines without docstring, max", str(largest), "<= 50", not too_long, too_long
    )


def measure_words(sources: list[Source]) -> Iterator[Measure]:
    """Measure docstrings and annotations."""
    # The signatures of an overload are documented by the function that they belong to.
    every = [item for source in sources for item in public(source)]
    names = [(name, node) for name, node in every if "overload" not in decorators(node)]
    bare = tuple(name for name, node in names if not ast.get_docstring(node))
    yield Measure("public docstrings", share(len(bare), len(names)), "100 %", not bare, bare)

    lacking = {name: missing_sections(node) for name, node in names if isinstance(node, Function)}
    open_ones = tuple(f"{name} ({', '.join(some)})" for name, some in lacking.items() if some)
    yield Measure(
        "  with Parameters, Returns, Raises",
        share(len(open_ones), len(lacking)),
        "100 %",
        not open_ones,
        open_ones,
    )

    marks = [mark for s in sources for function in functions(s) for mark in annotated(function)]
    gaps = marks.count(False)
    yield Measure("annotations", share(gaps, len(marks)), "100 %", gaps == 0)


def code_lines(source: Source) -> int:
    """Count the lines of a module without docstrings, comments and blank lines."""
    texts: set[int] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Module | ast.ClassDef | Function) and ast.get_docstring(node):
            texts.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    lines = enumerate(source.text.splitlines(), start=1)
    return sum(
        number not in texts and bool(line.strip()) and not line.lstrip().startswith("#")
        for number, line in lines
    )


def measure_tests(sources: list[Source]) -> Measure:
    """Measure the lines of tests against the lines of code, docstrings left out on both sides."""
    tests = read_sources(ROOT / "tests")
    ratio = sum(map(code_lines, tests)) / sum(map(code_lines, sources))
    return Measure("test lines / code lines", f"{ratio:.2f}", ">= 0.8", ratio >= 0.8)


def measure_cycles() -> Measure:
    """Measure import cycles."""
    cycles = import_cycles()
    offenders = tuple(" <-> ".join(sorted(cycle)) for cycle in cycles)
    return Measure(
        "import cycles, lazy imports counted", str(len(cycles)), "0", not cycles, offenders
    )


def measure_time(name: str, aim: float, *arguments: str) -> Measure:
    """Measure the best of three runs of the interpreter, less its own start."""

    def best(*words: str) -> float:
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([sys.executable, *words], check=True, capture_output=True, cwd=ROOT)
            seconds.append(time.perf_counter() - start)
        return min(seconds)

    seconds = best(*arguments) - (best("-c", "") if "-c" in arguments else 0)
    word = "ok" if seconds <= aim else "over the aim on this machine"
    return Measure(name, f"{seconds:.2f} s ({word})", f"<= {aim} s", seconds <= aim * ABSURD)


def share(missing: int, total: int) -> str:
    """Write the share that is not missing, rounded down so that only all is 100 %."""
    return f"{int(1000 * (total - missing) / max(total, 1)) / 10:g} % of {total}"


def main() -> int:
    """Print the table; return 1 when a structural aim is missed."""
    sources = read_sources(ROOT / "src" / PACKAGE)
    measures = [*measure_size(sources), *measure_words(sources), measure_tests(sources)]
    measures += [
        measure_cycles(),
        measure_time(f"import {PACKAGE}", 0.2, "-c", f"import {PACKAGE}"),
    ]
    if (ROOT / "src" / PACKAGE / "__main__.py").exists():
        measures.append(measure_time(f"{PACKAGE} --help", 0.5, "-m", PACKAGE, "--help"))

    width = max(len(measure.name) for measure in measures)
    for measure in measures:
        verdict = "holds" if measure.holds else "MISSED"
        print(f"{measure.name:{width}}  {measure.shown:>36}  {measure.aim:>8}  {verdict}")
    for measure in measures:
        if not measure.holds:
            print(f"\n{measure.name.strip()}:", *measure.offenders, sep="\n  ")
    return int(not all(measure.holds for measure in measures))


if __name__ == "__main__":
    sys.exit(main())
