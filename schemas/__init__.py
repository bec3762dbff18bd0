"""Text becomes models: exact trees, effective values, the deployment as one thing."""
