"""Start-time fair queueing: no client's large job makes another client's small one wait.

Every task gets a tag when it is submitted, its place in the clients' common order, and claims go by the smallest tag.
A client's tasks follow each other at the distance of their cost, so one that sends much runs ahead of the others and
waits; one that sends little, or comes back after a pause, starts at the virtual time, which is the smallest tag that
waits: an idle client saves up no credit. The tag that orders is where a task finishes, which favours small tasks.

Pawan Goyal, Harrick M. Vin, Haichen Cheng: "Start-time Fair Queuing: A Scheduling Algorithm for Integrated Services
Packet Switching Networks", SIGCOMM 1996.
"""

from __future__ import annotations


def start_tag(virtual_time: float, clients_last: float | None) -> float:
    """Return where a client's next task starts.

    Args:
        virtual_time: the smallest tag that waits.
        clients_last: the tag of the client's last task that waits; None where none does.
    """
    return virtual_time if clients_last is None else max(virtual_time, clients_last)


def finish_tag(start: float, cost: float, weight: float = 1.0) -> float:
    """Return the tag of a task: where it finishes, `cost` (number of texts) further on, less for a heavier `weight`.

    Raises ValueError for a weight that is not positive or a cost below 0.
    """
    if weight <= 0 or cost < 0:
        raise ValueError(f"cost must be 0 or more and weight above 0, not {cost} and {weight}")
    return start + cost / weight
