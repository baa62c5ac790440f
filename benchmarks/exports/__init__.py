"""The exported model in its runtimes, side by side."""
