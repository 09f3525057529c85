"""KPI frameworks: catalogues of indicators as strict, frozen values."""

from begleitforschung.frameworks.checks import check_content
from begleitforschung.frameworks.entries import Dimension, Info, Kpi, Mapping, Target, Variable
from begleitforschung.frameworks.expressions import Expression, format_expression, parse, variables
from begleitforschung.frameworks.framework import Framework
from begleitforschung.frameworks.index_catalogue import index_methods
from begleitforschung.frameworks.index_entries import IndicatorSpec, NodeSpec, Purpose
from begleitforschung.frameworks.index_method import Method, Step
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.frameworks.index_yaml import load_index_spec
from begleitforschung.frameworks.polarity import Acceptance, polarity_decisions
from begleitforschung.frameworks.reading import available, check_framework, load_framework
from begleitforschung.frameworks.template import write_template

__all__ = [
    "Acceptance",
    "Dimension",
    "Expression",
    "Framework",
    "IndexSpec",
    "IndicatorSpec",
    "Info",
    "Kpi",
    "Mapping",
    "Method",
    "NodeSpec",
    "Purpose",
    "Step",
    "Target",
    "Variable",
    "available",
    "check_content",
    "check_framework",
    "format_expression",
    "index_methods",
    "load_framework",
    "load_index_spec",
    "parse",
    "polarity_decisions",
    "variables",
    "write_template",
]
