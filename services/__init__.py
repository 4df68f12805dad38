"""The three services: each one whole, each with its own database, routes and pages."""
