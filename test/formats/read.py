"""Reads the reports of a run with what others wrote: run.json with jsonschema,
junit.xml with junitparser, earl.jsonld with rdflib, matrix.csv with Python's csv.
What they count is compared with run.json.

    read.py SCHEMA RUN…        the schema of run.json, and run folders
"""
import collections
import csv
import json
import pathlib
import sys

import jsonschema
import junitparser
import rdflib

EARL = rdflib.Namespace("http://www.w3.org/ns/earl#")
DCT = rdflib.Namespace("http://purl.org/dc/terms/")
VOCABULARY = rdflib.Namespace("urn:collaudo:vocabulary:")
WHOLE = "urn:collaudo:run:verdict"
OUTCOMES = {
    "pass": "passed", "warn": "passed", "fail": "failed", "inapplicable": "inapplicable", "not exercised": "untested",
    "error": "cantTell", "inconclusive": "cantTell", "observed": "cantTell",
}
CONCLUDED = {
    "CONFORMANT": "passed", "CONFORMANT WITH WARNINGS": "passed", "NOT CONFORMANT": "failed", "INCONCLUSIVE": "cantTell",
}


def expect(what, got, want):
    if got != want:
        raise SystemExit(f"{what}: {got}, and run.json comes to {want}")


def junit(folder, run):
    want = collections.Counter(tests=len(run["scenarios"] or []) + 1)
    for scenario in run["scenarios"] or []:
        kind = {"fail": "failures", "error": "errors", "inconclusive": "errors", "inapplicable": "skipped", "not exercised": "skipped"}
        if scenario["verdict"] in kind:
            want[kind[scenario["verdict"]]] += 1
    if run["verdict"] not in ("CONFORMANT", "CONFORMANT WITH WARNINGS"):
        want["failures" if run["verdict"] == "NOT CONFORMANT" else "errors"] += 1
    whole = junitparser.JUnitXml.fromfile(str(folder / "junit.xml"))
    counted = collections.Counter()
    for suite in whole:
        for case in suite:
            counted["tests"] += 1
            for result in case.result:
                counted[{"Failure": "failures", "Error": "errors", "Skipped": "skipped"}[type(result).__name__]] += 1
    expect(f"{folder}: junitparser counts", dict(counted), {k: v for k, v in want.items() if v})
    says = collections.Counter(tests=whole.tests, failures=whole.failures, errors=whole.errors, skipped=whole.skipped)
    expect(f"{folder}: junitparser, by the counters", +says, +want)
    return dict(+counted)


def earl(folder, run):
    graph = rdflib.Graph()
    graph.parse(folder / "earl.jsonld", format="json-ld")
    got, named = collections.Counter(), {}
    for assertion in graph.subjects(rdflib.RDF.type, EARL.Assertion):
        tests, results = list(graph.objects(assertion, EARL.test)), list(graph.objects(assertion, EARL.result))
        if len(tests) != 1 or len(results) != 1:
            raise SystemExit(f"{folder}: {assertion} has {len(tests)} tests and {len(results)} results: EARL asks for one of each")
        for needed in (EARL.assertedBy, EARL.subject, EARL.mode):
            if len(list(graph.objects(assertion, needed))) != 1:
                raise SystemExit(f"{folder}: {assertion} has not one {needed}")
        kind = EARL.TestCriterion if str(tests[0]) == WHOLE else EARL.TestRequirement
        if (tests[0], rdflib.RDF.type, kind) not in graph:
            raise SystemExit(f"{folder}: {tests[0]} is no {kind}")
        languages = {title.language for title in graph.objects(tests[0], DCT.title)}
        if languages != {"en", "it"}:
            raise SystemExit(f"{folder}: {tests[0]} has titles in {languages}")
        outcome = graph.value(results[0], EARL.outcome)
        if outcome not in (EARL.passed, EARL.failed, EARL.cantTell, EARL.inapplicable, EARL.untested):
            raise SystemExit(f"{folder}: {assertion} came to {outcome}, which EARL does not know")
        got[outcome.removeprefix(str(EARL))] += 1
        named[str(tests[0]).rsplit(":", 1)[1]] = str(outcome).removeprefix(str(EARL))
    # Of a run that concludes nothing, nothing passed; and the run itself is asserted.
    whole = CONCLUDED.get(run["verdict"])
    want = {rule["id"]: OUTCOMES[rule["verdict"]] for rule in run["rules"] or []}
    if whole is None:
        want = {rule: "cantTell" if outcome == "passed" else outcome for rule, outcome in want.items()}
    want["verdict"] = whole or "cantTell"
    expect(f"{folder}: rdflib, outcomes by rule", named, want)
    return dict(got)


def matrix(folder, run):
    octets = (folder / "matrix.csv").read_bytes()
    if octets.count(b"\n") != octets.count(b"\r\n"):
        raise SystemExit(f"{folder}: matrix.csv has lines that do not end in CRLF")
    with open(folder / "matrix.csv", newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file, strict=True))
    for line in lines:
        for name, text in line.items():
            if None in (name, text) or text[:1] in tuple("=+-@"):
                raise SystemExit(f"{folder}: matrix.csv: {line['rule']}: {name}: {text!r}")
    asked = {line["rule"]: line["verdict"] for line in lines if line["verdict"]}
    expect(f"{folder}: csv, verdicts by rule", asked, {rule["id"]: rule["verdict"] for rule in run["rules"] or []})
    whole = {(line["run verdict"], line["run concluded"]) for line in lines}
    expect(f"{folder}: csv, verdict of the run", whole, {(run["verdict"], "yes" if run["verdict"] in CONCLUDED else "no")})
    return len(lines)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for folder in map(pathlib.Path, sys.argv[2:]):
        with open(folder / "run.json", encoding="utf-8") as file:
            run = json.load(file)
        validator.validate(run)
        expect(f"{folder}: counts", run["counts"], dict(collections.Counter(rule["verdict"] for rule in run["rules"] or [])))
        print(f"  {folder.name}: {run['verdict']}; jsonschema: run.json keeps the schema; junitparser {junit(folder, run)}; "
              f"rdflib {earl(folder, run)}; csv {matrix(folder, run)} rules")


main()
