"""The tables. Times are milliseconds since 1970 (UTC), ids are text, and the CHECKs refuse rows that make no sense."""

from server.storage.models.answers import CachedVector, Progress, Result
from server.storage.models.people import Agent, ClientKey, Invite, ModelClass, Offer
from server.storage.models.queue import Attempt, Job, Payload, Task
from server.storage.models.records import AgentLog, Event, KeyCounter, OperatorSession, Throughput, Usage

__all__ = [
    "Agent",
    "AgentLog",
    "Attempt",
    "CachedVector",
    "ClientKey",
    "Event",
    "Invite",
    "Job",
    "KeyCounter",
    "ModelClass",
    "Offer",
    "OperatorSession",
    "Payload",
    "Progress",
    "Result",
    "Task",
    "Throughput",
    "Usage",
]
