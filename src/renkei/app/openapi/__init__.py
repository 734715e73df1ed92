"""What the doors say of themselves to a machine: OpenAPI 3.1 at `/openapi.json`."""
