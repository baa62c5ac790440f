"""Results of a comparison: frozen dataclasses, to and from JSON."""
