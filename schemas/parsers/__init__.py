"""Exact trees: every byte kept, every node with a span, every syntax error as data."""
