"""openapi-check.py DOC METHOD PATH STATUS BODY-FILE [TYPE]: is an answer as it is described?

Knows what core/service/openapi.json uses of JSON Schema. Stricter than the standard in one
way: a member that is not listed is an error unless additionalProperties allows it, so that the
description is complete.
"""
import json
import re
import sys

doc = json.load(open(sys.argv[1]))
KINDS = {"object": dict, "array": list, "string": str, "null": type(None), "boolean": bool}


def follow(value):
    while "$ref" in value:
        at = doc
        for part in value["$ref"][2:].split("/"):
            at = at[part]
        value = at
    return value


def is_kind(value, kind):
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, KINDS[kind])


def check_object(value, schema, where):
    known = schema.get("properties", {})
    more = schema.get("additionalProperties", False)
    for name in schema.get("required", []):
        assert name in value, f"{where}: {name} is missing"
    for name, member in value.items():
        if name in known:
            check(member, known[name], f"{where}/{name}")
        else:
            assert more is not False, f"{where}: {name} is not described"
            if more is not True:
                check(member, more, f"{where}/{name}")


def check(value, schema, where):
    schema = follow(schema)
    if "anyOf" in schema:
        wrong = []
        for one in schema["anyOf"]:
            try:
                return check(value, one, where)
            except AssertionError as e:
                wrong.append(str(e))
        raise AssertionError("; ".join(wrong))
    if "const" in schema:
        assert value == schema["const"], f"{where}: is {value!r}"
    if "enum" in schema:
        assert value in schema["enum"], f"{where}: is {value!r}"
    kinds = schema.get("type")
    if kinds:
        kinds = [kinds] if isinstance(kinds, str) else kinds
        assert any(is_kind(value, kind) for kind in kinds), f"{where}: is {value!r}, no {kinds}"
    if schema.get("format") == "date-time" and value is not None:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value), f"{where}: {value}"
    if isinstance(value, dict):
        check_object(value, schema, where)
    for i, item in enumerate(value if isinstance(value, list) else []):
        check(item, schema["items"], f"{where}/{i}")


def operation(method, path):
    for name, item in doc["paths"].items():
        if re.fullmatch(re.sub(r"\{[a-z]+\}", "[^/]+", name), path) and method.lower() in item:
            return item[method.lower()]
    raise AssertionError(f"{method} {path} is not described")


method, path, status, file = sys.argv[2:6]
responses = operation(method, path.split("?")[0])["responses"]
assert status in responses or int(status) >= 400, f"{method} {path}: {status} is not described"
content = follow(responses.get(status, responses["default"]))["content"]
kind = (sys.argv[6] if len(sys.argv) > 6 else "application/json").split(";")[0]
assert kind in content, f"{method} {path} {status}: {kind} is not described"
if kind != "text/plain":
    check(json.load(open(file)), content[kind]["schema"], f"{method} {path} {status} ")
