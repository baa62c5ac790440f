"""Tables: rows read from any file, by formats, dialects, limits, columns and values."""
