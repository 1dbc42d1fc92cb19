"""The server's OpenAPI document, which covers eleven of its operations, and the page that shows it."""

from __future__ import annotations

from typing import Any

__all__ = ["PAGE", "document"]

PAGE = """<!doctype html>
<html><head><title>exchange API</title></head>
<body><h1>exchange API</h1><p>The document is at <a href="/api-doc/openapi.json">/api-doc/openapi.json</a>.</p></body>
</html>
"""
COVERED = (
    ("get", "/health", "health", 200),
    ("post", "/api/v1/admin/users", "provision_user", 201),
    ("post", "/api/v1/admin/users/reset", "reset_users", 200),
    ("get", "/api/v1/user", "user", 200),
    ("get", "/api/v1/positions", "positions", 200),
    ("get", "/api/v1/portfolio", "portfolio", 200),
    ("get", "/api/v1/open-orders", "open_orders", 200),
    ("get", "/api/v1/fills", "fills", 200),
    ("post", "/api/v1/orders", "submit_order", 201),
    ("delete", "/api/v1/orders/{order_id}", "cancel_order", 200),
    ("patch", "/api/v1/orders/{order_id}", "amend_order", 200),
)


def document() -> dict[str, Any]:
    """Return the document."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path, name, status in COVERED:
        operation: dict[str, Any] = {"operationId": name, "responses": {str(status): {"description": name}}}
        if "{order_id}" in path:
            schema = {"type": "string", "format": "uuid"}
            operation["parameters"] = [{"name": "order_id", "in": "path", "required": True, "schema": schema}]
        paths.setdefault(path, {})[method] = operation
    return {"openapi": "3.0.3", "info": {"title": "exchange", "version": "0.1.0"}, "paths": paths}
