"""The absence of the API: contact with it, the spool of decisions, and its delivery."""
