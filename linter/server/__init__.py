"""The language server: what editors show of a deployment, and what they change in it."""
