"""The way out: a released entry as a FHIR transaction, a table or one JSON document."""

from formscan.emr.fhir import check_structure, to_fhir
from formscan.emr.questionnaire import to_questionnaire
from formscan.emr.table import to_csv
from formscan.emr.whole import to_json

__all__ = ["check_structure", "to_csv", "to_fhir", "to_json", "to_questionnaire"]
