"""The history features in Polars beside the same in pandas."""
