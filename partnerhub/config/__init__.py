"""Reading `partnerhub.yaml`: what a deployment declares, checked whole and in one go.

Belongs here: the typed configuration, its file format, messages about mistakes in it. Does not belong here:
anything that opens a connection, and any knowledge of one connector (its settings class is asked).
"""

from partnerhub.config.load import load_config
from partnerhub.config.model import HubConfig, PartnerRule, SourceConfig
from partnerhub.config.problems import InvalidConfig, Problem

__all__ = ["HubConfig", "InvalidConfig", "PartnerRule", "Problem", "SourceConfig", "load_config"]
