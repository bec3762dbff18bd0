"""Spans become edits: verbs for each syntax, combination, the gate, atomic writes."""
