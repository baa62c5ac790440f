"""The record counted in cells of neighbouring probabilities, and the figures that are made of cells."""
