"""The Simulation page, part by part."""
