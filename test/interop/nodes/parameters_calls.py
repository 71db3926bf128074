"""parameters_calls.py [CASE]: asks /parameters all that rclpy's parameter client can, and sets what it has, and its logger
levels. One JSON line: what came back, and the parameter events that did, without their time stamps. With CASE "values",
only what values it has."""
import json
import sys
import time

import rclpy
from rcl_interfaces.msg import LoggerLevel, ParameterEvent
from rcl_interfaces.srv import GetLoggerLevels, SetLoggerLevels
from rclpy.parameter import Parameter
from rclpy.parameter_client import AsyncParameterClient
from rclpy.qos import qos_profile_parameter_events

NAMES = ["max_speed", "report.period_ms", "frame_id", "wheel_radii"]
rclpy.init()
node = rclpy.create_node("parameters_calls", start_parameter_services=False)
client = AsyncParameterClient(node, "/parameters")
if not client.wait_for_services(timeout_sec=30):
    sys.exit("no parameter services within 30 s")


def wait(future):
    rclpy.spin_until_future_complete(node, future, timeout_sec=10)
    if not future.done():
        sys.exit("no answer within 10 s")
    return future.result()


def plain(message):
    """A message as lists of its values."""
    if hasattr(message, "get_fields_and_field_types"):
        return {name: plain(getattr(message, name)) for name in message.get_fields_and_field_types()
                if name != "stamp"}
    if isinstance(message, (str, bool, int, float)):
        return message
    if isinstance(message, bytes):
        return list(message)
    return [plain(element) for element in message]


def values():
    return [Parameter.from_parameter_msg(
        type("Named", (), {"name": name, "value": value})).value
        for name, value in zip(NAMES, wait(client.get_parameters(NAMES)).values)]


def readable(found):
    return [list(value) if not isinstance(value, (str, float, int)) else value for value in found]


if sys.argv[1:] == ["values"]:
    print(json.dumps({"values": readable(values())}), flush=True)
    sys.exit(0)

events = []
node.create_subscription(ParameterEvent, "/parameter_events", events.append, qos_profile_parameter_events)
levels_get = node.create_client(GetLoggerLevels, "/parameters/get_logger_levels")
levels_set = node.create_client(SetLoggerLevels, "/parameters/set_logger_levels")
assert levels_get.wait_for_service(10) and levels_set.wait_for_service(10)
deadline = time.monotonic() + 10
while node.count_publishers("/parameter_events") < 2 and time.monotonic() < deadline:
    rclpy.spin_once(node, timeout_sec=0.1)
end = time.monotonic() + 1
while time.monotonic() < end:
    rclpy.spin_once(node, timeout_sec=0.1)
events.clear()

P, T = Parameter, Parameter.Type
report = {
    "list": plain(wait(client.list_parameters([], 0)).result),
    "list_report": plain(wait(client.list_parameters(["report"], 1)).result),
    "types": plain(wait(client.get_parameter_types(NAMES)).types),
    "descriptors": plain(wait(client.describe_parameters(NAMES)).descriptors),
    "values": readable(values()),
    "set": plain(wait(client.set_parameters([
        P("max_speed", T.DOUBLE, 2.5), P("max_speed", T.DOUBLE, 3.5), P("max_speed", T.INTEGER, 1),
        P("report.period_ms", T.INTEGER, 99), P("report.period_ms", T.INTEGER, 500),
        P("frame_id", T.STRING, "map"), P("wheel_radii", T.DOUBLE_ARRAY, [0.2]),
        P("wheel_radii", T.DOUBLE_ARRAY, [0.2, 0.3])])).results),
    "atomically": plain(wait(client.set_parameters_atomically([
        P("max_speed", T.DOUBLE, 1.0), P("report.period_ms", T.INTEGER, 99)])).result),
    "values_after": readable(values()),
    "levels": plain(wait(levels_get.call_async(GetLoggerLevels.Request(names=["parameters", ""])))),
    "levels_set": plain(wait(levels_set.call_async(SetLoggerLevels.Request(
        levels=[LoggerLevel(name="parameters", level=10), LoggerLevel(name="parameters", level=11)])))),
    "levels_after": plain(wait(levels_get.call_async(GetLoggerLevels.Request(names=["parameters"])))),
}
deadline = time.monotonic() + 5
while len(events) < 3 and time.monotonic() < deadline:
    rclpy.spin_once(node, timeout_sec=0.1)
report["events"] = [plain(event) for event in events]
print(json.dumps(report), flush=True)
