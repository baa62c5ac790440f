"""The views of the Simulation page."""
