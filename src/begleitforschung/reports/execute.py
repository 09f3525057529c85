"""Execution of a report notebook in the project's own environment, with parameters."""

from __future__ import annotations

import ast
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from begleitforschung.errors import ReportError, SourceFileError, UnknownCodeError
from begleitforschung.reports.extras import load

Progress = Callable[[int, int], None]
_TAG = "parameters"
_ORIGINAL = "begleitforschung_cell"
_SHORTEST_PATH_LIMIT = 80
_SHOWN = 80
_PREFIX_CHECK = """import sys
if sys.prefix != {prefix!r}:
    raise RuntimeError(f"the kernel runs in {{sys.prefix}}, not in the project's environment")
"""


def read_notebook(path: Path) -> Any:
    """Read a notebook and remember the number of each cell.

    Parameters
    ----------
    path : pathlib.Path
        The notebook.

    Returns
    -------
    nbformat.NotebookNode
        The notebook, its outputs cleared.

    Raises
    ------
    SourceFileError
        If it is missing or no notebook.
    MissingDependencyError
        If the extra ``report`` is not installed.
    """
    nbformat = load("nbformat")
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(notebook)
    except FileNotFoundError:
        raise SourceFileError(f"the notebook {path} does not exist") from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError) as error:
        raise SourceFileError(f"{path.name} is no Jupyter notebook: {error}") from None
    for number, cell in enumerate(notebook.cells, start=1):
        cell.metadata[_ORIGINAL] = number
        if cell.cell_type == "code":
            cell.outputs = []
    return notebook


def declared_parameters(notebook: Any) -> dict[str, str]:
    """Return the parameters that a notebook declares, with their values.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook; its cell tagged ``parameters`` assigns texts to names.

    Returns
    -------
    dict of str to str
        Name to text.

    Raises
    ------
    ReportError
        If the cell holds anything but assignments of texts.
    """
    found: dict[str, str] = {}
    for statement in _statements(notebook):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(value))):
                found[name] = value
            case _:
                raise ReportError(
                    "the cell of parameters assigns texts to names only, not "
                    f"{ast.unparse(statement)!r}"
                )
    return found


def with_parameters(notebook: Any, params: Mapping[str, object]) -> dict[str, str]:
    """Insert a cell that sets parameters behind the one that declares them.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook, which is changed.
    params : mapping
        Texts and paths by name.

    Returns
    -------
    dict of str to str
        All parameters with the values in force.

    Raises
    ------
    UnknownCodeError
        If the notebook declares no such parameter.
    ReportError
        If a value is neither text nor path.
    """
    declared = declared_parameters(notebook)
    for name, value in params.items():
        if name not in declared:
            raise UnknownCodeError(name, declared, "parameters of the notebook")
        if not isinstance(value, str | Path):
            raise ReportError(f"the parameter {name!r} must be a text or a path, not {value!r}")
    given = {name: str(value) for name, value in params.items()}
    if given:
        source = "\n".join(f"{name} = {value!r}" for name, value in given.items())
        index = next(i for i, c in enumerate(notebook.cells) if _TAG in c.metadata.get("tags", ()))
        notebook.cells.insert(index + 1, _hidden_cell(source))
    return declared | given


def execute_notebook(
    notebook: Any, *, name: str, folder: Path, time_limit: float, progress: Progress | None = None
) -> None:
    """Execute all cells; outputs are written into the notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook, which is changed.
    name : str
        Its name, for messages.
    folder : pathlib.Path
        Working folder of the cells.
    time_limit : float
        Seconds that one cell may take.
    progress : callable, optional
        Called with the number of cells done and of all cells.

    Raises
    ------
    ReportError
        If the folder is missing, a cell fails or takes too long, or the kernel dies; names the
        cell, its first line and the error.
    MissingDependencyError
        If the extra ``report`` is not installed.
    """
    if not folder.is_dir():
        raise ReportError(f"the working folder {folder} of {name} does not exist")
    load("ipykernel")
    exceptions = load("nbclient.exceptions")
    notebook.cells.insert(0, _hidden_cell(_PREFIX_CHECK.format(prefix=sys.prefix)))
    total = sum(cell.cell_type == "code" for cell in notebook.cells)
    done: list[int] = []

    def executed(cell: Any, **_: Any) -> None:
        done.append(cell.metadata.get(_ORIGINAL, 0))
        if progress is not None:
            progress(len(done), total)

    with _kernel_manager() as manager:
        client = load("nbclient").NotebookClient(
            notebook,
            timeout=time_limit,
            resources={"metadata": {"path": str(folder)}},
            store_widget_state=False,
            on_cell_executed=executed,
        )
        client.km = manager  # set here, and not above, so that the client ends the kernel too
        try:
            client.execute(env=_environment(manager))
        except exceptions.CellExecutionError as error:
            raise ReportError(
                _where(notebook, name, done) + f"{error.ename}: {error.evalue}"
            ) from None
        except exceptions.CellTimeoutError:
            limit = f"the cell took longer than {time_limit:g} seconds"
            raise ReportError(_where(notebook, name, done) + limit) from None
        except RuntimeError as error:  # the kernel died, or did not start
            raise ReportError(_where(notebook, name, done) + str(error)) from None


def _statements(notebook: Any) -> list[ast.stmt]:
    """Return what the cells tagged as parameters hold."""
    cells = [c for c in notebook.cells if _TAG in c.metadata.get("tags", ())]
    try:
        return [item for cell in cells for item in ast.parse(cell.source).body]
    except SyntaxError as error:
        raise ReportError(f"the cell of parameters is no Python: {error.msg}") from None


def _where(notebook: Any, name: str, done: list[int]) -> str:
    """Return the place of the cell that failed: the first one that was not done."""
    code = [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]
    failed = next(
        (c for c in code if any(o.output_type == "error" for o in c.outputs)),
        code[min(len(done), len(code) - 1)],
    )
    number = failed.metadata.get(_ORIGINAL)
    if number is None:
        return f"{name}, before the first cell: "
    lines = [line for line in failed.source.splitlines() if line.strip()]
    return f"{name}, cell {number} ({lines[0].strip()[:_SHOWN]!r}): "


def _hidden_cell(source: str) -> Any:
    return load("nbformat.v4").new_code_cell(source)


@contextmanager
def _kernel_manager() -> Iterator[Any]:
    """Yield a manager of kernels of this very interpreter, whatever kernels are installed."""
    client, specs = load("jupyter_client"), load("jupyter_client.kernelspec")
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    argv += ["--HistoryManager.enabled=False"]

    class OwnInterpreter(specs.KernelSpecManager):  # type: ignore[misc, name-defined]
        def get_kernel_spec(self, kernel_name: str) -> Any:  # noqa: ARG002
            return specs.KernelSpec(argv=argv, display_name="begleitforschung", language="python")

    with tempfile.TemporaryDirectory(prefix="bf-") as folder:
        file = Path(folder) / "kernel.json"
        # Names of Unix sockets are limited to about 100 bytes, and Windows has none.
        local = os.name == "posix" and len(str(file)) < _SHORTEST_PATH_LIMIT
        yield client.AsyncKernelManager(
            kernel_spec_manager=OwnInterpreter(),
            transport="ipc" if local else "tcp",
            connection_file=str(file),
        )


def _environment(manager: Any) -> dict[str, str]:
    """Return the kernel's environment: the user's, without the start-up files of IPython."""
    folder = Path(manager.connection_file).parent
    return {**os.environ, "IPYTHONDIR": str(folder), "PYTHONHASHSEED": "0"}
