"""Tables as Parquet: what a file holds, judged by its layout before it is read."""
