"""Reading rows from any file: formats, dialects, limits, columns and values."""
