"""Back-testing of a large record, beside pandas and scikit-learn."""
