"""The house style: colours and font as data, and figures as bytes that repeat."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pydantic

from begleitforschung.catalogue import Entry, Reference, read_entry, resource

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HEX = r"^#[0-9a-f]{6}$"
_HASH_SALT = "begleitforschung"
_PNG_DPI = 200
CM_PER_INCH = 2.54


class HouseStyle(Entry):
    """Colours, font and measures of figures and reports, read from ``resources/style``.

    Parameters
    ----------
    font : str
        Family of the shipped font.
    font_files : tuple of str
        Its files below ``resources/fonts``.
    accent, text, muted, neutral, rule, tint : str
        Colours: of the institute, of text, of secondary text, of groups in the background, of
        lines, of areas.
    scale : tuple of str
        Colours of an ordered scale, from light to dark.
    series : tuple of str
        Colours of series, in order.
    width_cm : float
        Width of a figure in cm.
    font_size : float
        Size of a figure's text in points.
    reference : Reference
        Where the choice of colours comes from.
    """

    font: str
    font_files: tuple[str, ...]
    accent: str = pydantic.Field(pattern=_HEX)
    text: str = pydantic.Field(pattern=_HEX)
    muted: str = pydantic.Field(pattern=_HEX)
    neutral: str = pydantic.Field(pattern=_HEX)
    rule: str = pydantic.Field(pattern=_HEX)
    tint: str = pydantic.Field(pattern=_HEX)
    scale: tuple[str, ...] = pydantic.Field(min_length=2)
    series: tuple[str, ...]
    width_cm: float = pydantic.Field(gt=0)
    font_size: float = pydantic.Field(gt=0)
    reference: Reference


@cache
def house_style() -> HouseStyle:
    """Return the house style.

    Returns
    -------
    HouseStyle
        The style that the package ships.
    """
    return read_entry(resource("style", "house.yaml"), HouseStyle)


def font_folder() -> Path:
    """Return the folder of the shipped fonts.

    Returns
    -------
    pathlib.Path
        The folder.
    """
    return Path(str(resource("fonts")))


@contextmanager
def styled() -> Iterator[HouseStyle]:
    """Draw and write figures in house style, whatever the user's own settings are.

    Yields
    ------
    HouseStyle
        The style in force.
    """
    import matplotlib as mpl

    style = house_style()
    _add_fonts(style)
    with mpl.rc_context():
        mpl.rcdefaults()
        settings: Any = _settings(style)
        mpl.rcParams.update(settings)
        yield style


def figure_bytes(figure: Figure, kind: Literal["svg", "png"]) -> bytes:
    """Return a figure as an image, equal bytes for equal figures.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    kind : {"svg", "png"}
        Format; text in SVG becomes outlines, so that it looks the same everywhere.

    Returns
    -------
    bytes
        The image.
    """
    stream = io.BytesIO()
    metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    with styled():
        figure.savefig(stream, format=kind, metadata=metadata, dpi=_PNG_DPI)
    return stream.getvalue()


@cache
def _add_fonts(style: HouseStyle) -> None:
    from matplotlib import font_manager

    for name in style.font_files:
        font_manager.fontManager.addfont(font_folder() / name)


def _settings(style: HouseStyle) -> dict[str, object]:
    return {
        "font.family": [style.font],
        "font.size": style.font_size,
        "text.color": style.text,
        "axes.edgecolor": style.muted,
        "axes.labelcolor": style.text,
        "axes.labelsize": style.font_size,
        "axes.linewidth": 0.6,
        "axes.spines.left": False,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.axisbelow": True,
        "grid.color": style.rule,
        "grid.linewidth": 0.5,
        "xtick.color": style.muted,
        "xtick.labelcolor": style.text,
        "ytick.labelcolor": style.text,
        "ytick.color": style.muted,
        "xtick.major.width": 0.6,
        "ytick.major.size": 0,
        "svg.fonttype": "path",
        "svg.hashsalt": _HASH_SALT,
    }
