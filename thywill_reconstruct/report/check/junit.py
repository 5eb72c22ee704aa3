"""The results of a check as JUnit XML: a rule is a test case; one that could not run is an error, not a failure."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from thywill_reconstruct.checks.model import CheckResults
from thywill_reconstruct.report.check.wording import count_of, message_of, subject_of


def render(results: CheckResults) -> str:
    """Return the results as an XML document."""
    failed = sum(each.state == "failed" for each in results.results)
    blind = sum(each.state == "could not check" for each in results.results)
    figures = {"tests": str(len(results.results)), "failures": str(failed), "errors": str(blind), "skipped": "0"}
    root = Xml.Element("testsuites", {"name": "thywill-reconstruct check", **figures})
    suite = Xml.SubElement(root, "testsuite", {"name": _xml(results.database), **figures})
    for each in results.results:
        case = Xml.SubElement(suite, "testcase", {"classname": each.rule.pack or "rules", "name": each.rule.id})
        if each.state == "failed":
            said = f"{each.rule.title}: {count_of(each.count, 'finding')}"
            trouble = Xml.SubElement(case, "failure", {"message": _xml(said), "type": each.rule.severity})
            trouble.text = _xml("\n".join(f"{subject_of(row)}: {message_of(row)}" for row in each.offences))
        elif each.state == "could not check":
            Xml.SubElement(case, "error", {"message": _xml(each.reason), "type": "could not check"})
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _xml(text: str) -> str:
    """Return text without the characters that XML cannot hold at all."""
    return "".join(
        c if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else "\ufffd"
        for c in text
    )
