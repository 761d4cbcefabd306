"""The way out: released entries as FHIR, CSV, JSON."""
