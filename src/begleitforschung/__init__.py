"""Accompanying research on the Modellprojekte Smart Cities, from official files to reports.

Every public name is imported when it is first used, so that ``import begleitforschung`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from begleitforschung._version import __version__

if TYPE_CHECKING:
    from begleitforschung import composite as composite
    from begleitforschung import errors as errors
    from begleitforschung import regions as regions
    from begleitforschung.comparison import compare as compare
    from begleitforschung.composite import Alternatives as Alternatives
    from begleitforschung.composite import NoisyWeights as NoisyWeights
    from begleitforschung.composite import Range as Range
    from begleitforschung.composite import ValueErrors as ValueErrors
    from begleitforschung.composite import compose as compose
    from begleitforschung.composite import compose_each as compose_each
    from begleitforschung.composite import sensitivity as sensitivity
    from begleitforschung.disclosure import audit as audit
    from begleitforschung.disclosure import protect as protect
    from begleitforschung.disclosure.alternatives import alternatives as alternatives
    from begleitforschung.disclosure.cross_table import cross_table as cross_table
    from begleitforschung.disclosure.pseudonyms import new_key as new_key
    from begleitforschung.disclosure.pseudonyms import pseudonyms as pseudonyms
    from begleitforschung.disclosure.registry import new_registry as new_registry
    from begleitforschung.disclosure.registry import read_registry as read_registry
    from begleitforschung.disclosure.releases import read_releases as read_releases
    from begleitforschung.disclosure.uniqueness import uniqueness as uniqueness
    from begleitforschung.errors import BegleitforschungError as BegleitforschungError
    from begleitforschung.errors import DisclosureError as DisclosureError
    from begleitforschung.errors import UnknownCodeError as UnknownCodeError
    from begleitforschung.errors import ValidationError as ValidationError
    from begleitforschung.estimation.estimate import estimate as estimate
    from begleitforschung.estimation.extrapolate import extrapolate as extrapolate
    from begleitforschung.estimation.factoring import factor_structure as factor_structure
    from begleitforschung.estimation.fieldwork import delegation as delegation
    from begleitforschung.estimation.fieldwork import (
        respondents_against_frame as respondents_against_frame,
    )
    from begleitforschung.estimation.fieldwork import response_rates as response_rates
    from begleitforschung.estimation.nonresponse import nonresponse_model as nonresponse_model
    from begleitforschung.estimation.nonresponse import weight_nonresponse as weight_nonresponse
    from begleitforschung.estimation.nonresponse import weight_propensity as weight_propensity
    from begleitforschung.estimation.ranking import ranking as ranking
    from begleitforschung.estimation.regress import regress as regress
    from begleitforschung.estimation.replicate import given_replicates as given_replicates
    from begleitforschung.estimation.replicate import replicate as replicate
    from begleitforschung.estimation.scales import scale as scale
    from begleitforschung.estimation.significance import significance as significance
    from begleitforschung.estimation.tabulate import tabulate as tabulate
    from begleitforschung.estimation.typologies import typology as typology
    from begleitforschung.estimation.wave_trend import trend as trend
    from begleitforschung.estimation.waves import change as change
    from begleitforschung.estimation.weight_report import weight_report as weight_report
    from begleitforschung.estimation.weighting import calibrate as calibrate
    from begleitforschung.estimation.weighting import poststratify as poststratify
    from begleitforschung.estimation.weighting import rake as rake
    from begleitforschung.estimation.weighting import trim_weights as trim_weights
    from begleitforschung.frameworks import Framework as Framework
    from begleitforschung.frameworks import IndexSpec as IndexSpec
    from begleitforschung.frameworks import IndicatorSpec as IndicatorSpec
    from begleitforschung.frameworks import Method as Method
    from begleitforschung.frameworks import NodeSpec as NodeSpec
    from begleitforschung.frameworks import Purpose as Purpose
    from begleitforschung.frameworks import Step as Step
    from begleitforschung.frameworks import load_framework as load_framework
    from begleitforschung.frameworks import load_index_spec as load_index_spec
    from begleitforschung.kpis import compute_kpis as compute_kpis
    from begleitforschung.loaders import IndexTables as IndexTables
    from begleitforschung.loaders import read_coin_tool as read_coin_tool
    from begleitforschung.loaders import read_coinr as read_coinr
    from begleitforschung.loaders import read_converted as read_converted
    from begleitforschung.loaders import read_crosswalk as read_crosswalk
    from begleitforschung.loaders import read_gemeindeverzeichnis as read_gemeindeverzeichnis
    from begleitforschung.loaders import read_indicators as read_indicators
    from begleitforschung.loaders import read_municipalities as read_municipalities
    from begleitforschung.loaders import read_territorial_changes as read_territorial_changes
    from begleitforschung.loaders import write_indicators as write_indicators
    from begleitforschung.loaders.surveys import load_codebook as load_codebook
    from begleitforschung.loaders.surveys import read_survey as read_survey
    from begleitforschung.pipeline import read_project as read_project
    from begleitforschung.qualitative.frame import CodingFrame as CodingFrame
    from begleitforschung.qualitative.frame import read_coding_frame as read_coding_frame
    from begleitforschung.qualitative.frequencies import code_frequencies as code_frequencies
    from begleitforschung.qualitative.passages import Passages as Passages
    from begleitforschung.qualitative.passages import read_passages as read_passages
    from begleitforschung.qualitative.quoting import quotes as quotes
    from begleitforschung.qualitative.reliability import coder_agreement as coder_agreement
    from begleitforschung.regions import programme as programme
    from begleitforschung.reports import figure as figure
    from begleitforschung.reports import render as render
    from begleitforschung.reports import table as table
    from begleitforschung.reports import text as text
    from begleitforschung.reports.feedback import feedback as feedback
    from begleitforschung.reports.index_workbook import write_index as write_index
    from begleitforschung.reports.method_sheets import method_sheet as method_sheet
    from begleitforschung.reports.survey_report import survey_report as survey_report
    from begleitforschung.reports.survey_tables import write_tables as write_tables
    from begleitforschung.surveys import Codebook as Codebook
    from begleitforschung.surveys import Design as Design
    from begleitforschung.surveys import Survey as Survey
    from begleitforschung.surveys import design as design
    from begleitforschung.tables import Indicator as Indicator
    from begleitforschung.tables import IndicatorTable as IndicatorTable
    from begleitforschung.tables import indicators as indicators
    from begleitforschung.tables.attach import attach as attach
    from begleitforschung.tables.conserve import conserve as conserve
    from begleitforschung.tables.margins import margins as margins
    from begleitforschung.tables.municipal_frame import municipal_frame as municipal_frame
    from begleitforschung.validation import validate as validate
    from begleitforschung.validation.survey_run import validate_survey as validate_survey

# Public name -> where it is: "room:" is the room itself, "room:name" a name in it.
_PUBLIC = {
    "CodingFrame": "qualitative.frame:CodingFrame",
    "Passages": "qualitative.passages:Passages",
    "code_frequencies": "qualitative.frequencies:code_frequencies",
    "coder_agreement": "qualitative.reliability:coder_agreement",
    "quotes": "qualitative.quoting:quotes",
    "read_coding_frame": "qualitative.frame:read_coding_frame",
    "read_passages": "qualitative.passages:read_passages",
    "Alternatives": "composite:Alternatives",
    "NoisyWeights": "composite:NoisyWeights",
    "Range": "composite:Range",
    "ValueErrors": "composite:ValueErrors",
    "sensitivity": "composite:sensitivity",
    "BegleitforschungError": "errors:BegleitforschungError",
    "Codebook": "surveys:Codebook",
    "Design": "surveys:Design",
    "DisclosureError": "errors:DisclosureError",
    "Framework": "frameworks:Framework",
    "Survey": "surveys:Survey",
    "load_codebook": "loaders.surveys:load_codebook",
    "load_index_spec": "frameworks:load_index_spec",
    "Step": "frameworks:Step",
    "Purpose": "frameworks:Purpose",
    "NodeSpec": "frameworks:NodeSpec",
    "Method": "frameworks:Method",
    "IndicatorSpec": "frameworks:IndicatorSpec",
    "IndexSpec": "frameworks:IndexSpec",
    "IndexTables": "loaders:IndexTables",
    "Indicator": "tables:Indicator",
    "IndicatorTable": "tables:IndicatorTable",
    "UnknownCodeError": "errors:UnknownCodeError",
    "ValidationError": "errors:ValidationError",
    "alternatives": "disclosure.alternatives:alternatives",
    "attach": "tables.attach:attach",
    "audit": "disclosure:audit",
    "calibrate": "estimation.weighting:calibrate",
    "change": "estimation.waves:change",
    "compare": "comparison:compare",
    "compose": "composite:compose",
    "composite": "composite:",
    "compose_each": "composite:compose_each",
    "compute_kpis": "kpis:compute_kpis",
    "conserve": "tables.conserve:conserve",
    "cross_table": "disclosure.cross_table:cross_table",
    "delegation": "estimation.fieldwork:delegation",
    "design": "surveys:design",
    "errors": "errors:",
    "estimate": "estimation.estimate:estimate",
    "factor_structure": "estimation.factoring:factor_structure",
    "feedback": "reports.feedback:feedback",
    "extrapolate": "estimation.extrapolate:extrapolate",
    "figure": "reports:figure",
    "given_replicates": "estimation.replicate:given_replicates",
    "indicators": "tables:indicators",
    "load_framework": "frameworks:load_framework",
    "margins": "tables.margins:margins",
    "new_key": "disclosure.pseudonyms:new_key",
    "new_registry": "disclosure.registry:new_registry",
    "method_sheet": "reports.method_sheets:method_sheet",
    "nonresponse_model": "estimation.nonresponse:nonresponse_model",
    "municipal_frame": "tables.municipal_frame:municipal_frame",
    "poststratify": "estimation.weighting:poststratify",
    "programme": "regions.programme:",
    "protect": "disclosure:protect",
    "pseudonyms": "disclosure.pseudonyms:pseudonyms",
    "rake": "estimation.weighting:rake",
    "ranking": "estimation.ranking:ranking",
    "read_coin_tool": "loaders:read_coin_tool",
    "read_coinr": "loaders:read_coinr",
    "read_converted": "loaders:read_converted",
    "read_crosswalk": "loaders:read_crosswalk",
    "read_gemeindeverzeichnis": "loaders:read_gemeindeverzeichnis",
    "read_indicators": "loaders:read_indicators",
    "read_municipalities": "loaders:read_municipalities",
    "read_project": "pipeline:read_project",
    "read_registry": "disclosure.registry:read_registry",
    "read_releases": "disclosure.releases:read_releases",
    "read_survey": "loaders.surveys:read_survey",
    "read_territorial_changes": "loaders:read_territorial_changes",
    "regions": "regions:",
    "regress": "estimation.regress:regress",
    "render": "reports:render",
    "replicate": "estimation.replicate:replicate",
    "respondents_against_frame": "estimation.fieldwork:respondents_against_frame",
    "response_rates": "estimation.fieldwork:response_rates",
    "significance": "estimation.significance:significance",
    "scale": "estimation.scales:scale",
    "survey_report": "reports.survey_report:survey_report",
    "table": "reports:table",
    "tabulate": "estimation.tabulate:tabulate",
    "text": "reports:text",
    "trend": "estimation.wave_trend:trend",
    "trim_weights": "estimation.weighting:trim_weights",
    "typology": "estimation.typologies:typology",
    "uniqueness": "disclosure.uniqueness:uniqueness",
    "validate": "validation:validate",
    "validate_survey": "validation.survey_run:validate_survey",
    "weight_nonresponse": "estimation.nonresponse:weight_nonresponse",
    "weight_propensity": "estimation.nonresponse:weight_propensity",
    "weight_report": "estimation.weight_report:weight_report",
    "write_index": "reports.index_workbook:write_index",
    "write_indicators": "loaders:write_indicators",
    "write_tables": "reports.survey_tables:write_tables",
}

__all__ = [
    "Alternatives",
    "BegleitforschungError",
    "Codebook",
    "CodingFrame",
    "Design",
    "DisclosureError",
    "Framework",
    "IndexSpec",
    "IndexTables",
    "Indicator",
    "IndicatorSpec",
    "IndicatorTable",
    "Method",
    "NodeSpec",
    "NoisyWeights",
    "Passages",
    "Purpose",
    "Range",
    "Step",
    "Survey",
    "UnknownCodeError",
    "ValidationError",
    "ValueErrors",
    "__version__",
    "alternatives",
    "attach",
    "audit",
    "calibrate",
    "change",
    "code_frequencies",
    "coder_agreement",
    "compare",
    "compose",
    "compose_each",
    "composite",
    "compute_kpis",
    "conserve",
    "cross_table",
    "delegation",
    "design",
    "errors",
    "estimate",
    "extrapolate",
    "factor_structure",
    "feedback",
    "figure",
    "given_replicates",
    "indicators",
    "load_codebook",
    "load_framework",
    "load_index_spec",
    "margins",
    "method_sheet",
    "municipal_frame",
    "new_key",
    "new_registry",
    "nonresponse_model",
    "poststratify",
    "programme",
    "protect",
    "pseudonyms",
    "quotes",
    "rake",
    "ranking",
    "read_coding_frame",
    "read_coin_tool",
    "read_coinr",
    "read_converted",
    "read_crosswalk",
    "read_gemeindeverzeichnis",
    "read_indicators",
    "read_municipalities",
    "read_passages",
    "read_project",
    "read_registry",
    "read_releases",
    "read_survey",
    "read_territorial_changes",
    "regions",
    "regress",
    "render",
    "replicate",
    "respondents_against_frame",
    "response_rates",
    "scale",
    "sensitivity",
    "significance",
    "survey_report",
    "table",
    "tabulate",
    "text",
    "trend",
    "trim_weights",
    "typology",
    "uniqueness",
    "validate",
    "validate_survey",
    "weight_nonresponse",
    "weight_propensity",
    "weight_report",
    "write_index",
    "write_indicators",
    "write_tables",
]


def __getattr__(name: str) -> Any:
    try:
        room, _, attribute = _PUBLIC[name].partition(":")
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    module = import_module(f"{__name__}.{room}")
    value = getattr(module, attribute) if attribute else module
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
