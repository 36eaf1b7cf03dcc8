"""Measures worked out from parts, such as ``won / closed``: the product's one expression language over named figures."""

from __future__ import annotations

