"""The simulator: serves the vendors' own protocols on loopback over one generated, seeded world with known truth.

Belongs here: the world (`world/`), one module or package per vendor, the runner. Knows nothing of connectors,
mappings or the warehouse; the demo and the tests use it as they would use the real services.
"""
