"""The Import page, part by part."""
