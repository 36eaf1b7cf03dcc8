"""The node types that come with the product."""

from __future__ import annotations

from engine.flows.node import FLOW_NODES
from engine.flows.nodes.approve import Approve
from engine.flows.nodes.branch import Branch
from engine.flows.nodes.cc import Copy
from engine.flows.nodes.end import End
from engine.flows.nodes.join import Join
from engine.flows.nodes.notify import Notify
from engine.flows.nodes.parallel import Parallel
from engine.flows.nodes.record_update import UpdateRecord
from engine.flows.nodes.start import Start

for _node in (Start(), End(), Branch(), Parallel(), Join(), Approve(), Copy(), UpdateRecord(), Notify()):
    if _node.name not in FLOW_NODES:
        FLOW_NODES.register(_node)
