"""Schemas of requests and answers, one module a resource; the OpenAPI document is made from these models."""
