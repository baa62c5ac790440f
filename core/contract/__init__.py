"""The contract between the services: the types that the API writes and the dashboard reads."""
