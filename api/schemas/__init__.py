"""What the API takes and gives, one module a resource; the OpenAPI document is made from these models."""
