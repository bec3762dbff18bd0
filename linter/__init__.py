"""Rules, and everything a person sees: commands, reports, configuration."""
