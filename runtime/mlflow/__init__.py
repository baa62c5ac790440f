"""MLflow: its server, the runs recorded in it, and the registry that models come from."""
