"""Partner Hub, the application: command line, configuration, identity logic, web, simulator."""

__version__ = "0.1.0"
