"""The OpenAPI document, the pages that show it, and the adapter to flask-openapi."""
