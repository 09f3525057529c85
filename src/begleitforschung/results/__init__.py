"""All frozen result types: tidy table, specification, provenance, confidentiality."""
