"""What the files mean together: values with provenance, the Compose project, the deployment."""
