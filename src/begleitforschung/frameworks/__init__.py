"""KPI frameworks: catalogues of indicators as strict, frozen values."""

from begleitforschung.frameworks.checks import check_content
from begleitforschung.frameworks.entries import Dimension, Info, Kpi, Mapping, Target, Variable
from begleitforschung.frameworks.expressions import Expression, format_expression, parse, variables
from begleitforschung.frameworks.framework import Framework
from begleitforschung.frameworks.polarity import Acceptance, polarity_decisions
from begleitforschung.frameworks.reading import available, check_framework, load_framework
from begleitforschung.frameworks.template import write_template

__all__ = [
    "Acceptance",
    "Dimension",
    "Expression",
    "Framework",
    "Info",
    "Kpi",
    "Mapping",
    "Target",
    "Variable",
    "available",
    "check_content",
    "check_framework",
    "format_expression",
    "load_framework",
    "parse",
    "polarity_decisions",
    "variables",
    "write_template",
]
