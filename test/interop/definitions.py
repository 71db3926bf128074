"""
What rosidl makes of interface definitions: rosidl_adapter turns them into .idl, rosidl_parser reads that.

    definitions.py < LINES        one JSON line {"text", "extension", "name"} each
    prints for each               {"error": "..."} or {"messages": {NAME: {"fields": [[NAME, DEFAULT]], "constants": [[NAME, VALUE]]}}}

Defaults are null or as str() gives them.
"""
import contextlib
import io
import json
import pathlib
import sys
import tempfile

from rosidl_adapter import convert_to_idl
from rosidl_parser.definition import Action, IdlLocator, Message, Service
from rosidl_parser.parser import parse_idl_file


def describe(message):
    fields = [[member.name, str(member.get_annotation_value('default')['value'])
               if member.has_annotation('default') else None] for member in message.structure.members]
    return {'fields': fields, 'constants': [[constant.name, str(constant.value)] for constant in message.constants]}


def read(folder, extension, name):
    convert_to_idl(folder, 'some_package', pathlib.Path(extension) / f'{name}.{extension}', folder)
    messages = []
    for element in parse_idl_file(IdlLocator(str(folder), f'{extension}/{name}.idl')).content.elements:
        if isinstance(element, Message):
            messages.append(element)
        elif isinstance(element, Service):
            messages += [element.request_message, element.response_message]
        elif isinstance(element, Action):
            messages += [element.goal, element.result, element.feedback]
    return {message.structure.namespaced_type.name: describe(message) for message in messages}


def main():
    for text in sys.stdin:
        line = json.loads(text)
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / line['extension']).mkdir()
            file = folder / line['extension'] / f"{line['name']}.{line['extension']}"
            file.write_bytes(line['text'].encode())
            silent = io.StringIO()
            try:
                with contextlib.redirect_stdout(silent), contextlib.redirect_stderr(silent):
                    result = {'messages': read(folder, line['extension'], line['name'])}
            # em, the template engine, ends the process on errors in templates.
            except (Exception, SystemExit) as error:
                result = {'error': f'{type(error).__name__}: {error}'[:200]}
        print(json.dumps(result))


main()
