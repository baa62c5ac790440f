"""The model: how it is trained, evaluated, stored and loaded."""
