# SPDX-License-Identifier: Apache-2.0
"""Does a JSON document follow a schema? The keywords that schema/report.schema.json uses, no more.

usage: schema_check.py SCHEMA DOCUMENT
"""

import json
import re
import sys

TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
KNOWN = {"$schema", "$id", "$defs", "$ref", "title", "description", "type", "properties", "required",
         "additionalProperties", "items", "enum", "const", "pattern", "minimum", "propertyNames"}


def check(value, schema, root, place, faults):
    unknown = set(schema) - KNOWN
    if unknown:
        sys.exit(f"{place}: this checker does not know {unknown}")
    if "$ref" in schema:
        target = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        check(value, target, root, place, faults)
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
        faults.append(f"{place}: not of type {kind}")
        return
    if "enum" in schema and value not in schema["enum"]:
        faults.append(f"{place}: {value!r} is none of {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        faults.append(f"{place}: {value!r} is not {schema['const']!r}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        faults.append(f"{place}: {value!r} does not match {schema['pattern']}")
    if "minimum" in schema and value < schema["minimum"]:
        faults.append(f"{place}: {value} is too small")
    if isinstance(value, dict):
        check_object(value, schema, root, place, faults)
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            check(item, schema["items"], root, f"{place}[{index}]", faults)


def check_object(value, schema, root, place, faults):
    properties = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            faults.append(f"{place}: {name} is missing")
    for name, member in value.items():
        if name in properties:
            check(member, properties[name], root, f"{place}.{name}", faults)
        elif schema.get("additionalProperties") is False:
            faults.append(f"{place}: {name} is not in the schema")
        elif isinstance(schema.get("additionalProperties"), dict):
            check(member, schema["additionalProperties"], root, f"{place}.{name}", faults)


def follows(schema, document):
    faults = []
    check(document, schema, schema, "$", faults)
    return faults


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        document = json.load(file)
    faults = follows(schema, document)
    # A checker that accepts everything would be none.
    for broken in ({}, {**document, "extra": 1}, {**document, "exit_status": "1"},
                   {**document, "findings": [{**document["findings"][0], "id": "E01"}]}):
        if not follows(schema, broken):
            faults.append(f"the schema accepts {json.dumps(broken)[:60]}")
    print("\n".join(faults) or "the document follows the schema")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
