"""Random clients, agents, zombies, replays, sweeps and restarts against the real services on a real SQLite file.

After every step the tables are compared with the model and searched for what may never be there. Vectors are computed
from the text, so that an answer which is anybody else's, or in another order, shows.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from server.domain.errors import NotFound, PoolError
from server.domain.trust import Trust
from server.services import access, answers, dispatch, settling, sweeper
from server.services.answers import Collection
from server.services.assembling import Embeddings
from server.services.embeddings import TIME_TO_LIVE, submit_embeddings
from server.services.operator import operations_agents
from server.services.outcomes import Aftermath, Delivered, Reported
from server.services.sweeper import JOB_MS, RETENTION_EVERY_SECONDS
from server.storage.attempts import Lease as HandedOut
from tests import factories
from tests.factories import DIGEST, DIMENSIONS, TOKENS, Never, make_request, vectors_of
from tests.server.services.queue_model import GRACE_MS, LEASE_MS, Job, Lease
from tests.server.services.queue_world import World

#: Short texts, and some so long that only one fits a task, so that a job has several tasks.
TEXTS = tuple(f"text {n}" for n in range(6)) + tuple(f"long {n} " + "x" * 17_000 for n in range(6))
#: Fewer than the settings' places for clients that wait.
MOST_WAITING = 15
ERRORS = ("engine_error", "out_of_memory", "input_too_long", "input_invalid")
#: Seconds of a pause after which tasks are expired, results deleted, jobs deleted.
PAUSES = {"expiry": 660, "hours": 90_000, "days": 700_000}
WRONG = ("one vector too many", "dimensions", "digest", "length")

numbers = st.integers(0, 2**16)
Wish = tuple[int, list[int], bool, bool]
wishes: st.SearchStrategy[Wish] = st.tuples(
    numbers, st.lists(st.integers(0, len(TEXTS) - 1), min_size=1, max_size=6), st.booleans(), st.booleans()
)
reports = st.sampled_from(("right",) * 7 + ERRORS + WRONG)
Report = Delivered | Reported


def one_of(weights: dict[str, int]) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, weight in weights.items() for _ in range(weight)])


happenings = one_of(
    {"nothing": 4, "late sweep": 1, "sweep": 12, "reclaim": 3, "restart": 2, "expiry": 1, "hours": 1, "days": 1}
)
seconds = st.sampled_from((0, 1, 3, 3, 10, 20, 45, 61, 75))
visits = one_of({"collect": 4, "hang up": 1, "look": 2, "cancel": 1})
sometimes = st.sampled_from((False,) * 5 + (True,))

submissions = st.tuples(st.just("submit"), st.lists(wishes, min_size=1, max_size=4))
turns = st.tuples(st.just("turn"), numbers, st.tuples(*[reports] * 5), st.integers(0, 5), st.integers(3, 12), sometimes)
late_reports = st.tuples(st.just("report_late"), numbers, reports, numbers, st.booleans())
keepings = st.tuples(st.just("keep_or_give_back"), numbers, numbers, sometimes, st.booleans())
visitings = st.tuples(st.just("visit"), visits, numbers, numbers)
trustings = st.tuples(st.just("change_trust"), st.booleans(), numbers, st.sampled_from((*Trust, Trust.PUBLIC)))
passings = st.tuples(st.just("pass_time"), happenings, seconds)
#: What may happen next, the usual more often (`one_of` would count what stands there twice once).
actions: st.SearchStrategy[tuple[Any, ...]] = st.sampled_from(
    [*[submissions] * 2, *[turns] * 6, late_reports, keepings, visitings, trustings, *[passings] * 2]
).flatmap(lambda chosen: chosen)


class QueueMachine(RuleBasedStateMachine):
    """The rules: what clients, agents and time may do to the pool."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.model = self.world.model
        self.clock = self.world.clock

    def teardown(self) -> None:
        self.world.close()

    @invariant()
    def promise_holds(self) -> None:
        self.world.check()

    # One rule, because Hypothesis leaves rules out of whole runs, and the queue is only interesting with all of them.
    @rule(action=actions)
    def act(self, action: tuple[Any, ...]) -> None:
        name, *arguments = action
        getattr(self, name)(*arguments)

    # Clients.

    def submit(self, wishes: list[Wish]) -> None:
        """Clients ask for texts."""
        for wish in wishes:
            if len(self.world.waiting) < MOST_WAITING:
                self.submit_one(*wish)

    def submit_one(self, client: int, picks: list[int], urgent: bool, again: bool) -> None:
        """A client asks for new texts, some it had before, or exactly what a job of its own asks for."""
        now, who = self.clock.now(), client % len(self.world.clients)
        texts = tuple(TEXTS[pick] for pick in picks)
        own = [job for job in self.model.jobs.values() if job.client == who]
        if again and own:
            texts = own[picks[0] % len(own)].texts
        missing = [text for text in texts if (who, text) not in self.model.cache]
        joinable = self.model.joinable(who, texts, now)
        answer = submit_embeddings(
            self.world.pool,
            self.world.clients[who],
            make_request(*texts),
            on_the_line=urgent,
            only_if_online=False,
            now=now,
        )
        if not missing:
            assert isinstance(answer, Embeddings), "the cache has all texts, but the pool queued some"
            self.world.expect_right(answer, texts)
            return
        assert isinstance(answer, Collection), "a text was answered that this client's cache does not have"
        if joinable is None:
            joinable = Job(answer.waiter.job_id, who, texts, now + TIME_TO_LIVE * 1000)
            self.model.jobs[joinable.id] = joinable
            self.world.read_tasks(joinable)
            assert [text for task in joinable.tasks for text in task.texts] == missing, "other texts were queued"
        else:
            assert (answer.waiter.job_id, answer.tasks) == (joinable.id, 0), "an equal request has to join the job"
        self.world.waiting.append((joinable, answer))

    def visit(self, what: str, number: int, client: int) -> None:
        """A client collects an answer or gives up, asks how a job stands, or no longer wants it."""
        if not self.model.jobs:
            return
        if what == "look":
            self.look(number, client)
        elif what == "cancel":
            self.cancel(number)
        elif self.world.waiting:
            self.collect(number, patient=what == "collect")

    def collect(self, number: int, patient: bool) -> None:
        """A client waits for its job until it is over, or hangs up."""
        job, collection = self.world.waiting.pop(number % len(self.world.waiting))
        if not job.over or not patient:
            self.hang_up(job, collection)
            return
        try:
            answer = answers.collect(self.world.pool, self.world.clients[job.client], collection, 2.0, Never())
        except PoolError as error:
            self.world.expect_error(job, error)
        else:
            assert isinstance(answer, Embeddings), "the job is over, but nobody woke its client"
            self.world.expect_right(answer, job.texts)
        job.fetched = True

    def hang_up(self, job: Job, collection: Collection) -> None:
        client = self.world.clients[job.client]
        assert answers.collect(self.world.pool, client, collection, 0.0, Never()) is None

    def look(self, number: int, client: int) -> None:
        """A client asks how a job stands, its own or another's."""
        job, who = list(self.model.jobs.values())[number % len(self.model.jobs)], client % len(self.world.clients)
        try:
            report = answers.report(self.world.pool, self.world.clients[who], job.id)
        except NotFound:
            deleted = job.status == "completed" and not self.world.has_results(*job.tasks)
            assert job.client != who or deleted, "a client was not shown its own job"
            return
        assert job.client == who, "a client saw another's job"
        assert report.status == job.status
        assert (report.answer is not None) == (job.status == "completed")
        if report.answer is not None:
            assert isinstance(report.answer, Embeddings)
            self.world.expect_right(report.answer, job.texts)
        if report.error is not None:
            self.world.expect_error(job, report.error)

    def cancel(self, number: int) -> None:
        """A job is canceled, whatever its tasks do."""
        job = list(self.model.jobs.values())[number % len(self.model.jobs)]
        if job.over:
            return
        after = Aftermath()
        self.world.pool.database.write(lambda connection: settling.end_job(connection, job.id, after, self.clock.now()))
        after.tell(self.world.pool)
        self.model.cancel(job)

    # Agents.

    def turn(self, agent: int, kinds: tuple[str, ...], most: int, texts: int, forgetful: bool) -> None:
        """An agent reports what it has done and asks for more; or it never got the reply that gave it its leases."""
        agent_id = self.world.agents[agent % len(self.world.agents)]
        if forgetful:
            self.take_turn(agent_id, [], most, texts, set())
            return
        held = self.model.live(agent_id)
        done = [(lease, self.report(lease, kind)) for lease, kind in zip(held, kinds, strict=False)]
        self.take_turn(agent_id, done, most, texts, {lease.id for lease in held})

    def report_late(self, number: int, kind: str, agent: int, stranger: bool) -> None:
        """A zombie reports, a completion is sent again, or an agent reports a lease that is none of its business."""
        if not self.model.leases:
            return
        lease = self.some_lease(number)
        agent_id = self.world.agents[agent % len(self.world.agents)] if stranger else lease.agent
        self.take_turn(agent_id, [(lease, self.report(lease, kind))], 0, 1, set())

    def some_lease(self, number: int) -> Lease:
        """Choose a live lease, or any that ever was."""
        leases = (self.model.live() if number % 2 else []) or list(self.model.leases.values())
        return leases[number // 2 % len(leases)]

    def report(self, lease: Lease, kind: str) -> Report:
        if kind in ERRORS:
            return Reported(lease.id, kind, "It broke.", 0)
        texts, width = lease.task.texts, DIMENSIONS * 2 if kind == "dimensions" else DIMENSIONS
        return Delivered(
            lease.id,
            vectors_of([*texts, "one more"] if kind == "one vector too many" else texts, width).tobytes(),
            width,
            TOKENS * len(texts),
            "another digest" if kind == "digest" else DIGEST,
            "[]",
            1.0,
            "vector 0 has length 2 instead of 1" if kind == "length" else None,
        )

    def take_turn(
        self, agent_id: str, done: list[tuple[Lease, Report]], most: int, texts: int, holding: set[str]
    ) -> None:
        # The roster's count of agents is good for a second.
        now = self.clock.advance(1)
        reply = factories.take_turn(
            self.world.pool,
            self.world.agent(agent_id),
            *(report for _, report in done),
            most=most,
            texts=texts,
            holding=holding,
        )
        for (lease, report), outcome in zip(done, reply.outcomes, strict=True):
            self.settle(agent_id, lease, report, outcome.outcome, now)
        if most:
            self.expect_leases(agent_id, reply.leases, most, texts, holding)

    def settle(self, agent_id: str, lease: Lease, report: Report, outcome: str, now: int) -> None:
        """Compare what came of a report with what had to, and tell the model."""
        code = report.code if isinstance(report, Reported) else "bad_result"
        right = isinstance(report, Delivered) and report == self.report(lease, "right")
        if not lease.live or lease.agent != agent_id:
            again = isinstance(report, Delivered) and report.vectors == lease.delivered and lease.agent == agent_id
            assert outcome == ("replayed" if again and self.world.has_results(lease.task) else "stale")
        elif right:
            assert outcome == "accepted"
            self.model.complete(lease, report.vectors if isinstance(report, Delivered) else b"")
        else:
            assert outcome == ("accepted" if isinstance(report, Reported) else "refused")
            self.model.fail(lease, code, self.world.online(), now)
            if lease.task.status == "queued":
                self.world.read_rest(lease.task, now)

    def expect_leases(self, agent_id: str, leases: list[HandedOut], most: int, texts: int, holding: set[str]) -> None:
        """Insist on the leases that were lost on the way, or else on the next tasks in the line."""
        now, held = self.clock.now(), self.model.live(agent_id)
        for lease in leases:
            assert factories.texts_of(lease) == self.model.tasks[lease.task_id].texts
        given = [lease.lease_id for lease in leases]
        lost = [lease.id for lease in held if lease.id not in holding]
        if lost:
            alive = [key for key in lost if self.model.leases[key].hard_until > now]
            assert set(given) <= set(alive), "something else than the lost leases was handed out"
            assert len(alive) > most or set(given) == set(alive), "a lost lease was not handed out again"
            self.world.read_lapses()
            return
        room = max(0, min(most, self.world.agent(agent_id).agent.capacity - len(held)))
        online = self.world.online()
        # One claim in eight looks at those who do not wait on the line first.
        either = [self.model.next_for(agent_id, now, online, room, texts, least) if room else [] for least in (0, 1)]
        tasks = [lease.task_id for lease in leases]
        assert tasks == either[0] or (tasks and tasks == either[1]), "not the first in line that this agent may take"
        for lease in leases:
            self.model.claim(self.model.tasks[lease.task_id], agent_id, lease.lease_id, now)

    def keep_or_give_back(self, number: int, agent: int, stranger: bool, back: bool) -> None:
        """A heartbeat, or a volunteer who came back: of a live lease, an old one, or somebody else's."""
        if not self.model.leases:
            return
        now = self.clock.now()
        lease = self.some_lease(number)
        present = self.world.agent(self.world.agents[agent % len(self.world.agents)] if stranger else lease.agent)
        held = lease.live and present.agent.id == lease.agent
        if back:
            said = dispatch.release(self.world.pool, present, [lease.id])
            assert said == {lease.id: "released" if held else "lost"}
            if held:
                self.model.release(lease, now)
            return
        held = held and lease.hard_until > now
        said = dispatch.heartbeat(self.world.pool, present, [lease.id], None)
        assert said == {lease.id: "held" if held else "lost"}
        if held:
            lease.until = min(lease.hard_until, now + LEASE_MS)

    # The operator.

    def change_trust(self, of_client: bool, number: int, trust: Trust) -> None:
        """A client's key asks for other agents, or an agent is trusted more or less."""
        now = self.clock.now()
        if of_client:
            who = number % len(self.world.clients)
            access.change_key(self.world.pool, self.world.clients[who].id, now=now, trust=trust)
            self.model.ask_for_trust(who, trust, now)
            return
        agent_id = self.world.agents[number % len(self.world.agents)]
        operations_agents.override(self.world.pool, agent_id, {"trust": trust}, now)
        self.model.trust_agent(agent_id, trust, now)

    # Time.

    def pass_time(self, what: str, seconds: int) -> None:
        """Time passes; the sweeper makes its round or is late; the server dies; or nobody does anything for long."""
        now = self.clock.advance(TIME_TO_LIVE if what == "late sweep" else seconds)
        if what == "reclaim":
            sweeper.reclaim(self.world.pool, now)
            self.reclaimed(now)
        elif what == "restart":
            self.restart()
        elif what in PAUSES:
            self.leave_alone(PAUSES[what])
        elif what == "sweep":
            # Five seconds after the last one a round does all that it ever does.
            self.run_sweeper(self.clock.advance(5))

    def run_sweeper(self, now: int) -> None:
        drops = now - self.world.sweeper._last_retention >= RETENTION_EVERY_SECONDS * 1000
        self.world.sweeper.run_once(now)
        for job in self.model.jobs.values():
            job.noted = job.noted or job.fetched
            if job.expires_at <= now and not job.over:
                self.model.cancel(job, "expired")
        self.reclaimed(now)
        if drops:
            self.model.forget(now - JOB_MS, TIME_TO_LIVE * 1000)

    def reclaimed(self, now: int) -> None:
        lapsed = [lease for lease in self.model.live() if lease.until < now - GRACE_MS]
        for lease in sorted(lapsed, key=lambda lease: lease.until):
            # A sibling that failed meanwhile may have ended it.
            if lease.live:
                self.model.fail(lease, "lease_lost", (), now)

    def leave_alone(self, seconds: int) -> None:
        """So much time passes that tasks expire, or results and jobs are deleted."""
        while self.world.waiting:
            self.hang_up(*self.world.waiting.pop())
        self.run_sweeper(self.clock.advance(seconds))

    def restart(self) -> None:
        """The server dies and another one starts: what was only in memory is gone."""
        while self.world.waiting:
            self.hang_up(*self.world.waiting.pop())
        self.world.pool.database.close()
        for job in self.model.jobs.values():
            job.fetched = job.noted
        self.world.open()
        now = self.clock.advance(1)
        sweeper.pardon(self.world.pool, now)
        self.model.pardon(now + LEASE_MS)
