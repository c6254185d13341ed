"""The documentation: pages, and what of them is generated (`python -m docs.generate`)."""
