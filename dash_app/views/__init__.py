"""The views of the pages: for each its ids, layout, figures and sentences."""
