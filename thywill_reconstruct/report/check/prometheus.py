"""The results of a check as metrics in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable

from thywill_reconstruct.checks.model import CheckResults
from thywill_reconstruct.report.check.wording import unchecked
from thywill_reconstruct.report.safe import safe

Labels = dict[str, str]
Metric = tuple[str, str, list[tuple[Labels, int]]]


def render(results: CheckResults) -> str:
    """Return the metrics of a check."""
    base = {"database": results.database}
    rules = [
        (each, {**base, "pack": each.rule.pack, "rule": each.rule.id, "severity": each.rule.severity})
        for each in results.results
    ]
    # Not knowing is not zero: a rule that could not run has no number of findings.
    known = [(labels, each.count) for each, labels in rules if each.state != "could not check"]
    blind = [(labels, int(each.state == "could not check")) for each, labels in rules]
    return gauges(
        [
            ("findings", "Rows or schema objects that break a rule.", known),
            ("rule_unchecked", "1 if a rule could not be checked.", blind),
            ("unchecked_rules", "How many rules could not be checked.", [(base, len(unchecked(results)))]),
            ("check_exit_code", "0 sound, 1 warning, 2 critical, 3 unknown.", [(base, results.exit_code)]),
        ]
    )


def gauges(metrics: Iterable[Metric]) -> str:
    """Return gauges, given as name, help and samples; without timestamps, which a textfile collector refuses."""
    lines: list[str] = []
    for name, text, samples in metrics:
        if samples:
            lines += [f"# HELP reconstruct_{name} {text}", f"# TYPE reconstruct_{name} gauge"]
            lines += [f"reconstruct_{name}{{{_labels(labels)}}} {value}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    return ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items())


def _escape(value: str) -> str:
    return safe(value).replace("\\", "\\\\").replace('"', '\\"')
