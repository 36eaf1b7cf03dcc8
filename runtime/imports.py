"""Imports as jobs: the worker runs them as the person who asked, with the rights that person has by then."""

from __future__ import annotations

from collections.abc import Callable

from engine import people
from engine.jobs.port import Handler, Job
from engine.problems import Problem
from engine.records.transfer.importer import RUN_JOB, UNDO_JOB, Importer
from metadata.findings import Refused
from runtime.services import Services


def importer_of(services: Services) -> Importer:
    return Importer(services.workspace, services.config.data_dir / "imports")


def import_handlers(services: Services) -> dict[str, Handler]:
    """What runs the two kinds of import job."""
    importer = importer_of(services)

    def working(step: Callable[..., None]) -> Handler:
        def handle(job: Job) -> None:
            run_id, user_id = str(job.payload["run_id"]), str(job.payload["user_id"])
            with services.database.read() as connection:
                actor = people.actor_for(connection, user_id, str(job.payload["app_id"]), request_id=job.id)
            try:
                step(actor, run_id)
            except (Refused, Problem) as error:  # it would fail the same way again: tell the person instead
                importer.fail(run_id, str(error))

        return handle

    return {RUN_JOB: working(importer.run), UNDO_JOB: working(importer.undo)}
