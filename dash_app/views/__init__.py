"""What the pages show: for each page its ids, layout, figures and sentences."""
