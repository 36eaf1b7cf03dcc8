"""Every back end of the language; the larger corpus is tried when ``DOUGONG_CONFORMANCE`` names its file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from engine.expr.values import Env
from runtime.expressions import BACKENDS, Backend, open_backend
from tests.conformance.runner import LARGER, ZONE

NOW = datetime(2024, 6, 1, 4, 0, tzinfo=UTC)

collect_ignore = [] if LARGER.is_file() else ["test_larger_corpus.py"]


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    url = request.getfixturevalue("postgres_server") if request.param == "postgres" else ""
    made = open_backend(request.param, Env(now=NOW, zone=ZONE), url)
    yield made
    made.close()
