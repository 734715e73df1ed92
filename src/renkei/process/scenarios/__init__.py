"""Scenarios: small processes in plain text, what is done to them, and what must come of it."""

from renkei.process.scenarios.doing import ScenarioWrong
from renkei.process.scenarios.notation import NotationWrong, bpmn
from renkei.process.scenarios.playing import Player
from renkei.process.scenarios.scenario import Scenario, Step

__all__ = ["NotationWrong", "Player", "Scenario", "ScenarioWrong", "Step", "bpmn"]
