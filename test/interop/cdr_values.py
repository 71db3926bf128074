"""
Random messages of every interface in this venv, as rclpy serializes them.

    cdr_values.py emit SEED COUNT          one JSON line per message: {"type", "value", "cdr"}
    cdr_values.py check < LINES            deserializes each line's cdr and compares it with the line's value;
                                           prints {"checked": N, "different": [...]}

Values: integers as decimal strings, floats as Python's repr, byte as integer, wstring and string as text.
"""
import importlib
import json
import pathlib
import random
import struct
import sys

from rclpy.serialization import deserialize_message, serialize_message
from rosidl_parser.definition import (
    AbstractGenericString, AbstractNestedType, AbstractWString, Array, BasicType, BoundedSequence, NamespacedType)

SHARE = pathlib.Path(sys.prefix) / 'share'
INTEGERS = {'int8': 8, 'uint8': 8, 'int16': 16, 'uint16': 16, 'int32': 32, 'uint32': 32, 'int64': 64, 'uint64': 64}
TEXT = ['a', 'Z', '0', ' ', '\n', '"', '\\', '\u007f', 'é', 'ß', 'Ω', '\u0800', '漢', '\ufffd', '\uffff', '😀', '\U0010ffff']


def service_parts(name, service):
    return {f'{name}_Request': service.Request, f'{name}_Response': service.Response, f'{name}_Event': service.Event}


def message_classes():
    """Type name -> class of every message, parts of services and actions included."""
    classes = {}
    for file in sorted(SHARE.glob('*/*/*.*')):
        package, kind = file.parts[-3:-1]
        if kind not in ('msg', 'srv', 'action') or file.suffix != '.' + kind:
            continue
        interface = getattr(importlib.import_module(f'{package}.{kind}'), file.stem)
        if kind == 'msg':
            parts = {file.stem: interface}
        elif kind == 'srv':
            parts = service_parts(file.stem, interface)
        else:
            parts = {f'{file.stem}_{part}': getattr(interface, part) for part in ('Goal', 'Result', 'Feedback')}
            parts[f'{file.stem}_FeedbackMessage'] = interface.Impl.FeedbackMessage
            parts.update(service_parts(f'{file.stem}_SendGoal', interface.Impl.SendGoalService))
            parts.update(service_parts(f'{file.stem}_GetResult', interface.Impl.GetResultService))
        classes.update({f'{package}/{kind}/{name}': part for name, part in parts.items()})
    return classes


CLASSES = message_classes()


def fields(message):
    """Names and types, in order. Empty messages have none."""
    names = [slot[1:] for slot in message.__slots__ if slot.startswith('_') and slot != '_check_fields']
    return list(zip(names, message.SLOT_TYPES))


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def message(self, type_name, depth=0):
        """A message whose values lean towards the edges of their types."""
        message = CLASSES[type_name]()
        for name, type_ in fields(message):
            setattr(message, name, self.value(type_, depth))
        return message

    def value(self, type_, depth):
        if not isinstance(type_, AbstractNestedType):
            return self.element(type_, depth)
        if isinstance(type_, Array):
            length = type_.size
        else:
            most = self.random.choice([0, 1, 2, 3, 7] if depth < 2 else [0, 1, 2])
            simple = isinstance(type_.value_type, BasicType)
            if simple and depth == 0 and self.random.random() < 0.1:
                most = 1000
            bound = type_.maximum_size if isinstance(type_, BoundedSequence) else most
            length = self.random.choice([min(most, bound), bound])
        return [self.element(type_.value_type, depth + 1) for _ in range(length)]

    def element(self, type_, depth):
        if isinstance(type_, NamespacedType):
            return self.message('/'.join(type_.namespaced_name()), depth + 1)
        if isinstance(type_, AbstractGenericString):
            bound = type_.maximum_size if type_.has_maximum_size() else 200
            length = self.random.choice([0, 1, 2, 3, 9, min(bound, 200)])
            return ''.join(self.random.choice(TEXT) for _ in range(min(length, bound)))
        return self.primitive(type_.typename)

    def primitive(self, name):
        if name == 'boolean':
            return self.random.random() < 0.5
        if name == 'octet':
            return bytes([self.random.choice([0, 1, 127, 128, 255])])
        if name in ('float', 'double'):
            layout, bits = ('<f', 32) if name == 'float' else ('<d', 64)
            edges = [0.0, -0.0, 1.0, -1.5, float('inf'), float('-inf'), float('nan')]
            raw = struct.unpack(layout, self.random.getrandbits(bits).to_bytes(bits // 8, 'little'))[0]
            # One NaN: what becomes of other NaNs' bits is not part of any contract.
            return self.random.choice(edges + [raw if raw == raw else 0.0] * 3)
        bits = INTEGERS[name]
        least, most = (0, 2 ** bits - 1) if name.startswith('u') else (-2 ** (bits - 1), 2 ** (bits - 1) - 1)
        return self.random.choice([least, most, 0, 1, self.random.randint(least, most), self.random.randint(least, most)])


def to_json(value, type_):
    if isinstance(type_, AbstractNestedType):
        return [to_json(element, type_.value_type) for element in value]
    if isinstance(type_, NamespacedType):
        return message_to_json(value)
    if isinstance(type_, AbstractGenericString):
        return value
    if type_.typename == 'boolean':
        return bool(value)
    if type_.typename == 'octet':
        return str(value[0])
    if type_.typename in ('float', 'double'):
        return repr(float(value))
    return str(int(value))


def message_to_json(message):
    return {name: to_json(getattr(message, name), type_) for name, type_ in fields(message)}


def emit(seed, count):
    generator = Generator(seed)
    for type_name, class_ in CLASSES.items():
        # Read back, a default of float32 is what fits one; Python keeps the float64 of the definition.
        default = deserialize_message(serialize_message(class_()), class_)
        for message in [default] + [generator.message(type_name) for _ in range(count)]:
            line = {'type': type_name, 'value': message_to_json(message), 'cdr': serialize_message(message).hex()}
            print(json.dumps(line))


def check():
    checked, different = 0, []
    for text in sys.stdin:
        line = json.loads(text)
        message = deserialize_message(bytes.fromhex(line['cdr']), CLASSES[line['type']])
        checked += 1
        if message_to_json(message) != line['value']:
            different.append(line['type'])
    print(json.dumps({'checked': checked, 'different': different}))


if __name__ == '__main__':
    if sys.argv[1] == 'emit':
        emit(int(sys.argv[2]), int(sys.argv[3]))
    else:
        check()
