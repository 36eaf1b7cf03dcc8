"""A process that writes until it is killed, and tells on standard output what the database has acknowledged."""

from __future__ import annotations

import sys

from support import person

from engine.database import Database
from engine.expr.to_sql import register_sqlite_functions
from engine.records.spec import BulkRow
from engine.records.workspace import Workspace


def main(url: str, worker: str) -> None:
    space = Workspace(Database(url, sqlite_hooks=(register_sqlite_functions,)))
    ann = person("u_ann", "rol_admin")
    number = 0
    while True:
        number += 1
        name = f"{worker}-{number}"
        with space.write("crm") as store:
            body = {"name": name, "contacts": [{"name": f"{name}/{i}"} for i in range(3)]}
            made = store.create(ann, "account", body)
            store.update(ann, "account", made.id, {"short_name": name}, made.rev)
            store.bulk(ann, "lead", [BulkRow(op="create", values={"company": f"{name}+{i}"}) for i in range(5)])
        print(name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
