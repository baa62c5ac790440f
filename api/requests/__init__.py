"""Requests, read into the terms of the domain."""
